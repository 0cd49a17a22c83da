"""Tickets (督办单, rule 8): `advance` moves one series' ticket by one event, as table.py says. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from contracts.calendar import Calendar
from contracts.events import Colour
from services.alerts.judgement import WORSE
from services.alerts.table import (
    BUSINESS_DAYS,
    LAGGING,
    NOTHING,
    REFUSED,
    SILENT_WHILE_SUPPRESSED,
    TABLE,
    TIMER_OF,
    State,
    Step,
    Timer,
)

HIGHEST = 3


class NotApplicable(Exception):
    """The table's ✗: a command that a ticket in this state does not take. Nothing happened."""

    def __init__(self, event: str, state: State, code: str = "not_applicable_in_state") -> None:
        super().__init__(f"{event} does not apply to a ticket that is {state}")
        self.event, self.state, self.code = event, state, code


class PromiseOutOfReach(Exception):
    """The promised date of an answer has passed, or lies more than three periods ahead."""

    def __init__(self, earliest: date, latest: date) -> None:
        super().__init__(f"promised date outside {earliest} … {latest}")
        self.earliest, self.latest = earliest, latest


@dataclass(frozen=True, slots=True)
class Ticket:
    """One episode. A series without a ticket has one in state NONE, episode 0."""

    state: State = "NONE"
    episode: int = 0
    level: int = 0
    severity: Literal["yellow", "red"] = "yellow"
    run: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    timer: Timer | None = None
    timer_at: datetime | None = None
    promised_on: date | None = None
    cause: str | None = None
    plan: str | None = None
    first_period: str = ""
    last_period: str = ""
    close_code: str | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What moves a ticket; `at` is platform time, the message's `sent`.

    A `light` (of record) and a restatement carry the colour and the period; a restatement also the run it leaves.
    """

    kind: str
    at: datetime
    colour: Colour | None = None
    period: str = ""
    period_end: date | None = None
    run: int | None = None
    first_period: str = ""  # where a restatement shows the episode to begin
    promise_broken: bool = False
    actor: str | None = None
    reason: str | None = None
    cause: str | None = None
    plan: str | None = None
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """What one event did to one episode; `says` None: only written down."""

    event: Event
    row: str
    before: Ticket
    after: Ticket
    says: str | None
    code: str | None = None


def advance(ticket: Ticket, event: Event, calendar: Calendar) -> tuple[Ticket, tuple[Transition, ...]]:
    """The series' ticket after the event, and what happened: two transitions when a relapse opens a new episode.

    NotApplicable when the table refuses the command.
    """
    row = _row(ticket, event)
    step = TABLE[row][ticket.state]
    if step is REFUSED:
        raise NotApplicable(row, ticket.state)
    if row == "answer" and step == NOTHING:
        return _promised_earlier(ticket, event)
    if step.opens:
        return _opened(ticket, event, row, step, calendar)
    counted = event.kind == "light" and event.colour in ("yellow", "red")
    if (step == NOTHING and not counted) or (ticket.suppressed and row.endswith("_timeout")):
        return ticket, ()
    after = _stepped(ticket, event, row, step, calendar)
    return after, (Transition(event, row, ticket, after, _said(ticket, after, event, step), step.code),)


def floor(run: int, colour: Colour | None) -> int:
    """The level that so many consecutive lights, the last of this colour, ask for."""
    return min(HIGHEST, run + (colour == "red"))


def _row(ticket: Ticket, event: Event) -> str:
    """The row of the table; for a light it depends on the run and the promise."""
    if event.kind != "light":
        return event.kind
    if event.colour not in ("yellow", "red"):
        return "green" if event.colour == "green" else "blank"
    if floor(_run(ticket, event), event.colour) > ticket.level:
        return "worse"
    promised, end = ticket.promised_on, event.period_end
    broken = event.promise_broken or (promised is not None and end is not None and promised <= end)
    return "promise_broken" if broken else "same"


def _run(ticket: Ticket, event: Event) -> int:
    if event.run is not None:
        return event.run
    return ticket.run + 1 if ticket.state in LAGGING else 1


def _opened(
    ticket: Ticket, event: Event, row: str, step: Step, calendar: Calendar
) -> tuple[Ticket, tuple[Transition, ...]]:
    """A new episode, the old one closed before it where it still lived."""
    closing: tuple[Transition, ...] = ()
    if step.to == "CLOSED":
        closed = replace(ticket, state="CLOSED", closed_at=event.at, timer=None, timer_at=None, close_code=step.code)
        closing = (Transition(event, row, ticket, closed, step.says, step.code),)
    opened = Ticket(
        state="OPEN",
        episode=ticket.episode + 1,
        level=floor(1, event.colour),
        severity="red" if event.colour == "red" else "yellow",
        run=1,
        opened_at=event.at,
        timer="ack",
        timer_at=calendar.business_days_after(event.at, BUSINESS_DAYS["ack"]),
        first_period=event.first_period or event.period,
        last_period=event.period,
    )
    return opened, (*closing, Transition(event, row, Ticket(), opened, "first"))


def _stepped(ticket: Ticket, event: Event, row: str, step: Step, calendar: Calendar) -> Ticket:
    changes: dict[str, Any] = {}
    if event.colour in ("yellow", "red"):
        run = _run(ticket, event)
        changes |= {"severity": event.colour, "run": run}
        if step.level == "floor":
            changes |= {"level": max(ticket.level, floor(run, event.colour))}
    if step.level == "up":
        changes |= {"level": min(HIGHEST, ticket.level + 1)}
    if step.to is not None:
        changes |= {"state": step.to, "closed_at": event.at if step.to in ("CLOSED", "CANCELLED") else None}
        changes |= {"run": 0} if step.to == "RECOVERED" else {}
    if row == "answer":
        changes |= {"cause": event.cause, "plan": event.plan, "promised_on": event.promised_on}
    if row in ("suppress", "unsuppress"):
        changes |= {"suppressed": row == "suppress"}
    named = {"last_period": event.period, "first_period": event.first_period, "close_code": step.code}
    changes |= {name: value for name, value in named.items() if value}
    after = replace(ticket, **changes)
    return replace(after, **_timer(after, event, step, row, calendar))


def _timer(after: Ticket, event: Event, step: Step, row: str, calendar: Calendar) -> dict[str, Any]:
    """What becomes of the timer: it starts anew, or stops with its state; otherwise it runs on."""
    timer = None if after.suppressed else TIMER_OF.get(after.state)
    if timer is None:
        return {"timer": None, "timer_at": None}
    if step.restarts or row == "unsuppress":
        return {"timer": timer, "timer_at": calendar.business_days_after(event.at, BUSINESS_DAYS[timer])}
    return {}


def _promised_earlier(ticket: Ticket, event: Event) -> tuple[Ticket, tuple[Transition, ...]]:
    """Of an answered ticket only an earlier promise replaces what was answered."""
    if ticket.promised_on is None or event.promised_on is None or event.promised_on >= ticket.promised_on:
        raise NotApplicable("answer", ticket.state, "promise_not_earlier")
    after = replace(ticket, cause=event.cause, plan=event.plan, promised_on=event.promised_on)
    return after, (Transition(event, "answer", ticket, after, None),)


def _said(before: Ticket, after: Ticket, event: Event, step: Step) -> str | None:
    says = step.says
    if says == "escalated":
        redder = event.kind == "light" and WORSE[event.colour] > WORSE[before.severity]
        says = "worsened" if redder else "reminder" if after.level == before.level else says
    silent = before.suppressed and event.kind != "unsuppress" and says in SILENT_WHILE_SUPPRESSED
    return None if silent else says
