"""What an amendment changes of a project's plan, or what a new one says, line by line, to be looked over. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contracts.numbers import trimmed
from contracts.projects import Plan
from services.desk.texts import Language, told

Line = tuple[str, str]  # the text's key of what it is, and which: a node's id, a year, or ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs; `before` None: it was not there, `after` None: it is there no more."""

    what: str
    which: str
    before: str | None
    after: str | None


def changes(before: Plan | None, after: Plan, named: Callable[[str], str], language: Language) -> list[Change]:
    """In the order of the form. `named`: what a unit or an indicator is called by its id."""
    was = {} if before is None else _lines(before, named, language)
    now = _lines(after, named, language)
    return [
        Change(what, _which(what, which, before, after, language), was.get((what, which)), now.get((what, which)))
        for what, which in dict.fromkeys((*now, *was))
        if was.get((what, which)) != now.get((what, which))
    ]


def _lines(plan: Plan, named: Callable[[str], str], language: Language) -> Mapping[Line, str]:
    """A plan as people read it; what it does not say is left out."""

    def money(amount: str) -> str:
        return told("project.money", language, amount=trimmed(amount))

    contact = [plan.contact.name, plan.contact.role, *([named(plan.contact.unit)] if plan.contact.unit else [])]
    found: dict[Line, str] = {
        ("name_zh", ""): plan.name.zh,
        ("name_en", ""): plan.name.en,
        ("district", ""): named(plan.district),
        ("department", ""): named(plan.department),
        ("reports", ""): named(plan.writer),
        ("contact", ""): " ".join(contact),
        ("starts_in", ""): plan.starts_in,
        ("invest_total", ""): money(plan.invest_total),
        ("invested_before", ""): money(plan.invested_before),
    }
    found |= {("year", year): money(amount) for year, amount in sorted(plan.invest_by_year.items())}
    for node in plan.nodes:
        of = {"name": getattr(node.name, language), "weight": trimmed(node.weight), "due": node.due}
        found["node", node.id] = told("plan.node_line", language, **of)
    found |= {("feeds", indicator): named(indicator) for indicator in plan.feeds}
    return found | ({("note", ""): plan.note} if plan.note else {})


def _which(what: str, which: str, before: Plan | None, after: Plan, language: Language) -> str:
    """A node is called by its present name, a year by its number."""
    if what != "node":
        return which if what == "year" else ""
    nodes = [*after.nodes, *(before.nodes if before else ())]
    return str(next(getattr(node.name, language) for node in nodes if node.id == which))
