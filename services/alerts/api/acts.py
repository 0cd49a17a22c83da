"""POST /v1/tickets/{ticket}/acts: sign (签收), answer (反馈), review (复核), escalate, suppress; done or refused.

The addressee signs and answers (token kind `act`), the office reviews, escalates, suppresses and resumes (`review`);
the actor is the token's subject, stamped here. Never half.
"""

from datetime import date, datetime
from typing import Annotated, Literal, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.authority import Grant
from contracts.operations.http import Problem, json_response
from contracts.periods import SHANGHAI
from contracts.programme import CITY
from contracts.roles import Act as Granted
from services.alerts.api.access import Access, require
from services.alerts.api.bodies import body
from services.alerts.api.tickets import wanted
from services.alerts.instruments import Instruments
from services.alerts.reading.tickets import TicketReading
from services.alerts.tickets import Event, NotApplicable, PromiseOutOfReach, UntilPassed
from services.alerts.views import TicketView, TicketWithEvents
from services.alerts.words import TICKET_STATES, said

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act"):
    """What is asked for; `act` names it."""


class Ack(Command, frozen=True, kw_only=True, tag="ack"):
    """签收: the unit has seen it and takes it on."""


class Answer(Command, frozen=True, kw_only=True, tag="answer"):
    """反馈: why it lags, what will be done, and by when."""

    cause: Words
    plan: Words
    promised_on: date


class ReviewPassed(Command, frozen=True, kw_only=True, tag="review_passed"):
    """复核通过: the office closes the recovered ticket (销号)."""

    reason: Words | None = None


class ReviewRefused(Command, frozen=True, kw_only=True, tag="review_refused"):
    """复核不通过: it stays open."""

    reason: Words


class Escalate(Command, frozen=True, kw_only=True, tag="escalate"):
    """The office raises the level by hand."""

    reason: Words


class Suppress(Command, frozen=True, kw_only=True, tag="suppress"):
    """暂缓督办: timers stop until then, and what lights do is written down without being said.

    `approver` is the subject of somebody who may suspend it: a person of whom the desk says so, or a token's.
    """

    reason: Words
    approver: Words
    until: Instant


class Unsuppress(Command, frozen=True, kw_only=True, tag="unsuppress"):
    """恢复督办: before the suppression ends by itself; the timer starts again in full."""

    reason: Words


class Object(Command, frozen=True, kw_only=True, tag="object"):
    """异议: the unit disputes the light or the target; deadlines run on until the office answers."""

    about: Literal["light", "target"]
    reason: Words


class ObjectionUpheld(Command, frozen=True, kw_only=True, tag="objection_upheld"):
    """异议成立: what follows of it (a correction, another target, a suppression) is an act of its own."""

    reason: Words


class ObjectionDismissed(Command, frozen=True, kw_only=True, tag="objection_dismissed"):
    """异议不成立."""

    reason: Words


class ObjectionWithdrawn(Command, frozen=True, kw_only=True, tag="objection_withdrawn"):
    """撤回异议: the unit takes back an objection that is not answered yet."""

    reason: Words


Commands = (
    Object
    | ObjectionWithdrawn
    | ObjectionUpheld
    | ObjectionDismissed
    | Ack
    | Answer
    | ReviewPassed
    | ReviewRefused
    | Escalate
    | Suppress
    | Unsuppress
)
_NEEDS: dict[type[Command], Granted] = {
    Ack: "acknowledge",
    Answer: "answer",
    ReviewPassed: "review",
    ReviewRefused: "review",
    Escalate: "escalate",
    Suppress: "suppress",
    Unsuppress: "suppress",
    Object: "object",
    ObjectionWithdrawn: "object",
    ObjectionUpheld: "review",
    ObjectionDismissed: "review",
}
_ADDRESSEES: tuple[Granted, ...] = ("acknowledge", "answer", "object")
_DECODER: msgspec.json.Decoder[Commands] = msgspec.json.Decoder(Commands)


class Act(Protocol):
    """Applies one event to one ticket in one transaction; NotApplicable or PromiseOutOfReach when it is refused.

    `seen`: the ticket as it was read just now; what it is about never changes."""

    async def __call__(self, ticket: str, event: Event, seen: TicketView | None = None) -> None: ...


def routes(access: Access, reading: TicketReading, act: Act, instruments: Instruments) -> list[BaseRoute]:
    """The one route of acts."""

    async def acts(request: Request) -> Response:
        content = await body(request)
        try:
            command = _DECODER.decode(content)
        except msgspec.DecodeError as error:  # ValidationError is one
            grant = access.callers.grant(request, "read")  # who may not act is told that first
            if not grant.acts.intersection(_NEEDS.values()):
                require(grant, "acknowledge", None, CITY)
            raise _unknown(error) from None
        grant = access.callers.grant(request, _NEEDS[type(command)])
        found = await wanted(request, reading, access.today())
        _may(grant, command, found)
        if isinstance(command, Suppress):
            _approved(access.callers.approver(request, command.approver), found)
        name = type(command).__struct_config__.tag
        try:
            await act(found.ticket, event_of(command, grant.subject, access.callers.now()), found)
        except (NotApplicable, PromiseOutOfReach, UntilPassed) as refusal:
            instruments.acts.labels(name, "refused").inc()
            raise _refused(refusal, found) from None
        instruments.acts.labels(name, "done").inc()
        after = await wanted(request, reading, access.today())
        return json_response(TicketWithEvents(ticket=after, events=await reading.events(after.ticket)))

    return [Route("/v1/tickets/{ticket}/acts", acts, methods=["POST"])]


def event_of(command: Commands, actor: str, at: datetime) -> Event:
    """The act as the table of rule 8 takes it."""
    name = str(type(command).__struct_config__.tag)
    match command:
        case Answer():
            answered = {"cause": command.cause, "plan": command.plan, "promised_on": command.promised_on}
            return Event(name, at, actor=actor, **answered)  # type: ignore[arg-type]  # the three are Event's
        case Suppress():
            until = command.until.astimezone(SHANGHAI)
            return Event(name, at, actor=actor, reason=command.reason, approver=command.approver, until=until)
        case Object():
            return Event(name, at, actor=actor, reason=command.reason, about=command.about)
        case (
            ObjectionUpheld() | ObjectionDismissed() | ObjectionWithdrawn()
            | ReviewPassed() | ReviewRefused() | Escalate() | Unsuppress()
        ):  # fmt: skip
            return Event(name, at, actor=actor, reason=command.reason)
    return Event(name, at, actor=actor)


def _unknown(error: msgspec.DecodeError) -> Problem:
    return Problem(422, "invalid_act", f"请求内容不是可识别的操作:{error}", f"the body is no act we know: {error}")


def _may(grant: Grant, command: Commands, ticket: TicketView) -> None:
    """403 unless the token may do this on the ticket's series, and for the addressee's acts is the addressee's."""
    act = _NEEDS[type(command)]
    require(grant, act, ticket.indicator if ticket.rule != "project" else None, ticket.district)
    if act in _ADDRESSEES and grant.unit != ticket.addressee:
        zh = f"该督办单由 {ticket.addressee} 签收和反馈"
        raise Problem(403, "not_addressee", zh, f"only {ticket.addressee} may sign for and answer this ticket")


def _approved(approver: Grant | None, ticket: TicketView) -> None:
    """422 unless who is named as approving may do so (rule 8)."""
    indicator = ticket.indicator if ticket.rule != "project" else None
    if approver is None or not approver.allows("suppress", indicator, ticket.district):
        zh = "批准人须是有权暂缓督办的人员：专班办公室主任、副主任、专职副主任"
        en = "the approver must be somebody who may suspend a ticket: the office's director or a deputy"
        raise Problem(422, "approver_not_authorised", zh, en)


def _refused(refusal: NotApplicable | PromiseOutOfReach | UntilPassed, ticket: TicketView) -> Problem:
    if isinstance(refusal, UntilPassed):
        zh, en = "暂缓督办的截止时间应晚于现在", "a suppression must end later than now"
        return Problem(422, "until_not_ahead", zh, en, now=refusal.now)
    if isinstance(refusal, PromiseOutOfReach):
        first, last = refusal.earliest, refusal.latest
        zh = f"承诺日期应在 {first} 至 {last} 之间(最多三个报告期)"
        en = f"the promised date must lie between {first} and {last}, at most three periods ahead"
        return Problem(422, "promise_out_of_reach", zh, en, earliest=first, latest=last)
    state = said(TICKET_STATES, refusal.state)
    if refusal.code == "promise_not_earlier":
        zh, en = (
            "已反馈的督办单只能改为更早的承诺日期",
            "only an earlier promise replaces the one given",
        )
        return Problem(409, refusal.code, zh, en, state=refusal.state, ticket=ticket.ticket)
    if refusal.code in _OF_OBJECTIONS:
        zh, en = _OF_OBJECTIONS[refusal.code]
        return Problem(409, refusal.code, zh, en, state=refusal.state, ticket=ticket.ticket)
    if refusal.code == "not_suppressed":
        zh, en = "该督办单未被暂缓", "this ticket is not suppressed"
        return Problem(409, refusal.code, zh, en, state=refusal.state, ticket=ticket.ticket)
    zh = f"督办单当前为“{state.zh}”,不能进行此操作"
    en = f"a ticket that is {state.en} does not take this act"
    return Problem(409, "not_applicable_in_state", zh, en, state=refusal.state, ticket=ticket.ticket)


_OF_OBJECTIONS = {
    "already_objected": ("该督办单已有异议待答复", "an objection to this ticket waits for its answer already"),
    "no_objection": ("该督办单没有待答复的异议", "no objection to this ticket waits for an answer"),
}
