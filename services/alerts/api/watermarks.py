"""GET /v1/watermarks: how far each partition has been judged, and the next moment at which time alone moves something.

Whoever drives the clock waits for the first and goes on to the second. With `through`, a moment, the answer comes as
soon as everything is judged up to it; with `since`, the `judged` of an earlier answer, as soon as this replica has
judged something more; and soon anyway: another replica may have judged it.
"""

import asyncio
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from contracts.operations.parameters import moment, number
from contracts.periods import SHANGHAI
from services.alerts.api.access import Access
from services.alerts.moves import Moves
from services.alerts.reading.feed import FeedReading, Judged, Marks

LONGEST = 0.25  # seconds for which an answer waits


def routes(access: Access, reading: FeedReading, moves: Moves) -> list[BaseRoute]:
    """The one route of watermarks."""

    async def watermarks(request: Request) -> Response:
        access.callers.grant(request, "read")
        through, until = moment(request, "through"), asyncio.get_running_loop().time() + LONGEST
        if "since" in request.query_params:
            await moves.beyond(number(request, "since", 0, least=0, most=2**62), LONGEST)
        judged, found = await _look(reading, moves)
        while through is not None and not found.through(through):
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await moves.beyond(judged, left)
            judged, found = await _look(reading, moves)
        return json_response(
            {
                "partitions": _told(found.partitions),
                "projects": _told(found.projects),
                "next_at": _here(found.next_at),
                "said": found.said,
                "judged": judged,
            }
        )

    return [Route("/v1/watermarks", watermarks)]


async def _look(reading: FeedReading, moves: Moves) -> tuple[int, Judged]:
    """What is judged, with the count before reading: what is judged meanwhile is waited for in vain by nobody."""
    count = moves.count
    return count, await reading.judged()


def _told(found: Marks) -> dict[str, Any]:
    """Each partition's moment and position."""
    return {
        str(partition): {"through": _here(through), "position": position}
        for partition, (through, position) in found.items()
    }


def _here(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(SHANGHAI)
