"""GET /v1/programmes/{programme}/overview: every series at a glance, worst first, in one answer; and …/brief, the same
as far as it counts and orders them."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from services.alerts.api.access import Access
from services.alerts.overview import Overview


def routes(access: Access, overview: Overview) -> list[BaseRoute]:
    """The two routes."""

    async def whole(request: Request) -> Response:
        return json_response({"items": await overview(access.scope(request), _only(request))})

    async def brief(request: Request) -> Response:
        return json_response({"items": await overview.brief(access.scope(request), _only(request))})

    at = "/v1/programmes/{programme}/overview"
    return [Route(at, whole), Route(at + "/brief", brief)]


def _only(request: Request) -> Sequence[str] | None:
    """The series that are wanted; None: all."""
    asked = request.query_params
    return asked["of_series"].split(",") if "of_series" in asked else None
