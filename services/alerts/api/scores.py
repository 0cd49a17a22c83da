"""The scores of an edition: every unit's line, and one unit's with the items it is made of (rule 10)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.authority import Grant
from contracts.operations.http import Problem, json_response
from contracts.operations.listing import CSV, NDJSON, page, wanted
from contracts.operations.parameters import day, known
from services.alerts.api.access import Access, columns_of, word
from services.alerts.scores.computing import Editions
from services.alerts.scores.edition import Edition
from services.alerts.scores.periods import KINDS, Kind
from services.alerts.scores.views import ScoreItem, ScoreRow, edition_view, unit_view

_ROWS, _ITEMS = columns_of(ScoreRow), columns_of(ScoreItem)


def routes(access: Access, editions: Editions) -> list[BaseRoute]:
    """The two routes of scores."""

    async def scores(request: Request) -> Response:
        grant = access.callers.grant(request, "read")
        edition, kind = await _asked(request, access, editions)
        view = edition_view(access.lookup, kind, edition)
        view.districts[:] = [row for row in view.districts if _may(grant, row.by, row.unit)]
        view.departments[:] = [row for row in view.departments if _may(grant, row.by, row.unit)]
        if wanted(request) in (CSV, NDJSON):
            return page(request, [*view.districts, *view.departments], None, _ROWS)
        return json_response(view)

    async def unit(request: Request) -> Response:
        grant = access.callers.grant(request, "read")
        edition, _ = await _asked(request, access, editions)
        name = request.path_params["unit"]
        rows = {row.unit: ("department", row) for row in edition.departments}
        rows |= {row.unit: ("district", row) for row in edition.districts}
        known(name, rows, "unit")
        by, row = rows[name]
        if not _may(grant, by, name):
            raise Problem(403, "not_authorised", "此令牌无权查看该单位", "this token may not read that unit")
        view = unit_view(access.lookup, by, row)
        if wanted(request) in (CSV, NDJSON):
            return page(request, view.items, None, _ITEMS)
        return json_response(view)

    at = "/v1/programmes/{programme}/scores"
    return [Route(at, scores), Route(at + "/{unit}", unit)]


async def _asked(request: Request, access: Access, editions: Editions) -> tuple[Edition, Kind]:
    """The edition asked for: by default the newest month whose reports are all due."""
    access.programme(request)
    said = word(request, "kind", KINDS)
    kind: Kind = next((each for each in KINDS if each == said), "month")
    scheme = request.query_params.get("scheme")
    if scheme is not None:
        known(scheme, access.lookup.schemes, "scheme")
    return await editions.of(kind, day(request, "as_of"), scheme), kind


def _may(grant: Grant, by: str, unit: str) -> bool:
    """Whole programmes for who may read them; a token of one unit reads its own line, places seen by all."""
    if grant.indicators == "*" and grant.districts == "*":
        return True
    return grant.unit == unit or (by == "district" and grant.allows("read", district=unit))
