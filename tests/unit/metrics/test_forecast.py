"""Forecasts and falling behind fast (rule 6.7), on a small programme."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import Forecast
from contracts.periods import SHANGHAI
from contracts.programme import Baseline, Target
from services.metrics.forecast import Point, Way, by_tempo, falling_fast, least_squares, until_red
from tests.support.programmes import Trial, trial

YEAR = Way(Fraction(0), Fraction(80), Fraction(1, 10), 1, Fraction(15, 100))
ANCHORS = (Target(on=date(2023, 12, 31), value="80"), Target(on=date(2027, 12, 31), value="800"))


def months(year: int, *values: str | None) -> dict[str, str]:
    return {f"{year}-{month:02d}": value for month, value in enumerate(values, 1) if value is not None}


def forecast(of: Trial, period: str) -> Forecast:
    found = of.standing(period).forecast
    assert found is not None
    return found


def at_tempo(*steps: tuple[int, int | None], reports: int | None = None) -> str | None:
    """The reason that (expected, actual) pairs give, the first being the start."""
    points = [Point(Fraction(e), None if a is None else Fraction(a)) for e, a in steps]
    told = sum(point.actual is not None for point in points[1:]) if reports is None else reports
    return by_tempo(points, YEAR, told).reason


def test_three_reports_after_the_start_carry_a_forecast() -> None:
    """Rule 6.7: history is the window's start, then its reports: two say nothing yet, March does."""
    of = trial(targets=ANCHORS).tell_all(months(2023, "3", "9", "15"))
    assert forecast(of, "2023-02").reason == "fewer_than_3_reports"
    found = forecast(of, "2023-03")
    assert (found.value, found.tempo_3, found.tempo_1, found.required) == ("60.000", "0.750", "0.900", "1.083")
    assert (found.will_miss, found.gap, found.monthly_required, found.monthly_recent) == (
        True,
        "20.000",
        "7.222",
        "5.000",
    )


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (((0, 0), (5, 1), (10, 2)), "fewer_than_3_reports"),
        (((0, 0), (2, 1), (4, 2), (11, 3)), "too_early"),
        (((0, 0), (2, 1), (4, 2), (12, 3)), None),  # p is exactly 0.15
        (((60, 60), (66, 65), (73, 70), (80, 74)), "window_over"),
        (((40, 40), (40, 41), (50, 42), (50, 43)), "no_plan_in_window"),  # over one period
        (((40, 40), (50, 41), (50, None), (60, 43)), "fewer_than_3_reports"),
    ],
)
def test_a_forecast_that_cannot_be_made_says_why(steps: Sequence[tuple[int, int | None]], reason: str | None) -> None:
    """Rule 6.7: each reason, and the edge at which it ends."""
    assert at_tempo(*steps) == reason


def test_a_missing_period_among_the_last_three_leaves_no_forecast() -> None:
    """Rule 6.7: with three reports before it, a gap is named as what it is; three periods later it is forgotten."""
    of = trial(targets=ANCHORS).tell_all(months(2023, "3", "9", "15", None, "30", "36", "42", "48"))
    assert [forecast(of, f"2023-{month:02d}").reason for month in (5, 6, 7, 8)] == [
        "missing_period",
        "missing_period",
        "missing_period",
        None,
    ]
    assert "近三期有缺报，不作预测" in of.standing("2023-05").explanation.zh


def test_a_new_window_starts_with_what_was_reached_not_with_what_was_owed() -> None:
    """Rules 4.3 and 6.7: 66 of 80 were done: whoever keeps pace from there has lost nothing since."""
    of = trial(targets=ANCHORS).tell_all({"2023-12": "66", "2024-01": "81", "2024-02": "96", "2024-03": "111"})
    found = forecast(of, "2024-03")
    assert (found.lost_1, found.lost_3, found.reason) == ("0.000", "0.000", "too_early")


def test_a_yearly_quota_begins_at_nothing_and_carries_nothing_over() -> None:
    """Rules 4.5 and 6.7: in March of the second year the history is that year's alone."""
    aims = tuple(Target(on=date(year, 12, 31), value="80") for year in (2023, 2024))
    of = trial(targets=aims, judged_as="ytd", schedule="quota")
    of.tell_all(months(2023, *("40",) * 12) | months(2024, "10", "20", "30"))
    assert forecast(of, "2024-02").reason == "fewer_than_3_reports"
    assert forecast(of, "2024-03").value == "120.000"


def test_levels_are_carried_on_by_a_line_through_their_reports() -> None:
    """Rule 6.7: four points are enough, the measured start among them; nothing is foreseen for the target's own day."""
    aims = (Target(on=date(2023, 12, 31), value="66"), Target(on=date(2027, 12, 31), value="70"))
    of = trial(
        judged_as="level",
        unit="percent",
        unit_zh="%",
        frequency="quarterly",
        tolerance="0.05",
        targets=aims,
        baseline=Baseline(on=date(2022, 12, 31), value="65"),
    ).tell_all({"2023-Q1": "65.1", "2023-Q2": "65.2", "2023-Q3": "65.3", "2023-Q4": "65.4", "2024-Q1": "65.5"})
    assert forecast(of, "2023-Q2").reason == "fewer_than_4_reports"
    found = forecast(of, "2023-Q3")
    assert (found.method, found.value, found.will_miss) == ("trend", "65.400", True)
    assert forecast(of, "2023-Q4").reason == "window_over"
    assert forecast(of, "2024-Q1").reason == "fewer_than_4_reports"  # the old window's reports stay behind
    assert "按目前走势，到2023年底预计为65.4%，距目标差0.6个百分点" in of.standing("2023-Q3").explanation.zh


def test_bounds_and_dates_have_no_forecast() -> None:
    """Rule 6.7 needs a way from S to T: floors and yes/no have none."""
    of = trial(goal="hold_floor", schedule="hold", judged_as="level", targets=ANCHORS).tell_all({"2023-03": "81"})
    assert of.standing("2023-03").forecast is None


def test_nothing_is_foreseen_across_a_series_break() -> None:
    """Rule 4.11: a new version is a series of its own: its history begins with its own first report."""
    of = trial(judged_as="level", tolerance="0.05", valid_from=date(2024, 1, 1), targets=ANCHORS[1:])
    of.tell_all(months(2024, "100", "110", "120", "130"))
    assert forecast(of, "2024-03").reason == "fewer_than_4_reports"
    assert forecast(of, "2024-04").reason == "too_early"


def test_falling_behind_fast_is_said_with_the_months_left() -> None:
    """Rule 6.7: ten points in a month and fifteen in three, both exactly reached; red once the lag is above 30."""
    of = trial(targets=(Target(on=date(2023, 12, 31), value="120"),))
    of.tell_all({"2023-03": "30", "2023-04": "37", "2023-05": "44", "2023-06": "42"})
    found = forecast(of, "2023-06")
    assert (found.lost_1, found.lost_3, found.falling_fast, found.months_to_red) == ("10.000", "15.000", True, 4)
    assert "滞后快速扩大：近一个月扩大10.0个百分点、近三个月扩大15.0个百分点" in of.standing("2023-06").explanation.zh


@pytest.mark.parametrize(
    ("in_one", "in_three", "badge"),
    [("10", "15", True), ("9.999", "15", False), ("10", "14.999", False), ("12", "40", True)],
)
def test_the_badge_needs_both(in_one: str, in_three: str, badge: bool) -> None:
    """Rule 6.7: at least 10 points in a month and at least 15 in three."""
    assert falling_fast(Fraction(in_one), Fraction(in_three)) is badge


def test_months_until_red_follow_the_plan_and_the_pace() -> None:
    """Rule 6.7 with the colours of rule 5: standing still at 40 of 40, nine tenths of a year's plan a month."""
    plan = [Fraction(80 * month, 12) for month in range(6, 13)]
    # still: lag 8.3, 16.7, 25, 33.3; the ratio falls below one half only later
    assert until_red(Fraction(40), Fraction(0), plan, YEAR, Fraction(30), Fraction(1, 2)) == 4
    assert until_red(Fraction(10), Fraction(0), plan, YEAR, Fraction(30), Fraction(1, 2)) == 0
    assert until_red(Fraction(40), Fraction(80, 12), plan, YEAR, Fraction(30), Fraction(1, 2)) is None


def test_a_correction_of_an_earlier_month_moves_the_forecast_and_is_known_from_then() -> None:
    """Rule 2.10: a forecast depends on the reports it looks back on, and so does the moment it is known."""
    of = trial(targets=ANCHORS).tell_all(months(2023, "6", "12", "18", "24"))
    before = of.standing("2023-04")
    of.tell(
        "2023-03", "17", "2023-05-10", revision=1, reason="again", approved_at=datetime(2023, 5, 20, tzinfo=SHANGHAI)
    )
    after = of.standing("2023-04")
    assert before.forecast != after.forecast
    assert (before.known_at, after.known_at) == (
        datetime(2023, 5, 1, tzinfo=SHANGHAI),
        datetime(2023, 5, 20, tzinfo=SHANGHAI),
    )


values = st.fractions(-1000, 1000, max_denominator=100)


@given(st.lists(values, min_size=4, max_size=12), st.integers(0, 40))
def test_a_straight_line_is_read_as_itself(slopes: list[Fraction], at: int) -> None:
    """Rule 6.7: whatever the weights, reports that lie on a line are carried on along it; older than eight do not
    count."""
    base, rise = slopes[0], slopes[1]
    points = [(n, base + rise * n) for n in range(len(slopes))]
    assert least_squares(points, Fraction(at)) == base + rise * at
    noisy = [(n, y + (1 if n < len(points) - 8 else 0)) for n, y in points]
    assert least_squares(noisy, Fraction(at)) == base + rise * at


@given(st.lists(values, min_size=4, max_size=4), st.sampled_from([1, -1]))
def test_better_reports_now_never_turn_a_forecast_into_a_miss(actuals: list[Fraction], direction: int) -> None:
    """Rule 6.7: with everything else the same, a better newest value that is not missed stays so."""
    start, target = (Fraction(0), Fraction(80)) if direction > 0 else (Fraction(80), Fraction(0))
    way = Way(start, target, Fraction(1, 10), direction, Fraction(15, 100))
    due = [start + (target - start) * Fraction(month, 12) for month in (5, 6, 7, 8)]
    points = [Point(e, a) for e, a in zip(due, actuals, strict=True)]
    better = [*points[:-1], Point(due[-1], actuals[-1] + direction)]
    if by_tempo(points, way, 3).will_miss is False:
        assert by_tempo(better, way, 3).will_miss is False
