"""The sentence that explains a standing with its numbers, as an official would say it, in Chinese and English.

In texts a lag has one place and an expected value at most two: zeros at its end are left out (rule 1.2).
"""

from fractions import Fraction

from contracts.events import Text
from contracts.fed import names_in
from contracts.periods import Period
from contracts.targets import Aim
from services.metrics.accumulation import RolledUp
from services.metrics.distance import against
from services.metrics.finding import Basis, Finding, unknown_season
from services.metrics.foretelling import foreseen
from services.metrics.outlook import Foresight
from services.metrics.plan import Plan
from services.metrics.views import Fed, Known
from services.metrics.wording import (
    EFFORT,
    MARKS,
    SEASON,
    Pair,
    amount,
    figure,
    on_day,
    question,
    unit_of,
    when,
)
from services.metrics.written import as_sent


def explain(plan: Plan, period: Period, basis: Basis, finding: Finding, foresight: Foresight | None = None) -> Text:
    """What is, what should be, how far apart they are, from where to where; then what else binds or is missing."""
    origin = basis.origin
    zh, en = _value(plan, period, finding, origin.marks)
    clauses = [against(plan, finding, origin)]
    if finding.missed is not None:
        clauses.append(_missed(plan, finding.missed))
    aim = finding.stretch.aim
    if finding.mode != "none" and aim is not None and not aim.binding:
        clauses.append(EFFORT)
    if foresight is not None:
        clauses.extend(foreseen(plan, finding, foresight))
    if basis.average is not None:
        average = as_sent(basis.average, 0)
        clauses.append((f"；规划期年均增长{average}%", f"; {average} % a year on average since the programme began"))
    if unknown_season(plan, basis, finding):
        clauses.append(SEASON)
    if basis.rolled is not None:
        clauses.extend(_rolled(plan, basis.rolled, basis.reported))
    if basis.fed is not None:
        clauses.append(_fed(plan, basis.fed))
    clauses.extend(_asked(*question(plan, need)) for need in origin.needs)
    clauses.extend(_explained(*question(plan, need), text) for need, text in origin.commented)
    return Text(
        f"{zh}{''.join(clause for clause, _ in clauses)}。",
        f"{en}{''.join(clause for _, clause in clauses)}.",
    )


def _asked(zh: str, en: str) -> Pair:
    """A flag that asks for a comment (rule 2.11)."""
    return f"；{zh}，请说明", f"; {en}, an explanation is asked for"


def _explained(zh: str, en: str, text: str) -> Pair:
    """A flag that a comment has closed."""
    said = text.strip().rstrip("。.")
    return f"；{zh}，已说明：{said}", f"; {en}, explained: {said}"


def _value(plan: Plan, period: Period, finding: Finding, marks: tuple[str, ...]) -> Pair:
    when_zh, when_en = when(period)
    if finding.value is None:
        return when_zh, when_en
    zh, en = figure(plan, finding.value)
    marked = "".join(f"（{MARKS[mark][0]}）" for mark in marks), "".join(f" ({MARKS[mark][1]})" for mark in marks)
    return f"{when_zh}{zh}{marked[0]}", f"{when_en}: {en}{marked[1]}"


def _missed(plan: Plan, aim: Aim) -> Pair:
    """Rule 4.10: a missed dated target stays owed."""
    assert aim.value is not None
    (unit_zh, unit_en), (day_zh, day_en), target = unit_of(plan), on_day(aim.on), amount(plan, aim.value)
    still = "尚未实现，仍须落实" if plan.indicator.judged_as == "level" else "尚未达到，仍须补足"
    return (
        f"；{day_zh}目标{target}{unit_zh}{still}",
        f"; the target {target}{unit_en} of {day_en} is still owed",
    )


def _rolled(plan: Plan, rolled: RolledUp, reported: Known | None) -> list[Pair]:
    clauses = []
    if rolled.missing:
        names = [plan.districts[each].name for each in rolled.missing]
        zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
        clauses.append((f"；全市数由区县汇总，尚缺{zh}", f"; the city's figure is the districts', still missing: {en}"))
    if reported is not None:
        (unit_zh, unit_en), text = unit_of(plan), amount(plan, reported.value)
        zh, en = f"；牵头单位另报{text}{unit_zh}", f"; the lead department reports {text}{unit_en}"
        if rolled.value is not None:
            gap_zh, gap_en = _gap(plan, reported.value - rolled.value)
            zh, en = f"{zh}，{gap_zh}", f"{en}, {gap_en}"
        clauses.append((zh, en))
    return clauses


def _fed(plan: Plan, fed: Fed) -> Pair:
    """The projects whose sum it is (rule 12), and what is reported beside it."""
    names = names_in(fed.projects)
    zh, en = f"；由重大项目汇总（{names.zh}）", f"; the sum of major projects ({names.en})"
    if fed.beside is None:
        return zh, en
    (unit_zh, unit_en), text = unit_of(plan), amount(plan, fed.beside.value)
    gap_zh, gap_en = _gap(plan, fed.beside.value - fed.value)
    return f"{zh}，报送单位自报{text}{unit_zh}，{gap_zh}", f"{en}, {text}{unit_en} by the unit's own report, {gap_en}"


def _gap(plan: Plan, more: Fraction) -> Pair:
    """A reported figure beside the sum: of the districts', of projects."""
    if more == 0:
        return "与汇总数一致", "the same"
    zh, en = ("个百分点", " points") if plan.unit == "percent" else unit_of(plan)
    gap = amount(plan, abs(more))
    return f"比汇总数{'多' if more > 0 else '少'}{gap}{zh}", f"{gap}{en} {'more' if more > 0 else 'less'}"
