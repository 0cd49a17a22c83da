"""Named situations in which a standing explains itself; `python -m tests.support.situations` writes them down.

Each is a few reports of one made-up indicator; the district names are the catalogue's.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.events import Text
from contracts.periods import Frequency
from contracts.programme import CITY, Baseline, Lookup, Target
from tests.support.programmes import Trial, indicator, lookup

END = {year: date(year, 12, 31) for year in range(2023, 2028)}
PLAN = (Target(on=END[2023], value="80"), Target(on=END[2027], value="800"))
PERCENT: dict[str, Any] = {"judged_as": "level", "unit": "percent", "unit_zh": "%", "tolerance": "0.05"}
QUARTERLY: dict[str, Any] = {"frequency": Frequency.QUARTERLY}
YEARLY: dict[str, Any] = {"frequency": Frequency.YEARLY}
PIECES: dict[str, Any] = {"unit": "count", "unit_zh": "个", "decimals": 0, "tolerance": "0.5"}
PER_YEAR: dict[str, Any] = {"judged_as": "ytd", "schedule": "quota", "measure": "annual", "every_year": True}
FLOOR: dict[str, Any] = {"goal": "hold_floor", "schedule": "hold"}
RATIO: dict[str, Any] = {
    "judged_as": "level",
    "unit": "ratio",
    "unit_zh": "",
    "decimals": 2,
    "tolerance": "0.005",
    "direction": -1,
}
YES_NO: dict[str, Any] = {"goal": "yes_no", "schedule": "due_date", "targets": (Target(on=END[2023], value="100"),)}
BAND: dict[str, Any] = {
    **PERCENT,
    **QUARTERLY,
    "goal": "band",
    "schedule": "band",
    "targets": (Target(on=END[2027], value="50"), Target(on=END[2027], value="60", bound="le")),
}
HALVES = {each: {"2023-12-31": "40", "2027-12-31": "400"} for each in ("deqing", "anji")}
SUM: dict[str, Any] = {"targets": PLAN, "applicable": ("deqing", "anji"), "aggregate": "sum"}

GOLDEN = Path(__file__).parents[1] / "unit/metrics"

Situation = Callable[[], Text]
_situations: dict[str, Situation] = {}


def situations() -> Mapping[str, Text]:
    """The sentence of each situation, by its name."""
    return {name: said() for name, said in _situations.items()}


def told(allocations: Mapping[str, Mapping[str, str]] | None = None, **given: Any) -> Trial:
    """A trial whose districts have the names of the catalogue."""
    made = lookup(indicator(**given), allocations=allocations)
    named = Lookup(msgspec.structs.replace(made.programme, districts=_shipped().programme.districts))
    return Trial(named, Cells(named))


@cache
def _shipped() -> Lookup:
    return load(SHIPPED)


def _is(name: str, period: str, district: str = CITY) -> Callable[[Callable[[], Trial]], Callable[[], Trial]]:
    def keep(made: Callable[[], Trial]) -> Callable[[], Trial]:
        _situations[name] = lambda: made().standing(period, district).explanation
        return made

    return keep


def _simple(name: str, period: str, values: Mapping[str, str | None], **given: Any) -> None:
    _is(name, period)(lambda: told(**given).tell_all(values))


_simple("behind schedule", "2023-06", {"2023-06": "30"}, targets=PLAN)
_simple("ahead of schedule", "2023-08", {"2023-08": "61.76"}, targets=PLAN)
_simple("exactly on schedule", "2023-06", {"2023-06": "40"}, targets=PLAN)
_simple("behind within the tolerance", "2023-06", {"2023-06": "39.95"}, targets=PLAN)
_simple("too early for a ratio", "2023-01", {"2023-01": "0"}, targets=PLAN)
_simple("by the end of the year", "2023-12", {"2023-12": "79"}, targets=PLAN)
_simple("a missed target stays owed", "2024-01", {"2024-01": "66"}, targets=PLAN)
_simple("caught up in the next window", "2024-03", {"2023-12": "60", "2024-03": "160"}, targets=PLAN)
_simple("worse than at the start", "2023-06", {"2022": "20", "2023-06": "18"}, targets=PLAN, stock=True)
_simple(
    "start is the first report",
    "2024-06",
    {"2023-06": "62", "2024-06": "66"},
    targets=(Target(on=END[2027], value="100"),),
    **PERCENT,
)
_simple(
    "start is the base year's report",
    "2023-06",
    {"2022": "60", "2023-06": "66"},
    targets=(Target(on=END[2027], value="100"),),
    **PERCENT,
)
_simple(
    "declared baseline",
    "2023-Q2",
    {"2023-Q2": "66.5"},
    baseline=Baseline(on=date(2022, 12, 31), value="65.2"),
    targets=(Target(on=END[2027], value="70"),),
    **PERCENT,
    **QUARTERLY,
)
_simple(
    "an about target",
    "2025-06",
    {"2025-06": "3"},
    targets=(Target(on=END[2027], value="10", bound="approx"),),
    **PIECES,
)
_simple(
    "whole items owed", "2023-06", {"2023-06": "0"}, targets=(Target(on=END[2027], value="2"),), **PIECES, **PER_YEAR
)
_simple(
    "nothing owed yet of whole items",
    "2023-03",
    {"2023-03": "0"},
    targets=(Target(on=END[2027], value="2"),),
    **PIECES,
    **PER_YEAR,
)
_simple("a year's task ahead", "2024-08", {"2024-08": "77.2"}, targets=(Target(on=END[2027], value="100"),), **PER_YEAR)
_simple(
    "monthly figures added up",
    "2023-03",
    {"2023-01": "5", "2023-02": "4", "2023-03": "6"},
    targets=(Target(on=END[2027], value="80"),),
    **PER_YEAR,
    reported_as="increment",
)
_simple(
    "a month is missing in between",
    "2023-03",
    {"2023-01": "5", "2023-03": "6"},
    targets=(Target(on=END[2027], value="80"),),
    **PER_YEAR,
    reported_as="increment",
)
_simple(
    "floor kept",
    "2023-Q1",
    {"2023-Q1": "97"},
    targets=(Target(on=END[2027], value="96"),),
    **FLOOR,
    **PERCENT,
    **QUARTERLY,
)
_simple(
    "floor missed within the tolerance",
    "2023-Q1",
    {"2023-Q1": "95.96"},
    targets=(Target(on=END[2027], value="96"),),
    **FLOOR,
    **PERCENT,
    **QUARTERLY,
)
_simple(
    "floor missed",
    "2023-Q1",
    {"2023-Q1": "94.9"},
    targets=(Target(on=END[2027], value="96"),),
    **FLOOR,
    **PERCENT,
    **QUARTERLY,
)
_simple(
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
_simple(
    "ceiling missed",
    "2024",
    {"2024": "1.60"},
    **RATIO,
    **YEARLY,
    targets=(Target(on=END[2023], value="1.54"), Target(on=END[2027], value="1.58")),
)
_simple(
    "lower is better",
    "2023-Q2",
    {"2023-Q2": "1.65"},
    **RATIO,
    **QUARTERLY,
    targets=(Target(on=END[2023], value="1.60"),),
    baseline=Baseline(on=date(2022, 12, 31), value="1.66"),
)
_simple(
    "a range too small to divide",
    "2023-Q2",
    {"2023-Q2": "98.30"},
    **PERCENT,
    **QUARTERLY,
    decimals=2,
    targets=(Target(on=END[2023], value="98.45"),),
    baseline=Baseline(on=date(2022, 12, 31), value="98.40"),
)
_simple("inside a band", "2023-Q2", {"2023-Q2": "55"}, **BAND)
_simple("above a band", "2023-Q2", {"2023-Q2": "63"}, **BAND)
_simple("below a band", "2023-Q2", {"2023-Q2": "47"}, **BAND)
_simple("not due yet", "2023-Q2", {"2023-Q2": "0"}, **YES_NO, **PERCENT, **QUARTERLY)
_simple("done before its day", "2023-Q3", {"2023-Q3": "100"}, **YES_NO, **PERCENT, **QUARTERLY)
_simple("due and not done", "2023-Q4", {"2023-Q4": "0"}, **YES_NO, **PERCENT, **QUARTERLY)
_simple(
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
_simple(
    "growth rate and its average",
    "2024",
    {"2023": "21", "2024": "0"},
    targets=(Target(on=END[2027], value="10"),),
    measure="growth",
    **FLOOR,
    **PERCENT,
    **YEARLY,
)
_simple(
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
_simple("milestones", "2024-06", {"2024-06": "70"}, targets=PLAN, schedule="steps")
_simple("season not known yet", "2023-03", {"2023-03": "10"}, targets=PLAN, schedule="seasonal", reported_as="ytd")
_simple("no target", "2023-06", {"2023-06": "2"})
_simple(
    "a stock begins with its first report",
    "2023-06",
    {"2023-06": "2"},
    targets=PLAN,
    stock=True,
    judged_as="programme",
    reported_as="ytd",
)
_simple("target in dispute", "2023-06", {"2023-06": "2"}, targets=(Target(on=END[2027], value="20", disputed=True),))
_simple("effort wording", "2023-06", {"2023-06": "2"}, targets=(Target(on=END[2027], value="20", binding=False),))
_simple("the base year itself", "2022", {"2022": "20"}, targets=PLAN)
_simple(
    "change of over 30 percent",
    "2023-Q2",
    {"2023-Q1": "40", "2023-Q2": "60"},
    **PERCENT,
    **QUARTERLY,
    targets=(Target(on=END[2027], value="100"),),
)


@_is("at risk by the department's word", "2023-Q2")
def _() -> Trial:
    of = told(**YES_NO, **PERCENT, **QUARTERLY)
    of.tell("2023-Q2", "0", confidence="at_risk")
    return of


@_is("unlikely by the department's word", "2023-Q2")
def _() -> Trial:
    of = told(**YES_NO, **PERCENT, **QUARTERLY)
    of.tell("2023-Q2", "0", confidence="unlikely")
    return of


@_is("provisional, and the total fell", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN).tell_all({"2023-05": "30"})
    of.tell("2023-06", "29", status="provisional")
    return of


@_is("estimated", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "29.5", status="estimated")
    return of


@_is("two values under one revision", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    of.tell("2023-06", "36", "2023-07-03")
    return of


@_is("withdrawn", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    of.tell("2023-06", None, "2023-07-04", revision=1, reason="口径有误")
    return of


@_is("corrected after the lock", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    approved = of.cells.of("investment", CITY)[8].period.closes_at
    of.tell("2023-06", "38", "2023-09-05", revision=1, reason="漏报", approved_at=approved)
    return of


@_is("it will miss its target at this tempo", "2023-08")
def _() -> Trial:
    return told(targets=PLAN).tell_all({"2023-05": "30", "2023-06": "35", "2023-07": "40", "2023-08": "45"})


@_is("falling behind fast", "2023-08")
def _() -> Trial:
    return told(targets=PLAN).tell_all({"2023-05": "50", "2023-06": "50", "2023-07": "50", "2023-08": "45"})


@_is("a level that goes the wrong way", "2024-Q1")
def _() -> Trial:
    of = told(targets=(Target(on=END[2027], value="100"),), **PERCENT, **QUARTERLY)
    values = ("60", "64", "63", "62", "61")
    return of.tell_all(dict(zip(("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"), values, strict=True)))


@_is("derived with a district missing", "2023-06")
def _() -> Trial:
    of = told(HALVES, **SUM)
    of.tell("2023-06", "15", district="deqing")
    return of


@_is("derived beside the lead's figure", "2023-06")
def _() -> Trial:
    of = told(HALVES, **SUM)
    of.tell("2023-06", "15", district="deqing")
    of.tell("2023-06", "15", district="anji")
    of.tell("2023-06", "31")
    return of


@_is("share of districts that are done", "2023-Q4")
def _() -> Trial:
    of = told(applicable=("deqing", "changxing", "anji"), aggregate="share_done", **YES_NO, **PERCENT, **QUARTERLY)
    for district, value in (("deqing", "100"), ("changxing", "100"), ("anji", "0")):
        of.tell("2023-Q4", value, district=district)
    return of


@_is("a district that owes nothing in this stretch", "2023-06", "anji")
def _() -> Trial:
    of = told(HALVES | {"anji": {"2023-12-31": "0", "2027-12-31": "400"}}, **SUM)
    of.tell("2023-06", "1", district="anji")
    return of


@_is("a district without a part of the target", "2023-06", "anji")
def _() -> Trial:
    of = told({"deqing": HALVES["deqing"]}, **SUM)
    of.tell("2023-06", "1", district="anji")
    return of


@_is("excused from reporting", "2023-06")
def _() -> Trial:
    return told(targets=PLAN).act("cell.excused", "2023-06", "2023-07-03", reason="机构改革")


@_is("excused until a day", "2023-06")
def _() -> Trial:
    return told(targets=PLAN).act("cell.excused", "2023-06", "2023-07-03", until=date(2023, 8, 31))


@_is("excused after it was withdrawn", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    of.tell("2023-06", None, "2023-07-04", revision=1, reason="口径有误")
    return of.act("cell.excused", "2023-06", "2023-07-05")


@_is("the total fell, and was explained", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN).tell_all({"2023-05": "30"})
    fell = of.tell("2023-06", "29")
    return of.act("flag.commented", "2023-06", "2023-07-03", report=fell.identity, reason="核减重复统计1亿元。")


@_is("a change against last year", "2024-03")
def _() -> Trial:
    return told(targets=(Target(on=END[2027], value="100"),), **PER_YEAR).tell_all({"2023-03": "20", "2024-03": "30"})


@_is("a change that was explained", "2024-03")
def _() -> Trial:
    of = told(targets=(Target(on=END[2027], value="100"),), **PER_YEAR).tell_all({"2023-03": "20"})
    jumped = of.tell("2024-03", "30")
    return of.act("flag.commented", "2024-03", "2024-04-03", report=jumped.identity, reason="两个项目集中入库")


@_is("approved after the lock by an act", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    held = of.tell("2023-06", "38", "2023-09-05", revision=1, reason="漏报")
    return of.act("report.approved", "2023-06", "2023-09-07", report=held.identity)


@_is("a rate that went down", "2024")
def _() -> Trial:
    floor = told(targets=(Target(on=END[2027], value="10"),), measure="growth", **FLOOR, **PERCENT, **YEARLY)
    return floor.tell_all({"2024": "-3.5"})


def document(language: str) -> str:
    """All of them in one language, one paragraph each."""
    return "\n".join(_paragraphs(language))


def _paragraphs(language: str) -> Iterator[str]:
    for number, (name, text) in enumerate(situations().items(), 1):
        yield f"{number}. {name}\n{getattr(text, language)}\n"


if __name__ == "__main__":
    for name in ("zh", "en"):
        (GOLDEN / f"explanations.{name}.txt").write_text(document(name), encoding="utf-8")
