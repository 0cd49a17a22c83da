"""A publication locks a cell before the calendar, for alerts too (rules 2.9 and 8), in any order."""

from datetime import datetime
from itertools import permutations

import pytest

from contracts.events import Standing
from services.alerts.supervision import Series
from tests.support.standings import at, cells, coloured, replay, said, series

DUE, LOCK, PUBLISHED = at("2024-01-06", 0), at("2024-02-01", 0), at("2024-01-10")
YEAR = cells("2023-11", "2024-02")
NOVEMBER = coloured("2023-11", "yellow")
VALUE = coloured("2023-12", "red")
HELD = coloured("2023-12", "red", version=2, known_at=PUBLISHED, published_at=PUBLISHED)


def told(*history: Standing | datetime) -> Series:
    return replay(series(YEAR), [NOVEMBER, at("2023-12-06", 0), *history])


def test_a_published_cell_is_locked_from_then_on() -> None:
    """Rule 2.9: at its publication, at the latest by the calendar."""
    found = told(VALUE, HELD)
    assert [found.lock_at(i) for i in range(2)] == [YEAR[0].lock_at, PUBLISHED]
    late = coloured("2023-12", "red", version=2, published_at=at("2024-03-01"))
    assert told(VALUE, late).lock_at(1) == LOCK


def test_the_year_ends_with_its_publication() -> None:
    """Rule 8: a quota year's ticket is closed when its last cell is locked, by the calendar on 1 February or before."""
    unpublished = told(VALUE, DUE, at("2024-01-31"))
    assert unpublished.ticket.state == "OPEN"
    found = told(VALUE, DUE, HELD, at("2024-01-10", 13))
    assert (found.ticket.state, found.ticket.close_code) == ("CLOSED", "ended")
    assert said(found)[-1] == ("closed", "2023-12")
    assert replay(found, [LOCK]).ticket == found.ticket


def test_what_is_restated_behind_a_publication_opens_nothing() -> None:
    """Rule 8: the stretch is over; a correction that the office approves is shown, and obliges nobody."""
    green = coloured("2023-12", "green", version=1)
    kept = coloured("2023-12", "green", version=2, known_at=PUBLISHED, published_at=PUBLISHED)
    worse = coloured("2023-12", "red", version=3, known_at=at("2024-01-20"), published_at=PUBLISHED)
    lenient = told(green, DUE, coloured("2023-12", "red", version=2, known_at=at("2024-01-20")))
    assert lenient.ticket.state == "OPEN"
    found = told(green, DUE, kept, at("2024-01-11"), worse)
    assert found.lights.cells[1].record == "red"
    assert found.ticket.state != "OPEN"


@pytest.mark.parametrize("marks", [(DUE, at("2024-01-12")), (at("2024-01-12"),), (DUE, PUBLISHED, at("2024-01-12"))])
def test_the_end_is_the_same_in_any_order(marks: tuple[datetime, ...]) -> None:
    """Versions in any order, one of them lost to compaction, watermarks in few or many steps: the same end."""
    ends = set()
    for versions in [*permutations((VALUE, HELD)), (HELD,)]:
        found = told(*versions, *marks)
        tickets = tuple((t.state, t.level, t.close_code) for t in found.tickets.of("lag"))
        ends.add((tuple(light.record for light in found.lights.cells), tickets))
    step = told(VALUE, DUE, HELD, at("2024-01-12"))
    ends.add((
        tuple(light.record for light in step.lights.cells),
        tuple((t.state, t.level, t.close_code) for t in step.tickets.of("lag")),
    ))  # fmt: skip
    assert len(ends) == 1
