"""How things stand: of every series, of one with every input and its sentence, and how that came to be (rule 2.10).

`as_of` and `known_at` go everywhere: the newest period that ends by the one, as it was known by the other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.calendar import cell_state
from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import limit, moment, number, wrong
from contracts.periods import parse
from services.metrics.api.access import Access, Series
from services.metrics.api.reports import shown
from services.metrics.store.reading import Reading

COLUMNS = (
    *("programme", "indicator", "district", "period", "version", "known_at", "received_at", "unit", "mode", "reason"),
    *("value", "expected", "target", "target_on", "baseline", "baseline_on", "tolerance", "short", "short_pct", "lag"),
    *("ratio", "attainment", "binding", "confidence", "flags", "explanation_zh", "explanation_en"),
)


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The list, one series, its history."""

    async def standings(request: Request) -> Response:
        scope, most = access.scope(request), limit(request)
        found = await reading.standings(scope, _after(request), most)
        cursor = "/".join(found[-1][:2]) if len(found) == most else None
        return page(request, [document for *_, document in found], cursor, COLUMNS)

    async def one(request: Request) -> Response:
        series, known_at = access.series(request), moment(request, "known_at")
        document = await _asked_for(access, reading, request, series)
        standing = msgspec.json.decode(document, type=_Told)
        cell = await reading.cell(series, standing.period, known_at)
        assert cell is not None
        reports = [shown(row) for row in await reading.reports(series, standing.period, known_at)]
        said = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
        return json_response({**said, "cell": _cell(cell, access.now(request)), "reports": reports})

    async def history(request: Request) -> Response:
        series, known_at = access.series(request), moment(request, "known_at")
        period, most = request.query_params.get("period"), limit(request)
        found: Sequence[tuple[str | int, msgspec.Raw]]
        if period is None:
            after = request.query_params.get("after", "")
            found = await reading.periods(series, access.as_of(request), known_at, after, most)
        else:
            version = number(request, "after", 0, least=0, most=2**62)
            found = await reading.versions(series, period, known_at, version, most)
        cursor = found[-1][0] if len(found) == most else None
        return page(request, [document for _, document in found], cursor, COLUMNS)

    at = "/v1/programmes/{programme}/standings"
    return [
        Route(at, standings),
        Route(at + "/{indicator}/{district}", one),
        Route(at + "/{indicator}/{district}/history", history),
    ]


class _Told(msgspec.Struct):
    period: str


async def _asked_for(access: Access, reading: Reading, request: Request, series: Series) -> msgspec.Raw:
    """The standing of `period`, or the newest one with a value as of the date; 404 where nothing was known."""
    known_at, period = moment(request, "known_at"), request.query_params.get("period")
    if period is not None:
        document = await reading.standing(series, period, known_at)
    else:
        known = await reading.periods(series, access.as_of(request), known_at)
        document = next((each for _, each in reversed(known) if _valued(each)), None)
    if document is None:
        raise Problem(404, "no_standing", "该指标序列当时尚无数据", "nothing was known of this series then")
    return document


class _Valued(msgspec.Struct):
    value: str | None


def _valued(document: msgspec.Raw) -> bool:
    return msgspec.json.decode(document, type=_Valued).value is not None


def _after(request: Request) -> tuple[str, str]:
    """The series the caller has seen last."""
    cursor = request.query_params.get("after", "")
    indicator, separator, district = cursor.partition("/")
    if cursor and not separator:
        raise wrong("after", "不是本接口给出的游标", "is not a cursor that this list gave")
    return indicator, district


def _cell(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A cell's dates and its state at that moment of platform time (rule 7.2)."""
    said = ("due_at", "lock_at", "applicable", "excused", "excused_until", "withdrawn", "conflict")
    state = cell_state(
        parse(row["period"]),
        row["due_at"],
        now,
        row["received_at"],
        applicable=row["applicable"],
        excused=row["excused"] and (row["excused_until"] is None or now < row["excused_until"]),
        withdrawn=row["withdrawn"],
        earlier=row["earlier"],
    )
    return {**{name: row[name] for name in said}, "state": state, "locked": row["lock_at"] <= now}
