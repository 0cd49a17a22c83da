"""Lights over time: rules 4.10, 5.1 and 6.1-6.4."""

import random
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Colour, Owed, Standing
from services.alerts.lights import fold, judge, raw
from tests.support.standings import PROFILE, at, cells, coloured, standing

NEVER = at("2030-01-01")


def lights(
    *standings: Standing, of: tuple[str, str] = ("2023-01", "2023-12"), through: str = "2030-01-01"
) -> list[Colour | None]:
    """The lights of record of a series in which these standings are known."""
    return [cell.record for cell in fold(cells(*of), {s.period: s for s in standings}, PROFILE, at(through)).cells]


@pytest.mark.parametrize(
    ("period", "value", "colour"),
    [
        ("2023-01", "0", "green"),
        ("2023-02", "0", "red"),
        ("2023-06", "30", "yellow"),
        ("2023-06", "33", "green"),
        ("2023-09", "36", "yellow"),
        ("2023-12", "79.95", "green"),
    ],
)
def test_golden(period: str, value: str, colour: Colour) -> None:
    """The golden table of rule 5, share mode."""
    assert raw(standing(period, value), PROFILE) == colour


@pytest.mark.parametrize(
    ("previous", "period", "value", "colour"),
    [
        ("yellow", "2023-06", "33.4", "yellow"),
        ("yellow", "2023-06", "34", "green"),
        ("red", "2023-09", "36.5", "red"),
        ("red", "2023-09", "40", "yellow"),
        ("red", "2023-09", "60", "green"),
        ("green", "2023-06", "30", "yellow"),
        ("red", "2023-01", "0", "yellow"),
    ],
)
def test_better_needs_a_margin(previous: Colour, period: str, value: str, colour: Colour) -> None:
    """Rule 6.2: worse at once, better only with a margin; without a ratio its conditions count as met."""
    assert judge(standing(period, value), previous, PROFILE) == colour


@pytest.mark.parametrize(
    ("value", "previous", "colour"),
    [
        ("120.25", "red", "green"),
        ("119", None, "yellow"),
        ("112", None, "red"),
        ("114.2", "red", "red"),
        ("115.6", "red", "yellow"),
    ],
)
def test_bounds(value: str, previous: Colour | None, colour: Colour) -> None:
    """Rules 5 and 6.2 in bound mode: green at once within tolerance, red to yellow with a fifth to spare."""
    floor = standing(
        "2023-12", value, mode="bound", expected="120.3", target="120.3", tolerance="0.05", goal="hold_floor"
    )
    assert judge(floor, previous, PROFILE) == colour


@pytest.mark.parametrize(
    ("period", "value", "confidence", "colour"),
    [
        ("2023-06", "0", None, "green"),
        ("2023-06", "0", "at_risk", "yellow"),
        ("2023-06", "0", "unlikely", "yellow"),
        ("2023-06", "1", "unlikely", "green"),
        ("2023-12", "0", "likely", "red"),
        ("2023-12", "1", None, "green"),
    ],
)
def test_yes_or_no(period: str, value: str, confidence: str | None, colour: Colour) -> None:
    """Rule 5.1: before the due date green or yellow by confidence; from it done is green, else red."""
    given = {
        "mode": "due",
        "expected": "0",
        "target": "1",
        "tolerance": "0.5",
        "goal": "yes_no",
        "schedule": "due_date",
    }
    for previous in (None, "yellow", "red"):
        assert judge(standing(period, value, confidence=confidence, **given), previous, PROFILE) == colour


def test_grey_does_not_wash() -> None:
    """Rule 6.2: the previous colour is the last coloured one, whatever grey lies between."""
    between = coloured("2023-08", "grey")
    assert lights(coloured("2023-07", "red"), between, standing("2023-09", "36.5"))[6:9] == ["red", "grey", "red"]


def test_a_quota_year_starts_fresh() -> None:
    """Rules 4.5 and 6.2: last year's red does not hold the new year's January; a running total's does."""
    january = standing("2024-01", "6.2", expected="6.667")
    year = ("2023-01", "2024-01")
    assert lights(coloured("2023-12", "red"), january, of=year)[11:] == ["red", "green"]
    level = [standing("2023-12", "0", schedule="anchors"), standing("2024-01", "50", expected="75", schedule="anchors")]
    assert lights(*level, of=year)[11:] == ["red", "red"]


def test_a_missed_target_stays_owed() -> None:
    """Rule 4.10: no better than the light of record of the missed target's cell; yellow where it was not measured."""
    owed = Owed(on=date(2023, 12, 31), value="80", period="2023-12")
    year = ("2023-01", "2024-02")
    late = [standing(f"2024-{m:02d}", "80", expected="80", schedule="anchors", owed=owed) for m in (1, 2)]
    assert lights(standing("2023-12", "30", schedule="anchors"), *late, of=year)[11:] == ["red", "red", "red"]
    assert lights(standing("2023-12", "60", schedule="anchors"), *late, of=year)[11:] == ["yellow", "yellow", "yellow"]
    assert lights(*late, of=year)[11:] == ["grey", "yellow", "yellow"]


def test_record_is_fixed_at_the_due_date() -> None:
    """Rule 6.1: a light is live until due_at, of record from it on; a cell without a value is blank."""
    known = {"2023-05": coloured("2023-05", "yellow")}
    before = fold(cells(), known, PROFILE, at("2023-06-05"))
    assert (before.cells[4].live, before.cells[4].record, before.cells[3].record) == ("yellow", None, "grey")
    after = fold(cells(), known, PROFILE, at("2023-06-06", 0))
    assert (after.cells[4].live, after.cells[4].record) == ("yellow", "yellow")
    assert (before.next_at, after.next_at) == (at("2023-06-06", 0), at("2023-07-06", 0))


def test_stale_then_grey() -> None:
    """Rule 6.4: one due date without a value keeps the colour, marked; the second one greys it."""
    known = {"2023-05": coloured("2023-05", "red")}
    shown = [fold(cells(), known, PROFILE, at(day)) for day in ("2023-06-30", "2023-07-06", "2023-08-06")]
    assert [(each.light, each.stale, each.at) for each in shown] == [
        ("red", False, 4),
        ("red", True, 4),
        ("grey", False, 4),
    ]


def test_a_new_quota_year_shows_no_old_colour() -> None:
    """Rules 4.5 and 6.4: once January is due and missing, December's light is not carried into the new year."""
    known = {"2023-12": coloured("2023-12", "red")}
    of = cells("2023-01", "2024-03")
    shown = [fold(of, known, PROFILE, at(day)) for day in ("2024-02-01", "2024-02-06")]
    assert [(each.light, each.stale) for each in shown] == [("red", False), ("grey", False)]


def test_caught_up() -> None:
    """Rule 6.3: a red cell is caught up once a later period of the same window is green of record, its record stays."""
    known = {
        s.period: s for s in (coloured("2023-05", "red"), coloured("2023-06", "green"), coloured("2024-01", "green"))
    }
    of = cells("2023-01", "2024-01")
    found = fold(of, known, PROFILE, at("2023-07-06")).cells[4]
    assert (found.record, found.caught_up) == ("red", True)
    assert not fold(of, known, PROFILE, at("2023-07-05")).cells[4].caught_up
    other_window = {k: v for k, v in known.items() if k != "2023-06"}
    assert not fold(of, other_window, PROFILE, NEVER).cells[4].caught_up


VALUES = st.fixed_dictionaries({}, optional={f"2023-{m:02d}": st.integers(0, 80) for m in range(1, 13)})


@settings(deadline=None)  # a slow machine is no finding
@given(VALUES, st.randoms(use_true_random=False))
def test_order_does_not_matter(values: dict[str, int], shuffled: random.Random) -> None:
    """Rule 6.1: whatever the order of the standings, the lights are the same."""
    known = [(period, standing(period, str(value))) for period, value in values.items()]
    straight = fold(cells(), dict(known), PROFILE, NEVER)
    shuffled.shuffle(known)
    assert fold(cells(), dict(known), PROFILE, NEVER) == straight


@settings(deadline=None)  # a slow machine is no finding
@given(st.lists(st.integers(0, 80), min_size=12, max_size=12))
def test_a_light_follows_from_the_one_before(values: list[int]) -> None:
    """Rule 6.1: the fold is the repeated use of `judge`, each given the colour before."""
    known = [standing(f"2023-{m:02d}", str(value)) for m, value in enumerate(values, 1)]
    previous: Colour | None = None
    for found, each in zip(lights(*known), known, strict=True):
        previous = judge(each, previous, PROFILE)
        assert found == previous


def test_any_permutation_of_three() -> None:
    """Rule 6.1, spelled out for one history."""
    known = [coloured("2023-04", "red"), coloured("2023-05", "yellow"), coloured("2023-06", "green")]
    assert len({tuple(lights(*order)) for order in permutations(known)}) == 1
