"""The checks of single fields of a statement about a project: each the objection against it, or None. Pure."""

import re
from collections.abc import Iterable
from fractions import Fraction

from contracts.numbers import DECIMAL, UNITS, exact, plain, unit_of
from contracts.objections import Objection
from contracts.periods import Frequency, Period, parse
from contracts.projects import Plan, Progress
from contracts.submission import MAX_REVISION

_MONTH = re.compile(r"[1-9]\d{3}-(0[1-9]|1[0-2])", re.ASCII)
_YEAR = re.compile(r"[1-9]\d{3}", re.ASCII)


def first_of(objections: Iterable[Objection | None]) -> Objection | None:
    return next((each for each in objections if each is not None), None)


def weights(plan: Plan) -> Objection | None:
    """Every weight above 0, all together 100 (rule 12)."""
    at = "/data/plan/nodes"
    for position, node in enumerate(plan.nodes):
        if DECIMAL.fullmatch(node.weight) is None:
            return Objection("invalid_amount", f"{at}/{position}/weight", {"field": "weight"})
    weights = [exact(node.weight) for node in plan.nodes]
    total = sum(weights, Fraction(0))
    if total == 100 and all(weight > 0 for weight in weights):
        return None
    return Objection("weights_not_100", at, {"sum": plain(total)})


def amount(field: str, text: str, at: str) -> Objection | None:
    wrong = DECIMAL.fullmatch(text) is None or exact(text) < 0
    return Objection("invalid_amount", f"{at}/{field}", {"field": field}) if wrong else None


def year_of(year: str, planned: str, at: str) -> Objection | None:
    if not _YEAR.fullmatch(year):
        return Objection("invalid_amount", f"{at}/invest_by_year", {"field": shown(year)})
    return amount("invest_by_year", planned, at)


def month_of(field: str, text: str, pointer: str) -> Objection | None:
    right = _MONTH.fullmatch(text) is not None and parse(text).frequency is Frequency.MONTHLY
    return None if right else Objection("invalid_month", pointer, {"field": field})


def revision_of(revision: int) -> Objection | None:
    right = 0 <= revision <= MAX_REVISION
    return None if right else Objection("invalid_revision", "/data/revision", {"most": str(MAX_REVISION)})


def withdrawal(said: Progress) -> Objection | None:
    if said.status is not None:
        return None
    if not (said.reason or "").strip():
        return Objection("withdrawal_needs_reason", "/data/reason")
    return None if said.revision else Objection("withdrawal_needs_revision", "/data/revision")


def money(text: str) -> Objection | None:
    unit = unit_of(text)
    if unit is not None and unit.quantity == "money":
        return None
    possible = ", ".join(f"{each.id} ({each.zh})" for each in UNITS.values() if each.quantity == "money")
    args = {"unit": shown(text), "wanted": "CNY_100M", "wanted_zh": "亿元", "possible": possible}
    return Objection("unknown_unit" if unit is None else "unit_mismatch", "/data/unit", args)


def done_in(said: Progress, period: Period) -> Objection | None:
    """Nodes once, nothing done or started after the period's end."""
    days = [(f"nodes/{n}/done_on", each.done_on) for n, each in enumerate(said.nodes)]
    for field, day in [*days, ("started_on", said.started_on)]:
        if day is not None and day > period.end:
            args = {"field": field.rpartition("/")[2], "first": "…", "last": str(period.end)}
            return Objection("date_out_of_range", f"/data/{field}", args)
    return once("nodes", (each.id for each in said.nodes), "/data/nodes")


def once(field: str, ids: Iterable[str], pointer: str) -> Objection | None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            return Objection("duplicate_entry", pointer, {"field": field, "id": shown(each)})
        seen.add(each)
    return None


def evidence(text: str, evidence: tuple[str, ...], pointer: str) -> Objection | None:
    """A red line is no rumour: a text and at least one piece of evidence."""
    there = text.strip() and any(each.strip() for each in evidence)
    return None if there else Objection("evidence_missing", pointer)


def shown(text: str) -> str:
    """What of a caller's text is repeated to it."""
    return text if len(text) <= 80 else f"{text[:80]}…"
