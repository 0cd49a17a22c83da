"""How complete and how punctual the reporting is, by district and by lead department (rule 7.2)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from contracts.operations.listing import CSV, NDJSON, page, wanted
from contracts.operations.parameters import day, moment
from services.metrics.api.access import Access
from services.metrics.store.reading import Reading

COLUMNS = "by", "unit", "name_zh", "name_en", "due", "received", "on_time", "completeness", "timeliness"


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The one route. `at`: counted at another moment than now; `known_at`: with what was known then, and at that moment
    where `at` does not say another; `as_of`: only cells whose periods end by that day."""

    async def completeness(request: Request) -> Response:
        scope, now = access.scope(request), access.callers.now()
        at = moment(request, "at") or min(now, scope.known_at or now)
        rows = await reading.completeness(scope, at, day(request, "as_of"))
        if wanted(request) in (CSV, NDJSON):
            return page(request, rows, None, COLUMNS)
        return json_response({"at": at, "districts": _of("district", rows), "departments": _of("department", rows)})

    return [Route("/v1/programmes/{programme}/completeness", completeness)]


def _of(kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of one kind, the unit under its own name."""
    return [{kind: row["unit"], **{name: row[name] for name in COLUMNS[2:]}} for row in rows if row["by"] == kind]
