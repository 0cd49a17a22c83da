"""The lights of projects to read: the list, and one with its months and how they changed (rule 12)."""

from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import day, moment
from services.alerts.api.access import Access, columns_of, word
from services.alerts.projects.reading import ProjectLight, Reading
from services.alerts.words import WORST_FIRST

_COLUMNS = columns_of(ProjectLight)


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The two routes."""

    async def lights(request: Request) -> Response:
        """Every project's light; `light` filters by what is shown, an open red line included."""
        colour = word(request, "light", WORST_FIRST)
        asked = request.query_params
        found = [
            each
            for each in await _seen(request)
            if (colour is None or each.shown == colour)
            and asked.get("district", each.district) == each.district
            and asked.get("department", each.department) == each.department
        ]
        return page(request, found, None, _COLUMNS)

    async def one(request: Request) -> Response:
        """One project's light, its months, and how they changed."""
        named = request.path_params["project"]
        found = [each for each in await _seen(request) if each.project == named]
        if not found:
            raise Problem(404, "unknown_project", "没有这个项目", "there is no such project")
        programme = found[0].programme
        return json_response(
            {
                "project": found[0],
                "months": await reading.months(programme, named, *_clocks(request)),
                "changes": await reading.changes(programme, named, *_clocks(request)),
            }
        )

    async def _seen(request: Request) -> list[ProjectLight]:
        """The projects in the districts of the caller's token."""
        grant = access.callers.grant(request, "read")
        found = await reading.lights(access.programme(request), *_clocks(request))
        return [each for each in found if grant.allows("read", district=each.district)]

    at = "/v1/programmes/{programme}/project-lights"
    return [Route(at, lights), Route(at + "/{project}", one)]


def _clocks(request: Request) -> tuple[date | None, datetime | None]:
    return day(request, "as_of"), moment(request, "known_at")
