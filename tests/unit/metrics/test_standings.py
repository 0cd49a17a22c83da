"""What a cell is held against (targets.py, plan.py, baseline.py, finding.py of metrics), told through the fold."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.periods import Frequency
from contracts.programme import CITY, Baseline, Target
from services.metrics.baseline import EACH_YEAR, Start
from services.metrics.fold import fold
from services.metrics.plan import Plan
from tests.support.programmes import DISTRICTS, Trial, number, trial

END_2023, END_2027 = date(2023, 12, 31), date(2027, 12, 31)


def due(value: str | None, on: date = END_2027, **given: Any) -> Target:
    return Target(on=on, value=value, **given)


def level(*targets: Target, **given: Any) -> Trial:
    """A rate that the city reports each quarter."""
    defaults = {"judged_as": "level", "unit": "percent", "unit_zh": "%", "frequency": Frequency.QUARTERLY}
    return trial(targets=targets, **defaults | {"tolerance": "0.05"} | given)


def quota(*targets: Target, **given: Any) -> Trial:
    return trial(targets=targets, **{"judged_as": "ytd", "schedule": "quota"} | given)


def test_first_report_is_the_start() -> None:
    """Rule 4.4: 62 % for June 2023 is S at its own day, E(2024-06) = 70.444…, and it says so."""
    told = level(due("100")).tell_all({"2023-Q2": "62", "2024-Q2": "70"})
    first, later = told.standing("2023-Q2"), told.standing("2024-Q2")
    assert (first.expected, first.lag, first.attainment) == ("62.000", "0.000", None)
    assert (later.expected, later.baseline, later.baseline_on) == ("70.444", "62.0", date(2023, 6, 30))
    assert later.baseline_source == "first_report"
    assert "首次报送的62%为起点" in later.explanation.zh


def test_base_year_goes_before_the_first_report() -> None:
    """Rule 4.4: an accepted report for 2022 is S, known from its receipt on."""
    told = level(due("100")).tell_all({"2023-Q2": "62"})
    told.tell("2022", "58", "2023-07-20")
    found = told.standing("2023-Q2")
    assert (found.baseline, found.baseline_source) == ("58.0", "base_year_report")
    assert found.known_at == datetime.fromisoformat("2023-07-20T09:00:00+08:00")


def test_locked_cell_keeps_its_start() -> None:
    """Rule 4.4: a base-year report that comes after June's lock moves only what is not locked yet."""
    told = level(due("100")).tell_all({"2023-Q2": "62", "2023-Q3": "63"})
    told.tell("2022", "58", "2023-10-15")  # Q2 locked on 1 August, Q3 locks on 1 November
    assert told.standing("2023-Q2").baseline_source == "first_report"
    assert told.standing("2023-Q3").baseline_source == "base_year_report"


def test_withdrawn_first_report_starts_nothing() -> None:
    """Rule 4.4: the earliest applied report is then a later one, and no cell starts from what came after it."""
    told = level(due("100")).tell_all({"2023-Q2": "62"})
    told.tell("2023-Q2", None, "2023-07-20", revision=1, reason="wrong list")
    told.tell("2023-Q3", "70")
    assert told.standing("2023-Q2").baseline is None
    assert told.standing("2023-Q3").baseline == "70.0"


def test_declared_baseline_goes_first() -> None:
    """Rule 4.4: what the catalogue says wins over every report."""
    told = level(due("100"), baseline=Baseline(on=date(2022, 12, 31), value="50"))
    told.tell_all({"2022": "58", "2023-Q2": "62"}, received="2023-07-02")
    assert told.standing("2023-Q2").baseline_source == "declared"


def test_declared_baseline_of_a_sum_is_the_citys() -> None:
    """Rules 3.3 and 4.4: a district starts from its own first report."""
    told = trial(
        {"deqing": {"2027-12-31": "135"}}, targets=(due("135"),), stock=True, applicable=("deqing",), aggregate="sum",
        baseline=Baseline(on=date(2022, 12, 31), value="90"),
    )  # fmt: skip
    told.tell("2023-06", "95", district="deqing")
    assert told.standing("2023-06", "deqing").baseline_source == "first_report"
    assert told.standing("2023-06").baseline_source == "declared"


def test_stock_starts_with_its_first_report_others_with_zero() -> None:
    """Rule 4.4: a total that began before the programme does not start from 0."""
    for stock, source in ((True, "first_report"), (False, "zero")):
        told = trial(targets=(due("135"),), stock=stock).tell_all({"2023-03": "90"})
        assert told.standing("2023-03").baseline_source == source


def test_first_report_in_a_later_window_starts_from_the_target_before() -> None:
    """Rule 4.4: S is the previous dated target, here at the end of 2023."""
    told = level(due("80", END_2023), due("100")).tell_all({"2024-Q2": "85"})
    found = told.standing("2024-Q2")
    assert (found.baseline, found.baseline_source, found.expected) == ("80.0", "previous_target", "82.500")


def test_start_on_the_targets_day_leaves_a_bound() -> None:
    """Rule 4.4: no window: bound at T."""
    found = level(due("80", END_2023), due("100")).tell_all({"2023-Q4": "75"}).standing("2023-Q4")
    assert (found.mode, found.expected, found.short) == ("bound", "80.000", "5.000")


def test_weaker_than_the_start_is_a_bound_at_the_target() -> None:
    """Rule 4.9: 1.54 → 1.58, lower is better: 1.60 is 1.27 % over; 1.57 is inside."""
    targets = due("1.54", END_2023), due("1.58")
    told = level(*targets, direction=-1, unit="ratio", tolerance="0.005", decimals=2, frequency=Frequency.YEARLY)
    told.tell_all({"2024": "1.60", "2025": "1.57"})
    found = told.standing("2024")
    assert (found.mode, found.expected, found.short_pct) == ("bound", "1.5800", "1.266")
    assert told.standing("2025").attainment == "100.0000"


def test_small_range_is_a_bound_on_its_line() -> None:
    """Rule 5: 98.40 → 98.45 with half a digit of 0.05 is no range to divide; E stays on the line."""
    told = level(due("98.45", END_2023), baseline=Baseline(on=date(2022, 12, 31), value="98.40"), decimals=2)
    found = told.tell_all({"2023-Q2": "98.39"}).standing("2023-Q2")
    assert (found.mode, found.expected, found.short) == ("bound", "98.4250", "0.0350")


def test_about_widens_the_tolerance_and_the_score() -> None:
    """Rules 1.3 and 10.1: about 30: tolerance 5 % of |T|; 28.5 are as good as 30."""
    told = trial(targets=(due("30", bound="approx"),), unit="count", decimals=0, tolerance="0.5")
    found = told.tell_all({"2027-12": "28"}).standing("2027-12")
    assert (found.tolerance, found.short) == ("1.5", "2.00")
    assert found.attainment == "98.2456"


def test_only_whole_items_are_owed() -> None:
    """Rule 4.8: two belts a year: 0 owed to May, 1 from June, 2 in December; scored by shares (rule 10.1)."""
    told = quota(due("2", END_2023), unit="count", decimals=0, tolerance="0.5", valid_to=END_2023)
    told.tell_all({"2023-05": "0", "2023-06": "0", "2023-12": "1"})
    assert [told.standing(period).expected for period in ("2023-05", "2023-06", "2023-12")] == ["0.00", "1.00", "2.00"]
    assert told.standing("2023-06").mode == "bound"
    assert told.standing("2023-12").attainment == "50.0000"


def test_quota_restarts_each_year() -> None:
    """Rules 4.5 and 4.6: S 0 on 1 January, 每年 with the exception of its year, nothing owed from before."""
    told = quota(due("15", END_2023), due("20"), every_year=True, unit="count", decimals=0, tolerance="0.5")
    found = told.tell_all({"2023-12": "3", "2024-06": "7"}).standing("2024-06")
    assert (found.target, found.expected, found.baseline) == ("20", "10.00", "0")
    assert (found.baseline_on, found.window_years) == (date(2024, 1, 1), (2024, 2024))
    assert found.owed is None


def test_flow_between_printed_years_takes_equal_steps() -> None:
    """Rule 4.6: 75 … 120 → 2025: 97.5; its wording (binding) is that of the printed figure it leads to."""
    told = quota(due("75", END_2023, binding=False), due("120"))
    told.tell_all({"2023-12": "75", "2025-12": "97.5"})
    assert told.standing("2025-12").target == "97.5"
    assert (told.standing("2023-12").binding, told.standing("2025-12").binding) == (False, True)
    assert told.standing("2023-12").attainment is None


def test_single_figure_leaves_the_years_before_without_target() -> None:
    """Rule 4.6: no_target until the office sets them; the value is shown."""
    told = quota(due("160")).tell_all({"2024-06": "50", "2027-06": "80"})
    assert (told.standing("2024-06").mode, told.standing("2024-06").reason) == ("none", "no_target")
    assert told.standing("2024-06").value == "50.0"
    assert told.standing("2027-06").lag == "0.000"


def test_allocated_flow_takes_its_own_steps() -> None:
    """Rules 3.3 and 4.6: the district's part between its printed years."""
    told = trial(
        {"deqing": {"2023-12-31": "30", "2027-12-31": "50"}}, targets=(due("75", END_2023), due("120")),
        judged_as="ytd", schedule="quota", applicable=("deqing",), aggregate="sum",
    )  # fmt: skip
    told.tell("2025-12", "40", district="deqing")
    assert told.standing("2025-12", "deqing").target == "40.0"


def test_yearly_floor_is_judged_on_its_year() -> None:
    """Rule 4.7: one cell a year, held against the year's figure, with no start and nothing owed from before."""
    told = trial(
        targets=(due("120.3", END_2023), due("120.3")), judged_as="ytd", schedule="hold", goal="hold_floor",
        yearly_floor=True, unit="mu_10k", tolerance="0.05", frequency=Frequency.QUARTERLY,
    )  # fmt: skip
    found = told.tell_all({"2023": "119.0", "2024": "120.25"}).standing("2024")
    assert (found.mode, found.short, found.attainment, found.baseline) == ("bound", "0.050", "100.0000", None)
    assert found.owed is None
    assert told.standing("2023").short_pct == "1.081"


def test_missed_target_stays_owed_until_it_is_reached() -> None:
    """Rule 4.10: 60 of 80, then 66, 79.8; 79.9 is within the tolerance."""
    told = trial(targets=(due("80", END_2023), due("800")))
    told.tell_all({"2023-12": "60", "2024-01": "66", "2024-02": "79.8", "2024-03": "79.9"})
    assert told.standing("2023-12").owed is None
    for period in ("2024-01", "2024-02"):
        owed = told.standing(period).owed
        assert owed is not None
        assert (owed.on, owed.value, owed.period) == (END_2023, "80.0", "2023-12")
    assert told.standing("2024-03").owed is None


def test_latest_missed_target_rules() -> None:
    """Rule 4.10: of several, the latest; its cell is named in the series' own frequency."""
    told = level(due("50", END_2023), due("60", date(2024, 12, 31)), due("100"))
    owed = told.tell_all({"2025-Q1": "40"}).standing("2025-Q1").owed
    assert owed is not None
    assert owed.period == "2024-Q4"


def test_disputed_target_is_shown_and_never_used() -> None:
    """Rule 4.11: judged in 2023 only, then disputed; one that is skipped on the way bends no line."""
    told = trial(targets=(due("60", END_2023), due("20", disputed=True))).tell_all({"2023-06": "30", "2024-06": "60"})
    found = told.standing("2024-06")
    assert (found.mode, found.reason, found.target, found.expected) == ("none", "disputed", "20.0", None)
    assert told.standing("2023-06").lag == "0.000"
    middle = due("999", date(2025, 12, 31), disputed=True)
    assert trial(targets=(middle, due("100"))).tell_all({"2025-06": "50"}).standing("2025-06").expected == "50.000"


def test_damaged_and_missing_targets_are_no_target() -> None:
    """Rule 4.11: collected and shown."""
    for targets in ((), (due(None),)):
        found = trial(targets=targets).tell_all({"2023-06": "30"}).standing("2023-06")
        assert (found.mode, found.reason, found.binding) == ("none", "no_target", False)


def test_after_the_last_target_it_stays() -> None:
    """Rule 4.2: after the last date E is T."""
    found = trial(targets=(due("80", END_2023),)).tell_all({"2024-06": "70"}).standing("2024-06")
    assert (found.expected, found.lag) == ("80.000", "12.500")
    assert found.owed is not None


def test_hold_is_held_against_the_figure_it_leads_to() -> None:
    """Rule 4.5: a constant bound over its life; a ceiling is the mirror image."""
    found = level(due("96"), goal="hold_floor", schedule="hold").tell_all({"2023-Q1": "94.9"}).standing("2023-Q1")
    assert (found.mode, found.expected, found.short) == ("bound", "96.000", "1.100")
    ceiling = level(due("1"), goal="hold_ceiling", schedule="hold", direction=-1).tell_all({"2023-Q1": "1.5"})
    assert ceiling.standing("2023-Q1").short == "0.500"


def test_band_is_held_at_both_ends() -> None:
    """Rule 4.5: two targets of one day, one from below and one from above."""
    told = level(due("90"), due("95", bound="le"), goal="band", schedule="band")
    told.tell_all({"2023-Q1": "89", "2023-Q2": "93", "2023-Q3": "96.5"})
    assert [told.standing(f"2023-Q{n}").short for n in (1, 2, 3)] == ["1.000", "-2.000", "1.500"]
    assert told.standing("2023-Q3").expected == "95.000"


def test_reported_rate_of_growth_is_a_floor_and_a_level_grows() -> None:
    """Rule 4.5: 10 % a year: the rate against 10, the level against 30,000·1.1^(months/12)."""
    rate = level(due("10"), schedule="growth", goal="hold_floor", frequency=Frequency.YEARLY)
    assert rate.tell_all({"2023": "9.5"}).standing("2023").short == "0.500"
    start = Baseline(on=date(2022, 12, 31), value="30000")
    income = level(due("10"), schedule="growth", unit="CNY", decimals=0, baseline=start, frequency=Frequency.YEARLY)
    found = income.tell_all({"2023": "32000", "2027": "48315.3"})
    assert found.standing("2023").expected == "33000.00"
    assert number(found.standing("2027").exact.expected) == Fraction("48315.3")


def test_steps_owe_the_last_milestone() -> None:
    """Rule 4.5: lag in points of the whole way."""
    milestones = due("20", date(2023, 3, 31)), due("60", date(2023, 9, 30)), due("100", END_2023)
    told = trial(targets=milestones, schedule="steps", valid_to=END_2023).tell_all({"2023-08": "20", "2023-09": "52"})
    assert (told.standing("2023-08").lag, told.standing("2023-09").lag) == ("0.000", "8.000")


def test_season_needs_two_full_years() -> None:
    """Rule 4.5: straight until then and marked as the default; then the usual season of the earlier years."""
    told = quota(due("120"), schedule="seasonal", every_year=True)
    for year in (2023, 2024, 2025):
        told.tell_all({f"{year}-{month:02d}": str(month**2) for month in range(1, 13)})
    assert told.standing("2024-06").expected == "60.000"
    assert "seasonal_default" in told.standing("2024-06").flags
    found = told.standing("2025-06")
    assert (found.expected, found.flags) == ("30.000", ())


def test_thing_is_done_by_its_day() -> None:
    """Rule 5.1: before the day nothing is expected, from then on it is; confidence travels along."""
    told = level(due("100"), schedule="due_date", goal="yes_no")
    told.tell_all({"2023-Q1": "0", "2027-Q4": "0"}, confidence="at_risk")
    early, late = told.standing("2023-Q1"), told.standing("2027-Q4")
    assert (early.mode, early.expected, early.attainment, early.confidence) == ("due", None, None, "at_risk")
    assert (late.expected, late.attainment) == ("100.000", "0.0000")
    assert "有风险" in early.explanation.zh


def test_rank_is_reached_from_above() -> None:
    """Rule 5.1: among the first ten is done at 9, not at 11."""
    told = level(due("10", END_2023), unit="rank", decimals=0, schedule="due_date", goal="rank_at_most", direction=-1)
    told.tell_all({"2023-Q3": "11", "2023-Q4": "9"})
    assert told.standing("2023-Q4").attainment == "100.0000"


def test_districts_with_their_own_targets_have_none_until_set() -> None:
    """Rule 3.3: the city's figure is not theirs; an allocation sets one."""
    given = {"own_targets": True, "applicable": DISTRICTS, "aggregate": "reported", "judged_as": "level"}
    told = trial({"anji": {"2027-12-31": "4"}}, targets=(due("5.6"),), **given)
    told.tell("2023-01", "3", district="deqing")
    told.tell("2023-01", "3", district="anji")
    assert told.standing("2023-01", "deqing").reason == "no_target"
    assert told.standing("2023-01", "anji").target == "4.0"


DAYS = st.dates(date(2022, 12, 31), END_2027)


@settings(max_examples=60, deadline=None)
@given(first=DAYS, second=DAYS, whole=st.booleans())
def test_expected_never_falls_within_a_window(first: date, second: date, whole: bool) -> None:
    """Rules 4.2 and 4.8: for a rising plan E is monotone in time, whole items or not."""
    of = trial(targets=(due("80", END_2023), due("805")), unit="count" if whole else "CNY_100M")
    plan = Plan(of.lookup, of.indicator, CITY)
    start = Start(date(2022, 12, 31), Fraction(0), "zero")
    early, late = (plan.stretch(day, start).expected for day in sorted((first, second)))
    assert early is not None
    assert late is not None
    assert 0 <= early <= late <= 805


@settings(max_examples=60, deadline=None)
@given(value=st.decimals(0, 10**6, places=3), period=st.sampled_from(["2023-01", "2024-05", "2027-12"]))
def test_value_travels_as_it_was_sent(value: object, period: str) -> None:
    """Rule 1.2: what is written is the number sent, with at least the indicator's decimals."""
    of = trial(targets=(due("80"),))
    found = of.tell_all({period: f"{value:.3f}"}).standing(period)
    assert Fraction(found.value or "") == Fraction(str(value))
    assert fold(of.lookup, of.cells, of.indicator, of.facts).standings[CITY, period] == found


@pytest.mark.parametrize("year", [2023, 2026])
def test_years_start_is_january(year: int) -> None:
    """Rule 4.4: a yearly flow starts at 0 at the start of each year."""
    of = quota(due("12"), every_year=True)
    stretch = Plan(of.lookup, of.indicator, CITY).stretch(date(year, 1, 31), EACH_YEAR)
    assert (stretch.start_on, stretch.expected) == (date(year, 1, 1), Fraction(1))
