"""Tickets through several events (rule 8); test_ticket_table.py walks each cell of the table."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from services.alerts.table import LAGGING, LIVING, STATES, State
from services.alerts.tickets import Event, NotApplicable, Ticket, advance
from tests.support.standings import CALENDAR, at

NOW = at("2023-06-06", 0)
COLOURS = ("green", "yellow", "red", "grey")


def play(*names: str, start: Ticket | None = None) -> tuple[Ticket, list[str | None]]:
    """A ticket after these events, and what was said."""
    ticket, said = start or Ticket(), []
    for name in names:
        event = Event("light", NOW, name, "2023-05", date(2023, 5, 31)) if name in COLOURS else Event(name, NOW)  # type: ignore[arg-type]
        ticket, transitions = advance(ticket, event, CALENDAR)
        said += [transition.says for transition in transitions]
    return ticket, said


def in_state(state: State) -> Ticket:
    """A ticket of level 1 in a state."""
    ways: dict[State, tuple[str, ...]] = {
        "NONE": (),
        "OPEN": ("yellow",),
        "ACKED": ("yellow", "ack"),
        "ANSWERED": ("yellow", "answer"),
        "RECOVERED": ("yellow", "green"),
        "CLOSED": ("yellow", "green", "review_passed"),
        "CANCELLED": ("yellow", "restated_clear"),
    }
    return play(*ways[state])[0]


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_reached(state: State) -> None:
    """The table's columns are states a ticket can be in."""
    assert in_state(state).state == state


@pytest.mark.parametrize(
    ("events", "level", "run"),
    [
        (("yellow",), 1, 1),
        (("red",), 2, 1),
        (("yellow", "yellow", "yellow", "yellow"), 3, 4),
        (("yellow", "red"), 3, 2),
        (("yellow", "blank", "yellow"), 2, 2),
        (("red", "yellow"), 2, 2),
    ],
)
def test_levels_follow_the_run(events: tuple[str, ...], level: int, run: int) -> None:
    """Rule 8: floor = min(3, run + 1 if red); a level never falls within an episode, a blank month counts nothing."""
    events = tuple("grey" if event == "blank" else event for event in events)
    ticket, _ = play(*events)
    assert (ticket.level, ticket.run, ticket.episode) == (level, run, 1)


def test_words_of_a_rising_level() -> None:
    """Rule 8: redder is worsened, the same colour again is escalated, a level that is kept reminds."""
    assert play("yellow", "red", "red")[1] == ["first", "worsened", "reminder"]
    assert play("yellow", "yellow", "yellow", "yellow")[1] == ["first", "escalated", "escalated", "reminder"]
    assert play("red", "red", "yellow")[1] == ["first", "escalated", "reminder"]


def test_a_raise_opens_again_and_starts_the_timer() -> None:
    """Rule 8: any rise of level puts the ticket back to OPEN and starts T_ack."""
    for state in LAGGING:
        after, _ = play("red", start=in_state(state))
        assert (after.state, after.timer, after.timer_at) == ("OPEN", "ack", at("2023-06-09", 0))


def test_timers_are_business_days() -> None:
    """Rule 8: T_ack 2, T_answer 5, T_review 10 business days, to 24:00 of the last one; an answered ticket has none."""
    found = {state: (in_state(state).timer, in_state(state).timer_at) for state in LIVING}
    assert found == {
        "OPEN": ("ack", at("2023-06-09", 0)),
        "ACKED": ("answer", at("2023-06-14", 0)),
        "ANSWERED": (None, None),
        "RECOVERED": ("review", at("2023-06-21", 0)),
    }


def test_relapse_is_two_transitions() -> None:
    """Rule 8: fallen back before the review: the old episode is closed as relapsed, a new one opens unacknowledged."""
    ticket, transitions = advance(in_state("RECOVERED"), Event("light", NOW, "red", "2023-07"), CALENDAR)
    assert [(t.says, t.code, t.after.episode) for t in transitions] == [("closed", "relapsed", 1), ("first", None, 2)]
    assert (ticket.state, ticket.episode, ticket.level, ticket.first_period) == ("OPEN", 2, 2, "2023-07")


def test_a_broken_promise_escalates() -> None:
    """Rule 8: still lagging at a period end on or after the promised date, though the level would be kept."""
    answered = replace(in_state("ANSWERED"), level=3, promised_on=date(2023, 6, 30))
    kept, said = play("yellow", start=answered)
    assert (kept.state, said) == ("ANSWERED", [None])
    broken = Event("light", NOW, "yellow", "2023-06", date(2023, 6, 30))
    after, transitions = advance(replace(answered, level=2), broken, CALENDAR)
    assert (after.state, after.level, transitions[0].says, transitions[0].row) == (
        "OPEN",
        3,
        "escalated",
        "promise_broken",
    )


def test_only_an_earlier_promise_replaces() -> None:
    """Rule 8: a second answer changes an answered ticket only by promising earlier: done or refused, never half."""
    answered = replace(in_state("ANSWERED"), promised_on=date(2023, 8, 1), cause="a")
    for promised in (date(2023, 8, 1), date(2023, 9, 1)):
        with pytest.raises(NotApplicable) as refused:
            advance(answered, Event("answer", NOW, promised_on=promised, cause="b"), CALENDAR)
        assert refused.value.code == "promise_not_earlier"
    after, _ = advance(answered, Event("answer", NOW, promised_on=date(2023, 7, 1), cause="b"), CALENDAR)
    assert (after.promised_on, after.cause, after.state) == (date(2023, 7, 1), "b", "ANSWERED")


def test_suppression_holds_timers_and_hides_no_recovery() -> None:
    """Rule 8: while suppressed lights raise silently; recovery is said; afterwards the timer starts in full."""
    suppressed, said = play("yellow", "suppress")
    assert (suppressed.timer, said) == (None, ["first", "suppressed"])
    raised, said = play("ack_timeout", "yellow", start=suppressed)
    assert (raised.level, raised.timer, said) == (2, None, [None])
    assert play("green", start=raised)[1] == ["recovered"]
    assert play("unsuppress", start=raised)[0].timer_at == at("2023-06-09", 0)


def test_an_act_keeps_who_and_what() -> None:
    """The answer's cause, plan and promise stay with the ticket."""
    when: datetime = at("2023-06-07")
    event = Event("answer", when, actor="deqing", cause="土地", plan="调度", promised_on=date(2023, 7, 31))
    ticket, (transition,) = advance(in_state("OPEN"), event, CALENDAR)
    assert (ticket.cause, ticket.plan, ticket.promised_on) == ("土地", "调度", date(2023, 7, 31))
    assert transition.event.actor == "deqing"
