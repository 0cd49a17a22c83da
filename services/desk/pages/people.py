"""人员: who may sign in, with which role and unit; the operator enters people and hands out one-time links."""

import re
from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.roles import table
from services.desk import searching
from services.desk.audit import DONE
from services.desk.doors import Doors, address
from services.desk.people import Person, Unfit, check
from services.desk.texts import texts
from services.desk.visit import Visit

_SUBJECT = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
MOST = 60  # characters of a name or a login


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The page and its two forms."""
    return [
        doors.get("/people", partial(show, doors), "people"),
        doors.post("/people", partial(enter, doors), "people"),
        doors.post("/people/invite", partial(invite, doors), "people"),
    ]


async def show(doors: Doors, visit: Visit, link: tuple[str, str] | None = None) -> Response:
    """Everybody; `link` is a person and the link just made, shown this once."""
    changing = visit.request.query_params.get("change")
    everybody, typed = await doors.people.all(), visit.request.query_params.get("q", "").strip()
    return await visit.render(
        "people.html",
        everybody=everybody,
        found=searching.people(typed, everybody, visit.showing.units()),
        typed=typed,
        roles=table().roles,
        changing=next((each for each in everybody if each.subject == changing), None),
        link=link,
        done=visit.request.query_params.get("done"),
    )


async def enter(doors: Doors, visit: Visit) -> Response:
    """Enter a person, or change one."""
    person = person_of({name: str(visit.form.get(name, "")).strip() for name in FIELDS})
    try:
        check(person, visit.lookup)
    except Unfit as error:
        raise _refused("unfit", str(error)) from error
    if person.subject == visit.person.subject and not (person.active and person.role == visit.person.role):
        raise _refused("not_yourself")
    other = None if person.login is None else await doors.people.known_as(person.login)
    if other is not None and other.subject != person.subject:
        raise _refused("login_taken", other.subject)
    await doors.people.put([person])
    detail = {"role": person.role, "unit": person.unit, "active": person.active}
    await doors.audit.note(
        visit.person.subject, "people", person.subject, DONE, address(visit.request), detail
    )  # fmt: skip
    return visit.redirect("/people", done=person.subject)


async def invite(doors: Doors, visit: Visit) -> Response:
    """A one-time link for a person; it stands on this answer and nowhere else."""
    person = await doors.people.named(str(visit.form.get("subject", "")))
    if person is None or not person.active:
        raise _refused("nobody")
    secret = await doors.sessions.invite(person.subject, visit.person.subject)
    await doors.audit.note(visit.person.subject, "invite", person.subject, DONE, address(visit.request))
    return await show(doors, visit, (person.name, f"{doors.url}/sign-in/link?key={secret}"))


FIELDS = ("subject", "name", "role", "unit", "login", "active")


def person_of(form: dict[str, str]) -> Person:
    """The person that a form describes; Problem when it cannot be one."""
    if not _SUBJECT.fullmatch(form["subject"]):
        raise _refused("subject_form", form["subject"][:MOST])
    if not form["name"] or len(form["name"]) > MOST or len(form["login"]) > MOST:
        raise _refused("name_form")
    return Person(
        subject=form["subject"],
        name=form["name"],
        role=form["role"],
        unit=form["unit"] or None,
        login=form["login"] or None,
        active=form["active"] == "yes",
    )


def _refused(code: str, what: str = "") -> Problem:
    words = texts()[f"people.{code}"]
    return Problem(422, code, words.zh.format(what=what), words.en.format(what=what))
