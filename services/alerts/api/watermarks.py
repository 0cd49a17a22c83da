"""GET /v1/watermarks: how far each partition has been judged, and the next moment at which time alone moves something.

Whoever drives the clock waits for the first and goes on to the second: with `since`, the `judged` of an earlier answer,
the next answer comes as soon as this replica has judged something more, and soon anyway: another one may have.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import json_response
from contracts.operations.parameters import number
from contracts.periods import SHANGHAI
from services.alerts.api.access import Access
from services.alerts.moves import Moves
from services.alerts.reading import Reading

LONGEST = 0.25  # seconds for which an answer waits


def routes(access: Access, reading: Reading, moves: Moves) -> list[BaseRoute]:
    """The one route of watermarks."""

    async def watermarks(request: Request) -> Response:
        access.callers.grant(request, "read")
        if "since" in request.query_params:
            await moves.beyond(number(request, "since", 0, least=0, most=2**62), LONGEST)
        judged = moves.count  # before reading: what is judged meanwhile is waited for in vain by nobody
        found, next_at = await reading.watermarks()
        partitions = {
            str(partition): {"through": through.astimezone(SHANGHAI), "position": position}
            for partition, (through, position) in found.items()
        }
        return json_response(
            {
                "partitions": partitions,
                "next_at": None if next_at is None else next_at.astimezone(SHANGHAI),
                "judged": judged,
            }
        )

    return [Route("/v1/watermarks", watermarks)]
