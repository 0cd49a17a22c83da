"""重大项目: the list, worst first, with what the lists add up to and what holds projects up; each leads to its page."""

import asyncio
from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.projects import FACTORS
from services.desk.doors import Doors
from services.desk.pages.recorded import recorded
from services.desk.projects.listing import COLOURS, STATES, Wanted, count, fitting, rows
from services.desk.visit import Visit


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The page, and the list as a file."""
    return [doors.get("/projects", show), doors.get("/projects.csv", download)]


async def show(visit: Visit) -> Response:
    """Projects, lights, the lists' figures and the causes of delay in one round."""
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    wanted = Wanted.of(visit.request.query_params)
    projects, lights, lists, problems, told = await asyncio.gather(
        visit.api.items("metrics", f"{at}/projects"),
        visit.api.items("alerts", f"{at}/project-lights"),
        visit.api.get("metrics", f"{at}/project-lists"),
        visit.api.get("metrics", f"{at}/problems", state="open"),
        recorded(visit),
    )
    found = rows(projects, lights)
    return await visit.render(
        "projects.html",
        found=fitting(found, wanted, problems["items"]),
        wanted=wanted,
        counts=count(found),
        lists=lists.get("lists", []),
        factors=problems.get("factors", []),
        factor_words=FACTORS,
        states=STATES,
        colours=COLOURS,
        lookup=visit.lookup,
        feeds=visit.lookup.indicators.get(wanted.feeds),
        **told,
    )


async def download(visit: Visit) -> Response:
    """All projects as metrics writes them."""
    at = f"/v1/programmes/{visit.lookup.programme.id}/projects"
    found = await visit.api.raw("metrics", at, format="csv", limit=1000)
    told = {"Content-Disposition": 'attachment; filename="projects.csv"'}
    return Response(found.content, headers=told, media_type=found.headers["content-type"])
