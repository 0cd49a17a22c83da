"""One 督办单: its timeline, what happens next, and the acts that the person and the ticket's state allow.

A refused act is a sentence at its form, with everything that was typed still in it.
"""

import asyncio
import uuid
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.connections import Unavailable
from contracts.operations.http import Problem
from contracts.roles import table
from services.desk import ticket_forms
from services.desk.attachments import (
    KINDS,
    MOST,
    MOST_FILES,
    MOST_TOGETHER,
    Attachments,
    Draft,
    Unkept,
    drafts,
    named_in,
)
from services.desk.doors import Doors
from services.desk.pages.home import named, projects
from services.desk.people import People, Person
from services.desk.texts import texts, told
from services.desk.ticket_forms import END_OVERRIDE, OVERRIDE, Filled, Form
from services.desk.visit import Visit

_NOTHING = Filled({})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that was not done: which, what was typed, and why in words ({zh, en})."""

    act: str
    filled: Filled
    words: dict[str, str]
    status: int = 422


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The page, its acts, and its files."""
    attachments, people = Attachments(doors.audit.pool), People(doors.audit.pool)

    async def show(visit: Visit, refusal: Refusal | None = None) -> Response:
        name = _name(visit)
        found, everybody = await asyncio.gather(visit.api.get("alerts", f"/v1/tickets/{name}"), people.all())
        ticket, named_files = found["ticket"], named_in(found["events"])
        if named_files:
            await attachments.settle(name, named_files)
        files = await attachments.of(name) if named_files else []
        light = await _light(visit, ticket)
        return await visit.render(
            "ticket.html",
            refusal.status if refusal else 200,
            ticket=ticket,
            events=found["events"],
            now=light or await _project(visit, ticket),
            forms=ticket_forms.allowed(visit.person, ticket, light),
            expected=refusal.act if refusal else ticket_forms.expected(ticket),
            colours=ticket_forms.worse_than(light["light"]) if light else (),
            refusal=refusal,
            typed=refusal.filled if refusal else _NOTHING,
            files=files,
            actors={each.subject: each.name for each in everybody},
            names=named(visit.lookup) | await projects(visit, [ticket]),
            known_texts=texts(),
            done=visit.request.query_params.get("done", ""),
            roles=table().roles,
            approvers=[each for each in everybody if each.active and each.may("suppress")],
            kinds=", ".join(KINDS),
            most={"count": MOST_FILES, "megabytes": MOST // 1024**2, "together": MOST_TOGETHER // 1024**2},
        )

    async def act(visit: Visit) -> Response:
        name = _name(visit)
        form = ticket_forms.BY_NAME.get(visit.request.path_params["act"])
        if form is None:
            raise unknown()
        filled = ticket_forms.filled(form, visit.form)
        try:
            if filled.wrong:
                raise Unfilled(filled)
            approver = await people.named(filled.values.get("approver", ""))
            approver = approver if approver is not None and approver.active else None
            await _do(visit, attachments, name, form, filled, await _files(visit, form), approver)
        except Unfilled as unfilled:
            return await show(visit, Refusal(form.act, unfilled.filled, _words("ticket.look_again")))
        except Unkept as refused:
            wrong = Filled(filled.values, {"file": refused.why})
            return await show(visit, Refusal(form.act, wrong, _words("ticket.look_again")))
        except Unavailable:
            return await show(visit, Refusal(form.act, filled, _words("ticket.no_answer"), 503))
        except Problem as problem:
            if problem.status not in (403, 404, 409, 413, 422):
                raise
            words = {"zh": problem.zh, "en": problem.en}
            return await show(visit, Refusal(form.act, filled, words, problem.status))
        return visit.redirect(f"/tickets/{name}", done=form.act)

    async def give(visit: Visit) -> Response:
        number = visit.request.path_params["attachment"]
        file = await attachments.content(_name(visit), int(number)) if number.isascii() and len(number) < 19 else None
        if file is None:
            raise unknown()
        disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
        digest = b64encode(bytes.fromhex(file.sha256)).decode()
        headers = {"Content-Disposition": disposition, "Repr-Digest": f"sha-256=:{digest}:"}  # RFC 6266, RFC 9530
        return Response(file.content, media_type=file.kind, headers=headers)

    return [
        doors.get("/tickets/{ticket}", show),
        doors.post("/tickets/{ticket}/{act}", act),
        doors.get("/tickets/{ticket}/files/{attachment}", give),
    ]


class Unfilled(ValueError):
    """Something that has to be said is missing or cannot be read."""

    def __init__(self, filled: Filled) -> None:
        super().__init__(str(filled.wrong))
        self.filled = filled


async def _do(
    visit: Visit,
    attachments: Attachments,
    name: str,
    form: Form,
    filled: Filled,
    files: Sequence[Draft],
    approver: Person | None,
) -> None:
    """The act, with its files kept before it and dropped again when it is refused. Whether it was done is known by the
    ticket's history alone: the page confirms what that names."""
    if files:
        await _look_after(visit, attachments)
    kept = await attachments.keep(name, visit.person.subject, files, visit.showing.now()) if files else []
    named_files = [
        told("ticket.attached", "zh", name=file.name, size=len(file.content), sha256=file.sha256) for file in files
    ]
    document = ticket_forms.body(form, filled.values, named_files)
    try:
        path = await _path(visit, name, form)
        await visit.api.act(
            "alerts", path, act=form.act, target=f"ticket {name}", detail=document, json=document, approver=approver
        )
    except Problem:
        if kept:
            await attachments.drop(kept)
        raise


async def _look_after(visit: Visit, attachments: Attachments) -> None:
    """Files of other answers that nobody came back for: confirmed or dropped, as their tickets' histories say."""
    for ticket in await attachments.unsettled():
        try:
            found = await visit.api.get("alerts", f"/v1/tickets/{ticket}")
        except Problem:  # no such ticket any more, or not for this person: left for another
            continue
        await attachments.settle(ticket, named_in(found["events"]))


async def _path(visit: Visit, name: str, form: Form) -> str:
    if form not in (OVERRIDE, END_OVERRIDE):
        return f"/v1/tickets/{name}/acts"
    ticket = (await visit.api.get("alerts", f"/v1/tickets/{name}"))["ticket"]
    at = f"/v1/programmes/{ticket['programme']}/lights/{ticket['indicator']}/{ticket['district']}/overrides"
    return at if form is OVERRIDE else f"{at}/end"


async def _light(visit: Visit, ticket: dict[str, Any]) -> dict[str, Any] | None:
    """What the ticket's series shows now; a project's ticket has no series."""
    if ticket["rule"] == "project":
        return None
    at = f"/v1/programmes/{ticket['programme']}/lights/{ticket['indicator']}/{ticket['district']}"
    found: dict[str, Any] = (await visit.api.get("alerts", at))["series"]
    return found


async def _project(visit: Visit, ticket: dict[str, Any]) -> dict[str, Any] | None:
    """What the ticket's project shows now, if alerts has judged it."""
    try:
        found = await visit.api.get(
            "alerts", f"/v1/programmes/{ticket['programme']}/project-lights/{ticket['indicator']}"
        )
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
    light: dict[str, Any] = found["project"]
    return light


async def _files(visit: Visit, form: Form) -> list[Draft]:
    """The files beside an answer; a browser sends a nameless one where none was chosen."""
    if not form.files:
        return []
    sent = [each for each in visit.form.getlist("file") if isinstance(each, UploadFile) and each.filename]
    if sum(each.size or 0 for each in sent) > MOST_TOGETHER:
        raise Unkept("file_too_large")
    return drafts([(each.filename or "", await each.read(MOST + 1)) for each in sent])


def _words(key: str) -> dict[str, str]:
    words = texts()[key]
    return {"zh": words.zh, "en": words.en}


def _name(visit: Visit) -> str:
    try:
        return str(uuid.UUID(visit.request.path_params["ticket"]))
    except ValueError:
        raise unknown() from None


def unknown() -> Problem:
    """There is no such ticket, act or file."""
    words = texts()["ticket.unknown"]
    return Problem(404, "unknown_ticket", words.zh, words.en)
