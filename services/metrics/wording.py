"""The words in which a standing is explained: reasons, units, days and periods, Chinese first."""

from datetime import date
from functools import lru_cache

from contracts.numbers import ENGLISH_UNITS
from contracts.periods import Period
from services.metrics.plan import Plan

Pair = tuple[str, str]  # Chinese, English

DONE = {"ytd": ("当年累计完成", "done this year"), "programme": ("累计完成", "done so far")}
REASONS = {
    "no_value": ("没有有效报送值，不作评判", "no value is in force, so nothing is judged"),
    "no_target": ("没有可用目标，只展示、不评判", "there is no target: shown, not judged"),
    "no_baseline": ("尚无起点，不作评判", "there is no baseline yet, so nothing is judged"),
    "disputed": ("目标有疑义，待专班办公室认定，只展示、不评判", "the target is disputed: shown, not judged"),
    "not_applicable": ("本阶段未分解任务，只展示、不评判", "nothing is owed in this stretch: shown, not judged"),
}
NOT_DUE = ("全年指标，年底一次评判", "a figure of the whole year, judged once at its end")
NOT_YET = ("尚未到期", "not due yet")
CONFIDENCE = {
    "likely": ("尚未到期，预计可如期完成", "not due yet, expected in time"),
    "at_risk": ("尚未到期，报送单位研判有风险", "not due yet, at risk by the department's own word"),
    "unlikely": ("尚未到期，报送单位研判难以完成", "not due yet, unlikely by the department's own word"),
}
MARKS = {
    "provisional": ("初步数", "provisional"),
    "estimated": ("预计数", "estimated"),
    "withdrawn": ("已撤回", "withdrawn"),
    "revision_conflict": ("同一修订号有不同数值，待更正", "another value was sent under the same revision"),
}
NEEDS = {
    "running_total_fell": ("；累计数较前期下降，请说明", "; the running total fell, an explanation is asked for"),
    "change_over_30_percent": ("；变动超过30%，请说明", "; a change of over 30 %, an explanation is asked for"),
}
NO_FORECAST = {  # the other reasons lie in the calendar and pass by themselves
    "missing_period": ("；近三期有缺报，不作预测", "; no forecast, one of the last three periods is missing"),
    "no_plan_in_window": ("；近期没有序时任务，不作预测", "; no forecast, nothing was planned for the last periods"),
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
    return f"{day.year}年{day.month}月{day.day}日", day.isoformat()


def unit_of(plan: Plan) -> Pair:
    if plan.unit == "percent":
        return "%", " %"
    english = ENGLISH_UNITS.get(plan.unit)
    return (plan.indicator.unit_zh if plan.unit != "ratio" else ""), f" {english}" if english else ""
