"""The form by which a project enters a list or its plan is amended: what is typed → the statement that intake takes
(rule 12), with what is wrong said at each field; and the fields that a plan fills in. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from contracts.numbers import DECIMAL, exact, plain
from contracts.programme import Lookup
from contracts.project_submission import PROJECT_ID
from contracts.projects import Plan
from services.desk.projects.record import Item
from services.desk.ticket_forms import LONGEST

ROWS = 4  # empty rows for milestones and years below those that are filled in
REPORTERS = ("district", "department")
_NODE, _YEAR = ("id", "zh", "en", "weight", "due"), ("year", "amount")
_MONTH, _ANY_YEAR = re.compile(r"[1-9]\d{3}-(0[1-9]|1[0-2])", re.ASCII), re.compile(r"[1-9]\d{3}", re.ASCII)
_WORDS = ("name_zh", "name_en", "contact_name", "contact_role", "note", "reason")
_NEEDED = ("name_zh", "district", "department", "contact_name", "contact_role", "starts_in", "invest_total", "on")
_FIELDS = (*_NEEDED, *_WORDS, "project", "list", "invested_before", "nodes", "feeds")

Said = Mapping[str, str]
Act = Literal["enter", "amend"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a field is not taken: the text's key and what stands in it, or what intake said in words."""

    key: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was typed, as the statement's data; `wrong` by the names of fields, "" for what is wrong with the whole."""

    data: Mapping[str, Any]
    wrong: dict[str, Wrong]
    nodes: Sequence[int]  # the rows of the form in which the plan's nodes stand
    years: Mapping[str, int]

    def field_of(self, pointer: str) -> str:
        """The field that a pointer into the statement means; "" for none of the form's."""
        path = pointer.removeprefix("/data/").removeprefix("plan/").split("/")
        match path:
            case ["nodes", place, name, *_] if int(place) < len(self.nodes):
                return f"node.{self.nodes[int(place)]}.{name if name != 'name' else 'zh'}"
            case ["contact", name]:
                return f"contact_{name}"
            case ["name", language]:
                return f"name_{language}"
            case ["invest_by_year", year] if year in self.years:
                return f"year.{self.years[year]}.amount"
            case [name, *_]:
                return name if name in _FIELDS else ""
        return ""


def rows_of(said: Said, kind: Literal["node", "year"]) -> list[int]:
    """The rows of the form: those that were shown, which a row with anything in it is one of."""
    return sorted({int(n) for name in said for k, _, n in [name.rpartition(".")[0].partition(".")] if k == kind})


def more_rows(said: Said) -> dict[str, str]:
    """The same form with empty rows below."""
    found = dict(said)
    for kind, names in (("node", _NODE), ("year", _YEAR)):
        first = max(rows_of(said, kind), default=-1) + 1  # type: ignore[arg-type]
        found |= {f"{kind}.{row}.{name}": "" for row in range(first, first + ROWS) for name in names}
    return found


def blank(lookup: Lookup, today: date) -> dict[str, str]:
    """An empty form: the programme's years, the first of its lists, from today."""
    programme = lookup.programme
    years = range(max(today.year, programme.first_day.year), programme.last_day.year + 1)
    found = {f"year.{row}.year": str(year) for row, year in enumerate(years)}
    found |= {f"year.{row}.amount": "" for row in range(len(years))}
    return more_rows(found | {"on": today.isoformat(), "invested_before": "0", "reports": "district"})


def filled(plan: Plan, today: date) -> dict[str, str]:
    """The form with a plan in it."""
    found = {
        "name_zh": plan.name.zh, "name_en": plan.name.en, "district": plan.district, "department": plan.department,
        "contact_name": plan.contact.name, "contact_role": plan.contact.role, "contact_unit": plan.contact.unit or "",
        "starts_in": plan.starts_in, "invest_total": plan.invest_total, "invested_before": plan.invested_before,
        "reports": plan.reports, "note": plan.note or "", "on": today.isoformat(), "reason": "",
    }  # fmt: skip
    found |= {f"feeds.{indicator}": "on" for indicator in plan.feeds}
    for row, node in enumerate(plan.nodes):
        told = node.id, node.name.zh, node.name.en, node.weight, node.due.isoformat()
        found |= {f"node.{row}.{name}": text for name, text in zip(_NODE, told, strict=True)}
    for row, (year, amount) in enumerate(sorted(plan.invest_by_year.items())):
        found |= {f"year.{row}.year": year, f"year.{row}.amount": amount}
    return more_rows(found)


def read(
    act: Act,
    said: Said,
    lookup: Lookup,
    project: str,
    *,
    before: Plan | None = None,
    taken: Collection[str] = (),
    used: Collection[str] = (),
    revision: int = 0,
) -> Reading:
    """The statement's data. `taken`: ids of other projects; `used`: ids of nodes that the project ever had."""
    wrong: dict[str, Wrong] = {}
    _fields(said, lookup, wrong, (*_NEEDED, "list" if act == "enter" else "reason"))
    nodes, rows = _nodes(said, used, wrong)
    years, amounts = _years(said, wrong)
    if act == "enter":
        project = said.get("project") or _numbered(said, taken)
        if said.get("project") and re.fullmatch(PROJECT_ID, project) is None:
            wrong["project"] = Wrong("id")
        elif project in taken:
            wrong["project"] = Wrong("known")
    plan = {
        "name": {"zh": said.get("name_zh", ""), "en": said.get("name_en") or said.get("name_zh", "")},
        "district": said.get("district", ""),
        "department": said.get("department", ""),
        "contact": {"name": said.get("contact_name", ""), "role": said.get("contact_role", "")}
        | ({"unit": said["contact_unit"]} if said.get("contact_unit") else {}),
        "starts_in": said.get("starts_in", ""),
        "nodes": nodes,
        "invest_total": said.get("invest_total", ""),
        "invest_by_year": amounts,
        "invested_before": said.get("invested_before") or "0",
        "reports": said.get("reports", "district"),
        "feeds": [name.removeprefix("feeds.") for name in said if name.startswith("feeds.")],
        "invented": before is not None and before.invented,
    } | ({"note": said["note"]} if said.get("note") else {})
    data: dict[str, Any] = {
        "programme": lookup.programme.id,
        "project": project,
        "on": said.get("on", ""),
        "act": act,
        "plan": plan,
    }
    data |= {"list": said.get("list", "")} if act == "enter" else {}
    data |= {"reason": said["reason"]} if said.get("reason") else {}
    data |= {"revision": revision} if revision else {}
    return Reading(data, wrong, rows, years)


def revision_of(statements: Iterable[Item], on: str) -> int:
    """One more than the highest that was said of the plan on that day: the second of a day replaces the first."""
    said = [
        int(each["said"]["revision"])
        for each in statements
        if each["type"] == "ProjectListed" and each["said"]["list"] is None and each["said"]["on"] == on
        and each["outcome"] != "refused"
    ]  # fmt: skip
    return max(said, default=-1) + 1


def _fields(said: Said, lookup: Lookup, wrong: dict[str, Wrong], needed: Iterable[str]) -> None:
    """The fields that stand alone."""
    units = {*lookup.departments, *lookup.districts}
    choices: Mapping[str, Collection[str]] = {
        "district": lookup.districts, "department": units, "contact_unit": units, "reports": REPORTERS,
        "list": [each.id for each in lookup.programme.projects],
    }  # fmt: skip
    for name, known in choices.items():
        if said.get(name) and said[name] not in known:
            wrong[name] = Wrong("choice")
    if said.get("starts_in") and _MONTH.fullmatch(said["starts_in"]) is None:
        wrong["starts_in"] = Wrong("month")
    if said.get("on") and not _day(said["on"]):
        wrong["on"] = Wrong("day")
    for name in ("invest_total", "invested_before"):
        if said.get(name) and not _amount(said[name]):
            wrong[name] = Wrong("amount")
    for name in _WORDS:
        if len(said.get(name, "")) > LONGEST:
            wrong[name] = Wrong("long")
    for name in needed:
        if not said.get(name):
            wrong[name] = Wrong("needed")


def _nodes(said: Said, used: Collection[str], wrong: dict[str, Wrong]) -> tuple[list[dict[str, Any]], list[int]]:
    """The milestones, rows without a word left out; each whole, together 100 points, ids that no other node had."""
    found, rows, ids, weights = list[dict[str, Any]](), list[int](), set(used), list[str]()
    for row in rows_of(said, "node"):
        of = {name: said.get(f"node.{row}.{name}", "") for name in _NODE}
        if not any(of[name] for name in ("zh", "en", "weight", "due")):
            continue
        for name, right in (("zh", True), ("weight", _amount(of["weight"])), ("due", _day(of["due"]))):
            if not of[name] or not right:
                kind = "needed" if not of[name] else "day" if name == "due" else "amount"
                wrong[f"node.{row}.{name}"] = Wrong(kind)
        identity = of["id"] or next(n for k in range(1, len(ids) + 2) if (n := f"node_{k}") not in ids)
        ids.add(identity)
        name_ = {"zh": of["zh"], "en": of["en"] or of["zh"]}
        found.append({"id": identity, "name": name_, "weight": of["weight"], "due": of["due"]})
        weights.append(of["weight"])
        rows.append(row)
    if not found:
        wrong["nodes"] = Wrong("no_nodes")
    elif not any(name.startswith("node.") for name in wrong):
        total = sum(map(exact, weights), Fraction(0))
        if total != 100:
            wrong["nodes"] = Wrong("weights", {"sum": plain(total)})
    return found, rows


def _years(said: Said, wrong: dict[str, Wrong]) -> tuple[dict[str, int], dict[str, str]]:
    """What is to be invested in each year: the row of each year, and its amount; a year without one is left out."""
    rows: dict[str, int] = {}
    amounts: dict[str, str] = {}
    for row in rows_of(said, "year"):
        year, amount = said.get(f"year.{row}.year", ""), said.get(f"year.{row}.amount", "")
        if not amount:
            continue
        if _ANY_YEAR.fullmatch(year) is None:
            wrong[f"year.{row}.year"] = Wrong("year")
        elif year in rows:
            wrong[f"year.{row}.year"] = Wrong("twice")
        if not _amount(amount):
            wrong[f"year.{row}.amount"] = Wrong("amount")
        rows[year], amounts[year] = row, amount
    return rows, amounts


def _numbered(said: Said, taken: Collection[str]) -> str:
    """An id for who gave none: place, year and the first number that is free."""
    stem = f"{said.get('district', '')}_{said.get('on', '')[:4]}"
    return next(name for n in range(1, len(taken) + 2) if (name := f"{stem}_{n:02}") not in taken)


def _amount(text: str) -> bool:
    return DECIMAL.fullmatch(text) is not None and not text.startswith("-")


def _day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
