"""Situations that how it was reported makes: confidence, marks, corrections, acts, parts of a sum."""

from datetime import date

from contracts.programme import CITY, Target
from tests.support.programmes import Trial
from tests.support.situated import (
    END,
    FLOOR,
    HALVES,
    PER_YEAR,
    PERCENT,
    PLAN,
    QUARTERLY,
    SUM,
    YEARLY,
    YES_NO,
    situation,
    told,
)


@situation("at risk by the department's word", "2023-Q2")
def _() -> Trial:
    of = told(**YES_NO, **PERCENT, **QUARTERLY)
    of.tell("2023-Q2", "0", confidence="at_risk")
    return of


@situation("unlikely by the department's word", "2023-Q2")
def _() -> Trial:
    of = told(**YES_NO, **PERCENT, **QUARTERLY)
    of.tell("2023-Q2", "0", confidence="unlikely")
    return of


@situation("provisional, and the total fell", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN).tell_all({"2023-05": "30"})
    of.tell("2023-06", "29", status="provisional")
    return of


@situation("estimated", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "29.5", status="estimated")
    return of


@situation("two values under one revision", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    of.tell("2023-06", "36", "2023-07-03")
    return of


@situation("withdrawn", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    of.tell("2023-06", None, "2023-07-04", revision=1, reason="口径有误")
    return of


@situation("corrected after the lock", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    approved = of.cells.of("investment", CITY)[8].period.closes_at
    of.tell("2023-06", "38", "2023-09-05", revision=1, reason="漏报", approved_at=approved)
    return of


@situation("it will miss its target at this tempo", "2023-08")
def _() -> Trial:
    return told(targets=PLAN).tell_all({"2023-05": "30", "2023-06": "35", "2023-07": "40", "2023-08": "45"})


@situation("falling behind fast", "2023-08")
def _() -> Trial:
    return told(targets=PLAN).tell_all({"2023-05": "50", "2023-06": "50", "2023-07": "50", "2023-08": "45"})


@situation("a level that goes the wrong way", "2024-Q1")
def _() -> Trial:
    of = told(targets=(Target(on=END[2027], value="100"),), **PERCENT, **QUARTERLY)
    values = ("60", "64", "63", "62", "61")
    return of.tell_all(dict(zip(("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"), values, strict=True)))


@situation("derived with a district missing", "2023-06")
def _() -> Trial:
    of = told(HALVES, **SUM)
    of.tell("2023-06", "15", district="deqing")
    return of


@situation("derived beside the lead's figure", "2023-06")
def _() -> Trial:
    of = told(HALVES, **SUM)
    of.tell("2023-06", "15", district="deqing")
    of.tell("2023-06", "15", district="anji")
    of.tell("2023-06", "31")
    return of


@situation("share of districts that are done", "2023-Q4")
def _() -> Trial:
    of = told(applicable=("deqing", "changxing", "anji"), aggregate="share_done", **YES_NO, **PERCENT, **QUARTERLY)
    for district, value in (("deqing", "100"), ("changxing", "100"), ("anji", "0")):
        of.tell("2023-Q4", value, district=district)
    return of


@situation("a district that owes nothing in this stretch", "2023-06", "anji")
def _() -> Trial:
    of = told(HALVES | {"anji": {"2023-12-31": "0", "2027-12-31": "400"}}, **SUM)
    of.tell("2023-06", "1", district="anji")
    return of


@situation("a district without a part of the target", "2023-06", "anji")
def _() -> Trial:
    of = told({"deqing": HALVES["deqing"]}, **SUM)
    of.tell("2023-06", "1", district="anji")
    return of


@situation("excused from reporting", "2023-06")
def _() -> Trial:
    return told(targets=PLAN).act("cell.excused", "2023-06", "2023-07-03", reason="机构改革")


@situation("excused until a day", "2023-06")
def _() -> Trial:
    return told(targets=PLAN).act("cell.excused", "2023-06", "2023-07-03", until=date(2023, 8, 31))


@situation("excused after it was withdrawn", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    of.tell("2023-06", None, "2023-07-04", revision=1, reason="口径有误")
    return of.act("cell.excused", "2023-06", "2023-07-05")


@situation("the total fell, and was explained", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN).tell_all({"2023-05": "30"})
    fell = of.tell("2023-06", "29")
    return of.act("flag.commented", "2023-06", "2023-07-03", report=fell.identity, reason="核减重复统计1亿元。")


@situation("a change against last year", "2024-03")
def _() -> Trial:
    return told(targets=(Target(on=END[2027], value="100"),), **PER_YEAR).tell_all({"2023-03": "20", "2024-03": "30"})


@situation("a change that was explained", "2024-03")
def _() -> Trial:
    of = told(targets=(Target(on=END[2027], value="100"),), **PER_YEAR).tell_all({"2023-03": "20"})
    jumped = of.tell("2024-03", "30")
    return of.act("flag.commented", "2024-03", "2024-04-03", report=jumped.identity, reason="两个项目集中入库")


@situation("approved after the lock by an act", "2023-06")
def _() -> Trial:
    of = told(targets=PLAN)
    of.tell("2023-06", "30", "2023-07-02")
    held = of.tell("2023-06", "38", "2023-09-05", revision=1, reason="漏报")
    return of.act("report.approved", "2023-06", "2023-09-07", report=held.identity)


@situation("a rate that went down", "2024")
def _() -> Trial:
    floor = told(targets=(Target(on=END[2027], value="10"),), measure="growth", **FLOOR, **PERCENT, **YEARLY)
    return floor.tell_all({"2024": "-3.5"})
