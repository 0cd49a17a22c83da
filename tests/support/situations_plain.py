"""Situations that a few values make: each kind of plan, kept or missed."""

from datetime import date

from contracts.programme import Baseline, Target
from tests.support.situated import (
    BAND,
    END,
    FLOOR,
    PER_YEAR,
    PERCENT,
    PIECES,
    PLAN,
    QUARTERLY,
    RATIO,
    YEARLY,
    YES_NO,
    simple,
)

simple("behind schedule", "2023-06", {"2023-06": "30"}, targets=PLAN)
simple("ahead of schedule", "2023-08", {"2023-08": "61.76"}, targets=PLAN)
simple("exactly on schedule", "2023-06", {"2023-06": "40"}, targets=PLAN)
simple("behind within the tolerance", "2023-06", {"2023-06": "39.95"}, targets=PLAN)
simple("too early for a ratio", "2023-01", {"2023-01": "0"}, targets=PLAN)
simple("by the end of the year", "2023-12", {"2023-12": "79"}, targets=PLAN)
simple("a missed target stays owed", "2024-01", {"2024-01": "66"}, targets=PLAN)
simple("caught up in the next window", "2024-03", {"2023-12": "60", "2024-03": "160"}, targets=PLAN)
simple("worse than at the start", "2023-06", {"2022": "20", "2023-06": "18"}, targets=PLAN, stock=True)
simple(
    "start is the first report",
    "2024-06",
    {"2023-06": "62", "2024-06": "66"},
    targets=(Target(on=END[2027], value="100"),),
    **PERCENT,
)
simple(
    "start is the base year's report",
    "2023-06",
    {"2022": "60", "2023-06": "66"},
    targets=(Target(on=END[2027], value="100"),),
    **PERCENT,
)
simple(
    "declared baseline",
    "2023-Q2",
    {"2023-Q2": "66.5"},
    baseline=Baseline(on=date(2022, 12, 31), value="65.2"),
    targets=(Target(on=END[2027], value="70"),),
    **PERCENT,
    **QUARTERLY,
)
simple(
    "an about target",
    "2025-06",
    {"2025-06": "3"},
    targets=(Target(on=END[2027], value="10", bound="approx"),),
    **PIECES,
)
simple(
    "whole items owed", "2023-06", {"2023-06": "0"}, targets=(Target(on=END[2027], value="2"),), **PIECES, **PER_YEAR
)
simple(
    "nothing owed yet of whole items",
    "2023-03",
    {"2023-03": "0"},
    targets=(Target(on=END[2027], value="2"),),
    **PIECES,
    **PER_YEAR,
)
simple("a year's task ahead", "2024-08", {"2024-08": "77.2"}, targets=(Target(on=END[2027], value="100"),), **PER_YEAR)
simple(
    "monthly figures added up",
    "2023-03",
    {"2023-01": "5", "2023-02": "4", "2023-03": "6"},
    targets=(Target(on=END[2027], value="80"),),
    **PER_YEAR,
    reported_as="increment",
)
simple(
    "a month is missing in between",
    "2023-03",
    {"2023-01": "5", "2023-03": "6"},
    targets=(Target(on=END[2027], value="80"),),
    **PER_YEAR,
    reported_as="increment",
)
simple(
    "floor kept",
    "2023-Q1",
    {"2023-Q1": "97"},
    targets=(Target(on=END[2027], value="96"),),
    **FLOOR,
    **PERCENT,
    **QUARTERLY,
)
simple(
    "floor missed within the tolerance",
    "2023-Q1",
    {"2023-Q1": "95.96"},
    targets=(Target(on=END[2027], value="96"),),
    **FLOOR,
    **PERCENT,
    **QUARTERLY,
)
simple(
    "floor missed",
    "2023-Q1",
    {"2023-Q1": "94.9"},
    targets=(Target(on=END[2027], value="96"),),
    **FLOOR,
    **PERCENT,
    **QUARTERLY,
)
simple(
    "floor missed in units",
    "2023",
    {"2023": "119.0"},
    targets=(Target(on=END[2027], value="120.3"),),
    **FLOOR,
    **YEARLY,
    judged_as="level",
    unit="mu_10k",
    unit_zh="万亩",
    tolerance="0.05",
    yearly_floor=True,
)
simple(
    "ceiling missed",
    "2024",
    {"2024": "1.60"},
    **RATIO,
    **YEARLY,
    targets=(Target(on=END[2023], value="1.54"), Target(on=END[2027], value="1.58")),
)
simple(
    "lower is better",
    "2023-Q2",
    {"2023-Q2": "1.65"},
    **RATIO,
    **QUARTERLY,
    targets=(Target(on=END[2023], value="1.60"),),
    baseline=Baseline(on=date(2022, 12, 31), value="1.66"),
)
simple(
    "a range too small to divide",
    "2023-Q2",
    {"2023-Q2": "98.30"},
    **PERCENT,
    **QUARTERLY,
    decimals=2,
    targets=(Target(on=END[2023], value="98.45"),),
    baseline=Baseline(on=date(2022, 12, 31), value="98.40"),
)
simple("inside a band", "2023-Q2", {"2023-Q2": "55"}, **BAND)
simple("above a band", "2023-Q2", {"2023-Q2": "63"}, **BAND)
simple("below a band", "2023-Q2", {"2023-Q2": "47"}, **BAND)
simple("not due yet", "2023-Q2", {"2023-Q2": "0"}, **YES_NO, **PERCENT, **QUARTERLY)
simple("done before its day", "2023-Q3", {"2023-Q3": "100"}, **YES_NO, **PERCENT, **QUARTERLY)
simple("due and not done", "2023-Q4", {"2023-Q4": "0"}, **YES_NO, **PERCENT, **QUARTERLY)
simple(
    "a rank reached",
    "2027",
    {"2027": "9"},
    judged_as="level",
    unit="rank",
    unit_zh="位",
    decimals=0,
    tolerance="0.5",
    direction=-1,
    goal="rank_at_most",
    schedule="due_date",
    targets=(Target(on=END[2027], value="10"),),
    **YEARLY,
)
simple(
    "growth rate and its average",
    "2024",
    {"2023": "21", "2024": "0"},
    targets=(Target(on=END[2027], value="10"),),
    measure="growth",
    **FLOOR,
    **PERCENT,
    **YEARLY,
)
simple(
    "growth of a level",
    "2024",
    {"2022": "100", "2024": "118"},
    targets=(Target(on=END[2027], value="10"),),
    measure="growth",
    schedule="growth",
    judged_as="level",
    unit="CNY_10k",
    unit_zh="万元",
    **YEARLY,
)
simple("milestones", "2024-06", {"2024-06": "70"}, targets=PLAN, schedule="steps")
simple("season not known yet", "2023-03", {"2023-03": "10"}, targets=PLAN, schedule="seasonal", reported_as="ytd")
simple("no target", "2023-06", {"2023-06": "2"})
simple(
    "a stock begins with its first report",
    "2023-06",
    {"2023-06": "2"},
    targets=PLAN,
    stock=True,
    judged_as="programme",
    reported_as="ytd",
)
simple("target in dispute", "2023-06", {"2023-06": "2"}, targets=(Target(on=END[2027], value="20", disputed=True),))
simple("effort wording", "2023-06", {"2023-06": "2"}, targets=(Target(on=END[2027], value="20", binding=False),))
simple("the base year itself", "2022", {"2022": "20"}, targets=PLAN)
simple(
    "change of over 30 percent",
    "2023-Q2",
    {"2023-Q1": "40", "2023-Q2": "60"},
    **PERCENT,
    **QUARTERLY,
    targets=(Target(on=END[2027], value="100"),),
)
