"""亮晒墙: the programme on one screen, which turns by itself between city, districts, departments and tickets.

The page keeps itself fresh (static/wall.js): it asks for itself again, and says so when nobody answers.
"""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from services.desk.doors import Doors
from services.desk.glances import ROWS, days_since, wall
from services.desk.pages.home import named
from services.desk.visit import Visit


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The one page."""
    return [doors.get("/wall", show)]


async def show(visit: Visit) -> Response:
    """All series in one question; four views of them."""
    found = await visit.api.get("alerts", f"/v1/programmes/{visit.lookup.programme.id}/overview")
    now = visit.showing.now()
    return await visit.render(
        "wall.html",
        wall=wall(found["items"], visit.lookup, now),
        rows=ROWS,
        days_since=partial(days_since, now=now),
        names=named(visit.lookup),
    )
