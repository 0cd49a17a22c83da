"""亮晒墙: the programme on one screen, which turns by itself between city, districts, departments, tickets, projects.

The page keeps itself fresh (static/wall.js): it asks for itself again, and says so when nobody answers.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.numbers import exact
from contracts.programme import CITY
from contracts.receding import DOUBTED, recedes
from services.desk.doors import Doors
from services.desk.glances import ROWS, Item, advanced, count, days_since, wall
from services.desk.items.record import unit_in
from services.desk.pages.home import named
from services.desk.visit import Visit


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The one page."""
    return [doors.get("/wall", show)]


def _unit(visit: Visit, item: Item) -> str:
    """What the numbers of a row count."""
    return unit_in(visit.lookup.indicators[item["indicator"]], item["district"], visit.language)


def _doubted(visit: Visit, item: Item) -> bool:
    """Whether the forecast only carries on that a running total fell."""
    reached, forecast = item.get("value"), item.get("forecast_value")
    if reached is None or forecast is None:
        return False
    return recedes(visit.lookup.indicators[item["indicator"]], exact(reached), exact(forecast))


async def show(visit: Visit) -> Response:
    """All series in brief and the projects' lights, then whole those series that the four views show."""
    at, now = f"/v1/programmes/{visit.lookup.programme.id}", visit.showing.now()
    found, lights = await asyncio.gather(
        visit.api.get("alerts", f"{at}/overview/brief"), visit.api.items("alerts", f"{at}/project-lights")
    )
    views, projects = wall(found["items"], visit.lookup, now), advanced(lights)
    if views.shown:
        whole = await visit.api.get("alerts", f"{at}/overview", of_series=",".join(views.shown))
        views = views.filled(whole["items"])
    return await visit.render(
        "wall.html",
        wall=views,
        projects=projects,
        project_counts=count(projects, "shown"),
        rows=ROWS,
        city=CITY,
        days_since=partial(days_since, now=now),
        names=named(visit.lookup),
        unit=partial(_unit, visit),
        doubted=partial(_doubted, visit),
        doubt=DOUBTED,
    )
