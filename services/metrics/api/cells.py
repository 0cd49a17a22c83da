"""Cells × periods with their state (rule 7.2): the reporting calendar, cell by cell and counted by unit and month."""

from collections.abc import Sequence
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.calendar import CellState
from contracts.operations.listing import page
from contracts.operations.parameters import day, known, limit, moment, wrong
from services.metrics.api.access import Access
from services.metrics.quality import FELL, JUMPED
from services.metrics.store.office import Marked, OfficeReading, Place, Stretch

COLUMNS = (
    *("indicator", "district", "department", "answers", "period", "period_end", "due_at", "locked_at", "state"),
    *("locked", "withdrawn", "conflict", "excused", "excused_until", "received_at", "value", "flags", "version"),
)
FLAGS = FELL, JUMPED  # those that ask for an explanation (rule 2.11)
COUNTED = "unit", "month", "state", "locked", "cells", "due_at"


def routes(access: Access, reading: OfficeReading) -> list[BaseRoute]:
    """The two routes. `at` asks for another moment than now; `known_at`: what was known then, and that moment where
    `at` does not say another; `as_of`: only cells whose periods end by that day."""

    async def cells(request: Request) -> Response:
        scope, stretch, most = access.scope(request), _stretch(access, request), limit(request)
        marked = Marked(_some(request, "state", get_args(CellState)), _some(request, "flag", FLAGS))
        at = moment(request, "at") or access.now(request)
        rows = await reading.cells(scope, stretch, marked, at, _after(request), most)
        cursor = "/".join(rows[-1][name] for name in ("indicator", "district", "period")) if len(rows) == most else None
        return page(request, rows, cursor, COLUMNS)

    async def calendar(request: Request) -> Response:
        scope, stretch = access.scope(request), _stretch(access, request)
        at = moment(request, "at") or access.now(request)
        return page(request, await reading.calendar(scope, stretch, at), None, COUNTED)

    of = "/v1/programmes/{programme}"
    return [Route(of + "/cells", cells), Route(of + "/calendar", calendar)]


def _stretch(access: Access, request: Request) -> Stretch:
    unit = request.query_params.get("unit")
    if unit is not None:
        known(unit, access.lookup.departments.keys() | access.lookup.districts.keys(), "unit")
    days = [each for name in ("last", "as_of") if (each := day(request, name)) is not None]
    return Stretch(request.query_params.get("period"), unit, day(request, "first"), min(days, default=None))


def _some(request: Request, name: str, among: Sequence[str]) -> list[str] | None:
    """The values of a filter that may name several, all of them known."""
    asked = request.query_params.get(name)
    return None if asked is None else [known(each, among, name) for each in asked.split(",")]


def _after(request: Request) -> Place:
    """The cell the caller has seen last."""
    cursor = request.query_params.get("after", "")
    parts = cursor.split("/")
    if cursor and len(parts) != 3:
        raise wrong("after", "不是本接口给出的游标", "is not a cursor that this list gave")
    return (parts[0], parts[1], parts[2]) if cursor else ("", "", "")
