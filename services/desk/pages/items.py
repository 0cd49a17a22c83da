"""指标: the searchable list of series, the person's own first; each leads to its page."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.periods import SHANGHAI
from services.desk.doors import Doors
from services.desk.glances import count, living
from services.desk.items.listing import Wanted, shown, tickets_of
from services.desk.items.record import unit_in
from services.desk.visit import Visit

OPEN_STATES = ("OPEN", "ACKED", "ANSWERED", "RECOVERED")


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The one page."""
    return [doors.get("/items", show)]


async def show(visit: Visit) -> Response:
    """All lights in one question, the open tickets beside them."""
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    wanted = Wanted.of(visit.request.query_params)

    async def tickets(state: str) -> list[dict[str, Any]]:
        return await visit.api.items("alerts", f"{at}/tickets", state=state)

    lights, *open_ = await asyncio.gather(visit.api.items("alerts", f"{at}/lights"), *map(tickets, OPEN_STATES))
    now = visit.showing.now()
    listed = shown(lights, wanted, visit.person.unit, visit.lookup, now.astimezone(SHANGHAI).date())
    return await visit.render(
        "items.html",
        listed=listed,
        wanted=wanted,
        tickets=tickets_of([each for found in open_ for each in found]),
        lookup=visit.lookup,
        counts=count(living(lights, visit.lookup, now)),
        unit=lambda indicator, district: unit_in(indicator, district, visit.language),
    )
