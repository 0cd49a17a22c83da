"""What the catalogue leaves in doubt, and the city's figures beside its districts' (rules 3.2, 3.3): for who maintains
the programme and for the boards."""

from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.events import Derived, Text
from contracts.findings import SEVERITIES
from contracts.operations.listing import page
from contracts.operations.parameters import known
from contracts.programme import CITY, Lookup
from services.metrics.api.access import Access, may_read
from services.metrics.store.reading import Reading

COLUMNS = "code", "place", "severity", "zh", "en"
COMPARED = (
    *("indicator", "name_zh", "name_en", "unit", "period", "derived", "reported", "difference", "missing"),
    *("missing_names_zh", "missing_names_en", "complete_period", "complete"),
)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One derived figure of the city in its newest period, the lead's comparison figure beside it.

    `derived` null: not all districts are in, `missing` names those; `complete` is the last period in which all were.
    """

    indicator: str
    name: Text
    unit: str
    period: str
    derived: str | None
    reported: str | None
    difference: str | None
    missing: tuple[str, ...]
    missing_names: Text
    complete_period: str | None
    complete: str | None


class _Told(msgspec.Struct):
    period: str
    unit: str
    derived: Derived


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The two routes."""

    async def doubts(request: Request) -> Response:
        access.reader(request)
        severity, code = request.query_params.get("severity"), request.query_params.get("code")
        if severity is not None:
            known(severity, SEVERITIES, "severity")
        programme, version = access.programme(request), access.lookup.programme.version
        return page(request, await reading.findings(programme, version, severity, code), None, COLUMNS)

    async def comparisons(request: Request) -> Response:
        grant = access.reader(request)
        rows = await reading.derived(access.programme(request))
        told = [row for row in rows if may_read(grant, row["indicator"], CITY)]
        return page(request, list(_compared(access.lookup, told)), None, COMPARED)

    at = "/v1/programmes/{programme}"
    return [Route(at + "/findings", doubts), Route(at + "/comparisons", comparisons)]


def _compared(lookup: Lookup, rows: list[dict[str, Any]]) -> Iterator[Compared]:
    for row in rows:
        indicator, told = lookup.indicators[row["indicator"]], msgspec.json.decode(row["standing"], type=_Told)
        names = [lookup.districts[each].name for each in told.derived.missing]
        yield Compared(
            indicator=indicator.id,
            name=indicator.name,
            unit=told.unit,
            period=told.period,
            derived=told.derived.value,
            reported=told.derived.reported,
            difference=told.derived.difference,
            missing=told.derived.missing,
            missing_names=Text("、".join(name.zh for name in names), ", ".join(name.en for name in names)),
            complete_period=row["complete_period"],
            complete=row["complete"],
        )
