"""A district that does not report inhibits its tickets (rule 8): the count, and what a series makes of it."""

from datetime import datetime

from contracts.cells import Cell
from services.alerts.inhibition import Duties, Duty, Known, recounted, silence
from tests.support.standings import at, cells, coloured, replay, said, series

DUE = at("2023-06-06", 0)
PLACE = ("deqing", "2023-05", DUE)
LIVE = at("2023-01-01", 0)
DUTIES = [Duty(name, number, DUE) for number, name in enumerate("abcd")]


def reached(partition: int) -> datetime:
    """Every partition has come as far as it must."""
    return DUE


def test_over_half_of_what_is_due() -> None:
    """Half is not over half; what is due later is not counted."""
    assert silence(PLACE, DUTIES, {"a", "b"}, reached) is None
    found = silence(PLACE, DUTIES, {"a"}, reached)
    assert found is not None
    assert (found.due, found.overdue) == (4, 3)
    later = [*DUTIES, Duty("e", 4, at("2023-08-06", 0))]
    assert silence(PLACE, later, {"a", "b"}, reached) is None


def test_a_partition_that_lags_counts_as_reported() -> None:
    """No delay in the pipeline makes a district silent."""
    behind = {2: at("2023-06-05"), 3: at("2023-06-05")}
    assert silence(PLACE, DUTIES, {"a"}, lambda partition: behind.get(partition, DUE)) is None


def test_an_inhibited_light_opens_nothing_and_the_next_decides() -> None:
    """The light is shown and the reason written down; July, no longer inhibited, opens with a run of its own."""
    found = series()
    found.inhibitor = lambda i: "district_not_reporting" if i == 4 else None
    replay(found, [coloured("2023-05", "red"), DUE])
    assert (found.lights.cells[4].record, found.ticket.state, found.inhibited) == (
        "red", "NONE", {4: "district_not_reporting"},
    )  # fmt: skip
    assert [(c.kind, c.reason) for c in found.changes if c.worse][-1] == ("record", "inhibited")
    found.inhibitor = lambda i: None
    replay(found, [coloured("2023-05", "yellow", version=2, known_at=at("2023-06-10"))])
    assert found.ticket.state == "NONE"  # the same light, restated, stays inhibited
    replay(found, [coloured("2023-06", "yellow"), at("2023-07-06", 0)])
    assert (found.ticket.state, found.ticket.level, found.ticket.run) == ("OPEN", 1, 1)
    assert said(found)[-1] == ("first", "2023-06")


def test_an_open_ticket_goes_on() -> None:
    """Rule 8: only what would open is inhibited: an open one counts its run, a recovered one does not relapse."""
    found = replay(series(), [coloured("2023-05", "yellow"), DUE])
    found.inhibitor = lambda i: "district_not_reporting"
    replay(found, [coloured("2023-06", "yellow"), at("2023-07-06", 0)])
    assert (found.ticket.state, found.ticket.run) == ("OPEN", 2)
    replay(found, [coloured("2023-07", "green"), at("2023-08-06", 0), coloured("2023-08", "red"), at("2023-09-06", 0)])
    assert found.ticket.state in ("RECOVERED", "CLOSED")
    assert len(found.tickets.of("lag")) == 1


def _known(indicator: str, since: datetime, *, valued: bool = True, excused: bool = False) -> Known:
    return Known(indicator, "deqing", "2023-05", since, valued, excused, None)


def _duties(due_at: datetime) -> Duties:
    """Three things due of May at a moment."""
    mays = (next(c for c in cells(indicator=name) if c.period.text == "2023-05") for name in "abc")
    return Duties("p", [Cell(c.indicator, c.district, c.period, due_at, c.lock_at, True, due_at) for c in mays], LIVE)  # type: ignore[arg-type]  # iterated only


def test_recounted_for_other_due_dates() -> None:
    """Who was silent on the 5th may have reported by the 25th, be excused by then, or have taken all back."""
    first, later = DUE, at("2023-06-26", 0)
    told = [_known("a", at("2023-06-02")), _known("b", at("2023-06-10"))]
    assert recounted(_duties(first), told, later) == {("deqing", "2023-05", first)}
    assert recounted(_duties(later), told, later) == set()
    excused = [told[0], _known("c", at("2023-06-10"), valued=False, excused=True)]
    assert recounted(_duties(later), excused, later) == set()
    back = [*told, _known("b", at("2023-06-20"), valued=False)]
    assert recounted(_duties(later), back, later) == {("deqing", "2023-05", later)}


def test_what_came_at_the_due_moment_came_too_late() -> None:
    """Known before it, not at it; a district of which nothing at all is known does not report."""
    assert recounted(_duties(DUE), [_known("a", DUE), _known("b", DUE)], DUE) == {PLACE}
    assert recounted(_duties(DUE), [_known("a", at("2023-06-02")), _known("b", DUE)], DUE) == {PLACE}
    assert recounted(_duties(DUE), [], at("2023-06-05")) == set()  # nothing is due yet


def test_what_was_due_before_the_programme_went_live_makes_nobody_silent() -> None:
    """Rule 2.9: history can be loaded, and its lights open tickets."""
    mays = [next(c for c in cells(indicator=name) if c.period.text == "2023-05") for name in "abc"]
    assert recounted(Duties("p", mays, at("2023-07-01", 0)), [], at("2023-08-01")) == set()  # type: ignore[arg-type]
    assert len(recounted(Duties("p", mays, LIVE), [], at("2023-08-01"))) == 1  # type: ignore[arg-type]
