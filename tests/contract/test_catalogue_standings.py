"""Each indicator of the shipped catalogue through the fold: judged as the project's classification says of it."""

import csv
from datetime import timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.events import Standing
from contracts.programme import CITY, Indicator, Lookup
from services.metrics.fold import Fact, fold

PLAN = Path(__file__).parents[1] / "plan"
TABLE = (PLAN / "classification.csv").read_text(encoding="utf-8").splitlines()
ROWS = {row["id"]: row for row in csv.DictReader(TABLE)}


@cache
def programme() -> tuple[Lookup, Cells]:
    lookup = load(SHIPPED)
    return lookup, Cells(lookup)


@cache
def standings(indicator_id: str) -> dict[tuple[str, str], Standing]:
    """A report in time for every cell that is due: yes/no not done, everything else a steady 1."""
    lookup, cells = programme()
    indicator = lookup.indicators[indicator_id]
    value = Fraction(0) if indicator.goal == "yes_no" else Fraction(1)
    facts = [
        Fact("/simulated/contract", f"{district}/{cell.period}", district, cell.period.text, 0, value,
             cell.due_at - timedelta(hours=1), None, None, "final")
        for district in indicator.districts
        for cell in cells.of(indicator_id, district)
        if cell.due_at is not None
    ]  # fmt: skip
    return fold(lookup, cells, indicator, facts).standings


def reasons(indicator: Indicator, district: str, year: int) -> set[str | None]:
    """What the classification lets a cell say of why it is not judged."""
    row = ROWS[indicator.id]
    if row["schedule_kind"] == "none":
        return {"no_target"}
    own = indicator.own_targets if indicator.deviation else row["allocation"] == "own target needed"
    if district != CITY and own:
        return {"no_target"}
    if "T known for 2027 only" in row["reason"] and year < 2027:
        return {"no_target"}
    if "disputed" in row["reason"] and year > 2023:
        return {"disputed"}
    return {None, "not_applicable"} if district != CITY and row["aggregate"] == "sum" else {None}


@pytest.mark.parametrize("indicator_id", ROWS)
def test_cells_are_judged_as_classified(indicator_id: str) -> None:
    """Rules 3.3, 4.6 and 4.11: every cell is judged, or says the reason that the classification gives."""
    indicator = programme()[0].indicators[indicator_id]
    found = standings(indicator_id)
    assert found
    for (district, period), standing in found.items():
        assert standing.reason in reasons(indicator, district, standing.as_of.year), (district, period)
        assert standing.explanation.zh
        assert (standing.mode == "none") == (standing.reason is not None)


@pytest.mark.parametrize("indicator_id", ROWS)
def test_kind_decides_the_mode(indicator_id: str) -> None:
    """Rules 4.5, 5 and 5.1: a thing by its day, a bound, or a way that may shrink to a bound."""
    modes = {"due_date": {"due"}, "hold": {"bound"}, "none": set()}
    judged = {standing.mode for standing in standings(indicator_id).values()} - {"none"}
    assert judged <= modes.get(ROWS[indicator_id]["schedule_kind"], {"share", "bound"})


@pytest.mark.parametrize("indicator_id", [name for name, row in ROWS.items() if row["aggregate"] == "sum"])
def test_parts_owe_what_the_city_owes(indicator_id: str) -> None:
    """Rule 3.3: where no whole items are rounded, the districts' expected values add up to the city's."""
    lookup, cells = programme()
    indicator, found = lookup.indicators[indicator_id], standings(indicator_id)
    if indicator.whole_items or indicator.stock:
        return
    for cell in cells.of(indicator_id, CITY)[1:]:
        city = found[CITY, cell.period.text]
        parts = [found.get((district, cell.period.text)) for district in indicator.applicable]
        owed = [Fraction(part.exact.expected) for part in parts if part is not None and part.exact.expected]
        if city.exact.expected is not None and city.mode == "share":
            assert sum(owed) == Fraction(city.exact.expected), cell.period
