"""The doubts a catalogue leaves (rules 2-4, 7.1): ids that name nothing, targets at odds, shares that do not add up.

`findings.py` holds what each says. Nothing that the text says is rejected.
"""

from collections.abc import Callable, Container, Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise

from contracts.calendar import years_without_data
from contracts.fed import UNITS as FED_UNITS
from contracts.findings import SEVERITIES, Finding, finding
from contracts.numbers import UNITS, exact, plain
from contracts.periods import Frequency
from contracts.programme import Indicator, Lookup, Target
from contracts.routing import ADDRESSEE, DEPARTMENT
from contracts.schemes import Scheme


def check(lookup: Lookup) -> list[Finding]:
    """Every finding, errors first. Numbers are weighed only where every id and every number can be read."""
    found = [*_duplicates(lookup), *_dangling(lookup), *_unreadable(lookup)]
    if not found:
        found = [*_years(lookup), *_strays(lookup), *_untold(lookup)]
        found += (each for i in lookup.programme.indicators for weigh in WEIGHED for each in weigh(lookup, i))
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def _duplicates(lookup: Lookup) -> Iterator[Finding]:
    programme = lookup.programme
    parts = {
        "areas": [each.id for each in programme.areas],
        "departments": [each.id for each in programme.departments],
        "districts": [each.id for each in programme.districts],
        "indicators": [each.id for each in programme.indicators],
        "projects": [each.id for each in programme.projects],
        "routing": [*(each.id for each in programme.routing.groups), ADDRESSEE, DEPARTMENT],
        "schemes": [each.id for each in (programme.scheme, *programme.schemes)],
    }
    for part, ids in parts.items():
        twice = sorted({each for each in ids if ids.count(each) > 1})
        yield from (finding("duplicate_id", f"{part}/{each}", id=each) for each in twice)


def _dangling(lookup: Lookup) -> Iterator[Finding]:
    known: dict[str, Container[str]] = {
        "area": lookup.areas,
        "department": lookup.departments,
        "district": lookup.districts,
        "indicator": lookup.indicators,
        "unit": UNITS,
        "unit_of_a_group": lookup.departments.keys() | lookup.districts.keys(),
        "group_or_unit": _groups(lookup),
    }
    for place, kind, named in _references(lookup):
        if named not in known[kind]:
            yield finding("unknown_id", place, kind=kind, id=named)


def _references(lookup: Lookup) -> Iterator[tuple[str, str, str]]:
    """Every id that one part of the catalogue uses for another: (place, kind, id)."""
    for area in lookup.programme.areas:
        place = f"areas/{area.id}"
        yield from ((place, "area", each) for each in (area.parent, *area.plan_areas) if each is not None)
        yield from ((place, "department", each) for each in area.departments)
    for i in lookup.programme.indicators:
        place = f"indicators/{i.id}"
        yield place, "unit", i.unit
        if i.threshold is not None:
            yield place, "unit", i.threshold.unit
        yield from ((place, "area", each) for each in (i.area, i.area_2023) if each is not None)
        yield from ((place, "department", each) for each in (*i.departments, *i.departments_2023))
        yield from ((place, "district", each) for each in i.applicable)
        yield from ((place, "indicator", each) for each in (i.continues,) if each is not None)
    for place, scheme in _schemes(lookup):
        yield from ((place, "indicator", each) for each in (*scheme.core, *scheme.weights.items))
        yield from ((place, "area", each) for each in (*scheme.weights.areas, *scheme.weights.headings))
        yield from ((place, "unit_of_a_group", each) for group in scheme.groups for each in group.units)
    routing = lookup.programme.routing
    yield from (("routing", "group_or_unit", each) for route in routing.routes for each in route.to)
    yield from (("routing", "unit_of_a_group", each) for route in routing.routes for each in route.units)
    for project in lookup.programme.projects:
        yield from ((f"projects/{project.id}", "department", each) for each in project.departments)
    for share in lookup.programme.decomposition:
        place = f"decomposition/{share.indicator}/{share.district}"
        yield from ((place, "indicator", share.indicator), (place, "district", share.district))


def _schemes(lookup: Lookup) -> Iterator[tuple[str, Scheme]]:
    yield "scheme", lookup.programme.scheme
    yield from ((f"schemes/{each.id}", each) for each in lookup.programme.schemes)


def _untold(lookup: Lookup) -> Iterator[Finding]:
    """Groups that no route names, and levels at which nobody but receivers without groups is told."""
    routing = lookup.programme.routing
    named = {each for route in routing.routes for each in route.to}
    for group in routing.groups:
        if group.id not in named:
            yield finding("group_without_route", f"routing/{group.id}", id=group.id)
    for level in (1, 2, 3):
        if not any(
            level in (route.levels or (level,)) and "ticket" in (route.kinds or ("ticket",)) for route in routing.routes
        ):
            yield finding("level_without_route", f"routing/level/{level}", level=level)


def _groups(lookup: Lookup) -> Container[str]:
    """Whom a route may name."""
    named = {each.id for each in lookup.programme.routing.groups}
    return named | {ADDRESSEE, DEPARTMENT} | lookup.departments.keys() | lookup.districts.keys()


def _unreadable(lookup: Lookup) -> Iterator[Finding]:
    for place, text in _numbers(lookup):
        try:
            exact(text)
        except ValueError:
            yield finding("not_a_number", place, text=text)


def _numbers(lookup: Lookup) -> Iterator[tuple[str, str]]:
    for place, scheme in _schemes(lookup):
        levels = (scheme.weights.areas, scheme.weights.headings, scheme.weights.items)
        yield from ((place, each) for each in (scheme.gate, scheme.excellent.score))
        yield from ((place, each) for level in levels for each in level.values())
    for i in lookup.programme.indicators:
        yield from ((_at(i, target), target.value) for target in i.targets if target.value is not None)
        own = [i.approx_pct, *(each.value for each in (i.baseline, i.threshold) if each is not None)]
        yield from ((f"indicators/{i.id}", each) for each in (i.tolerance, *own) if each is not None)
    for share in lookup.programme.decomposition:
        place = f"decomposition/{share.indicator}/{share.district}"
        yield from ((f"{place}/{on}", value) for on, value in share.targets.items())


def _years(lookup: Lookup) -> Iterator[Finding]:
    programme = lookup.programme
    due_in = date(programme.last_day.year + 1, 1, 1)  # the last reports are due in the year after
    for year in years_without_data(programme.calendar, programme.first_day, due_in):
        yield finding("calendar_year_without_data", f"calendar/{year}", year=year)


def _strays(lookup: Lookup) -> Iterator[Finding]:
    """Shares of a district to which the indicator does not apply, or at a date without a target."""
    for share in lookup.programme.decomposition:
        i = lookup.indicators[share.indicator]
        dates = {target.on.isoformat() for target in i.targets}
        if share.district not in i.applicable or not dates.issuperset(share.targets):
            yield finding("share_without_target", f"decomposition/{i.id}/{share.district}")


def _responsibility(lookup: Lookup, i: Indicator) -> Iterator[Finding]:
    place = f"indicators/{i.id}"
    if not i.departments:
        yield finding("no_responsible_unit", place)
    elif i.departments_2023 and i.departments_2023[0] != i.departments[0]:
        yield finding("lead_differs", place, first=i.departments_2023[0], then=i.departments[0])
    for each in i.applicable:
        if not lookup.districts[each].reports:
            yield finding("district_does_not_report", place, id=each, zh=lookup.districts[each].name.zh)


def _definition(lookup: Lookup, i: Indicator) -> Iterator[Finding]:
    place = f"indicators/{i.id}"
    if i.continues is not None:
        was = lookup.indicators[i.continues]
        yield finding(
            "definition_differs",
            place,
            id=was.id,
            earlier=was.name.zh,
            earlier_unit=was.unit_zh,
            name=i.name.zh,
            unit=i.unit_zh,
        )
    bounds = {target.on.year: target.bound for target in i.targets if target.value is not None}
    if len(set(bounds.values())) > 1:
        yield finding("bound_differs", place, bounds=", ".join(f"{year} {bound}" for year, bound in bounds.items()))
    if i.deviation is not None:
        yield finding("deviation", place, zh=i.deviation.zh, en=i.deviation.en)


def _fed(_: Lookup, i: Indicator) -> Iterator[Finding]:
    """Projects feed monthly running totals in the unit of their figure (rule 12)."""
    if i.fed_by is not None:
        totals = i.reported_as == i.judged_as == "programme" and i.frequency is Frequency.MONTHLY
        if not totals or i.unit != FED_UNITS[i.fed_by]:
            yield finding("cannot_be_fed", f"indicators/{i.id}", unit=FED_UNITS[i.fed_by])


def _targets(_: Lookup, i: Indicator) -> Iterator[Finding]:
    """Each target by itself."""
    if not i.targets:
        yield finding("no_target", f"indicators/{i.id}")
    for target in i.targets:
        doubts = {
            "target_unreadable": target.value is None,
            "target_disputed": target.disputed,
            "target_not_binding": not target.binding,
            "target_outside_life": not i.valid_from <= target.on <= i.valid_to,
            "target_too_fine": len((target.value or "").partition(".")[2]) > i.decimals,
        }
        yield from (finding(code, _at(i, target), decimals=i.decimals) for code, holds in doubts.items() if holds)


def _course(_: Lookup, i: Indicator) -> Iterator[Finding]:
    """The targets against one another, against the start, and against the years."""
    known = _readable(i)
    for (before, earlier), (target, later) in pairwise(known):
        words = {"earlier": before.value, "later": target.value, "year": before.on.year}
        if i.direction * (later - earlier) < 0:
            yield finding("targets_not_monotonic", _at(i, target), **words)
        if i.every_year and later != earlier:
            yield finding("every_year_exception", _at(i, target), **words)
    if i.baseline is not None:
        start = exact(i.baseline.value)
        weaker = (target for target, value in known if i.direction * (value - start) <= 0)
        yield from (finding("target_weaker_than_start", _at(i, each), start=i.baseline.value) for each in weaker)
    if i.judged_as == "ytd" and not i.every_year and known and known[0][0].on.year > i.valid_from.year:
        yield finding("years_without_target", f"indicators/{i.id}", year=known[0][0].on.year)


def _start(_: Lookup, i: Indicator) -> Iterator[Finding]:
    if _readable(i) and (i.tolerance is None or exact(i.tolerance) <= 0):
        yield finding("tolerance_zero", f"indicators/{i.id}")
    if i.stock and i.baseline is None:
        yield finding("stock_without_start", f"indicators/{i.id}")


def _decomposition(lookup: Lookup, i: Indicator) -> Iterator[Finding]:
    shares = [lookup.allocations[i.id, each] for each in i.applicable if (i.id, each) in lookup.allocations]
    if i.own_targets and not shares:
        yield finding("own_targets_missing", f"decomposition/{i.id}")
    for target, owed in _readable(i) if i.aggregate == "sum" else ():
        place, on = f"decomposition/{i.id}/{target.on}", target.on.isoformat()
        parts = [exact(share.targets[on]) for share in shares if on in share.targets]
        if not parts and not target.disputed:
            yield finding("decomposition_missing", place)
        elif parts and sum(parts, Fraction(0)) != owed:
            yield finding("decomposition_differs", place, total=plain(sum(parts, Fraction(0))), target=target.value)


def _readable(i: Indicator) -> list[tuple[Target, Fraction]]:
    return [(target, exact(target.value)) for target in i.targets if target.value is not None]


def _at(i: Indicator, target: Target) -> str:
    return f"indicators/{i.id}/{target.on}"


WEIGHED: tuple[Callable[[Lookup, Indicator], Iterator[Finding]], ...] = (
    _responsibility,
    _definition,
    _fed,
    _targets,
    _course,
    _start,
    _decomposition,
)
