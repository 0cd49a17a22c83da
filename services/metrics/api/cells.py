"""Cells × periods with their state (rule 7.2): the reporting calendar, cell by cell and counted by unit and month."""

from typing import get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.calendar import CellState
from contracts.operations.listing import page
from contracts.operations.parameters import day, known, limit, moment, wrong
from services.metrics.api.access import Access
from services.metrics.store.office import OfficeReading, Place, Stretch
from services.metrics.store.scope import Scope

COLUMNS = (
    *("indicator", "district", "department", "answers", "period", "period_end", "due_at", "locked_at", "state"),
    *("locked", "withdrawn", "conflict", "excused", "excused_until", "received_at", "value", "flags", "version"),
)
COUNTED = "unit", "month", "state", "locked", "cells", "due_at"


def routes(access: Access, reading: OfficeReading) -> list[BaseRoute]:
    """The two routes; `at` asks for another moment than now. Cells are those known today: the two clocks are refused,
    not ignored."""

    async def cells(request: Request) -> Response:
        scope, stretch, most = _scope(access, request), _stretch(access, request), limit(request)
        state = request.query_params.get("state")
        if state is not None:
            known(state, get_args(CellState), "state")
        at = moment(request, "at") or access.callers.now()
        rows = await reading.cells(scope, stretch, state, at, _after(request), most)
        cursor = "/".join(rows[-1][name] for name in ("indicator", "district", "period")) if len(rows) == most else None
        return page(request, rows, cursor, COLUMNS)

    async def calendar(request: Request) -> Response:
        scope, stretch = _scope(access, request), _stretch(access, request)
        at = moment(request, "at") or access.callers.now()
        return page(request, await reading.calendar(scope, stretch, at), None, COUNTED)

    of = "/v1/programmes/{programme}"
    return [Route(of + "/cells", cells), Route(of + "/calendar", calendar)]


def _scope(access: Access, request: Request) -> Scope:
    for name in ("as_of", "known_at"):
        if name in request.query_params:
            raise wrong(name, "此处不适用,请用 at 指定时刻", "does not apply here: say the moment with at")
    return access.scope(request)


def _stretch(access: Access, request: Request) -> Stretch:
    unit = request.query_params.get("unit")
    if unit is not None:
        known(unit, access.lookup.departments.keys() | access.lookup.districts.keys(), "unit")
    return Stretch(request.query_params.get("period"), unit, day(request, "first"), day(request, "last"))


def _after(request: Request) -> Place:
    """The cell the caller has seen last."""
    cursor = request.query_params.get("after", "")
    parts = cursor.split("/")
    if cursor and len(parts) != 3:
        raise wrong("after", "不是本接口给出的游标", "is not a cursor that this list gave")
    return (parts[0], parts[1], parts[2]) if cursor else ("", "", "")
