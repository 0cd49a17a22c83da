"""How complete and how punctual the reporting is, by district and by lead department (rule 7.2)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.events import Text
from contracts.operations.http import json_response
from contracts.operations.listing import CSV, NDJSON, page, wanted
from contracts.operations.parameters import day, moment
from contracts.programme import Lookup
from services.metrics.api.access import Access
from services.metrics.store.reading import Reading

COLUMNS = "by", "unit", "name_zh", "name_en", "due", "received", "on_time", "completeness", "timeliness"


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The one route. `at`: counted at another moment than now; `known_at`: with what was known then, and at that moment
    where `at` does not say another; `as_of`: only cells whose periods end by that day."""

    async def completeness(request: Request) -> Response:
        scope, at = access.scope(request), moment(request, "at") or access.now(request)
        counted = await reading.completeness(scope, at, day(request, "as_of"))
        rows = _named(access.known_then(scope.known_at), counted)
        if wanted(request) in (CSV, NDJSON):
            return page(request, rows, None, COLUMNS)
        return json_response({"at": at, "districts": _of("district", rows), "departments": _of("department", rows)})

    return [Route("/v1/programmes/{programme}/completeness", completeness)]


def _named(known: list[Lookup], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the units' names, in the order of the catalogue known then; who left it comes last."""
    names: dict[tuple[str, str], Text] = {}
    for lookup in known:
        for kind, units in (("district", lookup.programme.districts), ("department", lookup.programme.departments)):
            names |= {(kind, each.id): each.name for each in units if (kind, each.id) not in names}
    places = {unit: place for place, unit in enumerate(names)}
    told = sorted(rows, key=lambda row: (row["by"] == "department", places[row["by"], row["unit"]]))
    return [_with(row, names[row["by"], row["unit"]]) for row in told]


def _with(row: dict[str, Any], name: Text) -> dict[str, Any]:
    return {**row, "name_zh": name.zh, "name_en": name.en}


def _of(kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of one kind, the unit under its own name."""
    return [{kind: row["unit"], **{name: row[name] for name in COLUMNS[2:]}} for row in rows if row["by"] == kind]
