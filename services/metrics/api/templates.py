"""The Excel template of one unit and one period: exactly the cells that it writes, ready to be filled in."""

import asyncio
from datetime import date
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.authority import Grant
from contracts.cells import Cell
from contracts.events import Standing, Text
from contracts.operations.http import Problem
from contracts.operations.parameters import known, required, wrong
from contracts.periods import Period, parse
from contracts.roles import Act
from services.metrics.api.access import Access
from services.metrics.store.reading import Reading
from services.metrics.store.scope import Scope
from services.metrics.templates import rows, sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_standing = msgspec.json.Decoder(Standing).decode


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The one route."""

    async def template(request: Request) -> Response:
        grant, programme = _grant(access, request), access.programme(request)
        unit, period, lookup = request.path_params["unit"], _period(request), access.lookup
        known(unit, {*lookup.departments, *lookup.districts}, "unit")
        _may(grant, unit)
        own = rows.cells_of(lookup, [*access.cells], unit, period)
        if not own:
            raise Problem(
                404, "nothing_to_report", "该单位该报告期无须报送", "this unit reports nothing for this period"
            )
        cells = [cell for cell in own if grant.allows(_act(grant), cell.indicator, cell.district)]
        if not cells:
            raise Problem(403, "not_authorised", "您无权查看该单位的报送单元", "you may not see this unit's cells")
        now = await _standings(reading, programme, cells, period.end)
        earlier = await _standings(reading, programme, cells, rows.before(period))
        revisions = await reading.revisions(programme, sorted({cell.period.text for cell in cells}))
        made = rows.rows(lookup, cells, now, earlier, revisions)
        title = _title(lookup.programme.name, _name(access, unit), period)
        content = await asyncio.to_thread(sheet.workbook, title, made)
        return Response(content, headers=_named(unit, period), media_type=XLSX)

    return [Route("/v1/programmes/{programme}/templates/{unit}", template)]


def _grant(access: Access, request: Request) -> Grant:
    """A caller who may read; one who may only report gets its own unit's."""
    try:
        return access.callers.grant(request, "read")
    except Problem as refused:
        if refused.status != 403:
            raise
        return access.callers.grant(request, "report")


def _act(grant: Grant) -> Act:
    return "read" if grant.allows("read") else "report"


def _may(grant: Grant, unit: str) -> None:
    if not grant.allows("read") and grant.unit != unit:
        raise Problem(403, "not_authorised", "您只能下载本单位的模板", "you may download your own unit's template only")


def _period(request: Request) -> Period:
    try:
        return parse(required(request, "period"))
    except ValueError:
        raise wrong("period", "应为报告期，如 2026-11", "must be a period such as 2026-11") from None


async def _standings(
    reading: Reading, programme: str, cells: list[Cell], as_of: date
) -> dict[tuple[str, str], Standing]:
    """The newest standing with a value, of each series that there is one of."""
    indicators = sorted({cell.indicator for cell in cells})
    scope = Scope(programme=programme, indicators=indicators, as_of=as_of)
    found = await reading.standings(scope, ("", ""), 100_000)
    return {(indicator, district): _standing(document) for indicator, district, document in found}


def _name(access: Access, unit: str) -> Text:
    lookup = access.lookup
    return lookup.departments[unit].name if unit in lookup.departments else lookup.districts[unit].name


def _title(programme: Text, unit: Text, period: Period) -> Text:
    return Text(
        f"{programme.zh} {unit.zh} {period.text} 填报表", f"{programme.en}: {unit.en}, figures of {period.text}"
    )


def _named(unit: str, period: Period) -> dict[str, str]:
    name = f"填报-{unit}-{period.text}.xlsx"
    return {
        "Content-Disposition": f"attachment; filename=\"{unit}-{period.text}.xlsx\"; filename*=UTF-8''{quote(name)}"
    }
