"""The recount's own arithmetic and colours against the rules' printed examples: it must be right by itself."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from contracts.cells import Cells
from contracts.periods import SHANGHAI, parse
from contracts.programme import CITY, Target
from deploy.demo.recount.facts import rounded
from deploy.demo.recount.lights import colour, walk
from deploy.demo.recount.plan import Held, Plans
from tests.support.programmes import DISTRICTS, indicator, lookup

YEAR_END = date(2023, 12, 31)
GOLD: dict[str, Any] = {"targets": (Target(on=YEAR_END, value="80"),), "tolerance": "0.1", "decimals": 1}
RATIO: dict[str, Any] = {
    "targets": (Target(on=YEAR_END, value="1.60", bound="le"),), "tolerance": "0.005", "decimals": 2, "direction": -1,
    "judged_as": "level", "reported_as": "level", "unit": "ratio", "schedule": "linear",
}  # fmt: skip
FLOOR: dict[str, Any] = {
    "targets": (Target(on=YEAR_END, value="120.3"),), "tolerance": "0.05", "decimals": 1, "goal": "hold_floor",
    "schedule": "hold",
}  # fmt: skip


def held(value: str, month: int, seen: Mapping[date, Fraction] | None = None, **changes: Any) -> Held:
    """A value at the end of a month of 2023 against an indicator's plan."""
    of = lookup(indicator(**changes))
    period = parse(f"2023-{month:02}")
    return Plans(of).held(of.programme.indicators[0], CITY, period.end, Fraction(value), seen or {})


def light(
    value: str, month: int, before: str = "green", seen: Mapping[date, Fraction] | None = None, **changes: Any
) -> str:
    """Its colour after another one."""
    of = lookup(indicator(**changes))
    cell = Cells(of).get("investment", CITY, f"2023-{month:02}")
    assert cell is not None
    return colour(of.programme.indicators[0], cell, held(value, month, seen, **changes), before)


@pytest.mark.parametrize(("month", "value", "expected", "lag", "ratio"), [
    (1, "0", "6.667", "8.333", None),
    (2, "0", "13.333", "16.667", "0.000"),
    (6, "30", "40.000", "12.500", "0.750"),
    (9, "36", "60.000", "30.000", "0.600"),
    (12, "79.95", "80.000", "0.063", "0.999"),
])  # fmt: skip
def test_numbers_of_the_golden_rows(month: int, value: str, expected: str, lag: str, ratio: str | None) -> None:
    """Rule 5's own table: E, lag and ratio of 0 → 80 in 2023."""
    found = held(value, month, **GOLD)
    told = [None if each is None else str(rounded(each, 3)) for each in (found.expected, found.lag, found.ratio)]
    assert told == [expected, lag, ratio]


@pytest.mark.parametrize(("month", "value", "before", "due"), [
    (1, "0", "green", "green"), (2, "0", "green", "red"), (6, "30", "green", "yellow"), (6, "33", "green", "green"),
    (9, "36", "green", "yellow"), (12, "79.95", "green", "green"), (6, "33.4", "yellow", "yellow"),
    (6, "34", "yellow", "green"), (9, "36.5", "red", "red"), (9, "40", "red", "yellow"), (9, "60", "red", "green"),
])  # fmt: skip
def test_colours_of_the_golden_rows(month: int, value: str, before: str, due: str) -> None:
    """Rules 5 and 6.2: the table's lights, with and without a light before."""
    assert light(value, month, before, **GOLD) == due


@pytest.mark.parametrize(("value", "due"), [("120.25", "green"), ("119.0", "yellow"), ("112", "red")])
def test_a_floor(value: str, due: str) -> None:
    """Rule 5: below a floor by more than 5 % is red."""
    assert light(value, 6, **FLOOR) == due


def test_lower_is_better() -> None:
    """Rule 5: 1.63 → 1.60, half of it by June; 1.62 is inside half a digit."""
    seen = {date(2022, 12, 31): Fraction("1.63")}
    assert held("1.62", 6, seen, **RATIO).expected == Fraction("1.615")
    assert light("1.62", 6, seen=seen, **RATIO) == "green"


def test_a_missed_target_stays_owed() -> None:
    """Rule 4.10: 60 of 80, then 66 and 79.8 in the new window stay yellow, 80 is green."""
    targets = (Target(on=YEAR_END, value="80"), Target(on=date(2027, 12, 31), value="800"))
    of = lookup(indicator(targets=targets, tolerance="0.1", decimals=1))
    one, cells = of.programme.indicators[0], Cells(of).of("investment", CITY)
    values = {"2023-12": "60", "2024-01": "66", "2024-02": "79.8", "2024-03": "80"}
    plans = Plans(of)
    helds = [
        plans.held(one, CITY, cell.period.end, Fraction(values[cell.period.text]), {})
        if cell.period.text in values else None
        for cell in cells
    ]  # fmt: skip
    lit = walk(one, cells, helds, datetime(2024, 6, 1, tzinfo=SHANGHAI))
    found = {cell.period.text: each.record for cell, each in zip(cells, lit, strict=True)}
    assert [found[period] for period in values] == ["yellow", "yellow", "yellow", "green"]
    assert found["2023-11"] == "grey"


def test_without_a_share_a_district_is_not_judged() -> None:
    """Rule 3.3: a summed target that is not split leaves districts without a target."""
    of = lookup(indicator(aggregate="sum", applicable=DISTRICTS, writer="district", **GOLD))
    found = Plans(of).held(of.programme.indicators[0], DISTRICTS[0], date(2023, 6, 30), Fraction(30), {})
    assert found.mode == "none"
