"""新增重大项目 and 调整计划: the forms by which the office enters a project into a list and amends a plan (rule 12).

What is typed is answered at its field; then what it changes is shown, with intake's word on it (a dry run), and only
what was shown is sent. Recording decides a moment later: the page that comes next says how.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.periods import SHANGHAI
from contracts.project_events import ProjectStanding
from contracts.projects import Plan
from services.desk.doors import Doors
from services.desk.pages import project
from services.desk.projects import planning, saying
from services.desk.projects.differing import changes
from services.desk.projects.planning import Reading, Said, Wrong
from services.desk.visit import Visit

NEW = "/projects/new-project"  # no id of a project has a hyphen
_TOLD_HERE = (403, 422)


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """Each form and where it is sent."""
    plan = "/projects/{project}/plan"
    return [
        doors.get(NEW, enter, "approve"),
        doors.post(NEW, taken, "approve"),
        doors.get(plan, amend, "approve"),
        doors.post(plan, taken, "approve"),
    ]


async def enter(visit: Visit) -> Response:
    """An empty form."""
    return await _form(visit, None, planning.blank(visit.lookup, _today(visit)))


async def amend(visit: Visit) -> Response:
    """The present plan, filled in."""
    found = await _found(visit)
    return await _form(visit, found, planning.filled(_standing(found).plan, _today(visit)))


async def taken(visit: Visit) -> Response:
    """What was typed: more rows, or what it changes, or, when that was seen, the statement itself."""
    found = await _found(visit) if "project" in visit.request.path_params else None
    said = {key: str(value).strip() for key, value in visit.form.items() if isinstance(value, str) and key != "csrf"}
    if said.pop("step", "") == "rows":
        return await _form(visit, found, planning.more_rows(said))
    reading = await _read(visit, found, said)
    if reading.wrong:
        return await _form(visit, found, said, reading.wrong)
    act = "amend" if found else "enter"
    seen = sha256(msgspec.json.encode(reading.data)).hexdigest()
    event = saying.event("list", {"request": seen}, reading.data)  # sent twice, the same is said once
    try:
        if said.get("seen") != seen:
            await visit.api.tried("/v1/projects", event)
            return await _form(visit, found, said, reading=reading, seen=seen)
        named = str(reading.data["project"])
        answer = await visit.api.state("/v1/projects", event, act=event["type"], target=f"project {named}")
    except Problem as problem:
        if problem.status not in _TOLD_HERE:
            raise
        place = reading.field_of(problem.members.get("pointer") or "")
        return await _form(visit, found, said, {place: Wrong(words=visit.of(problem))}, status=problem.status)
    more = {"sent": act, "receipt": answer.get("receipt") or ""}
    if found is None:  # nobody has a page of it before it is recorded
        return visit.redirect("/projects", **more, project=named)
    return visit.redirect(f"/projects/{named}", **more)


def _today(visit: Visit) -> date:
    return visit.showing.now().astimezone(SHANGHAI).date()


async def _found(visit: Visit) -> Mapping[str, Any]:
    """The project of the address, as metrics knows it."""
    at = f"/v1/programmes/{visit.lookup.programme.id}/projects/{project.named(visit)}"
    found: Mapping[str, Any] = await visit.api.get("metrics", at)
    return found


def _standing(found: Mapping[str, Any]) -> ProjectStanding:
    return msgspec.convert(found["standing"], ProjectStanding)


async def _read(visit: Visit, found: Mapping[str, Any] | None, said: Said) -> Reading:
    if found is None:
        known = await visit.api.items("metrics", f"/v1/programmes/{visit.lookup.programme.id}/projects")
        return planning.read("enter", said, visit.lookup, "", taken=[each["project"] for each in known])
    standing = _standing(found)
    reading = planning.read(
        "amend",
        said,
        visit.lookup,
        standing.project,
        before=standing.plan,
        used=[node.id for each in standing.plans for node in each.plan.nodes],
        revision=planning.revision_of(found["statements"], said.get("on", "")),
    )
    if not reading.wrong and not _changed(visit, found, reading):
        reading.wrong[""] = Wrong("nothing")
    return reading


def _changed(visit: Visit, found: Mapping[str, Any] | None, reading: Reading) -> Sequence[Any]:
    """What the new plan changes of the one in force on its day."""
    after = msgspec.convert(reading.data["plan"], Plan)
    before = None if found is None else _standing(found).plan_at(date.fromisoformat(reading.data["on"]))
    names = visit.showing.units() | {each.id: each.name for each in visit.lookup.indicators.values()}

    def named(name: str) -> str:
        return str(getattr(names[name], visit.language)) if name in names else name

    return changes(before, after, named, visit.language)


async def _form(
    visit: Visit,
    found: Mapping[str, Any] | None,
    said: Said,
    wrong: Mapping[str, Wrong] | None = None,
    *,
    reading: Reading | None = None,
    seen: str = "",
    status: int = 422,
) -> Response:
    """The form with what is typed in it; beside it what is wrong, or what it changes."""
    standing = None if found is None else _standing(found)
    later = [each.on for each in standing.plans if each.on.isoformat() > said.get("on", "")] if standing else []
    return await visit.render(
        "project_plan.html",
        status if wrong else 200,
        standing=standing,
        to=NEW if standing is None else f"/projects/{standing.project}/plan",
        said=said,
        wrong=wrong or {},
        changes=_changed(visit, found, reading) if reading else None,
        entered=reading.data["project"] if reading else "",
        later=later,
        seen=seen,
        nodes=planning.rows_of(said, "node"),
        years=planning.rows_of(said, "year"),
        fed=[each for each in visit.lookup.indicators.values() if each.fed_by is not None],
        lists=visit.lookup.programme.projects,
        lookup=visit.lookup,
    )
