"""What is foreseen, in words: where the present tempo leads, what each month has to bring, what was lost (rule 6.7)."""

from fractions import Fraction

from contracts.numbers import published
from contracts.receding import recedes
from services.metrics.finding import Finding
from services.metrics.outlook import Foresight
from services.metrics.plan import Plan, Stretch
from services.metrics.wording import NO_FORECAST, Pair, amount, on_day, unit_of
from services.metrics.written import as_sent


def foreseen(plan: Plan, finding: Finding, foresight: Foresight) -> list[Pair]:
    """The clauses of a standing's explanation; nothing where there is nothing to foresee yet or any more."""
    clauses, value = [], foresight.outlook.value
    if value is not None:
        assert finding.value is not None
        told = _receding if recedes(plan.indicator, finding.value, value) else _forecast
        clauses.append(told(plan, finding.stretch, foresight, value))
    elif foresight.outlook.reason in NO_FORECAST:
        clauses.append(NO_FORECAST[foresight.outlook.reason])
    if foresight.falling:
        clauses.append(_falling(foresight))
    return clauses


def _forecast(plan: Plan, stretch: Stretch, foresight: Foresight, value: Fraction) -> Pair:
    assert stretch.aim is not None
    assert foresight.gap is not None
    (unit_zh, unit_en), (day_zh, day_en) = unit_of(plan), on_day(stretch.aim.on)
    text, how_zh, how_en = amount(plan, value), *_HOW[foresight.method]
    arrives_zh = "预计为" if foresight.method == "trend" else "预计完成"
    zh, en = (
        f"；{how_zh}，到{day_zh}{arrives_zh}{text}{unit_zh}",
        f"; {how_en}, {text}{unit_en} is forecast for {day_en}",
    )
    if foresight.gap <= stretch.tolerance:
        return f"{zh}，可达目标", f"{en}: on target"
    gap, (gap_zh, gap_en) = amount(plan, foresight.gap), _short_of(plan)
    zh, en = f"{zh}，距目标差{gap}{gap_zh}", f"{en}, {gap}{gap_en} short of the target"
    if foresight.monthly_required is not None:
        need_zh, need_en = _monthly(plan, foresight, gap_zh, gap_en)
        zh, en = f"{zh}；{need_zh}", f"{en}; {need_en}"
    if not foresight.outlook.will_miss:
        zh, en = f"{zh}，最近一期已达到所需进度", f"{en}, which the last period has reached"
    return zh, en


def _receding(plan: Plan, stretch: Stretch, foresight: Foresight, value: Fraction) -> Pair:
    """The running total fell, and what carries that on is no outlook: the number stands, the figures come first."""
    assert stretch.aim is not None
    (unit_zh, unit_en), (day_zh, day_en), text = unit_of(plan), on_day(stretch.aim.on), amount(plan, value)
    zh = f"；近三期累计数减少，照此推算到{day_zh}为{text}{unit_zh}，不足为据，请先核实数据"
    en = (
        f"; the running total fell over the last three periods: carried on, that makes {text}{unit_en} for {day_en},"
        " which is not to be relied on before the figures are checked"
    )
    if foresight.monthly_required is None:
        return zh, en
    need_zh, need_en = _monthly(plan, foresight, *_short_of(plan))
    return f"{zh}；{need_zh}", f"{en}; {need_en}"


def _short_of(plan: Plan) -> Pair:
    """The unit of a distance: points between percentages."""
    return ("个百分点", " points") if plan.unit == "percent" else unit_of(plan)


def _monthly(plan: Plan, foresight: Foresight, unit_zh: str, unit_en: str) -> Pair:
    """What each month has to bring, beside what the last three periods brought."""
    assert foresight.monthly_required is not None
    verb_zh = "完成" if plan.indicator.judged_as != "level" else "提高" if plan.indicator.direction > 0 else "下降"
    down = plan.indicator.direction
    need = amount(plan, down * foresight.monthly_required)
    zh, en = f"要达到目标，每月需{verb_zh}{need}{unit_zh}", f"{need}{unit_en} a month are needed"
    if foresight.monthly_recent is not None:
        pace = down * foresight.monthly_recent
        back_zh, back_en = _BACK[plan.indicator.judged_as == "level", down] if pace < 0 else ("", "")
        recent = amount(plan, abs(pace))
        zh = f"{zh}（近三期月均{back_zh}{recent}{unit_zh}）"
        en = f"{en} (the last three periods: {back_en}{recent}{unit_en} a month)"
    return zh, en


def _falling(foresight: Foresight) -> Pair:
    assert foresight.lost is not None
    in_one, in_three = (published(each, 1) for each in foresight.lost)
    zh = f"；滞后快速扩大：近一个月扩大{in_one}个百分点、近三个月扩大{in_three}个百分点"
    en = f"; falling behind fast: {in_one} points in a month, {in_three} in three"
    match foresight.months_to_red:
        case None:
            return zh, en
        case 0:
            return f"{zh}，已达红灯标准", f"{en}, red by its numbers already"
        case months:
            left = as_sent(Fraction(months), 0)
            plural = "s" if months > 1 else ""
            return f"{zh}，照此约{left}个月后将达红灯标准", f"{en}, red in about {left} month{plural}"


_HOW = {"tempo": ("按目前进度", "at the present tempo"), "trend": ("按目前走势", "by the present trend")}
_BACK = {  # away from the target: a level or not, and the direction that is better
    (True, 1): ("下降", "down "),
    (True, -1): ("上升", "up "),
    (False, 1): ("减少", "down "),
    (False, -1): ("增加", "up "),
}
