"""Tickets (督办单, rule 8): `advance` moves one series' ticket by one event, as table.py says. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from contracts.calendar import Calendar
from contracts.events import Colour
from services.alerts.judgement import WORSE
from services.alerts.table import (
    BUSINESS_DAYS,
    BY_LIGHTS,
    LAGGING,
    LIVING,
    NOTHING,
    OPENS,
    REFUSED,
    SILENT_WHILE_SUPPRESSED,
    TABLES,
    TIMERS,
    Rule,
    State,
    Step,
    Timer,
)

HIGHEST = 3
Lane = Literal["lag", "reporting"]  # a forecast ticket may become the lag ticket: one lane, numbered together


def lane_of(rule: str) -> Lane:
    """The lane of a series' tickets of that rule."""
    return "reporting" if rule == "reporting" else "lag"


class NotApplicable(Exception):
    """The table's ✗: a command that a ticket in this state does not take. Nothing happened."""

    def __init__(self, event: str, state: State, code: str = "not_applicable_in_state") -> None:
        super().__init__(f"{event} does not apply to a ticket that is {state}")
        self.event, self.state, self.code = event, state, code


class UntilPassed(Exception):
    """A suppression or an override is to end before it begins."""

    def __init__(self, now: datetime) -> None:
        super().__init__(f"until is not after {now}")
        self.now = now


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
    suppressed_until: datetime | None = None
    rule: Rule = "lag"
    objected: bool = False  # an objection waits for its answer

    @property
    def lane(self) -> Lane:
        return lane_of(self.rule)


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
    misses: bool = False  # a green light that will miss its target (rule 6.7)
    approver: str | None = None
    until: datetime | None = None  # of a suppression
    about: str | None = None  # of an objection: `light` or `target`


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
    step = TABLES[ticket.rule][row][ticket.state]
    if step is REFUSED:
        raise NotApplicable(row, ticket.state)
    if row == "unsuppress" and ticket.state in LAGGING and not ticket.suppressed:
        raise NotApplicable(row, ticket.state, "not_suppressed")
    if step is not NOTHING and row in _OBJECTED and ticket.objected is not _OBJECTED[row]:
        raise NotApplicable(row, ticket.state, "already_objected" if ticket.objected else "no_objection")
    if row == "answer" and step == NOTHING:
        return _promised_earlier(ticket, event)
    if step.opens:
        return _opened(ticket, event, row, step, calendar)
    if step == NOTHING or (ticket.suppressed and row.endswith("_timeout")):
        return ticket, ()
    after = _stepped(ticket, event, row, step, calendar)
    return after, (Transition(event, row, ticket, after, _said(ticket, after, event, step), step.code),)


def floor(run: int, colour: Colour | None) -> int:
    """The level that so many consecutive lights, the last of this colour, ask for."""
    return min(HIGHEST, run + (colour == "red"))


def _row(ticket: Ticket, event: Event) -> str:
    """The row of the table; for a light and a missed due date it depends on the run, the level and the promise."""
    if event.kind == "missed":
        again = ticket.state in LAGGING and floor(event.run or 1, "yellow") <= ticket.level
        return "missed_again" if again else "missed"
    if event.kind != "light":
        return event.kind
    if event.colour not in ("yellow", "red"):
        return "blank" if event.colour != "green" else "will_miss" if event.misses else "green"
    if ticket.rule == "forecast":
        return "observed"
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
    rule = step.rule or ticket.rule
    run = 0 if rule == "forecast" else (event.run or 1) if rule == "reporting" else 1
    opened = Ticket(
        state="OPEN",
        episode=ticket.episode + 1,
        level=max(1, floor(run, event.colour)),
        severity="red" if event.colour == "red" else "yellow",
        run=run,
        opened_at=event.at,
        first_period=event.first_period or event.period,
        last_period=event.period,
        rule=rule,
    )
    opened = replace(opened, **_timer(opened, event, OPENS, calendar))
    return opened, (*closing, Transition(event, row, Ticket(rule=rule), opened, "first"))


def _stepped(ticket: Ticket, event: Event, row: str, step: Step, calendar: Calendar) -> Ticket:
    changes: dict[str, Any] = {}
    if event.colour in ("yellow", "red") or event.kind == "missed":
        run = _run(ticket, event)
        changes |= {"severity": event.colour or "yellow", "run": run}
        if step.level == "floor":
            changes |= {"level": max(ticket.level, floor(run, event.colour))}
    if step.level == "up":
        changes |= {"level": min(HIGHEST, ticket.level + 1)}
    if step.to is not None:
        changes |= {"state": step.to, "closed_at": event.at if step.to in ("CLOSED", "CANCELLED") else None}
        changes |= {"run": 0} if step.to == "RECOVERED" else {}
    if row == "answer":
        changes |= {"cause": event.cause, "plan": event.plan, "promised_on": event.promised_on}
    closed = step.code if step.to in ("CLOSED", "CANCELLED") else None
    named = {"last_period": event.period, "first_period": event.first_period, "close_code": closed, "rule": step.rule}
    changes |= {name: value for name, value in named.items() if value}
    after = _objected(_suppressed(replace(ticket, **changes), event, row), row)
    return replace(after, **_timer(after, event, step, calendar))


def _suppressed(after: Ticket, event: Event, row: str) -> Ticket:
    """Suppression is of what is open: it begins and ends by act or expiry, and with recovery or the ticket's end."""
    if row == "suppress":
        return replace(after, suppressed=True, suppressed_until=event.until)
    if row in ("unsuppress", "expired") or after.state not in LAGGING:
        return replace(after, suppressed=False, suppressed_until=None)
    return after


def _objected(after: Ticket, row: str) -> Ticket:
    """An objection is open until it is answered or taken back, or its ticket ends."""
    if row in _OBJECTED:
        return replace(after, objected=row == "object")
    return after if after.state in LIVING else replace(after, objected=False)


_OBJECTED = {  # what it must be before
    "object": False,
    "objection_upheld": True,
    "objection_dismissed": True,
    "objection_withdrawn": True,
}


def _timer(after: Ticket, event: Event, step: Step, calendar: Calendar) -> dict[str, Any]:
    """What becomes of the timer: it starts anew, or stops with its state; otherwise it runs on."""
    timer = None if after.suppressed else TIMERS[after.rule].get(after.state)
    if timer is None:
        return {"timer": None, "timer_at": None}
    if step.restarts:
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
    silent = before.suppressed and event.kind in BY_LIGHTS and says in SILENT_WHILE_SUPPRESSED
    return None if silent else says
