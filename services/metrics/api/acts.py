"""What waits for the office and what it did: held reports, acts with who, when, what and why (rule 2.9)."""

from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.acts import ActKind
from contracts.events import Text
from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import known, limit, number, required
from services.metrics.api.access import Access, may_read
from services.metrics.store.office import OfficeReading

_HELD = (
    *("indicator", "name_zh", "name_en", "district", "department", "answers", "period", "revision", "value", "unit"),
    *("value_in_unit", "present_value", "reason", "status", "subject", "received_at", "locked_at", "source", "id"),
)
_ACTS = (
    *("received_at", "act", "actor", "department", "indicator", "district", "period", "report_source", "report_id"),
    *("reason", "until", "publication", "outcome_outcome", "outcome_code", "source", "id"),
)
_OUTCOME = "version", "outcome", "code", "decided_at"
_LARGEST = 2**62


def routes(access: Access, reading: OfficeReading) -> list[BaseRoute]:
    """The held reports, the acts of cells, one act."""

    async def held(request: Request) -> Response:
        scope, most = access.scope(request), limit(request)
        rows = await reading.held(scope, number(request, "after", 0, least=0, most=_LARGEST), most)
        names = access.known_then(scope.known_at)[0].indicators
        told = [_without(row, "number") | _named(names[row["indicator"]].name) for row in rows]
        return page(request, told, _next(rows, most), _HELD)

    async def acts(request: Request) -> Response:
        scope, most, asked = access.scope(request), limit(request), request.query_params
        kind = asked.get("act")
        if kind is not None:
            known(kind, get_args(ActKind), "act")
        after = number(request, "after", 0, least=0, most=_LARGEST)
        rows = await reading.acts(scope, asked.get("period"), kind, after, most)
        return page(request, [shown_act(row) for row in rows], _next(rows, most), _ACTS)

    async def act(request: Request) -> Response:
        grant = access.reader(request)
        found = await reading.act(required(request, "source"), required(request, "id"))
        if found is None:
            zh, en = "尚无该操作的入库记录,请稍后再查", "this act is not recorded (yet)"
            raise Problem(404, "unknown_act", zh, en, headers={"Retry-After": "1"})
        if not may_read(grant, found["indicator"], found["district"]):
            raise Problem(403, "not_authorised", "此令牌无权查看该操作", "this token may not read this act")
        return json_response(shown_act(found))

    return [
        Route("/v1/programmes/{programme}/held", held),
        Route("/v1/programmes/{programme}/acts", acts),
        Route("/v1/acts", act),
    ]


def shown_act(row: dict[str, Any]) -> dict[str, Any]:
    """An act's row with its outcome as one member."""
    return _without(row, "number", *_OUTCOME) | {"outcome": {name: row[name] for name in _OUTCOME}}


def _named(name: Text) -> dict[str, str]:
    return {"name_zh": name.zh, "name_en": name.en}


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _next(rows: list[dict[str, Any]], most: int) -> int | None:
    cursor: int | None = rows[-1]["number"] if len(rows) == most else None
    return cursor
