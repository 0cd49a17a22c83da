"""The demonstration split of city targets (rule 3.3), recomputed here by another road than the one that wrote it."""

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.numbers import UNITS, exact, plain
from contracts.programme import CITY, Indicator, Lookup

PLAN = Path(__file__).parents[1] / "plan"


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


def summed(lookup: Lookup) -> list[tuple[Indicator, date, Fraction]]:
    return [
        (i, target.on, exact(target.value))
        for i in lookup.programme.indicators
        for target in i.targets
        if i.aggregate == "sum" and target.value is not None and not target.disputed
    ]


def dealt(total: Fraction, hands: int, unit: Fraction) -> list[Fraction]:
    """`total` dealt out one unit at a time, in turn: equal shares, the remainder to the first."""
    shares = [Fraction(0)] * hands
    for n in range(int(total / unit)):
        shares[n % hands] += unit
    return shares


def test_every_summed_target_is_dealt_out_by_the_stated_rule(lookup: Lookup) -> None:
    """Whole pieces, or one more decimal place than the indicator's; the remainder in printed order; exact sums."""
    for i, on, total in summed(lookup):
        unit = Fraction(1) if UNITS[i.unit].whole else Fraction(1, 10 ** (i.decimals + 1))
        owed = [exact(lookup.allocations[i.id, each].targets[on.isoformat()]) for each in i.applicable]
        assert owed == dealt(total, len(i.applicable), unit), (i.id, on)
        assert sum(owed) == total


def test_nothing_else_is_dealt_out(lookup: Lookup) -> None:
    """What is not summed, and what is disputed, is not split; shares are written as plain numbers."""
    written = {(a.indicator, a.district, on) for a in lookup.programme.decomposition for on in a.targets}
    expected = {(i.id, each, on.isoformat()) for i, on, _ in summed(lookup) for each in i.applicable}
    assert written == expected
    values = [value for a in lookup.programme.decomposition for value in a.targets.values()]
    assert values == [plain(exact(value)) for value in values]


def test_what_the_classification_wants_split_is_split(lookup: Lookup) -> None:
    """`needs allocation` and `named districts only`, and the parks of 2023, whose effort wording is argued."""
    with (PLAN / "classification.csv").open(encoding="utf-8", newline="") as file:
        wanted = [row["id"] for row in csv.DictReader(file) if row["allocation"].startswith(("needs", "named"))]
    split = {a.indicator for a in lookup.programme.decomposition}
    assert split == {*wanted, "parks_rebuilt_2023"}
    assert len(split) == 77


def test_it_is_marked_as_a_demonstration(lookup: Lookup) -> None:
    """The plan prints no split: the note says so in both languages and states the rule."""
    note = lookup.programme.decomposition_note
    assert note.zh.startswith("演示用分解")
    assert "原文未印发" in note.zh
    assert note.en.startswith("Demonstration split (the plan prints none)")


def test_a_share_of_zero_is_not_applicable_for_its_stretch(lookup: Lookup) -> None:
    """rule 3.3: of two parks in 2023 the first two districts owe one each; the others join in 2024."""
    cells = Cells(lookup)
    for district in lookup.indicators["provincial_modern_agri_parks"].applicable:
        owes_2023 = district in ("wuxing", "nanxun")
        for period, applicable in (("2023-01", owes_2023), ("2023-12", owes_2023), ("2024-01", True)):
            cell = cells.get("provincial_modern_agri_parks", district, period)
            assert cell is not None
            assert cell.applicable == applicable
            assert (cell.due_at is not None) == applicable
    city = cells.get("provincial_modern_agri_parks", CITY, "2023-06")
    assert city is not None
    assert city.applicable
