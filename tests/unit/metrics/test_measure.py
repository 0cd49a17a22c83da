"""Short, lag, ratio and attainment (services/metrics/measure.py and attainment.py)."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.metrics.attainment import done_of_planned, enough_for, of_bound, of_due, of_share, of_way
from services.metrics.measure import Measure, measure, mode_of, outside_band

CALM = settings(deadline=None, max_examples=50)  # a slow machine is no finding
F = Fraction
VALUES = st.fractions(min_value=-1000, max_value=1000, max_denominator=50)
EARLY = F(15, 100)


def found(actual: str, expected: str, start: str, target: str, direction: int = 1, tolerance: str = "0.1") -> Measure:
    mode = mode_of(F(start), F(target), F(tolerance), direction, "reach", 5)
    return measure(F(actual), F(expected), F(start), F(target), direction=direction, mode=mode, p_min=EARLY)


@CALM
@given(actual=VALUES, expected=VALUES, start=VALUES, target=VALUES)
def test_lag_is_the_difference_of_shares(actual: F, expected: F, start: F, target: F) -> None:
    """Rule 5: lag = 100(p − a), ratio = a/p; T − S carries the sign."""
    assume(start != target)
    p, a = (expected - start) / (target - start), (actual - start) / (target - start)
    got = measure(actual, expected, start, target, direction=1, mode="share", p_min=EARLY)
    assert got.lag == 100 * (p - a)
    assert got.ratio == (a / p if p >= EARLY else None)


@CALM
@given(actual=VALUES, expected=VALUES, start=VALUES, target=VALUES)
def test_lower_is_better_is_the_mirror_image(actual: F, expected: F, start: F, target: F) -> None:
    """Rule 5: the same figures with all signs turned and the other direction give the same short, lag and ratio."""
    assume(start != target)
    up = measure(actual, expected, start, target, direction=1, mode="share", p_min=EARLY)
    down = measure(-actual, -expected, -start, -target, direction=-1, mode="share", p_min=EARLY)
    assert (up.short, up.lag, up.ratio) == (down.short, down.lag, down.ratio)


def test_half_is_exactly_half() -> None:
    """Rule 1.1: 28-digit division would make this ratio fall short of ½."""
    assert found("11", "22", "0", "135").ratio == F(1, 2)


@pytest.mark.parametrize(
    ("start", "target", "direction", "goal", "mode"),
    [
        ("0", "80", 1, "reach", "share"),
        ("0", "80", 1, "hold_floor", "bound"),
        ("1.54", "1.58", -1, "reach", "bound"),
        ("98.40", "98.45", 1, "reach", "bound"),
        ("60", "60", 1, "reach", "bound"),
        ("60", "60.51", 1, "reach", "share"),
        ("60", "60.5", 1, "reach", "bound"),
    ],
)
def test_mode(start: str, target: str, direction: int, goal: str, mode: str) -> None:
    """Rules 5 and 4.9: a goal that is no way, a range of up to five tolerances, a target weaker than the start."""
    assert mode_of(F(start), F(target), F("0.1"), direction, goal, 5) == mode  # type: ignore[arg-type]


def test_band_is_left_on_either_side() -> None:
    """Rule 4.5: short = max(lo − A, A − hi)."""
    assert [outside_band(F(each), F(10), F(20)) for each in (8, 15, 23)] == [2, -5, 3]


@pytest.mark.parametrize(
    ("actual", "expected", "start", "target", "tolerance", "approx", "score"),
    [
        ("30", "40", "0", "80", "0.1", False, 75),
        ("39.95", "40", "0", "80", "0.1", False, 100),
        ("95", "40", "0", "80", "0.1", False, 100),
        ("-5", "40", "0", "80", "0.1", False, 0),
        ("9.5", "10", "0", "10", "0.1", True, 100),
        ("9.0", "10", "0", "10", "0.1", True, "1800/19"),
        ("4.6", "5", "0", "10", "0.5", True, 100),
        ("20", "11.99", "0", "80", "0.1", False, None),
    ],
)
def test_attainment_of_a_way(
    actual: str, expected: str, start: str, target: str, tolerance: str, approx: bool, score: int | str | None
) -> None:
    """Rule 10.1: the share done of the share planned, 0…100; early or ahead alike not counted before p = 0.15."""
    enough = enough_for(F(target), 1, F(5)) if approx else F(target)
    done = done_of_planned(F(actual), F(expected), F(start), F(target), enough=enough, p_min=EARLY)
    got = of_share(F(expected) - F(actual), F(tolerance), done)
    assert got == (None if score is None else F(score))


def test_attainment_of_a_bound_and_of_a_thing_done() -> None:
    """Rule 10.1: a tenth outside leaves nothing; E = 0 outside is 0; yes/no counts only when due."""
    assert of_bound(F("0.02"), F("1.58"), F("0.005")) == 100 - 100 * F("0.02") / F("0.158")
    assert of_bound(F(20), F(100), F(1)) == 0
    assert of_bound(F(1), F(0), F("0.5")) == 0
    assert [of_due(True, True), of_due(False, True), of_due(True, False)] == [100, 0, None]


SIDES = st.fractions(-500, 500, max_denominator=50)


@CALM
@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([1, -1]), st.booleans(), st.sampled_from([None, Fraction(5)]))
def test_attainment_stays_within_its_caps(
    actual: Fraction,
    expected: Fraction,
    start: Fraction,
    target: Fraction,
    direction: int,
    whole: bool,
    approx: Fraction | None,
) -> None:
    """Rule 10.1: 0 to 100 in every window, or nothing while it is too early; 100 within the tolerance."""
    tolerance = Fraction(1, 10)
    mode = mode_of(start, target, tolerance, direction, "reach", 5)
    reach = whole and direction * (target - start) > 0
    found = of_way(
        actual,
        expected,
        start,
        target,
        tolerance=tolerance,
        direction=direction,
        mode=mode,
        whole_reach=reach,
        approx_pct=approx,
        p_min=Fraction(15, 100),
    )
    assert found is None or 0 <= found <= 100
    if found is not None and direction * (expected - actual) <= tolerance:
        assert found == 100
