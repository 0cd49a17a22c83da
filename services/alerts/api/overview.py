"""GET /v1/programmes/{programme}/overview: every series at a glance, worst first, in one answer."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from services.alerts.api.access import Access, word
from services.alerts.overview import Overview


def routes(access: Access, overview: Overview) -> list[BaseRoute]:
    """The one route."""

    async def shown(request: Request) -> Response:
        scope, asked = access.scope(request), request.query_params
        brief = word(request, "brief", ("true", "false")) == "true"
        only = asked["of_series"].split(",") if "of_series" in asked else None
        return json_response({"items": await overview(scope, only, brief=brief)})

    return [Route("/v1/programmes/{programme}/overview", shown)]
