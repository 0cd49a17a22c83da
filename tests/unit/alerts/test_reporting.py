"""Reporting tickets (rules 7.2 and 8): missed due dates in a row, received, excused, and in whatever order."""

import random
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import Standing
from services.alerts.supervision import Series
from services.alerts.table import LAGGING
from services.alerts.tickets import Event
from tests.support.standings import at, cells, coloured, replay, said, series, standing


def due(month: int) -> datetime:
    """When a month of 2023 is due."""
    return at(f"2023-{month + 1:02d}-06", 0)


def excused(month: int, **given: Any) -> Standing:
    """The office has excused the cell."""
    return standing(f"2023-{month:02d}", None, **{"reason": "excused", "flags": ("excused",), **given})


def tickets(of: Series) -> list[tuple[str, int, int, str | None]]:
    """(state, level, run, code) of each reporting ticket."""
    return [(ticket.state, ticket.level, ticket.run, ticket.close_code) for ticket in of.tickets.of("reporting")]


def test_one_message_a_rise() -> None:
    """Rule 8: overdue opens at 1, each further missed due date in a row raises to min(3, run), then nothing is said."""
    found = replay(series(), [due(month) for month in range(1, 7)])
    assert said(found, "reporting") == [("first", "2023-01"), ("escalated", "2023-02"), ("escalated", "2023-03")]
    assert tickets(found) == [("OPEN", 3, 3, None)]
    assert found.tickets.current("reporting").timer_at is None
    assert {message.ticket.severity for message in found.messages if message.ticket} == {"yellow"}


def test_a_leap_of_time_tells_the_same() -> None:
    """One watermark over six due dates does what six do."""
    steps, leap = replay(series(), [due(month) for month in range(1, 7)]), replay(series(), [due(6)])
    assert said(leap, "reporting") == said(steps, "reporting")
    assert [*leap.tickets] == [replace(t, opened_at=due(6)) for t in steps.tickets]


def test_the_value_closes_it() -> None:
    """Rule 8: closed without review; the next missed due date is an episode of its own."""
    late = coloured("2023-02", "green", known_at=at("2023-03-10"))
    found = replay(series(), [due(1), due(2), late, due(3)])
    assert tickets(found) == [("CLOSED", 2, 2, "received"), ("OPEN", 1, 1, None)]
    assert said(found, "reporting")[2:] == [("closed", "2023-02"), ("first", "2023-03")]


def behind_a_gap(month: int, moment: datetime, **given: Any) -> Standing:
    """A value was reported from which nothing can be computed: an earlier month is missing (rule 3.1)."""
    said_of = {"reason": "incomplete", "received_at": moment, "known_at": moment, **given}
    return standing(f"2023-{month:02d}", None, **said_of)


def test_a_report_that_cannot_be_computed_is_a_report() -> None:
    """Rule 7.2: in time it opens no ticket; late it closes the one that is open; withdrawn it is missed again. There is
    still nothing to give a light."""
    in_time = replay(series(), [due(1), behind_a_gap(2, at("2023-03-02")), due(2)])
    assert tickets(in_time) == [("CLOSED", 1, 1, "received")]
    assert in_time.lights.cells[1].live is None
    late = replay(series(), [due(1), due(2), behind_a_gap(2, at("2023-03-10"))])
    assert tickets(late) == [("CLOSED", 2, 2, "received")]
    back = behind_a_gap(2, at("2023-03-12"), version=2, reason="no_value", flags=("withdrawn",))
    assert tickets(replay(late, [back]))[-1][0] == "OPEN"


def test_an_older_value_changes_nothing() -> None:
    """The newest due cell is still missed: open, and its level never falls."""
    found = replay(series(), [due(1), due(2), coloured("2023-01", "green", known_at=at("2023-03-10"))])
    assert tickets(found) == [("OPEN", 2, 2, None)]
    assert len(said(found, "reporting")) == 2


def test_excused_is_neither_missed_nor_received() -> None:
    """Rules 7.2 and 8: excused cancels; an excused month does not interrupt the row of the others."""
    found = replay(series(), [due(1), excused(1, known_at=at("2023-02-10"))])
    assert tickets(found) == [("CANCELLED", 1, 1, "excused")]
    assert said(found, "reporting")[-1] == ("cancelled", "2023-01")
    between = replay(series(), [due(1), excused(2, known_at=at("2023-03-01")), due(2), due(3)])
    assert tickets(between) == [("OPEN", 2, 2, None)]
    again = replay(found, [excused(1, version=2, reason="no_value", known_at=at("2023-02-12"))])
    assert tickets(again)[-1][:3] == ("OPEN", 1, 1)


def test_an_excuse_that_ends_leaves_the_cell_overdue() -> None:
    """Rule 7.2: an excuse with an end counts until then; one that is over at the due date is none."""
    until = excused(1, known_at=at("2023-02-10"), excused_until=at("2023-02-20", 0))
    found = replay(series(), [due(1), until, at("2023-02-19")])
    assert tickets(found) == [("CANCELLED", 1, 1, "excused")]
    assert found.next_at == at("2023-02-20", 0)
    replay(found, [at("2023-02-20", 0)])
    assert tickets(found)[-1] == ("OPEN", 1, 1, None)
    over = excused(1, known_at=at("2023-02-01"), excused_until=at("2023-02-03", 0))
    assert tickets(replay(series(), [over, due(1)])) == [("OPEN", 1, 1, None)]
    late = replay(series(), [due(1), at("2023-03-01"), until])  # told when it was over
    assert tickets(late) == [("OPEN", 1, 1, None)]


def test_a_withdrawn_value_is_missing_again() -> None:
    """Rule 7.2: withdrawn = not received."""
    value, gone = coloured("2023-01", "green"), standing("2023-01", None, version=2, known_at=at("2023-02-10"))
    found = replay(series(), [value, due(1), gone])
    assert tickets(found) == [("OPEN", 1, 1, None)]


def test_never_due_cells_have_none() -> None:
    """The city's derived figure is never due (rule 2.4), nor is a stretch that is not applicable (rule 3.3)."""
    derived = [replace(cell, due_at=None) for cell in cells()]
    assert not [*replay(series(derived), [due(1), due(2)]).tickets]
    idle = [replace(c, due_at=None, record_at=None) if "-03" in c.period.text else c for c in cells()]
    found = replay(series(idle), [due(1), due(2), due(4)])
    assert [ticket[:3] for ticket in tickets(found)] == [("CLOSED", 2, 2), ("OPEN", 1, 1)]


def test_it_ends_with_the_series() -> None:
    """Rule 8: its last cell is locked; a quota year that is over ends no duty."""
    of = cells("2023-11", "2024-01")
    found = replay(series(of), [at("2024-02-06", 0), at("2024-02-20", 0)])
    assert tickets(found) == [("OPEN", 3, 3, None)]
    replay(found, [at("2024-03-01", 0)])
    assert tickets(found) == [("CLOSED", 3, 3, "ended")]
    assert found.next_at is None


def test_acts_on_it() -> None:
    """Signed, answered, escalated by hand and suppressed like any other; nobody reviews it."""
    found = replay(series(), [due(1)])
    found.act(Event("ack", at("2023-02-07")), found.tickets.current("reporting"))
    found.act(Event("escalate", at("2023-02-08"), reason="r"), found.tickets.current("reporting"))
    assert tickets(found) == [("OPEN", 2, 1, None)]
    until = at("2023-03-20")
    suppress = Event("suppress", at("2023-02-09"), reason="r", approver="a", until=until)
    found.act(suppress, found.tickets.current("reporting"))
    replay(found, [due(2), due(3)])
    assert tickets(found)[0][:3] == ("OPEN", 3, 3)
    assert [s[0] for s in said(found, "reporting")] == [
        "first",
        "acknowledged",
        "escalated",
        "suppressed",
        "reminder",
        "escalated",
    ]


KINDS = st.sampled_from(["value", "excused", "none", None])


@given(st.lists(KINDS, min_size=8, max_size=8), st.randoms(use_true_random=False), st.data())
def test_any_order(kinds: list[str | None], shuffled: random.Random, data: st.DataObject) -> None:
    """Rules 6.1 and 8: open or not depends on the cells alone, not on the order of news."""
    news: list[Standing | datetime] = []
    for month, kind in enumerate(kinds, 1):
        told = {"value": coloured(f"2023-{month:02d}", "green"), "excused": excused(month)}
        told |= {"none": standing(f"2023-{month:02d}", None)}
        if kind is not None:
            news.append(known_late(told[kind]))
    straight = replay(series(), [*news, due(8)])
    shuffled.shuffle(news)
    mixed = [*news, *news[:2]]
    for month in range(1, 9):
        mixed.insert(data.draw(st.integers(0, len(mixed))), due(month))
    other, reached = series(), due(1)
    for each in mixed:
        if isinstance(each, datetime):
            reached = each = max(reached, each)
        replay(other, [each])
    replay(other, [due(8)])
    ends = [found.tickets.current("reporting") for found in (straight, other)]
    assert (ends[0].state in LAGGING) == (ends[1].state in LAGGING)
    if ends[0].state in LAGGING:
        assert ends[0].level <= ends[1].level  # a level never falls within an episode


def known_late(of: Standing) -> Standing:
    """Known late: what is on time is a matter of watermarks here."""
    return msgspec.structs.replace(of, known_at=at("2023-09-20"))
