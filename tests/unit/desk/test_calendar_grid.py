"""The reporting calendar as a grid: months, what stands in a field, who owes what."""

from datetime import date
from typing import Any

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.programme import Lookup
from services.desk.calendar import grid

INDICATOR = "major_projects_investment"


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


def cell(district: str = "anji", period: str = "2023-07", state: str = "overdue", **more: Any) -> dict[str, Any]:
    defaults = {"due_at": "2023-08-06T00:00:00+08:00", "locked": False, "answers": district, "period_end": "2023-07-31"}
    return {"indicator": INDICATOR, "district": district, "period": period, "state": state, **defaults, **more}


def counted(unit: str, state: str, cells: int, *, locked: bool = False) -> dict[str, Any]:
    return {"unit": unit, "month": "2023-07", "state": state, "locked": locked, "cells": cells}


def test_six_months_over_the_turn_of_a_year() -> None:
    """The stretch that ends in February begins in September, and leads on to both sides."""
    found = grid.months("2024-02", date(2024, 5, 1))
    assert (found.names[0], found.names[-1], len(found.names)) == ("2023-09", "2024-02", grid.MONTHS)
    assert (found.first, found.last) == (date(2023, 9, 1), date(2024, 2, 29))
    assert (found.before, found.after) == ("2023-08", "2024-08")


@pytest.mark.parametrize("text", [None, "", "soon", "2023-13", "0001-01"])
def test_a_month_that_is_none_is_the_present(text: str | None) -> None:
    """What stands in an address may be anything."""
    assert grid.months(text, date(2023, 12, 31)).last == date(2023, 12, 31)


def test_a_field_shows_the_gravest_first_and_adds_what_is_locked(lookup: Lookup) -> None:
    """Counts of the same state, locked or not, are one; districts stand before departments."""
    counts = [
        counted("agri_rural_bureau", "due", 1),
        counted("anji", "received_on_time", 3, locked=True),
        counted("anji", "received_on_time", 1),
        counted("anji", "overdue", 2),
    ]
    anji, bureau = grid.by_unit(counts, lookup)
    assert (anji.key, bureau.key) == ("anji", "agri_rural_bureau")
    assert anji.fields["2023-07"].ordered == [("overdue", 2), ("received_on_time", 4)]
    assert (anji.fields["2023-07"].locked, anji.owed) == (3, 2)


def test_a_series_has_its_quarter_in_the_month_in_which_it_ends(lookup: Lookup) -> None:
    """Several cells share a field; what nobody has to report is left out, what does not apply is shown."""
    cells = [
        cell(),
        cell(period="2023-Q2", period_end="2023-06-30", state="received_late"),
        cell("huzhou", due_at=None, state="not_due"),
        cell("deqing", due_at=None, state="not_applicable"),
    ]
    found = {row.district: row for row in grid.by_series(cells, lookup)}
    assert set(found) == {"anji", "deqing"}
    assert [found["anji"].fields[month].ordered for month in ("2023-06", "2023-07")] == [
        [("received_late", 1)],
        [("overdue", 1)],
    ]


def test_only_the_rows_with_a_state(lookup: Lookup) -> None:
    """The start page links to what is overdue; none asked for is all of them."""
    rows = grid.by_series([cell(), cell("deqing", state="received_on_time"), cell("wuxing", state="due")], lookup)
    assert [row.district for row in grid.with_state(rows, "overdue")] == ["anji"]
    assert len(grid.with_state(rows, "")) == 3


def test_who_owes_most_is_told_first_and_locked_cells_are_nobodys(lookup: Lookup) -> None:
    """The collective list: overdue before due, locked and received cells left out."""
    cells = [
        cell("anji", state="due"),
        cell("deqing", state="due"),
        cell("deqing", period="2023-06", due_at="2023-07-06T00:00:00+08:00"),
        cell("wuxing", locked=True),
        cell("nanxun", state="received_on_time"),
    ]
    found = grid.owing(cells, lookup)
    assert [(each.unit, len(each.cells), each.overdue) for each in found] == [("deqing", 2, 1), ("anji", 1, 0)]
    assert found[0].cells[0]["period"] == "2023-06"
