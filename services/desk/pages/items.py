"""指标: the searchable list of series, the person's own first; each leads to its page."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.periods import SHANGHAI
from services.desk.doors import Doors
from services.desk.glances import count, living
from services.desk.items.listing import Wanted, shown
from services.desk.items.record import unit_in
from services.desk.visit import Visit


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The one page."""
    return [doors.get("/items", show)]


async def show(visit: Visit) -> Response:
    """All series in brief, then whole those on the page."""
    at = f"/v1/programmes/{visit.lookup.programme.id}/overview"
    wanted, now = Wanted.of(visit.request.query_params), visit.showing.now()
    every = (await visit.api.get("alerts", f"{at}/brief"))["items"]
    listed = shown(every, wanted, visit.person.unit, visit.lookup, now.astimezone(SHANGHAI).date())
    if listed.names:
        whole = await visit.api.get("alerts", at, of_series=",".join(listed.names))
        listed = listed.filled(whole["items"])
    return await visit.render(
        "items.html",
        listed=listed,
        wanted=wanted,
        lookup=visit.lookup,
        counts=count(living(every, visit.lookup, now)),
        unit=lambda indicator, district: unit_in(indicator, district, visit.language),
    )
