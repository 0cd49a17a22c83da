"""One project as a drawing: milestones against plan in points, investment against plan in 亿元. Pure; the document that
static/project.js hands to ECharts; the tables of the page say the same. Floats as in items/chart.py, for pixels only.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from contracts.events import Text
from contracts.numbers import exact
from contracts.project_events import ProjectStanding
from contracts.projects import Plan
from services.desk.projects.record import Milestone, MonthRow
from services.desk.texts import Language, told

Point = list[Any]
_WORDS = ("due", "done", "node", "node_open", "invested", "planned", "points", "money", "today")


def document(
    standing: ProjectStanding, nodes: Sequence[Milestone], months: Sequence[MonthRow], day: date, language: Language
) -> dict[str, Any]:
    """Points are [day, value] or [day, value, label, whether it is done]."""
    plan = standing.plan_at(day)
    first = min([date.fromisoformat(f"{plan.starts_in}-01"), *(each.entered for each in standing.stays)])
    return {
        "due": _steps(first, [(each.node.due, exact(each.node.weight)) for each in nodes], None),
        "done": _steps(first, [(n.done_on, exact(n.node.weight)) for n in nodes if n.done_on is not None], day),
        "nodes": _nodes(nodes, language),
        "invested": [
            [each.month.end.isoformat(), float(exact(each.month.invested_total))]
            for each in months
            if each.month.invested_total is not None
        ],
        "planned": _planned(plan),
        "today": day.isoformat(),
        "words": {name: told(f"project.chart_{name}", language) for name in _WORDS},
    }


def summary(name: Text, nodes: Sequence[Milestone], months: Sequence[MonthRow], plan: Plan) -> Text:
    """What the drawing shows, for who cannot see it."""
    done = sum(each.done_on is not None for each in nodes)
    newest = next((m.month.invested_total for m in reversed(months) if m.month.invested_total is not None), "0")
    return Text(
        f"{name.zh}：{len(nodes)}个节点中已完成{done}个，累计投资{newest}亿元，计划总投资{plan.invest_total}亿元",
        f"{name.en}: {done} of {len(nodes)} nodes done, {newest} of {plan.invest_total} (100 million CNY) invested",
    )


def _steps(first: date, gains: Sequence[tuple[date, Fraction]], until: date | None) -> list[Point]:
    """A staircase of sums by day, from nothing; drawn on to a day."""
    total, found = Fraction(0), [[first.isoformat(), 0.0]]
    for on, gain in sorted(gains):
        total += gain
        found.append([on.isoformat(), float(total)])
    return found if until is None else [*found, [until.isoformat(), float(total)]]


def _nodes(nodes: Sequence[Milestone], language: Language) -> list[Point]:
    """Each node where it is due, at what all nodes up to it make."""
    total, found = Fraction(0), []
    for each in nodes:
        total += exact(each.node.weight)
        name = getattr(each.node.name, language)
        found.append([each.node.due.isoformat(), float(total), name, each.done_on is not None])
    return found


def _planned(plan: Plan) -> list[Point]:
    """What is to be invested by the end of each year of the plan."""
    total, found = exact(plan.invested_before), list[Point]()
    for year, amount in sorted(plan.invest_by_year.items()):
        if not found:
            found.append([f"{year}-01-01", float(total)])
        total += exact(amount)
        found.append([f"{year}-12-31", float(total)])
    return found
