"""A case to try a rule on: an indicator, its targets, reports and a date, as `liangshai evaluate` reads it.

An indicator is named by its id in the catalogue, changed there (`{"id": …, "tolerance": …}`) or made up; what a
made-up one leaves out is taken as the rules take it (1.3 for decimals and tolerance, 3.1 for what is reported).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import msgspec

from cli.case_acts import Acted, Overridden
from cli.consequences import ProjectCase, Scored, TicketAct
from contracts.catalogue import load
from contracts.cells import Cell, Cells
from contracts.events import Text
from contracts.numbers import UNITS, convert, exact, plain, unit_of
from contracts.programme import CITY, Allocation, Baseline, Indicator, Lookup, Profile, Target
from contracts.records import Record
from services.metrics.fold import Fact


class Misread(ValueError):
    """The file does not say what a case needs to say; why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


class Reported(Record, frozen=True, kw_only=True):
    """A report of the case; received on the day after its period's end unless told otherwise."""

    period: str
    value: str | None
    unit: str | None = None
    district: str | None = None
    revision: int = 0
    received_at: datetime | None = None
    approved_at: datetime | None = None
    reason: str | None = None
    confidence: Literal["likely", "at_risk", "unlikely"] | None = None
    status: Literal["final", "provisional", "estimated"] = "final"


class Case(Record, frozen=True, kw_only=True):
    """`indicator` and `reports` are left out where only `scores` or a `project` is to be evaluated."""

    as_of: date
    indicator: str | dict[str, Any] | None = None
    reports: tuple[Reported, ...] = ()
    district: str = CITY
    known_at: datetime | None = None
    targets: tuple[Target, ...] | None = None
    baseline: Baseline | None = None
    allocations: dict[str, dict[str, str]] | None = None  # district → date → value
    profile: dict[str, Any] | None = None  # what differs from the catalogue's
    acts: tuple[Acted, ...] = ()
    overrides: tuple[Overridden, ...] = ()
    ticket_acts: tuple[TicketAct, ...] = ()
    scores: tuple[Scored, ...] = ()
    gate: str = "0.80"
    project: ProjectCase | None = None


def read(path: Path) -> Case:
    """The case that a JSON file tells."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Case)
    except (OSError, msgspec.MsgspecError) as problem:
        raise Misread(f"{path} 无法读取或内容有误", f"cannot be read: {problem}") from problem


def programme_of(case: Case, catalogue: Path) -> Lookup:
    """The catalogue's programme with the case's indicator alone, its allocations and profile."""
    whole = load(catalogue)
    indicator = _indicator(case, whole)
    if case.district not in indicator.districts:
        there = ", ".join(indicator.districts)
        zh = f"{case.district} 没有指标 {indicator.id} 的序列；可用：{there}"
        raise Misread(zh, f"{case.district} has no series of {indicator.id}; there are: {there}")
    kept = tuple(each for each in whole.programme.decomposition if each.indicator == indicator.id)
    parts = (case.allocations or {}).items()
    own = tuple(Allocation(indicator=indicator.id, district=name, targets=targets) for name, targets in parts)
    profile = _changed(whole.programme.profile, case.profile or {})
    changes = {"indicators": (indicator,), "decomposition": own or kept, "profile": profile}
    return Lookup(msgspec.structs.replace(whole.programme, **changes))


def profile_of(case: Case, catalogue: Path) -> Profile:
    """The catalogue's threshold profile with what the case changes."""
    found: Profile = _changed(load(catalogue).programme.profile, case.profile or {})
    return found


def facts_of(case: Case, lookup: Lookup, cells: Cells) -> dict[int, Fact]:
    """The case's reports in the indicator's unit, by their place, those known by `known_at` only (rule 2.10)."""
    (indicator,) = lookup.programme.indicators
    found = ((n, _fact(n, each, case, indicator, cells)) for n, each in enumerate(case.reports))
    limit = case.known_at
    return {n: fact for n, fact in found if limit is None or fact.received_at <= limit}


def _fact(n: int, report: Reported, case: Case, indicator: Indicator, cells: Cells) -> Fact:
    district = report.district or case.district
    cell = cells.resolve(indicator.id, district, report.period)
    if cell is None:
        zh = f"reports[{n}]：指标 {indicator.id} 在 {district} 没有报告期 {report.period}"
        raise Misread(zh, f"{indicator.id} has no period {report.period} in {district}")
    return Fact(
        source="/evaluate",
        id=str(n),
        district=district,
        period=cell.period.text,
        revision=report.revision,
        value=_value(n, report, indicator.unit_at(district)),
        received_at=report.received_at or _next_day(cell),
        reason=report.reason,
        confidence=report.confidence,
        status=report.status,
        approved_at=report.approved_at if case.known_at is None or _by(report.approved_at, case.known_at) else None,
    )


def _next_day(cell: Cell) -> datetime:
    return cell.period.closes_at + timedelta(hours=9)


def _by(moment: datetime | None, limit: datetime) -> bool:
    return moment is not None and moment <= limit


def _value(n: int, report: Reported, unit: str) -> Fraction | None:
    if report.value is None:
        return None
    try:
        return convert(exact(report.value), report.unit or unit, unit)
    except ValueError as problem:  # not a number, or a UnitMismatch
        zh = f"reports[{n}]：数值“{report.value}”或单位“{report.unit or unit}”不正确"
        raise Misread(zh, str(problem)) from problem


def _indicator(case: Case, whole: Lookup) -> Indicator:
    assert case.indicator is not None
    named = {"id": case.indicator} if isinstance(case.indicator, str) else case.indicator
    shipped = whole.indicators.get(named.get("id", ""))
    if shipped is None and isinstance(case.indicator, str):
        zh = f"目录中没有指标 {case.indicator}；可改用对象描述"
        raise Misread(zh, f"the catalogue has no indicator {case.indicator!r}; describe it as an object instead")
    given = dict(named)
    if case.targets is not None:
        given["targets"] = msgspec.to_builtins(case.targets)
    if case.baseline is not None:
        given["baseline"] = msgspec.to_builtins(case.baseline)
    return _changed(shipped, given) if shipped else _made_up(given, whole)


def _changed(record: Any, given: Mapping[str, Any]) -> Any:
    try:
        return msgspec.convert(msgspec.to_builtins(record) | dict(given), type(record))
    except msgspec.ValidationError as problem:
        raise Misread("指标或阈值的内容有误", f"the indicator or the profile is wrong: {problem}") from problem


def _made_up(given: dict[str, Any], whole: Lookup) -> Indicator:
    unit = unit_of(str(given.get("unit", "")))
    if unit is None:
        zh = f"没有单位“{given.get('unit', '')}”；可用：{'、'.join(UNITS)}"
        raise Misread(zh, f"no unit {given.get('unit')!r}; there are {', '.join(UNITS)}")
    goal, judged_as = given.get("goal", "reach"), given.get("judged_as", "programme")
    decimals = given.get("decimals", _decimals(given.get("targets", ()), unit.id))
    name = given.get("name", given.get("id", "trial"))
    defaults = {
        "id": "trial",
        "valid_from": whole.programme.first_day,
        "valid_to": whole.programme.last_day,
        "area": whole.programme.areas[0].id,
        "section": "",
        "scope": "city",
        "quote": "",
        "reason": "made up for a trial",
        "measure": {"ytd": "annual", "level": "level"}.get(judged_as, "cumulative"),
        "unit_zh": unit.zh,
        "tolerance": plain(_tolerance(decimals, unit.id)),
        "direction": 1,
        "goal": goal,
        "schedule": _schedule(goal, judged_as),
        "judged_as": judged_as,
        "reported_as": judged_as,
        "frequency": "monthly",
        "writer": "lead",
        "departments": (),
        "applicable": (),
        "aggregate": "none",
        "rankable": False,
    }
    named = Text(name, name) if isinstance(name, str) else name
    document = defaults | given | {"unit": unit.id, "decimals": decimals, "name": msgspec.to_builtins(named)}
    try:
        return msgspec.convert(document, Indicator)
    except msgspec.ValidationError as problem:
        raise Misread("指标的内容有误", f"the indicator is wrong: {problem}") from problem


def _decimals(targets: Any, unit: str) -> int:
    """Rule 1.3: the places printed in the targets, else by unit."""
    printed = max((len(str(each.get("value") or "").partition(".")[2]) for each in targets), default=0)
    if printed:
        return printed
    if UNITS[unit].whole or unit in ("grade_A", "rank"):
        return 0
    return 2 if unit in ("ratio", "m2_per_person", "10k_households", "t_100M") else 1


def _tolerance(decimals: int, unit: str) -> Fraction:
    half = Fraction(1, 2 * 10**decimals)
    return max(half, Fraction(5, 100)) if unit == "percent" else half


def _schedule(goal: str, judged_as: str) -> str:
    if goal in ("yes_no", "rank_at_most"):
        return "due_date"
    if goal == "reach":
        return "quota" if judged_as == "ytd" else "linear"
    return "band" if goal == "band" else "hold"
