# ruff: noqa: E501 - a table is read across
"""Every cell of rule 8's table, event × state: what `advance` does is held against a transcription of the print."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pytest

from services.alerts.table import NOTHING, STATES, TABLES, TIMERS, Rule, State
from services.alerts.tickets import Event, NotApplicable, Ticket, Transition, advance
from tests.support.standings import CALENDAR, at

NOW = at("2023-07-06", 0)
PROMISED = date(2023, 7, 31)

# A cell: `·` nothing, `✗` refused, `–` cannot come; else the state, `+1` or `=n` for the level, `!` for a timer that
# starts, `'` for a run that is counted, and what is said. `*` begins a new episode, `;` divides two transitions.
# Tickets have level 1 and run 1; columns: NONE OPEN ACKED ANSWERED RECOVERED CLOSED CANCELLED.
LAG = """
redder           | *OPEN =2 ! first | OPEN =3 ! ' worsened  | OPEN =3 ! ' worsened  | OPEN =3 ! ' worsened  | CLOSED closed ; *OPEN =2 ! first | *OPEN =2 ! first | *OPEN =2 ! first
again            | *OPEN =1 ! first | OPEN =2 ! ' escalated | OPEN =2 ! ' escalated | OPEN =2 ! ' escalated | CLOSED closed ; *OPEN =1 ! first | *OPEN =1 ! first | *OPEN =1 ! first
again at 3       | *OPEN =1 ! first | OPEN ' reminder       | ACKED '               | ANSWERED '            | CLOSED closed ; *OPEN =1 ! first | *OPEN =1 ! first | *OPEN =1 ! first
broken promise   | *OPEN =1 ! first | OPEN ' reminder       | ACKED '               | OPEN +1 ! ' escalated | CLOSED closed ; *OPEN =1 ! first | *OPEN =1 ! first | *OPEN =1 ! first
green            | ·                | RECOVERED ! recovered | RECOVERED ! recovered | RECOVERED ! recovered | ·                                | ·                | ·
blank            | ·                | ·                     | ·                     | ·                     | ·                                | ·                | ·
ack              | ✗                | ACKED ! acknowledged  | ·                     | ·                     | ✗                                | ✗                | ✗
answer           | ✗                | ANSWERED answered     | ANSWERED answered     | ANSWERED              | ✗                                | ✗                | ✗
later answer     | ✗                | ANSWERED answered     | ANSWERED answered     | ✗                     | ✗                                | ✗                | ✗
ack_timeout      | –                | OPEN +1 ! escalated   | –                     | –                     | –                                | –                | –
answer_timeout   | –                | –                     | OPEN +1 ! escalated   | –                     | –                                | –                | –
review_passed    | ✗                | ✗                     | ✗                     | ✗                     | CLOSED closed                    | ✗                | ✗
review_refused   | ✗                | ✗                     | ✗                     | ✗                     | OPEN ! reopened                  | ✗                | ✗
review_timeout   | –                | –                     | –                     | –                     | CLOSED closed                    | –                | –
restated_clear   | ·                | CANCELLED cancelled   | CANCELLED cancelled   | CANCELLED cancelled   | CANCELLED cancelled              | CANCELLED cancelled | ·
restated         | ·                | OPEN restated         | ACKED restated        | ANSWERED restated     | RECOVERED restated               | CLOSED restated  | ·
suppress         | ✗                | OPEN suppressed       | ACKED suppressed      | ANSWERED suppressed   | ·                                | ✗                | ✗
expired          | –                | OPEN ! reminder       | ACKED ! reminder      | ANSWERED reminder     | ·                                | –                | –
unsuppress       | ✗                | OPEN ! reminder       | ACKED ! reminder      | ANSWERED reminder     | ·                                | ✗                | ✗
object           | ✗                | OPEN objected         | ACKED objected        | ANSWERED objected     | RECOVERED objected               | ✗                | ✗
objection_upheld | ✗                | OPEN objection_upheld | ACKED objection_upheld | ANSWERED objection_upheld | RECOVERED objection_upheld       | ✗                | ✗
objection_dismissed | ✗                | OPEN objection_dismissed | ACKED objection_dismissed | ANSWERED objection_dismissed | RECOVERED objection_dismissed    | ✗                | ✗
objection_withdrawn | ✗                | OPEN objection_withdrawn | ACKED objection_withdrawn | ANSWERED objection_withdrawn | RECOVERED objection_withdrawn    | ✗                | ✗
escalate         | ✗                | OPEN +1 ! escalated   | OPEN +1 ! escalated   | OPEN +1 ! escalated   | ✗                                | ✗                | ✗
ended            | ·                | CLOSED closed         | CLOSED closed         | CLOSED closed         | CLOSED closed                    | ·                | ·
inhibited        | ·                | ·                     | ·                     | ·                     | ·                                | ·                | ·
"""
# Level 1 and never higher; observed yellow or red makes the same ticket the lag ticket (its episode goes on).
FORECAST = """
will miss        | *OPEN =1 ! first | OPEN                  | ACKED                 | ANSWERED              | CLOSED closed ; *OPEN =1 ! first | *OPEN =1 ! first | *OPEN =1 ! first
again            | *OPEN =1 ! first | OPEN =1 ! ' worsened  | OPEN =1 ! ' worsened  | OPEN =1 ! ' worsened  | CLOSED closed ; *OPEN =1 ! first | *OPEN =1 ! first | *OPEN =1 ! first
redder           | *OPEN =2 ! first | OPEN =2 ! ' worsened  | OPEN =2 ! ' worsened  | OPEN =2 ! ' worsened  | CLOSED closed ; *OPEN =2 ! first | *OPEN =2 ! first | *OPEN =2 ! first
green            | ·                | RECOVERED ! recovered | RECOVERED ! recovered | RECOVERED ! recovered | ·                                | ·                | ·
blank            | ·                | ·                     | ·                     | ·                     | ·                                | ·                | ·
ack              | ✗                | ACKED ! acknowledged  | ·                     | ·                     | ✗                                | ✗                | ✗
answer           | ✗                | ANSWERED answered     | ANSWERED answered     | ANSWERED              | ✗                                | ✗                | ✗
later answer     | ✗                | ANSWERED answered     | ANSWERED answered     | ✗                     | ✗                                | ✗                | ✗
ack_timeout      | –                | OPEN ! reminder       | –                     | –                     | –                                | –                | –
answer_timeout   | –                | –                     | OPEN ! reminder       | –                     | –                                | –                | –
review_passed    | ✗                | ✗                     | ✗                     | ✗                     | CLOSED closed                    | ✗                | ✗
review_refused   | ✗                | ✗                     | ✗                     | ✗                     | OPEN ! reopened                  | ✗                | ✗
review_timeout   | –                | –                     | –                     | –                     | CLOSED closed                    | –                | –
restated_clear   | ·                | CANCELLED cancelled   | CANCELLED cancelled   | CANCELLED cancelled   | CANCELLED cancelled              | CANCELLED cancelled | ·
restated         | ·                | OPEN restated         | ACKED restated        | ANSWERED restated     | RECOVERED restated               | CLOSED restated  | ·
suppress         | ✗                | OPEN suppressed       | ACKED suppressed      | ANSWERED suppressed   | ·                                | ✗                | ✗
expired          | –                | OPEN ! reminder       | ACKED ! reminder      | ANSWERED reminder     | ·                                | –                | –
unsuppress       | ✗                | OPEN ! reminder       | ACKED ! reminder      | ANSWERED reminder     | ·                                | ✗                | ✗
object           | ✗                | OPEN objected         | ACKED objected        | ANSWERED objected     | RECOVERED objected               | ✗                | ✗
objection_upheld | ✗                | OPEN objection_upheld | ACKED objection_upheld | ANSWERED objection_upheld | RECOVERED objection_upheld       | ✗                | ✗
objection_dismissed | ✗                | OPEN objection_dismissed | ACKED objection_dismissed | ANSWERED objection_dismissed | RECOVERED objection_dismissed    | ✗                | ✗
objection_withdrawn | ✗                | OPEN objection_withdrawn | ACKED objection_withdrawn | ANSWERED objection_withdrawn | RECOVERED objection_withdrawn    | ✗                | ✗
escalate         | ✗                | ✗                     | ✗                     | ✗                     | ✗                                | ✗                | ✗
ended            | ·                | CLOSED closed         | CLOSED closed         | CLOSED closed         | CLOSED closed                    | ·                | ·
inhibited        | ·                | ·                     | ·                     | ·                     | ·                                | ·                | ·
"""
# No timers: the next due date is the deadline. A reporting ticket does not recover: the value closes it.
REPORTING = """
second due date  | *OPEN =2 first   | OPEN =2 ' escalated   | OPEN =2 ' escalated   | OPEN =2 ' escalated   | –                                | *OPEN =2 first   | *OPEN =2 first
fourth           | *OPEN =3 first   | ·                     | ·                     | ·                     | –                                | *OPEN =3 first   | *OPEN =3 first
received         | ·                | CLOSED closed         | CLOSED closed         | CLOSED closed         | –                                | ·                | ·
excused          | ·                | CANCELLED cancelled   | CANCELLED cancelled   | CANCELLED cancelled   | –                                | ·                | ·
ack              | ✗                | ACKED acknowledged    | ·                     | ·                     | –                                | ✗                | ✗
answer           | ✗                | ANSWERED answered     | ANSWERED answered     | ANSWERED              | –                                | ✗                | ✗
later answer     | ✗                | ANSWERED answered     | ANSWERED answered     | ✗                     | –                                | ✗                | ✗
review_passed    | ✗                | ✗                     | ✗                     | ✗                     | –                                | ✗                | ✗
review_refused   | ✗                | ✗                     | ✗                     | ✗                     | –                                | ✗                | ✗
suppress         | ✗                | OPEN suppressed       | ACKED suppressed      | ANSWERED suppressed   | –                                | ✗                | ✗
expired          | –                | OPEN reminder         | ACKED reminder        | ANSWERED reminder     | –                                | –                | –
unsuppress       | ✗                | OPEN reminder         | ACKED reminder        | ANSWERED reminder     | –                                | ✗                | ✗
object           | ✗                | OPEN objected         | ACKED objected        | ANSWERED objected     | –                                | ✗                | ✗
objection_upheld | ✗                | OPEN objection_upheld | ACKED objection_upheld | ANSWERED objection_upheld | –                                | ✗                | ✗
objection_dismissed | ✗                | OPEN objection_dismissed | ACKED objection_dismissed | ANSWERED objection_dismissed | –                                | ✗                | ✗
objection_withdrawn | ✗                | OPEN objection_withdrawn | ACKED objection_withdrawn | ANSWERED objection_withdrawn | –                                | ✗                | ✗
escalate         | ✗                | OPEN +1 escalated     | OPEN +1 escalated     | OPEN +1 escalated     | –                                | ✗                | ✗
ended            | ·                | CLOSED closed         | CLOSED closed         | CLOSED closed         | –                                | ·                | ·
"""
PRINTED: Mapping[Rule, str] = {"lag": LAG, "forecast": FORECAST, "reporting": REPORTING}
NAMES = {
    "redder": Event("light", NOW, "red", "2023-06", date(2023, 6, 30)),
    "again": Event("light", NOW, "yellow", "2023-06", date(2023, 6, 30)),
    "again at 3": Event("light", NOW, "yellow", "2023-06", date(2023, 6, 30)),
    "broken promise": Event("light", NOW, "yellow", "2023-07", PROMISED),
    "green": Event("light", NOW, "green", "2023-06", date(2023, 6, 30)),
    "will miss": Event("light", NOW, "green", "2023-06", date(2023, 6, 30), misses=True),
    "blank": Event("light", NOW, "grey", "2023-06", date(2023, 6, 30)),
    "answer": Event("answer", NOW, cause="a", plan="b", promised_on=date(2023, 7, 15)),
    "later answer": Event("answer", NOW, cause="a", plan="b", promised_on=date(2023, 8, 15)),
    "suppress": Event("suppress", NOW, reason="r", approver="b", until=at("2023-09-01")),
    "second due date": Event("missed", NOW, period="2023-06", run=2),
    "fourth": Event("missed", NOW, period="2023-06", run=4),
}  # fmt: skip
OPENED = at("2023-06-06", 0)
FIRST: Mapping[Rule, Event] = {
    "lag": Event("light", OPENED, "yellow", "2023-05", date(2023, 5, 31)),
    "forecast": Event("light", OPENED, "green", "2023-05", date(2023, 5, 31), misses=True),
    "reporting": Event("missed", OPENED, period="2023-05", run=1),
}
WAYS: Mapping[State, tuple[str, ...]] = {
    "OPEN": (),
    "ACKED": ("ack",),
    "ANSWERED": ("answer",),
    "RECOVERED": ("green",),
    "CLOSED": ("ended",),
    "CANCELLED": ("restated_clear",),
}


@dataclass(frozen=True)
class Case:
    rule: Rule
    event: str
    state: State
    printed: str


CASES = [
    Case(rule, line.split("|")[0].strip(), state, cell.strip())
    for rule, table in PRINTED.items()
    for line in table.strip().splitlines()
    for state, cell in zip(STATES, line.split("|")[1:], strict=True)
]


def in_state(rule: Rule, state: State) -> Ticket:
    """A ticket of level 1 that came into a state; its timer, where it has one, started on 6 June."""
    blank = Ticket(rule=rule)
    if state == "NONE":
        return blank
    ticket, _ = advance(blank, FIRST[rule], CALENDAR)
    for name in WAYS[state] if (rule, state) != ("reporting", "CANCELLED") else ("excused",):
        event = NAMES.get(name, Event(name, OPENED))
        ticket, _ = advance(ticket, replace(event, at=OPENED, promised_on=event.promised_on and PROMISED), CALENDAR)
    return ticket


def told(before: Ticket, transitions: tuple[Transition, ...]) -> str:
    """What happened, in the notation of the print."""
    said = []
    for step in transitions:
        after, new = step.after, step.before.state == "NONE"
        floor = new or (after.state == "OPEN" and step.row in ("worse", "observed", "missed"))
        level = f"={after.level}" if floor else ""
        level = level or ("+1" if after.level > step.before.level else "")
        started = "!" if after.timer_at is not None and after.timer_at != step.before.timer_at else ""
        counted = "'" if not new and after.run > step.before.run else ""
        said.append(" ".join(filter(None, ("*" * new + after.state, level, started, counted, step.says))))
    return " ; ".join(said) or "·"


def expected(printed: str) -> str:
    return " ".join(printed.split())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.event}-{case.state}".replace(" ", "_"))
def test_cell(case: Case) -> None:
    """Rule 8: each event in each state, for each rule of tickets."""
    if case.rule == "reporting" and case.state == "RECOVERED":
        assert case.printed == "–", "a reporting ticket does not recover"
        return
    ticket = in_state(case.rule, case.state)
    assert ticket.state == case.state
    if case.event in ("again at 3", "broken promise") and case.state in ("OPEN", "ACKED", "ANSWERED"):
        ticket = replace(ticket, level=3 if case.event == "again at 3" else 2)
    if case.event == "fourth" and case.state in ("OPEN", "ACKED", "ANSWERED"):
        ticket = replace(ticket, level=3, run=3)
    if case.event in ("expired", "unsuppress") and case.state in ("OPEN", "ACKED", "ANSWERED"):
        ticket, _ = advance(ticket, replace(NAMES["suppress"], at=OPENED), CALENDAR)
        assert ticket.timer_at is None
    if case.event in ("objection_upheld", "objection_dismissed", "objection_withdrawn"):
        ticket = replace(ticket, objected=True)
    event = NAMES.get(case.event, Event(case.event, NOW))
    if case.printed == "✗":
        with pytest.raises(NotApplicable):
            advance(ticket, event, CALENDAR)
        return
    after, transitions = advance(ticket, event, CALENDAR)
    assert told(ticket, transitions) == expected(case.printed).replace("–", "·")
    if not transitions:
        assert after == ticket
    elif len(transitions) == 1 and transitions[0].before.state != "NONE":
        assert (after.episode, after.level) >= (ticket.episode, ticket.level)
    if after.state in ("CLOSED", "CANCELLED", "ANSWERED"):
        assert after.timer_at is None


@pytest.mark.parametrize("rule", PRINTED)
def test_nothing_is_beyond_the_print(rule: Rule) -> None:
    """Each row of the code stands in the transcription, `unrecovered` apart, which the code's table declares."""
    rows = set()
    for case in CASES:
        if case.rule == rule and case.printed not in ("✗", "–") and case.state not in ("RECOVERED",):
            ticket = in_state(rule, case.state)
            ticket = replace(ticket, level=3 if case.event in ("again at 3", "fourth") else max(1, ticket.level))
            ticket = replace(ticket, level=2) if case.event == "broken promise" else ticket
            ticket = replace(ticket, suppressed=case.event in ("unsuppress", "expired"))
            ticket = replace(ticket, objected=case.event.startswith("objection_"))
            rows |= {t.row for t in advance(ticket, NAMES.get(case.event, Event(case.event, NOW)), CALENDAR)[1]}
    acted = {name for name, cells in TABLES[rule].items() if any(step and step != NOTHING for step in cells.values())}
    assert acted - rows <= {"unrecovered", "missed_again", "review_passed", "review_refused", "review_timeout"}


def test_timers_start_at_the_message() -> None:
    """Rule 8: T_ack 2, T_answer 5, T_review 10 business days from the message's `sent`; reporting tickets have none."""
    assert TIMERS["reporting"] == {}
    found = {state: in_state("forecast", state).timer_at for state in ("OPEN", "ACKED", "ANSWERED", "RECOVERED")}
    assert found == {
        "OPEN": at("2023-06-09", 0),
        "ACKED": at("2023-06-14", 0),
        "ANSWERED": None,
        "RECOVERED": at("2023-06-21", 0),
    }


def test_a_forecast_becomes_the_lag_ticket() -> None:
    """Rule 8: the same ticket, the same episode, from now on under rule `lag`."""
    after, (step,) = advance(in_state("forecast", "ACKED"), NAMES["redder"], CALENDAR)
    assert (step.before.rule, after.rule, after.episode, after.severity, after.run) == ("forecast", "lag", 1, "red", 1)


def test_recovery_ends_a_suppression() -> None:
    """Rule 8: recovered is said, T_review starts; a review that is refused opens a ticket that is not suppressed."""
    ticket, _ = advance(in_state("lag", "OPEN"), NAMES["suppress"], CALENDAR)
    assert (ticket.suppressed, ticket.suppressed_until) == (True, at("2023-09-01"))
    silent, (step,) = advance(ticket, NAMES["redder"], CALENDAR)
    assert (silent.level, silent.run, silent.severity, step.says, silent.timer_at) == (3, 2, "red", None, None)
    by_hand, (step,) = advance(ticket, Event("escalate", NOW, reason="r"), CALENDAR)
    assert (by_hand.level, step.says, by_hand.timer_at) == (2, "escalated", None)
    acked, (step,) = advance(ticket, Event("ack", NOW), CALENDAR)
    assert (acked.suppressed, acked.timer_at, step.says) == (True, None, "acknowledged")
    recovered, (step,) = advance(silent, NAMES["green"], CALENDAR)
    assert (recovered.suppressed, recovered.timer, step.says) == (False, "review", "recovered")


def test_who_resumes_what_is_not_suppressed_is_refused() -> None:
    """Rule 8: an act is refused or done."""
    with pytest.raises(NotApplicable) as refused:
        advance(in_state("lag", "OPEN"), Event("unsuppress", NOW, reason="r"), CALENDAR)
    assert refused.value.code == "not_suppressed"


def test_an_objection_waits_for_its_answer() -> None:
    """Rule 8: it moves neither state nor timer; one at a time; an answer, its unit or the ticket's end ends it, once."""
    opened = in_state("lag", "OPEN")
    objected, (step,) = advance(opened, Event("object", NOW, actor="a", reason="r", about="light"), CALENDAR)
    assert objected == replace(opened, objected=True)
    assert step.says == "objected"
    with pytest.raises(NotApplicable) as again:
        advance(objected, Event("object", NOW, reason="r", about="light"), CALENDAR)
    assert again.value.code == "already_objected"
    answered, (step,) = advance(objected, Event("objection_dismissed", NOW, reason="r"), CALENDAR)
    assert (answered, step.says) == (opened, "objection_dismissed")
    withdrawn, (step,) = advance(objected, Event("objection_withdrawn", NOW, reason="r"), CALENDAR)
    assert (withdrawn, step.says) == (opened, "objection_withdrawn")
    for event in ("objection_upheld", "objection_withdrawn"):
        with pytest.raises(NotApplicable) as ended:
            advance(withdrawn, Event(event, NOW, reason="r"), CALENDAR)
        assert ended.value.code == "no_objection"
    with pytest.raises(NotApplicable) as none:
        advance(opened, Event("objection_upheld", NOW, reason="r"), CALENDAR)
    assert none.value.code == "no_objection"
    cancelled, _ = advance(objected, Event("restated_clear", NOW), CALENDAR)
    assert not cancelled.objected
