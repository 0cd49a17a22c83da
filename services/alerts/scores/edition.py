"""One edition: every unit's score, points and place, with its items (rules 10.2 to 10.6). Pure, exact.

Districts are ranked among each other; departments stand in a table without places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from contracts.numbers import exact
from contracts.periods import Period
from contracts.schemes import Scheme
from services.alerts.scores.items import Entry, Facts, Key, Lights, Sheet, department_entries, district_entries
from services.alerts.scores.ranking import (
    Result,
    as_published,
    black_list,
    change,
    local_form,
    places,
    red_list,
)
from services.alerts.scores.robustness import place_ranges
from services.alerts.scores.scoring import Score, bonus_points, goes_beyond, process_points, score

NO_LIGHTS = Lights()
YEAR = 12  # months


@dataclass(frozen=True, slots=True)
class Row:
    """One unit's line. `place`, `place_range`, `change` are None for departments and for who is not ranked."""

    unit: str
    score: Score
    process: Fraction
    lights: Lights
    bonus: Fraction | None  # at the year's end
    beyond: tuple[int, int] | None  # scored reach items at 110 % and all of them
    entries: Sequence[Entry]
    place: int | None = None
    place_range: tuple[int, int] | None = None
    change: int | None = None
    excellent: bool | None = None  # at the year's end

    @property
    def total(self) -> Fraction | None:
        """Score and points together; None without a score."""
        return None if self.score.value is None else self.score.value + self.process + (self.bonus or 0)


@dataclass(frozen=True, slots=True)
class Listed:
    """Who is on the red and the black list of one item."""

    indicator: str
    red: tuple[str, ...]
    black: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything of one edition; `preliminary` while some of its cells are not due."""

    period: Period
    scheme: Scheme
    facts: Facts
    preliminary: bool
    districts: tuple[Row, ...]
    departments: tuple[Row, ...]
    lists: tuple[Listed, ...]


def compute(sheet: Sheet, facts: Facts, earlier: Mapping[str, int | None] | None = None) -> Edition:
    """The edition that the facts make; `earlier` are the places of the edition before it."""
    of_districts, of_departments = district_entries(sheet, facts), department_entries(sheet, facts)
    if sheet.scheme.form == "min_max":
        of_districts = _spread(of_districts)
    districts = _ranked(sheet.scheme, _rows(sheet, facts, of_districts, sheet.districts), earlier or {})
    departments = _rows(sheet, facts, of_departments, sheet.departments)
    every = (entry for row in (*districts, *departments) for entry in row.entries)
    return Edition(
        facts.period,
        sheet.scheme,
        facts,
        any(entry.pending for entry in every),
        tuple(_excellent(sheet.scheme, facts, districts)),
        tuple(departments),
        tuple(_lists(sheet.scheme, of_districts)),
    )


def standing_places(rows: Sequence[Row]) -> dict[str, int | None]:
    return {row.unit: row.place for row in rows}


def _rows(
    sheet: Sheet, facts: Facts, entries: Mapping[str, Sequence[Entry]], series: Mapping[str, Sequence[Key]]
) -> list[Row]:
    return [_row(sheet, facts, unit, of, series[unit]) for unit, of in entries.items()]


def _row(sheet: Sheet, facts: Facts, unit: str, entries: Sequence[Entry], series: Sequence[Key]) -> Row:
    lights = _summed([facts.lights.get(key, NO_LIGHTS) for key in series])
    beyond = _beyond(entries) if facts.period.months == YEAR else None
    return Row(
        unit,
        score([entry.item for entry in entries], exact(sheet.scheme.gate)),
        process_points(lights.yellow, lights.red, lights.measured),
        lights,
        None if beyond is None else bonus_points(*beyond),
        beyond,
        entries,
    )


def _summed(lights: Sequence[Lights]) -> Lights:
    return Lights(
        sum(each.yellow for each in lights),
        sum(each.red for each in lights),
        sum(each.measured for each in lights),
        sum(each.red_in_december for each in lights),
    )


def _beyond(entries: Sequence[Entry]) -> tuple[int, int]:
    """Of the scored reach items those at 110 % of their way, and all of them; "about" counts towards T_eff (10.1)."""
    reach = [e for e in entries if e.item.counts and e.item.attainment is not None and e.indicator.goal == "reach"]
    return sum(_goes_beyond(entry) for entry in reach), len(reach)


def _goes_beyond(entry: Entry) -> bool:
    assert entry.told is not None
    numbers, indicator = entry.told.exact, entry.indicator
    if numbers.actual is None or numbers.start is None or numbers.target is None:
        return False
    target = Fraction(numbers.target)
    about = any(aim.bound == "approx" and aim.value == target for aim in entry.aims)
    enough = target * (1 - indicator.direction * exact(indicator.approx_pct) / 100) if about else target
    return goes_beyond(Fraction(numbers.actual), Fraction(numbers.start), enough)


def _ranked(scheme: Scheme, rows: Sequence[Row], earlier: Mapping[str, int | None]) -> list[Row]:
    """Places among those above the gate, by the score or by the total (rules 10.4 and 10.5)."""
    values = {
        r.unit: (r.total if scheme.rank_by == "total" else r.score.value) if r.score.ranked else None for r in rows
    }
    held = places(values)
    ranges = place_ranges({row.unit: [entry.item for entry in row.entries] for row in rows if row.score.ranked})
    found = []
    for row in rows:
        place = held[row.unit]
        if place is None:
            found.append(row)
            continue
        best, worst = ranges[row.unit]
        moved = change(earlier.get(row.unit), place)
        found.append(replace(row, place=place, place_range=(min(best, place), max(worst, place)), change=moved))
    return found


def _excellent(scheme: Scheme, facts: Facts, rows: Sequence[Row]) -> list[Row]:
    """At the year's end: ranked, the published score high enough, no red of record in December (rule 10.6)."""
    if facts.period.months != YEAR:
        return list(rows)
    least = exact(scheme.excellent.score)
    return [replace(row, excellent=_is_excellent(scheme, row, least)) for row in rows]


def _is_excellent(scheme: Scheme, row: Row, least: Fraction) -> bool:
    if row.place is None or row.score.value is None or as_published(row.score.value) < least:
        return False
    return not (scheme.excellent.without_red_in_december and row.lights.red_in_december)


def _spread(entries: Mapping[str, Sequence[Entry]]) -> dict[str, list[Entry]]:
    """The local form: each item's attainments spread between its best and its worst district (rule 10.5)."""
    values: dict[str, dict[str, Fraction]] = {}
    for unit, of in entries.items():
        for entry in of:
            if entry.item.counts and entry.item.attainment is not None:
                values.setdefault(entry.item.id, {})[unit] = entry.item.attainment
    spread = {item: local_form(by_unit) for item, by_unit in values.items()}

    def again(unit: str, entry: Entry) -> Entry:
        value = spread.get(entry.item.id, {}).get(unit)
        return entry if value is None else replace(entry, item=replace(entry.item, attainment=value))

    return {unit: [again(unit, entry) for entry in of] for unit, of in entries.items()}


def _lists(scheme: Scheme, entries: Mapping[str, Sequence[Entry]]) -> list[Listed]:
    """Red and black list of each item that has a list at all."""
    results: dict[str, list[Result]] = {}
    for unit, of in entries.items():
        for entry in of:
            if (result := _result(unit, entry)) is not None:
                results.setdefault(entry.item.id, []).append(result)
    found = [
        Listed(item, tuple(red_list(of, scheme.top_k)), tuple(black_list(of, scheme.bottom_k)))
        for item, of in results.items()
    ]
    return [each for each in found if each.red or each.black]


def _result(unit: str, entry: Entry) -> Result | None:
    """How far ahead of what is expected, in points of the way or, for a bound, in percent; None: not measured."""
    if entry.told is None or not entry.item.counts or entry.told.exact.short is None:
        return None
    numbers = entry.told.exact
    short, tolerance = Fraction(numbers.short or 0), Fraction(numbers.tolerance or 0)
    behind = Fraction(numbers.lag) if numbers.lag is not None else Fraction(entry.told.short_pct or short)
    return Result(unit, -behind, exceeded=short < -tolerance, missed=short > tolerance)
