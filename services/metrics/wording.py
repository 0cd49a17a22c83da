"""The words in which a standing is explained: reasons, units, days and periods, Chinese first."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

from contracts.numbers import ENGLISH_UNITS, published
from contracts.periods import SHANGHAI, Period
from contracts.programme import CITY
from services.metrics.plan import Plan
from services.metrics.written import as_sent

Pair = tuple[str, str]  # Chinese, English

DONE = {
    "ytd": ("当年累计完成", "done this year"),
    "increment": ("当期完成", "done in it"),
    "programme": ("累计完成", "done so far"),
}
REASONS = {
    "excused": ("经专班办公室同意本期免报，不作评判", "excused from reporting by the task-force office, not judged"),
    "no_value": ("尚无有效报送值，不作评判", "no value is in force, so nothing is judged"),
    "incomplete": (
        "本期已报送，但此前有报告期缺报，累计数无法计算，不作评判",
        "reported, but an earlier period is missing: the running total is not known, so nothing is judged",
    ),
    "no_target": ("尚无目标，只展示、不评判", "there is no target: shown, not judged"),
    "no_baseline": ("尚无起点，不作评判", "there is no baseline yet, so nothing is judged"),
    "disputed": ("目标有疑义，待专班办公室认定，只展示、不评判", "the target is disputed: shown, not judged"),
    "not_applicable": ("本阶段未分解任务，只展示、不评判", "nothing is owed in this stretch: shown, not judged"),
}
WITHDRAWN = ("报送数据已撤回，不作评判", "the value was withdrawn, so nothing is judged")
DISTRICTS_MISSING = ("区县报送不全，尚无全市汇总数，不作评判", "not all districts have reported, so nothing is judged")
NOT_ALLOCATED = (
    "目标尚未分解到本区县，只展示、不评判",
    "no part of the target has been allocated to the district: shown, not judged",
)
NOT_PRINTED = ("目标数字待认定，只展示、不评判", "the figure of the target is not known: shown, not judged")
EFFORT = (
    "；目标为力争性表述，只亮灯，不督办、不计分",
    "; the target is effort wording: a light, no ticket, no score",
)
NOT_DUE = ("全年指标，年底一次评判", "a figure of the whole year, judged once at its end")
OVERDUE = ("已到期", "the day has passed")
UNREACHED = ("已到期，尚未达到", "the day has passed, not reached")
SEASON = (
    "；往年数据不足两年，序时进度暂按月均匀推算",
    "; fewer than two full years are known, so that equal months are expected",
)
NOT_YET = ("尚未到期", "not due yet")
CONFIDENCE = {
    "likely": ("尚未到期，报送单位预计可如期完成", "not due yet, expected in time"),
    "at_risk": ("尚未到期，报送单位研判按期完成有风险", "not due yet, at risk by the department's own word"),
    "unlikely": ("尚未到期，报送单位研判难以按期完成", "not due yet, unlikely by the department's own word"),
}
MARKS = {
    "provisional": ("初步数", "provisional"),
    "estimated": ("预计数", "estimated"),
    "withdrawn": ("已撤回", "withdrawn"),
    "restated": ("锁定后经批准更正", "restated after the lock"),
    "revision_conflict": ("同一修订号有不同数值，待更正", "another value was sent under the same revision"),
}
NO_FORECAST = {  # the other reasons lie in the calendar and pass by themselves
    "missing_period": ("；近三期有缺报，不作预测", "; no forecast, one of the last three periods is missing"),
    "no_plan_in_window": ("；近期没有序时任务，不作预测", "; no forecast, nothing was planned for the last periods"),
}
QUESTIONS = {  # rule 2.11; a change is counted against last year's same period or the period before
    "running_total_fell": ("累计数较前期下降", "the running total fell"),
    "change_over_30_percent": ("较上期变动超过30%", "a change of over 30 % since the period before"),
    "change_over_30_percent ytd": (
        "较上年同期变动超过30%",
        "a change of over 30 % against the same period of last year",
    ),
}
BASE_YEAR = ("为基期数，不作评判", "the base year, not judged")


@lru_cache(maxsize=1024)
def when(period: Period) -> Pair:
    end, year = period.end, period.year
    if period.months == 12:
        return f"{year}年", f"{year}"
    if period.months == 3:
        return f"截至{year}年第{'一二三四'[end.month // 3 - 1]}季度末", f"By the end of Q{end.month // 3} {year}"
    return f"截至{year}年{end.month}月底", f"By the end of {end:%B} {year}"


@lru_cache(maxsize=1024)
def on_day(day: date) -> Pair:
    if (day.month, day.day) == (12, 31):
        return f"{day.year}年底", f"end of {day.year}"
    if (day + timedelta(days=1)).day == 1:
        return f"{day.year}年{day.month}月底", f"end of {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日", day.isoformat()


def unit_of(plan: Plan) -> Pair:
    if plan.unit == "percent":
        return "%", " %"
    english = ENGLISH_UNITS.get(plan.unit)
    return (plan.indicator.unit_zh if plan.unit != "ratio" else ""), f" {english}" if english else ""


def question(plan: Plan, need: str) -> Pair:
    """What a report has to be explained for."""
    return QUESTIONS.get(f"{need} {plan.indicator.reported_as}") or QUESTIONS[need]


def excused_until(end: datetime) -> Pair:
    """Why nothing is judged where the excuse has a last day: it ends by itself, the sentence stays."""
    day = (end - timedelta(days=1)).astimezone(SHANGHAI).date()
    return (
        f"经专班办公室同意免报至{day.year}年{day.month}月{day.day}日，不作评判",
        f"excused from reporting until {day} by the task-force office, not judged",
    )


def share_of_districts(plan: Plan) -> bool:
    """Whether a series counts the districts that are done, in percent (rule 3.2)."""
    return plan.indicator.aggregate == "share_done" and plan.district == CITY


def amount(plan: Plan, value: Fraction) -> str:
    """A quantity for reading: as it is where two places hold it, else rounded to two, or to the first that show it;
    ratios with all of their places (rule 1.2)."""
    least = plan.decimals if plan.unit == "ratio" else 0
    places = max(2, least)
    while value and not Fraction(published(value, places)):
        places += 1
    return as_sent(Fraction(published(value, places)), least)


def figure(plan: Plan, value: Fraction) -> Pair:
    """What was reached, with its verb and unit: 累计完成30亿元, 为66%, 增长9.5%, 位列第9位, 已完成."""
    (unit_zh, unit_en), text, indicator = unit_of(plan), amount(plan, value), plan.indicator
    if indicator.goal == "yes_no" and not share_of_districts(plan) and value in (0, 1, 100):
        return ("已完成", "done") if value else ("尚未完成", "not done")
    if share_of_districts(plan):
        return f"已完成的区县占{text}{unit_zh}", f"{text}{unit_en} of the districts have done it"
    if indicator.goal == "rank_at_most":
        return f"位列第{text}位", f"in place {text}"
    if indicator.measure == "growth" and plan.unit == "percent":
        grew = "增长" if value >= 0 else "下降"
        return f"{grew}{amount(plan, abs(value))}{unit_zh}", f"a growth of {text}{unit_en}"
    done_zh, done_en = DONE.get(indicator.judged_as, ("为", "reported"))
    return f"{done_zh}{text}{unit_zh}", f"{text}{unit_en} {done_en}"
