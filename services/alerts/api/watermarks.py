"""GET /v1/watermarks: how far each partition has been judged, and the next moment at which time alone moves something.

Whoever drives the clock waits for the first and goes on to the second: with `since`, the `judged` of an earlier answer,
the next answer comes as soon as this replica has judged something more, and soon anyway: another one may have.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from contracts.operations.parameters import number
from contracts.periods import SHANGHAI
from services.alerts.api.access import Access
from services.alerts.moves import Moves
from services.alerts.reading.feed import FeedReading

LONGEST = 0.25  # seconds for which an answer waits


def routes(access: Access, reading: FeedReading, moves: Moves) -> list[BaseRoute]:
    """The one route of watermarks."""

    async def watermarks(request: Request) -> Response:
        access.callers.grant(request, "read")
        if "since" in request.query_params:
            await moves.beyond(number(request, "since", 0, least=0, most=2**62), LONGEST)
        judged = moves.count  # before reading: what is judged meanwhile is waited for in vain by nobody
        found, next_at = await reading.watermarks()
        projects, project_next_at = await reading.project_watermarks()
        moments = [moment for moment in (next_at, project_next_at) if moment is not None]
        return json_response(
            {
                "partitions": _told(found),
                "projects": _told(projects),
                "next_at": min(moments).astimezone(SHANGHAI) if moments else None,
                "judged": judged,
            }
        )

    return [Route("/v1/watermarks", watermarks)]


def _told(found: Mapping[int, tuple[datetime, int]]) -> dict[str, Any]:
    """Each partition's moment and position."""
    return {
        str(partition): {"through": through.astimezone(SHANGHAI), "position": position}
        for partition, (through, position) in found.items()
    }
