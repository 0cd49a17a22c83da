"""GET /v1/programmes/{programme}/warnings: live lights that got worse (预警, rule 6.5)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.listing import page
from contracts.operations.parameters import limit
from services.alerts.api.access import Access, columns_of
from services.alerts.api.cursors import after_moment, cursor_of
from services.alerts.reading.tickets import TicketReading
from services.alerts.views import WarningView

_COLUMNS = columns_of(WarningView)


def routes(access: Access, reading: TicketReading) -> list[BaseRoute]:
    """The one route of warnings."""

    async def warnings(request: Request) -> Response:
        scope = access.scope(request, state=("open", "confirmed", "withdrawn"), colour=("yellow", "red"))
        most = limit(request)
        found = await reading.warnings(scope, after_moment(request), most)
        cursor = cursor_of(found[-1].opened_at, found[-1].warning) if len(found) == most else None
        return page(request, found, cursor, _COLUMNS)

    return [Route("/v1/programmes/{programme}/warnings", warnings)]
