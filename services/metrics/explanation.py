"""The sentence that explains a standing with its numbers, as an official would say it, in Chinese and English.

In texts a lag has one place and an expected value two (rule 1.2).
"""

from fractions import Fraction
from functools import lru_cache

from contracts.events import Text
from contracts.numbers import published
from contracts.periods import Period
from contracts.targets import Aim
from services.metrics.accumulation import RolledUp
from services.metrics.finding import Basis, Finding
from services.metrics.foretelling import foreseen
from services.metrics.outlook import Foresight
from services.metrics.plan import Plan, Stretch
from services.metrics.views import Known
from services.metrics.wording import (
    BASE_YEAR,
    CONFIDENCE,
    DONE,
    MARKS,
    NEEDS,
    NOT_DUE,
    NOT_YET,
    REASONS,
    Pair,
    on_day,
    unit_of,
    when,
)
from services.metrics.written import as_sent


def explain(plan: Plan, period: Period, basis: Basis, finding: Finding, foresight: Foresight | None = None) -> Text:
    """What is, what should be, how far apart they are, from where to where; then what else binds or is missing."""
    origin = basis.origin
    zh, en = _value(plan, period, finding, origin.marks)
    clauses = [_against(plan, finding, origin.confidence)]
    if finding.missed is not None:
        clauses.append(_missed(plan, finding.missed))
    aim = finding.stretch.aim
    if finding.mode != "none" and aim is not None and not aim.binding:
        clauses.append(("；目标为力争性表述，只亮灯、不督办", "; the target is effort wording: a light, no ticket"))
    if foresight is not None:
        clauses.extend(foreseen(plan, finding.stretch, foresight))
    if basis.average is not None:
        average = as_sent(basis.average, 0)
        clauses.append((f"；规划期年均{average}%", f"; {average} % a year on average since the programme began"))
    if basis.rolled is not None:
        clauses.extend(_rolled(plan, basis.rolled, basis.reported))
    clauses.extend(NEEDS[need] for need in origin.needs)
    return Text(
        f"{zh}{''.join(clause for clause, _ in clauses)}。",
        f"{en}{''.join(clause for _, clause in clauses)}.",
    )


def _value(plan: Plan, period: Period, finding: Finding, marks: tuple[str, ...]) -> Pair:
    when_zh, when_en = when(period)
    if finding.value is None:
        return f"{when_zh}", f"{when_en}"
    (zh, en), text = unit_of(plan), as_sent(finding.value, 0)
    done_zh, done_en = DONE.get(plan.indicator.judged_as, ("为", "reported"))
    for mark in marks:
        mark_zh, mark_en = MARKS[mark]
        zh, done_en = f"{zh}（{mark_zh}）", f"{done_en} ({mark_en})"
    return f"{when_zh}{done_zh}{text}{zh}", f"{when_en}: {text}{en} {done_en}"


def _against(plan: Plan, finding: Finding, confidence: str | None) -> Pair:
    if finding.mode == "none":
        return _not_judged(plan, finding)
    if finding.mode == "due":
        return _by_due_date(plan, finding, confidence)
    return _share(plan, finding) if finding.mode == "share" else _bound(plan, finding)


def _not_judged(plan: Plan, finding: Finding) -> Pair:
    if finding.reason == "not_due":
        zh, en = NOT_DUE if finding.stretch.aim else BASE_YEAR
    else:
        zh, en = REASONS[finding.reason or "no_value"]
    aim = finding.stretch.aim
    if aim is not None and aim.value is not None:
        (unit_zh, unit_en), (day_zh, day_en), target = unit_of(plan), on_day(aim.on), as_sent(aim.value, 0)
        return f"，{zh}（{day_zh}目标{target}{unit_zh}）", f"; {en} (target {target}{unit_en}, {day_en})"
    return f"，{zh}", f"; {en}"


def _share(plan: Plan, finding: Finding) -> Pair:
    stretch, measured = finding.stretch, finding.measured
    assert measured is not None
    assert measured.lag is not None
    expected = published(finding.expected or Fraction(0), 2)
    lag, (unit_zh, unit_en) = published(abs(measured.lag), 1), unit_of(plan)
    if lag == "0.0":
        zh, en = "与序时进度持平", "on schedule"
    elif measured.lag > 0:
        zh, en = f"落后序时进度{lag}个百分点", f"{lag} points behind schedule"
    else:
        zh, en = f"超前序时进度{lag}个百分点", f"{lag} points ahead of schedule"
    if measured.ratio is not None and measured.ratio < 0:
        zh, en = f"{zh}、劣于起点", f"{en}, worse than at the start"
    elif measured.ratio is not None:
        done = published(100 * measured.ratio, 1)
        zh, en = f"{zh}、完成序时任务的{done}%", f"{en}, {done} % of what was due"
    if 0 < measured.short <= stretch.tolerance:
        zh, en = f"{zh}，在容差{as_sent(stretch.tolerance, 0)}{unit_zh}之内", f"{en}, within the tolerance"
    way_zh, way_en = _way(plan, stretch)
    return f"，序时应为{expected}{unit_zh}，{zh}{way_zh}", f"; {expected}{unit_en} expected: {en}{way_en}"


@lru_cache(maxsize=32768)
def _way(plan: Plan, stretch: Stretch) -> Pair:
    """From where to where; the source of a start that is not printed is said (rule 4.4)."""
    assert stretch.aim is not None
    assert stretch.start is not None
    assert stretch.start_on is not None
    assert stretch.target is not None
    (unit_zh, unit_en), start, target = unit_of(plan), as_sent(stretch.start, 0), as_sent(stretch.target, 0)
    (on_zh, on_en), (aim_zh, aim_en) = on_day(stretch.start_on), on_day(stretch.aim.on)
    note_zh, note_en = "", ""
    if stretch.source == "first_report":
        note_zh, note_en = "，起点为首次报送值", ", the start is the first report"
    elif stretch.source == "base_year_report":
        note_zh, note_en = "，起点为基期报送值", ", the start is the report for the base year"
    about_zh, about_en = ("左右", "about ") if stretch.aim.bound == "approx" else ("", "")
    return (
        f"（{on_zh}{start}{unit_zh}至{aim_zh}{target}{unit_zh}{about_zh}{note_zh}）",
        f" (from {start}{unit_en}, {on_en}, to {about_en}{target}{unit_en}, {aim_en}{note_en})",
    )


def _bound(plan: Plan, finding: Finding) -> Pair:
    (zh, en), (off_zh, off_en) = _required(plan, finding), _off(plan, finding)
    return f"，{zh}，{off_zh}", f"; {en}: {off_en}"


def _required(plan: Plan, finding: Finding) -> Pair:
    stretch, expected = finding.stretch, finding.expected or Fraction(0)
    zh, en = unit_of(plan)
    if stretch.low_high is not None:
        low, high = (as_sent(each, 0) for each in stretch.low_high)
        return f"要求在{low}-{high}{zh}之间", f"required to be within {low}-{high}{en}"
    if stretch.start is not None and stretch.target != expected:  # on its way through a small range
        return f"序时应为{published(expected, 2)}{zh}", f"{published(expected, 2)}{en} expected"
    limit_zh, limit_en = ("不低于", "at least") if plan.indicator.direction > 0 else ("不高于", "at most")
    return f"要求{limit_zh}{as_sent(expected, 0)}{zh}", f"required {limit_en} {as_sent(expected, 0)}{en}"


def _off(plan: Plan, finding: Finding) -> Pair:
    measured, (zh, en) = finding.measured, unit_of(plan)
    assert measured is not None
    assert finding.value is not None
    if measured.short <= 0:
        return "达到要求", "met"
    zh, en = ("个百分点", " points") if plan.unit == "percent" else (zh, en)
    short = published(measured.short, max(2, plan.decimals + 1))
    if measured.short <= finding.stretch.tolerance:
        return f"相差{short}{zh}，在容差之内", f"{short}{en} off, within the tolerance"
    side = "低" if finding.value < (finding.expected or 0) else "高"
    if measured.short_pct is None or plan.unit == "percent":
        return f"{side}{short}{zh}", f"missed by {short}{en}"
    percent = published(measured.short_pct, 1)
    return f"{side}{short}{zh}（{percent}%）", f"missed by {short}{en} ({percent} %)"


def _by_due_date(plan: Plan, finding: Finding, confidence: str | None) -> Pair:
    stretch = finding.stretch
    assert stretch.aim is not None
    assert stretch.target is not None
    assert finding.value is not None
    (unit_zh, unit_en), (day_zh, day_en), target = unit_of(plan), on_day(stretch.aim.on), as_sent(stretch.target, 0)
    done = plan.indicator.direction * (stretch.target - finding.value) <= 0
    if done:
        zh, en = "已完成", "done"
    elif finding.expected is None:
        zh, en = CONFIDENCE.get(confidence or "", NOT_YET)
    else:
        zh, en = "到期未完成", "due and not done"
    return f"，要求{day_zh}达到{target}{unit_zh}，{zh}", f"; {target}{unit_en} due by {day_en}: {en}"


def _missed(plan: Plan, aim: Aim) -> Pair:
    """Rule 4.10: a missed dated target stays owed."""
    assert aim.value is not None
    (unit_zh, unit_en), (day_zh, day_en), target = unit_of(plan), on_day(aim.on), as_sent(aim.value, 0)
    return (
        f"；{day_zh}目标{target}{unit_zh}尚未达到，仍须补足",
        f"; the target {target}{unit_en} of {day_en} is still owed",
    )


def _rolled(plan: Plan, rolled: RolledUp, reported: Known | None) -> list[Pair]:
    clauses = []
    if rolled.missing:
        names = [plan.districts[each].name for each in rolled.missing]
        zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
        clauses.append((f"；全市数由区县汇总，尚缺{zh}", f"; the city's figure is the districts', still missing: {en}"))
    if reported is not None:
        (unit_zh, unit_en), text = unit_of(plan), as_sent(reported.value, 0)
        zh, en = f"；牵头单位另报{text}{unit_zh}", f"; the lead department reports {text}{unit_en}"
        if rolled.value is not None:
            gap = as_sent(reported.value - rolled.value, 0)
            zh, en = f"{zh}，与汇总数相差{gap}{unit_zh}", f"{en}, a difference of {gap}{unit_en}"
        clauses.append((zh, en))
    return clauses
