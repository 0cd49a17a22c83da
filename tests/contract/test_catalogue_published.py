"""The published figures: each observation of the plan is either a cell of the programme or left out for a reason."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.numbers import convert, exact, unit_of
from contracts.periods import ending, parse
from contracts.programme import Lookup

OBSERVATIONS = Path(__file__).parents[1] / "plan" / "observations.csv"


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


@pytest.fixture(scope="module")
def published() -> list[dict[str, str]]:
    return rows(SHIPPED / "published.csv")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_observation_is_kept_with_its_source(published: list[dict[str, str]]) -> None:
    """45 rows, word by word: value, source, quote and note; a ratio's empty unit is `ratio`."""
    kept = [
        {
            "indicator": row["indicator"],
            "district": row["district"],
            "period": row["period"],
            "value": row["value"],
            "unit": "" if row["unit"] == "ratio" else row["unit"],
            "source_title": row["source_title"],
            "source_url": row["source_url"],
            "quote_zh": row["quote"],
            "note": row["note"],
        }
        for row in published
    ]
    assert kept == rows(OBSERVATIONS)
    assert len(kept) == 45


def test_the_partition_is_the_one_the_cells_give(lookup: Lookup, published: list[dict[str, str]]) -> None:
    """A figure is used exactly if its period resolves to a cell; a yes/no series takes the period that contains it."""
    cells = Cells(lookup)
    for row in published:
        i = lookup.indicators[row["indicator"]]
        cell = cells.resolve(i.id, row["district"], row["period"])
        if cell is None and i.goal == "yes_no":
            cell = cells.get(i.id, row["district"], ending(i.frequency, parse(row["period"]).end).text)
        computed = row["note"].startswith("COMPUTED")
        expected = "" if cell is None or computed else cell.period.text
        assert row["cell"] == expected, row
        assert bool(row["cell"]) != bool(row["left_out"]), row


def test_the_reasons_are_true(lookup: Lookup, published: list[dict[str, str]]) -> None:
    """Each figure left out names the first of: before 2022, no such series, ended, computed by the collector."""
    for row in published:
        if not row["left_out"]:
            continue
        i, year = lookup.indicators[row["indicator"]], parse(row["period"]).year
        if year < 2022:
            reason = "before the base year 2022"
        elif row["district"] not in i.districts:
            reason = "no series of this district"
        elif year > i.valid_to.year:
            reason = f"the indicator ended on {i.valid_to}"
        else:
            reason = "computed by the collector, printed nowhere"
        assert row["left_out"].startswith(reason), row
    left_out = Counter(row["left_out"].split(":")[0] for row in published)
    assert left_out == {
        "": 19,
        "before the base year 2022": 16,
        "no series of this district": 4,
        "the indicator ended on 2023-12-31": 5,
        "computed by the collector, printed nowhere": 1,
    }


def test_used_figures_can_be_sent_as_they_are(lookup: Lookup, published: list[dict[str, str]]) -> None:
    """rules 2.1, 2.2 and 5.1: one cell each, a value by the grammar, a unit that converts, no half of a yes."""
    used = [row for row in published if row["cell"]]
    assert len({(row["indicator"], row["district"], row["cell"]) for row in used}) == len(used)
    for row in used:
        i = lookup.indicators[row["indicator"]]
        value = convert(exact(row["value"]), row["unit"], i.unit_at(row["district"]))
        if i.goal == "yes_no":
            done = 100 if i.unit == "percent" else 1
            assert value in (0, done)
        assert unit_of(row["unit"]) is not None
