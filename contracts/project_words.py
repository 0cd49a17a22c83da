"""How a project stands, in one phrase and in one sentence, the same in every API, message, board and page (rule 12)."""

from datetime import date

from contracts.events import Text
from contracts.numbers import exact, published, trimmed
from contracts.project_events import Month, ProjectStanding


def lag_text(standing: ProjectStanding, month: Month | None) -> Text:
    """How far behind it is: 落后37天（主体封顶）; a start that did not come is said before it."""
    if month is None:
        return Text("尚无报送", "not reported yet")
    if month.unstarted_months:
        ends = month.unstarted_months
        said = f"not started at {ends} month end{'' if ends == 1 else 's'} since it was planned to"
        return Text(f"计划{_month(standing, month)}开工，至今未开工，已连续{ends}个月末", said)
    if month.lag_days == 0:
        return Text("按计划推进", "on schedule")
    node = next((n for n in standing.plan_at(month.end).nodes if n.id == month.late_node), None)
    named = Text("", "") if node is None else Text(f"（{node.name.zh}）", f" ({node.name.en})")
    return Text(f"落后{month.lag_days}天{named.zh}", f"{month.lag_days} days behind{named.en}")


def _month(standing: ProjectStanding, month: Month) -> str:
    year, number = standing.plan_at(month.end).starts_in.split("-")
    return f"{year}年{int(number)}月"


def explanation(standing: ProjectStanding, month: Month | None) -> Text:
    """Why it shows its light, with the numbers: nodes due and done, how far behind, what was invested of what was
    planned. Amounts in 亿元 with two places at most, shares with one (rule 1.2)."""
    if month is None:
        return Text("尚无月报，不作评判。", "No monthly report is in force, so nothing is judged.")
    clauses = [_nodes(standing, month), *_late(standing, month), *_invested(standing, month)]
    return Text(
        f"截至{_day(month.end)}，{'；'.join(each.zh for each in clauses)}。",
        f"By {month.end}: {'; '.join(each.en for each in clauses)}.",
    )


def _nodes(standing: ProjectStanding, month: Month) -> Text:
    """In points of the plan: all nodes together are 100."""
    return Text(
        f"按计划应完成节点{trimmed(month.due)}分（共100分），实际完成{trimmed(month.done)}分",
        f"nodes worth {trimmed(month.due)} of 100 points were due and {trimmed(month.done)} are done",
    )


def _late(standing: ProjectStanding, month: Month) -> list[Text]:
    found = []
    if month.unstarted_months or month.lag_days == 0:
        found.append(lag_text(standing, month))
    if month.lag_days and month.late_since is not None:
        node = next((n for n in standing.plan_at(month.end).nodes if n.id == month.late_node), None)
        name = Text("节点", "a node") if node is None else node.name
        zh = f"{name.zh}应于{_day(month.late_since)}完成而未完成，落后{month.lag_days}天"
        found.append(Text(zh, f"{name.en} was due on {month.late_since} and is not done: {month.lag_days} days behind"))
    return found


def _invested(standing: ProjectStanding, month: Month) -> list[Text]:
    if month.invested_total is None:
        return []
    total = standing.plan_at(month.end).invest_total
    zh = f"累计完成投资{_money(month.invested_total)}亿元，计划总投资{_money(total)}亿元"
    en = f"{_money(month.invested_total)} of {_money(total)} (100 million CNY) invested"
    if exact(total):
        share = trimmed(published(100 * exact(month.invested_total) / exact(total), 1))
        zh, en = f"{zh}（{share}%）", f"{en} ({share} %)"
    if month.invested_year is not None and month.planned_year is not None:
        zh += f"，其中本年{_money(month.invested_year)}亿元，本年计划{_money(month.planned_year)}亿元"
        en += f", of it {_money(month.invested_year)} of {_money(month.planned_year)} planned for this year"
    return [Text(zh, en)]


def _money(amount: str) -> str:
    return trimmed(published(exact(amount), 2))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
