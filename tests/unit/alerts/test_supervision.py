"""One series through standings and time: warnings (6.5), tickets (8), restatements, and that order does not matter."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Standing
from services.alerts.supervision import Series
from services.alerts.table import LAGGING
from services.alerts.tickets import Event
from tests.support.standings import at, cells, coloured, receive, replay, said, series, standing, told


def due(month: int) -> datetime:
    """When a month of 2023 is due."""
    return at(f"2023-{month + 1:02d}-06", 0)


def tickets(of: Series) -> list[tuple[int, str, int, int]]:
    """(episode, state, level, run)."""
    return [(ticket.episode, ticket.state, ticket.level, ticket.run) for ticket in of.tickets.of("lag")]


def test_warning_then_ticket() -> None:
    """Rules 6.5 and 8: said at once, confirmed and named by the ticket's first message."""
    found = replay(series(), [coloured("2023-05", "yellow"), due(5)])
    assert said(found) == [("early", "2023-05"), ("first", "2023-05")]
    early, first = told(found)
    assert early.warning is not None
    assert first.names == (early.warning.message_id,)
    assert [warning.state for warning in found.resolved] == ["confirmed"]


def test_no_second_warning_for_what_was_said() -> None:
    """Rule 6.5: worse than the last one said: a second yellow month is not, a red one is, after a green it is again."""
    history: list[Standing | datetime] = [
        coloured("2023-05", "yellow"),
        due(5),
        coloured("2023-06", "yellow"),
        due(6),
        coloured("2023-07", "red"),
        due(7),
    ]
    assert [s for s in said(replay(series(), history)) if s[0] == "early"] == [
        ("early", "2023-05"),
        ("early", "2023-07"),
    ]
    again: list[Standing | datetime] = [
        *history[:2],
        coloured("2023-06", "green"),
        due(6),
        coloured("2023-07", "yellow"),
    ]
    assert said(replay(series(), again))[-1] == ("early", "2023-07")


def test_warnings_come_and_go_with_corrections() -> None:
    """Rule 6.5: red after yellow warns again; yellow again takes only red back; a withdrawn value both."""
    first = coloured("2023-05", "yellow")
    worse = coloured("2023-05", "red", version=2)
    better = coloured("2023-05", "yellow", version=3)
    gone = standing("2023-05", None, version=4)
    found = replay(series(), [first, worse, better, gone, due(5)])
    assert [m.reason for m in told(found)] == ["early", "early", "withdrawn", "withdrawn"]
    assert [m.warning.colour for m in told(found) if m.warning] == ["yellow", "red", "red", "yellow"]
    assert not found.warnings


def test_directly_red_to_yellow() -> None:
    """Rule 6.5: the red warning is withdrawn and yellow, worse than what was said before, is said."""
    found = replay(series(), [coloured("2023-05", "red"), coloured("2023-05", "yellow", version=2)])
    assert said(found) == [("early", "2023-05"), ("withdrawn", "2023-05"), ("early", "2023-05")]


def test_late_and_outdated_values_do_not_warn() -> None:
    """Rule 6.5: known after the due date, or judged after it by the platform's clock."""
    late = coloured("2023-05", "red", known_at=due(5))
    assert replay(series(), [late]).changes[0].reason == "late"
    behind = series()
    receive(behind, coloured("2023-05", "red"), at("2023-09-01"))
    assert (behind.messages, behind.changes[0].reason) == ([], "outdated")


def test_a_version_counts_once() -> None:
    """A replay or an older version changes nothing."""
    found = series()
    for version in (2, 1, 2):
        receive(found, coloured("2023-05", "red" if version == 2 else "green", version=version))
    assert said(found) == [("early", "2023-05")]


def test_time_passes_moment_by_moment() -> None:
    """One watermark over three months does what three do: each light at its time, in order."""
    history = [coloured("2023-05", "yellow"), coloured("2023-06", "yellow"), coloured("2023-07", "green")]
    steps = replay(series(), [*history, due(5), due(6), due(7)])
    leap = replay(series(), [*history, due(7)])
    assert [c.record for c in steps.lights.cells] == [c.record for c in leap.lights.cells]
    assert next(s for s in said(leap) if s[0] != "early") == ("first", "2023-05")
    assert tickets(leap)[0][1] == "RECOVERED"


def test_acknowledge_timer_raises() -> None:
    """Rule 8: T_ack passes: one level up, open again; at 3 a reminder."""
    found = replay(series(), [coloured("2023-05", "red"), due(5), at("2023-06-09", 0), at("2023-06-14", 0)])
    assert [s[0] for s in said(found)] == ["early", "first", "escalated", "reminder"]
    assert found.next_at == at("2023-06-17", 0)


def test_the_quota_year_ends_the_ticket() -> None:
    """Rule 8: closed as ended when the year's last cell locks, not before; the new year opens an episode of its own."""
    of = cells("2023-01", "2024-03")
    found = replay(series(of), [coloured("2023-12", "red"), at("2024-01-06", 0)])
    found.act(Event("answer", at("2024-01-07")))
    found = replay(found, [at("2024-01-31")])
    assert found.ticket.state == "ANSWERED"
    replay(found, [at("2024-02-01", 0)])
    assert (found.ticket.state, found.ticket.close_code) == ("CLOSED", "ended")
    replay(found, [coloured("2024-02", "red"), at("2024-03-06", 0)])
    assert tickets(found)[1][:3] == (2, "OPEN", 2)


def test_cancelled_when_nothing_is_left() -> None:
    """Rule 8: restated and no non-green measured period left."""
    found = replay(
        series(),
        [coloured("2023-05", "red"), due(5), coloured("2023-05", "green", version=2, known_at=at("2023-06-07"))],
    )
    assert (said(found)[-1], found.ticket.state) == (("cancelled", "2023-05"), "CANCELLED")


def test_restated_and_some_left() -> None:
    """Rule 8: red was yellow: level kept, said once; the newest one green: recovered."""
    base: list[Standing | datetime] = [coloured("2023-05", "red"), due(5)]
    milder = replay(series(), [*base, coloured("2023-05", "yellow", version=2, known_at=at("2023-06-07"))])
    assert (said(milder)[-1][0], milder.ticket.level, milder.ticket.severity) == ("restated", 2, "yellow")
    two: list[Standing | datetime] = [*base, coloured("2023-06", "red"), due(6)]
    green = replay(series(), [*two, coloured("2023-06", "green", version=2, known_at=at("2023-07-07"))])
    assert (said(green)[-1], green.ticket.state) == (("recovered", "2023-06"), "RECOVERED")


def test_a_recovery_restated_away() -> None:
    """The green that recovered it was wrong: open again, without a new episode."""
    history: list[Standing | datetime] = [coloured("2023-05", "yellow"), due(5), coloured("2023-06", "green"), due(6)]
    found = replay(series(), [*history, coloured("2023-06", "red", version=2, known_at=at("2023-07-07"))])
    assert tickets(found) == [(1, "OPEN", 3, 2)]
    assert said(found)[-1] == ("restated", "2023-06")


def test_a_late_earlier_month_lengthens_the_run() -> None:
    """Late lights of months before the newest one count as if they had been on time."""
    found = replay(
        series(), [coloured("2023-06", "yellow"), due(6), coloured("2023-05", "yellow", known_at=at("2023-07-07"))]
    )
    assert tickets(found) == [(1, "OPEN", 2, 2)]
    assert found.ticket.first_period == "2023-05"


def test_a_green_before_is_nobodys_business() -> None:
    """A late or restated light of a month that no open episode covers opens nothing and says why."""
    found = replay(
        series(), [coloured("2023-06", "green"), due(6), coloured("2023-05", "yellow", known_at=at("2023-07-07"))]
    )
    assert tickets(found) == []
    assert [(c.kind, c.reason) for c in found.changes if c.worse] == [("live", "late"), ("record", "earlier_period")]


def test_not_binding() -> None:
    """Rule 4.11: a light and a warning, no ticket; a month that does not bind is blank to an open ticket."""
    found = replay(series(), [coloured("2023-05", "red", binding=False), due(5)])
    assert (said(found), tickets(found)) == ([("early", "2023-05")], [])
    mixed = replay(series(), [coloured("2023-05", "red"), due(5), coloured("2023-06", "green", binding=False), due(6)])
    assert mixed.ticket.state == "OPEN"


# --- order ---

COLOURS = st.sampled_from(["green", "yellow", "red", "grey"])
MONTHS = st.lists(st.one_of(st.none(), COLOURS), min_size=8, max_size=8)
FAR = at("2023-10-06", 0)


def standings(months: Sequence[str | None], corrections: Sequence[tuple[int, str]] = ()) -> list[Standing]:
    """First versions, and second ones that correct or withdraw some of them."""
    first = {m: coloured(f"2023-{m:02d}", c, known_at=at("2023-09-20")) for m, c in enumerate(months, 1) if c}
    told = {"version": 2, "known_at": at("2023-09-21")}
    again = [(f"2023-{m:02d}", c) for m, c in corrections if m in first]
    second = [standing(p, None, **told) if c == "none" else coloured(p, c, **told) for p, c in again]
    return [*first.values(), *second]


CORRECTED = st.sampled_from(["green", "yellow", "red", "grey", "none"])
CORRECTIONS = st.lists(st.tuples(st.integers(1, 8), CORRECTED), max_size=4, unique_by=lambda each: each[0])


@settings(deadline=None)  # a slow machine is no finding
@given(MONTHS, CORRECTIONS, st.randoms(use_true_random=False))
def test_any_order_before_a_watermark(
    months: list[str | None], corrections: list[tuple[int, str]], shuffled: random.Random
) -> None:
    """Rule 6.1: any permutation, any repetition: the same lights, tickets and ticket messages."""
    known = standings(months, corrections)
    straight = replay(series(), [*known, FAR])
    mixed = [*known, *known[:3]]
    shuffled.shuffle(mixed)
    other = replay(series(), [*mixed, FAR])
    assert other.lights == straight.lights
    assert [*other.tickets] == [*straight.tickets]
    assert [s for s in said(other) if s[0] not in ("early", "withdrawn")] == [
        s for s in said(straight) if s[0] not in ("early", "withdrawn")
    ]


def without_review(found: Series) -> Series:
    """No review timer closes anything in between: what acts and timers do is theirs."""
    for ticket in found.tickets:
        if ticket.timer == "review":
            found.tickets.lanes[ticket.lane][ticket.episode - 1] = replace(ticket, timer=None, timer_at=None)
    return found


@settings(deadline=None)  # a slow machine is no finding
@given(MONTHS, CORRECTIONS, st.randoms(use_true_random=False), st.data())
def test_any_order_among_watermarks(
    months: list[str | None], corrections: list[tuple[int, str]], shuffled: random.Random, data: st.DataObject
) -> None:
    """Rule 6.1: late or on time, in whatever order: the same lights of record, and a ticket is open or it is not."""
    known = standings(months, corrections)
    straight = replay(series(), [*known, FAR])
    mixed: list[Standing | datetime] = [*known]
    shuffled.shuffle(mixed)
    for month in range(1, 9):
        mixed.insert(data.draw(st.integers(0, len(mixed))), due(month))
    other, reached = series(), due(1)
    for each in mixed:
        if isinstance(each, datetime):
            reached = each = max(reached, each)
        without_review(replay(other, [each]))
    replay(other, [FAR])
    assert [c.record for c in other.lights.cells] == [c.record for c in straight.lights.cells]
    assert (other.ticket.state in LAGGING) == (straight.ticket.state in LAGGING)
    check(other)


def check(found: Series) -> None:
    """Each worse light has one message or a reason, and each message of a worse light one such change (rule 6.5, 8)."""
    for change in found.changes:
        assert not change.worse or (change.message is None) != (change.reason is None)
    worse = [change.message for change in found.changes if change.worse and change.message is not None]
    for message in told(found):
        if message.reason in ("early", "first", "worsened"):
            assert worse.count(message) == 1


def test_promise_kept_in_mind() -> None:
    """Rule 8: the promised date is held against the end of the period that is judged."""
    found = replay(series(), [coloured("2023-05", "yellow"), due(5)])
    found.act(Event("answer", at("2023-06-07"), promised_on=date(2023, 6, 30)))
    replay(found, [coloured("2023-06", "yellow"), due(6)])
    assert (found.ticket.state, found.ticket.level) == ("OPEN", 2)
