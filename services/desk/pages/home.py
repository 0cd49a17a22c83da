"""首页: what waits for the person who is signed in, by role: tickets, reports, decisions; and how the lights stand."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.programme import Lookup
from contracts.roles import Act
from services.desk.acted import ASKING
from services.desk.apis import Service
from services.desk.doors import Doors
from services.desk.glances import count, living
from services.desk.people import Person
from services.desk.visit import Visit

Item = Mapping[str, Any]
PRESSING = "/tickets/pressing"  # has its order, and counts what it does not list
SHOWN = 6  # of each kind; the rest is counted and a link away
TICKETS: Sequence[tuple[Act, str, str]] = (
    ("acknowledge", "to_acknowledge", "OPEN"),
    ("answer", "to_answer", "ACKED"),
)
_OPEN = ("OPEN", "ACKED", "ANSWERED")


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of thing that may wait: the text's key, where all of it is, and what to ask which service."""

    key: str
    link: str
    service: Service
    path: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much there is of it, and the most pressing of it."""

    key: str
    link: str
    count: int
    shown: Sequence[Item]


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The one page."""
    return [doors.get("/", show)]


async def show(visit: Visit) -> Response:
    """Ask for everything at once, then arrange it."""
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    asked = questions(visit.person)

    async def ask(question: Question) -> Waiting:
        if question.path == PRESSING:
            listed = await visit.api.get(question.service, at + PRESSING, limit=SHOWN, **question.parameters)
            return Waiting(question.key, question.link, listed["total"], listed["items"])
        found = await visit.api.items(question.service, at + question.path, **question.parameters)
        return Waiting(question.key, question.link, len(found), sorted(found, key=pressing)[:SHOWN])

    lights: Awaitable[dict[str, Any]] = visit.api.get("alerts", f"{at}/overview/brief")
    shown, *waiting = await asyncio.gather(lights, *map(ask, asked))
    present = living(shown["items"], visit.lookup, visit.showing.now())
    return await visit.render(
        "home.html",
        waiting=[each for each in joined(waiting) if each.count],
        lights=count(present),
        own=count([each for each in present if visit.person.unit in (each["district"], each["department"])]),
        names=named(visit.lookup) | await projects(visit, [each for kind in waiting for each in kind.shown]),
    )


async def projects(visit: Visit, shown: Iterable[Item]) -> dict[str, Any]:
    """The names of projects by their ids, if tickets of any are shown: metrics has them."""
    if not any(each.get("rule") == "project" for each in shown):
        return {}
    found = await visit.api.items("metrics", f"/v1/programmes/{visit.lookup.programme.id}/projects")
    return {each["project"]: each["name"] for each in found}


def joined(waiting: Iterable[Waiting]) -> list[Waiting]:
    """What has one name counted as one: objections to lights and targets, and those to tickets."""
    found: dict[str, Waiting] = {}
    for each in waiting:
        before = found.get(each.key, Waiting(each.key, each.link, 0, ()))
        shown = [*before.shown, *each.shown][:SHOWN]
        found[each.key] = Waiting(each.key, each.link, before.count + each.count, shown)
    return list(found.values())


def questions(person: Person) -> list[Question]:
    """What the person's acts are for, the most pressing first."""
    unit = person.unit or ""
    found = []
    for act, key, state in TICKETS:
        if person.may(act, own=True):
            mine = {"state": state, "addressee": unit, "suppressed": "false"}  # nothing is asked while it is suspended
            found.append(Question(key, f"/tickets?state={state}", "alerts", PRESSING, mine))
    if person.may("report", own=True):
        found.append(Question("to_explain", "/calendar", "metrics", "/cells", {"flag": ",".join(ASKING), "unit": unit}))
        for key, states in (("overdue", "overdue,never_reported"), ("due", "due")):
            link = f"/calendar?state={key}"
            found.append(Question(key, link, "metrics", "/cells", {"state": states, "unit": unit}))
    if person.may("approve"):
        found.append(Question("held", "/calendar?held=true", "metrics", "/held", {}))
        found.append(Question("held_projects", "/calendar?held=true#projects", "metrics", "/held-project-reports", {}))
    if person.may("review"):
        link = "/tickets?objected=1"
        found.append(Question("objections", link, "alerts", "/objections", {"state": "open"}))
        found.append(Question("objections", link, "alerts", PRESSING, {"objected": "true"}))
        found.append(Question("to_review", "/tickets?state=RECOVERED", "alerts", PRESSING, {"state": "RECOVERED"}))
    if person.may("escalate") or person.role == "leader":
        grave = {"level": "3", "state": ",".join(_OPEN)}
        found.append(Question("summonses", "/tickets?level=3", "alerts", PRESSING, grave))
    return found


def pressing(item: Item) -> tuple[bool, str, str]:
    """What can still be reported first, then what is due first."""
    subject = item["indicator"] if "indicator" in item else item["received_at"]  # a project's late report: the oldest
    return item.get("locked", False), item.get("due_at") or "9999", subject


def named(lookup: Lookup) -> dict[str, Any]:
    """The names of indicators, districts and departments by their ids."""
    indicators = {each.id: each.name for each in lookup.indicators.values()}
    districts = {each.id: each.name for each in lookup.districts.values()}
    return indicators | districts | {each.id: each.name for each in lookup.departments.values()}
