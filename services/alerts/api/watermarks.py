"""GET /v1/watermarks: how far each partition has been judged, and the next moment at which time alone moves something.

Whoever drives the clock waits for the first and goes on to the second.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from contracts.periods import SHANGHAI
from services.alerts.api.access import Access
from services.alerts.reading import Reading


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The one route of watermarks."""

    async def watermarks(request: Request) -> Response:
        access.callers.grant(request, "read")
        found, next_at = await reading.watermarks()
        partitions = {
            str(partition): {"through": through.astimezone(SHANGHAI), "position": position}
            for partition, (through, position) in found.items()
        }
        return json_response(
            {"partitions": partitions, "next_at": None if next_at is None else next_at.astimezone(SHANGHAI)}
        )

    return [Route("/v1/watermarks", watermarks)]
