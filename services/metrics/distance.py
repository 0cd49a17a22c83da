"""How a value stands against what is expected of it, in words: shares, bounds, due dates (rules 5 and 5.1)."""

from fractions import Fraction
from functools import lru_cache

from contracts.numbers import published
from contracts.programme import CITY
from services.metrics.finding import Finding
from services.metrics.plan import Plan, Stretch
from services.metrics.views import Origin
from services.metrics.wording import (
    BASE_YEAR,
    CONFIDENCE,
    DISTRICTS_MISSING,
    NOT_ALLOCATED,
    NOT_DUE,
    NOT_PRINTED,
    NOT_YET,
    OVERDUE,
    REASONS,
    UNREACHED,
    WITHDRAWN,
    Pair,
    amount,
    excused_until,
    on_day,
    share_of_districts,
    unit_of,
)
from services.metrics.written import as_sent


def against(plan: Plan, finding: Finding, origin: Origin) -> Pair:
    """The clause that follows the value."""
    if finding.mode == "none":
        return _not_judged(plan, finding, origin)
    if finding.mode == "due":
        return _by_due_date(plan, finding, origin.confidence)
    return _share(plan, finding) if finding.mode == "share" else _bound(plan, finding)


def _not_judged(plan: Plan, finding: Finding, origin: Origin) -> Pair:
    zh, en = _why_not(plan, finding, origin)
    aim = finding.stretch.aim
    if aim is not None and aim.value is not None and finding.reason != "not_applicable":
        (unit_zh, unit_en), (day_zh, day_en), target = unit_of(plan), on_day(aim.on), amount(plan, aim.value)
        return f"，{zh}（{day_zh}目标{target}{unit_zh}）", f"; {en} (target {target}{unit_en}, {day_en})"
    return f"，{zh}", f"; {en}"


def _why_not(plan: Plan, finding: Finding, origin: Origin) -> Pair:
    aim = finding.stretch.aim
    match finding.reason:
        case "not_due":
            return NOT_DUE if aim else BASE_YEAR
        case "excused" if origin.excused_until is not None:
            return excused_until(origin.excused_until)
        case "no_value" if "withdrawn" in origin.marks:
            return WITHDRAWN
        case "no_value" if plan.indicator.derived and plan.district == CITY:
            return DISTRICTS_MISSING
        case "no_target" if aim is not None:
            shared = plan.indicator.aggregate == "sum" and plan.district != CITY
            return NOT_ALLOCATED if shared else NOT_PRINTED
    return REASONS[finding.reason or "no_value"]


def _share(plan: Plan, finding: Finding) -> Pair:
    stretch, measured = finding.stretch, finding.measured
    assert measured is not None
    assert measured.lag is not None
    (zh, en), (unit_zh, unit_en) = _lag(measured.lag), unit_of(plan)
    if measured.ratio is not None and measured.ratio < 0:
        side = "低" if plan.indicator.direction > 0 else "高"
        zh, en = f"{zh}，{side}于起点水平", f"{en}, worse than at the start"
    elif measured.ratio is not None:
        done = published(100 * measured.ratio, 1)
        zh, en = f"{zh}，完成序时任务的{done}%", f"{en}, {done} % of what was due"
    if 0 < measured.short <= stretch.tolerance:
        zh, en = f"{zh}，在允许误差{as_sent(stretch.tolerance, 0)}{unit_zh}之内", f"{en}, within the tolerance"
    expected, (way_zh, way_en) = amount(plan, finding.expected or Fraction(0)), _way(plan, stretch)
    verb = _should(plan)
    return f"，{verb}{expected}{unit_zh}，{zh}{way_zh}", f"; {expected}{unit_en} expected: {en}{way_en}"


def _should(plan: Plan) -> str:
    return "按序时进度应达到" if plan.indicator.judged_as == "level" else "按序时进度应完成"


def _lag(points: Fraction) -> Pair:
    """With one place (rule 1.2)."""
    lag = published(abs(points), 1)
    if lag == "0.0":
        return "与序时进度持平", "on schedule"
    if points > 0:
        return f"落后序时进度{lag}个百分点", f"{lag} points behind schedule"
    return f"超前序时进度{lag}个百分点", f"{lag} points ahead of schedule"


@lru_cache(maxsize=32768)
def _way(plan: Plan, stretch: Stretch) -> Pair:
    """From where to where, in brackets; a start that nobody has printed says where it comes from (rule 4.4)."""
    (from_zh, from_en), (to_zh, to_en) = _from(plan, stretch), _to(plan, stretch)
    return f"（{from_zh}{to_zh}）", f" ({from_en}{to_en})"


def _from(plan: Plan, stretch: Stretch) -> Pair:
    assert stretch.start is not None
    assert stretch.start_on is not None
    if stretch.source == "zero":
        return "", ""
    (unit_zh, unit_en), start, (day_zh, day_en) = unit_of(plan), amount(plan, stretch.start), on_day(stretch.start_on)
    match stretch.source:
        case "first_report":
            zh = f"以{day_zh}首次报送的{start}{unit_zh}为起点，"
            return zh, f"from the first report, {start}{unit_en}, {day_en}, to "
        case "base_year_report":
            return f"以基期{day_zh}的{start}{unit_zh}为起点，", f"from the base year's {start}{unit_en}, {day_en}, to "
        case "previous_target":
            return f"{day_zh}目标{start}{unit_zh}，", f"from the target {start}{unit_en}, {day_en}, to "
    return f"{day_zh}为{start}{unit_zh}，", f"from {start}{unit_en}, {day_en}, to "


def _to(plan: Plan, stretch: Stretch) -> Pair:
    assert stretch.aim is not None
    assert stretch.target is not None
    (unit_zh, unit_en), target, (day_zh, day_en) = unit_of(plan), amount(plan, stretch.target), on_day(stretch.aim.on)
    about_zh, about_en = ("左右", "about ") if stretch.aim.bound == "approx" else ("", "")
    if plan.restarts and stretch.source == "zero":
        year = stretch.aim.on.year
        return f"{year}年全年任务{target}{unit_zh}{about_zh}", f"the task of {year}: {about_en}{target}{unit_en}"
    if plan.indicator.schedule == "growth":
        rate = as_sent(stretch.aim.value or Fraction(0), 0)
        zh, en = f"按年均增长{rate}%，{day_zh}应达到", f", growing by {rate} % a year"
        return f"{zh}{target}{unit_zh}", f"{target}{unit_en}, {day_en}{en}"
    target_en = "target " if stretch.source == "zero" else ""
    return f"{day_zh}目标{target}{unit_zh}{about_zh}", f"{target_en}{about_en}{target}{unit_en}, {day_en}"


def _bound(plan: Plan, finding: Finding) -> Pair:
    stretch, expected = finding.stretch, finding.expected or Fraction(0)
    if stretch.start is None or stretch.target == expected or stretch.low_high is not None:
        (zh, en), (off_zh, off_en) = _required(plan, finding), _off(plan, finding)
        return f"，{zh}，{off_zh}", f"; {en}: {off_en}"
    way_zh, way_en = _way(plan, stretch)  # on its way through a small range
    if expected == stretch.start:
        return f"，按序时进度目前尚无应完成的数量{way_zh}", f"; nothing is owed yet{way_en}"
    (off_zh, off_en), (unit_zh, unit_en), said = _off(plan, finding), unit_of(plan), amount(plan, expected)
    return f"，{_should(plan)}{said}{unit_zh}，{off_zh}{way_zh}", f"; {said}{unit_en} expected: {off_en}{way_en}"


def _required(plan: Plan, finding: Finding) -> Pair:
    (zh, en), expected = unit_of(plan), amount(plan, finding.expected or Fraction(0))
    if finding.stretch.low_high is not None:
        low, high = (amount(plan, each) for each in finding.stretch.low_high)
        return f"要求在{low}{zh}至{high}{zh}之间", f"required to be within {low}-{high}{en}"
    grown = "增长" if plan.indicator.measure == "growth" and plan.unit == "percent" else ""
    limit_zh, limit_en = ("不低于", "at least") if plan.indicator.direction > 0 else ("不高于", "at most")
    return f"要求{grown}{limit_zh}{expected}{zh}", f"required {limit_en} {expected}{en}"


def _off(plan: Plan, finding: Finding) -> Pair:
    measured, (zh, en) = finding.measured, unit_of(plan)
    assert measured is not None
    assert finding.value is not None
    if measured.short <= 0:
        return "达到要求", "met"
    zh, en = ("个百分点", " points") if plan.unit == "percent" else (zh, en)
    short = amount(plan, measured.short)
    if measured.short <= finding.stretch.tolerance:
        return f"相差{short}{zh}，在允许误差之内", f"{short}{en} off, within the tolerance"
    side = "低" if finding.value < (finding.expected or 0) else "高"
    if finding.stretch.low_high is not None:
        side = "低于下限" if side == "低" else "高于上限"
    side = "还差" if plan.indicator.judged_as != "level" and side == "低" else side
    if measured.short_pct is None or plan.unit == "percent" or plan.whole:
        return f"{side}{short}{zh}", f"missed by {short}{en}"
    percent = published(measured.short_pct, 1)
    return f"{side}{short}{zh}（{percent}%）", f"missed by {short}{en} ({percent} %)"


def _by_due_date(plan: Plan, finding: Finding, confidence: str | None) -> Pair:
    stretch = finding.stretch
    assert stretch.aim is not None
    assert stretch.target is not None
    assert finding.value is not None
    done = plan.indicator.direction * (stretch.target - finding.value) <= 0
    zh, en = _asked(plan, stretch)
    if plan.indicator.goal == "yes_no" and not share_of_districts(plan) and done:
        return f"（要求{zh}）", f" ({en})"
    if done:
        return f"，要求{zh}，已达到", f"; {en}: reached"
    if finding.expected is None:
        off_zh, off_en = CONFIDENCE.get(confidence or "", NOT_YET)
    else:
        off_zh, off_en = OVERDUE if plan.indicator.goal == "yes_no" else UNREACHED
    return f"，要求{zh}，{off_zh}", f"; {en}: {off_en}"


def _asked(plan: Plan, stretch: Stretch) -> Pair:
    """What is asked for by its day: done, a rank, a share of the districts."""
    assert stretch.aim is not None
    (day_zh, day_en), (unit_zh, unit_en) = on_day(stretch.aim.on), unit_of(plan)
    target = amount(plan, stretch.target or Fraction(0))
    if plan.indicator.goal == "rank_at_most":
        return f"{day_zh}前进入前{target}位", f"among the first {target} due by {day_en}"
    if not share_of_districts(plan):
        return f"{day_zh}前完成", f"due by {day_en}"
    return f"{day_zh}前达到{target}{unit_zh}", f"{target}{unit_en} due by {day_en}"
