"""The recount of forecasts against what rule 6.7 says of small cases, and the question that asks for them."""

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest

from contracts.periods import parse
from contracts.programme import CITY, Target
from deploy.demo.check import forecasts
from deploy.demo.recount.facts import Recount
from deploy.demo.recount.forecast import Foreseen, foreseen
from deploy.demo.recount.plan import Plans
from tests.support.programmes import indicator, lookup

YEAR_END = date(2023, 12, 31)
GOLD: dict[str, Any] = {"targets": (Target(on=YEAR_END, value="80"),)}
LEVEL: dict[str, Any] = {
    "targets": (Target(on=YEAR_END, value="100"),), "judged_as": "level", "unit": "percent", "tolerance": "0.05",
}  # fmt: skip


def forecast(values: Mapping[str, str], **changes: Any) -> Foreseen | None:
    """The forecast of the last of these months."""
    of = lookup(indicator(**changes))
    one = of.programme.indicators[0]
    seen = {parse(period).end: Fraction(value) for period, value in values.items()}
    period = parse(max(values))
    held = Plans(of).held(one, CITY, period.end, seen[period.end], seen)
    return foreseen(one, CITY, period, seen[period.end], held, seen)


def months(of: str, year: int = 2023, first: int = 1) -> dict[str, str]:
    """Monthly values from the first month on; `-` is a month without one."""
    return {f"{year}-{n:02}": each for n, each in enumerate(of.split(), first) if each != "-"}


def test_the_rules_own_example() -> None:
    """Rule 6.7: 50 at the end of August at five a month ends at 70 of 80, 7.5 a month are needed: it misses."""
    assert forecast(months("35 40 45 50", first=5), **GOLD) == Foreseen(Fraction(70), misses=True)


def test_a_last_month_that_kept_the_tempo_does_not_miss() -> None:
    """Rule 6.7: both tempos must be slow; the last month brought what is needed."""
    found = forecast(months("35 40 42 50", first=5), **GOLD)
    assert found is not None
    assert (found.value, found.misses) == (Fraction(70), False)


@pytest.mark.parametrize(("values", "changes", "reason"), [
    (months("5 10"), GOLD, "fewer_than_3_reports"),
    (months("1 2 3"), {"targets": (Target(on=date(2027, 12, 31), value="80"),)}, "too_early"),
    (months("60 65 70 75", first=9), GOLD, "window_over"),
    (months("5 - 15 20"), GOLD, "missing_period"),
    (months("0 0 0 0 0"), {"targets": (Target(on=date(2024, 12, 31), value="6"),), "unit": "count", "unit_zh": "个"},
     "no_plan_in_window"),
    (months("60 70 80"), LEVEL, "fewer_than_4_reports"),
])  # fmt: skip
def test_without_a_forecast_there_is_its_reason(values: Any, changes: Any, reason: str) -> None:
    """Rule 6.7: each reason why there is none."""
    found = forecast(values, **changes)
    assert found is not None
    assert (found.value, found.misses, found.reason) == (None, None, reason)


def test_a_level_goes_on_along_its_line() -> None:
    """A line through points on a line is that line: two points a month from 60 in March end at 78."""
    found = forecast(months("60 62 64 66 68 70", first=3), **LEVEL)
    assert found is not None
    assert (found.value, found.misses) == (Fraction(78), True)


def test_a_measured_start_is_a_point_of_the_line() -> None:
    """The base year's 60 and three months of 70 carry a line; what is newest weighs most."""
    found = forecast({"2022": "60", **months("70 70 70", first=7)}, **LEVEL)
    assert found is not None
    assert found.value is not None
    assert 70 < found.value < 75


def test_falling_behind_fast() -> None:
    """Rule 6.7: ten points lost in a month, fifteen in three; without a month's value nothing is said."""
    assert forecast(months("7 14 20 27 33 33 33 33"), **GOLD) == Foreseen(Fraction(33), misses=True, fast=False)
    of_120 = {"targets": (Target(on=YEAR_END, value="120"),)}
    slow, fast = forecast(months("10 20 30 30 30"), **of_120), forecast(months("10 20 30 28 24"), **of_120)
    assert slow is not None
    assert fast is not None
    assert (slow.fast, fast.fast) == (False, True)


def test_a_window_begins_with_what_was_reached() -> None:
    """A target that was missed is not where the next stretch began: 60 of 80, not 80."""
    two = {"targets": (Target(on=YEAR_END, value="80"), Target(on=date(2024, 12, 31), value="200"))}
    found = forecast({"2023-12": "60", **months("70 80 90", year=2024)}, **two)
    assert found is not None
    assert found.value == 90 + Fraction(30, 30) * 90
    assert forecast(months("90", year=2024, first=3), **two) == Foreseen(reason="fewer_than_3_reports")


async def test_a_wrong_forecast_is_found() -> None:
    """The question agrees with what is right, and finds another value, a missing one and one too many."""
    of = lookup(indicator(**GOLD))
    key = ("investment", CITY, "2023-08")
    recount = cast(Recount, SimpleNamespace(
        forecasts=lambda: iter([(key, Foreseen(Fraction(70), misses=True))]),
        indicator=lambda _: of.programme.indicators[0],
    ))  # fmt: skip

    async def answered(*rows: tuple[str, dict[str, Any]]) -> int:
        async def fetch(_: str) -> list[dict[str, Any]]:
            return [{"indicator": "investment", "district": CITY, "period": p, "forecast": json.dumps(f)}
                    for p, f in rows]  # fmt: skip

        connection = cast(asyncpg.Connection, SimpleNamespace(fetch=fetch))
        return len((await forecasts.forecasts(connection, recount)).wrong)

    right = {"value": "70.000", "will_miss": True, "reason": None, "falling_fast": False}
    assert await answered(("2023-08", right)) == 0
    assert await answered(("2023-08", right | {"value": "70.001"})) == 1
    assert await answered(("2023-08", right | {"will_miss": False})) == 1
    assert await answered(("2023-08", right | {"falling_fast": True})) == 1
    assert await answered() == 1
    assert await answered(("2023-08", right), ("2023-07", {"value": None, "reason": "too_early"})) == 1
