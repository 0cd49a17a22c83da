"""Vectors of tickets and the feed (rules 8 and 9): the table walked by the same function as in the service."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.calendar import Calendar
from contracts.periods import midnight, parse
from services.alerts import feed as messages
from services.alerts import naming
from services.alerts.table import TABLE
from services.alerts.tickets import Event, NotApplicable, Ticket, Transition, advance

Answer = Mapping[str, Any]

COLOURS = ("green", "yellow", "red", "blank")
ACTS = {"review_pass": "review_passed", "review_fail": "review_refused"}  # the vectors' words for them
WAYS: Mapping[str, Sequence[str]] = {  # how a ticket gets into a state
    "NONE": (),
    "OPEN": ("yellow",),
    "ACKED": ("yellow", "ack"),
    "ANSWERED": ("yellow", "answer"),
    "RECOVERED": ("yellow", "green"),
    "CLOSED": ("yellow", "green", "review_pass"),
    "CANCELLED": ("yellow", "restated_clear"),
}


def ticket(calendar: Calendar, *, events: Sequence[Sequence[str]]) -> Answer:
    """State, level and episode after each event; what the table refuses changes nothing."""
    current, trace = Ticket(), []
    for name, *said in events:
        assert set(said) <= {"promise_broken"}
        current, _ = _after(calendar, current, name, promise_broken=bool(said))
        trace.append({"state": current.state, "level": current.level, "episode": current.episode})
    return {"trace": trace}


def feed(calendar: Calendar, **given: Any) -> Answer:
    """The name of what a message is about, or what an event in a state says."""
    if "ticket_state" in given:
        return _said(calendar, **given)
    return {"fingerprint": naming.fingerprint(**given)}


def _said(calendar: Calendar, *, ticket_state: str, event: str) -> Answer:
    current = Ticket()
    for name in WAYS[ticket_state]:
        current, _ = _after(calendar, current, name)
    _, transitions = _after(calendar, current, event)
    says = transitions[-1].says
    return {"msg_type": says and messages.msg_type(says), "notification_reason": says}


def _after(
    calendar: Calendar, current: Ticket, name: str, *, promise_broken: bool = False
) -> tuple[Ticket, tuple[Transition, ...]]:
    at = midnight(parse("2023-06").end)
    if name in COLOURS:
        colour: Any = None if name == "blank" else name
        event = Event("light", at, colour, "2023-06", promise_broken=promise_broken)
    else:
        event = Event(ACTS.get(name, name), at)
        assert event.kind in TABLE
    try:
        return advance(current, event, calendar)
    except NotApplicable:
        return current, ()
