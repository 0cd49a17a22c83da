"""重大项目页: one project. Its light and why, milestones and investment against plan, who answers, problems, red lines,
the contact log, acts on the list, tickets, lights of record; and all of it as it was, or as it was known then."""

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.periods import SHANGHAI
from contracts.project_events import ProjectStanding
from contracts.project_submission import PROJECT_ID
from contracts.projects import FACTORS, RED_LINES
from services.desk.apis import Service
from services.desk.doors import Doors
from services.desk.items.listing import tickets_of
from services.desk.pages.item import clocks
from services.desk.pages.recorded import if_there, recorded
from services.desk.projects import chart, record, saying
from services.desk.visit import Visit

# What can be taken home: the name in the address, which service has it, under which path, and as what.
RAW: Mapping[str, tuple[Service, str, str]] = {
    "project.json": ("metrics", "projects/{0}", "json"),
    "versions.ndjson": ("metrics", "projects/{0}/history", "ndjson"),
    "lights.json": ("alerts", "project-lights/{0}", "json"),
}


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The page, and what lies behind it as files."""
    return [
        doors.get("/projects/{project}", partial(show, doors)),
        doors.get("/projects/{project}/raw/{name}", download),
    ]


async def show(doors: Doors, visit: Visit, refused: saying.Typed | None = None) -> Response:
    """Ask for everything at once, then arrange it."""
    project, then = named(visit), clocks(visit)
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    one, judged, tickets, everybody, told = await asyncio.gather(
        visit.api.get("metrics", f"{at}/projects/{project}", **then),
        if_there(visit, "alerts", f"{at}/project-lights/{project}", **then),
        visit.api.items("alerts", f"{at}/tickets", rule="project", indicator=project, known_at=then["known_at"]),
        doors.people.all(),
        recorded(visit),
    )
    standing = msgspec.convert(one["standing"], ProjectStanding)
    today = visit.showing.now().astimezone(SHANGHAI).date()
    day = date.fromisoformat(then["as_of"]) if then["as_of"] else today
    plan, said, lights = standing.plan_at(day), one["statements"], judged["months"] if judged else []
    nodes, months = record.milestones(standing, said, day), record.months(standing, lights, day)
    past = {name: value for name, value in visit.request.query_params.items() if name in then and value}
    return await visit.render(
        "project.html",
        refused.status if refused else 200,
        project=one["project"],
        plan=plan,
        light=judged["project"] if judged else None,
        nodes=nodes,
        months=months,
        judged_alone=record.judged_alone(lights, months),
        changes=judged["changes"] if judged else [],
        problems=one["problems"],
        red_lines=one["red_lines"],
        contacts=[each for each in standing.contacts if each.on <= day],
        acts=record.acts(said, day),
        held=record.held(said),
        statements=said,
        tickets=tickets,
        ticket=tickets_of(tickets).get((project, plan.district)),
        drawing=chart.document(standing, nodes, months, day, visit.language),
        drawn=chart.summary(plan.name, nodes, months, plan),
        lists={each.id: each.name for each in visit.lookup.programme.projects},
        offered=() if past else saying.offered(visit.person, plan),
        periods=[each.text for each in saying.periods(standing, today)],
        factors=FACTORS,
        red_line_words=RED_LINES,
        actors={each.subject: each.name for each in everybody},
        lookup=visit.lookup,
        asked={name: visit.request.query_params.get(name, "") for name in then},
        past=past,
        refused=refused,
        request_name=secrets.token_hex(8),
        raw=tuple(RAW),
        **told,
    )


async def download(visit: Visit) -> Response:
    """One of the documents behind the page, as the service writes it."""
    project, name = named(visit), visit.request.path_params["name"]
    if name not in RAW:
        raise Problem(404, "not_found", "没有这个地址", "there is no such address")
    service, path, form = RAW[name]
    more = {} if form == "json" else {"format": form}
    where = f"/v1/programmes/{visit.lookup.programme.id}/{path.format(project)}"
    found = await visit.api.raw(service, where, **more, **clocks(visit))
    told = {"Content-Disposition": f'attachment; filename="{project}-{name}"'}
    return Response(found.content, headers=told, media_type=found.headers["content-type"])


def named(visit: Visit) -> str:
    """The project of the address; a page that says so when no project can be called that."""
    found: str = visit.request.path_params["project"]
    if re.fullmatch(PROJECT_ID, found) is None:
        raise Problem(404, "unknown_project", "没有这个项目", "there is no such project")
    return found
