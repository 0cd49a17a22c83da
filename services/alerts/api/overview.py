"""GET /v1/programmes/{programme}/overview: every series at a glance, worst first, in one answer."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from services.alerts.api.access import Access
from services.alerts.overview import Overview


def routes(access: Access, overview: Overview) -> list[BaseRoute]:
    """The one route."""

    async def shown(request: Request) -> Response:
        return json_response({"items": await overview(access.scope(request))})

    return [Route("/v1/programmes/{programme}/overview", shown)]
