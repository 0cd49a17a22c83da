"""The items of each unit in one edition, and why an item is left out (rules 10.1 to 10.3, 4.11). Pure.

A district's items are the indicators that apply to it and to another district at least; a department's are the city's
series of the indicators that it leads.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Protocol

import msgspec

from contracts.calendar import Calendar
from contracts.editions import Seat
from contracts.numbers import exact
from contracts.periods import Period
from contracts.programme import CITY, Indicator, Lookup
from contracts.schemes import Scheme
from contracts.targets import Aim, aims_of
from services.alerts.scores.periods import looked_at
from services.alerts.scores.scoring import Item, weights
from services.alerts.scores.unreported import unreported

Key = tuple[str, str]  # indicator, district
FEWEST_RIVALS = 2  # districts to which an item applies, for it to be scored


class Numbers(msgspec.Struct, frozen=True):
    """The exact numbers of a standing that a score needs."""

    actual: str | None = None
    start: str | None = None
    target: str | None = None
    tolerance: str | None = None
    short: str | None = None
    lag: str | None = None
    attained: str | None = None


class Told(msgspec.Struct, frozen=True):
    """What a score needs of a standing's document."""

    mode: str
    reason: str | None
    value: str | None
    expected: str | None
    target: str | None
    unit: str
    attainment: str | None
    short_pct: str | None
    binding: bool
    flags: tuple[str, ...]
    exact: Numbers
    excused_until: datetime | None = None  # the excuse ends by itself


@dataclass(frozen=True, slots=True)
class Lights:
    """The measured lights of record of one series in the edition's year."""

    yellow: int = 0
    red: int = 0
    measured: int = 0
    red_in_december: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What alerts knows of one edition, behind the watermark `through`."""

    period: Period
    through: datetime
    told: Mapping[Key, Told]
    lights: Mapping[Key, Lights]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item with what it was made from. `due_at` in the future: not due yet."""

    item: Item
    indicator: Indicator
    district: str
    period: str
    told: Told | None
    pending: bool = False  # not reported, and not due yet
    aims: tuple[Aim, ...] = ()  # the dated targets of the version that the cell is held to


class Held(Protocol):
    """The versions of the catalogue: the newest, and the one that each cell is held to (rule 2.9)."""

    @property
    def lookup(self) -> Lookup: ...
    def seat(self, indicator: str, district: str, period: str) -> Seat | None: ...


class Sheet:
    """What the catalogue and a scheme say of all editions: who is scored and by what weights as the newest version has
    it, what each cell owes as the version says that the cell is held to."""

    def __init__(self, held: Held, scheme: Scheme | None = None) -> None:
        self.lookup, self._held = held.lookup, held
        self.scheme: Scheme = scheme or self.lookup.programme.scheme
        self._calendar = Calendar.of(self.lookup.programme.calendar)
        self._aims: dict[tuple[Key, str], tuple[Aim, ...]] = {}

    @cached_property
    def ranked(self) -> tuple[Indicator, ...]:
        """The items on which districts can be compared (rule 10.3)."""
        found = self.lookup.programme.indicators
        return tuple(each for each in found if each.rankable and len(each.applicable) >= FEWEST_RIVALS)

    @cached_property
    def district_weights(self) -> dict[str, Fraction]:
        return self._weights(self.ranked)

    @cached_property
    def department_weights(self) -> dict[str, Fraction]:
        return self._weights(self.lookup.programme.indicators)

    @cached_property
    def districts(self) -> dict[str, tuple[Key, ...]]:
        """The series on which each district is scored."""
        reporting = [each.id for each in self.lookup.programme.districts if each.kind != "city" and each.reports]
        return {d: tuple((i.id, d) for i in self.ranked if d in i.applicable) for d in reporting}

    @cached_property
    def departments(self) -> dict[str, tuple[Key, ...]]:
        """The city's series of what each department leads."""
        found: dict[str, list[Key]] = {}
        for indicator in self.lookup.programme.indicators:
            found.setdefault(indicator.lead, []).append((indicator.id, CITY))
        return {each.id: tuple(found[each.id]) for each in self.lookup.programme.departments if each.id in found}

    def aims(self, seat: Seat) -> tuple[Aim, ...]:
        """The dated targets of a cell's series, as the cell's version has them."""
        key, edition = (seat.cell.indicator, seat.cell.district), seat.edition
        indicator = edition.lookup.indicators.get(key[0])
        if indicator is None:
            return ()
        if (key, edition.version) not in self._aims:
            self._aims[key, edition.version] = aims_of(edition.lookup, indicator, key[1])
        return self._aims[key, edition.version]

    def seat(self, key: Key, period: Period) -> Seat | None:
        """The cell of a series that ends with an edition, with the version it is held to."""
        found = (self._held.seat(*key, text) for text in looked_at(period))
        return next((seat for seat in found if seat is not None), None)

    def all_due(self, period: Period, through: datetime) -> bool:
        """Whether the reports of a period were all due: the monthly ones of a month, the yearly ones of a year."""
        return self._calendar.due_at(period) <= through

    def _weights(self, indicators: tuple[Indicator, ...]) -> dict[str, Fraction]:
        if self.scheme.weighting == "equal":
            return {each.id: Fraction(1) for each in indicators}
        said = self.scheme.weights
        levels = [
            {id: exact(weight) for id, weight in level.items()} for level in (said.areas, said.headings, said.items)
        ]
        return weights({each.id: (*self._headings(each), each.id) for each in indicators}, levels)

    def _headings(self, indicator: Indicator) -> tuple[str, str]:
        """The area and the heading under which an indicator stands."""
        parent = self.lookup.areas[indicator.area].parent
        return parent or indicator.area, indicator.area


def district_entries(sheet: Sheet, facts: Facts) -> dict[str, list[Entry]]:
    """The items of each district; those on which it has no rival in this edition are shown, not scored."""
    seats = {key: sheet.seat(key, facts.period) for keys in sheet.districts.values() for key in keys}
    rivals = Counter(indicator for (indicator, _), seat in seats.items() if seat is not None and seat.cell.applicable)
    found: dict[str, list[Entry]] = {}
    for district, keys in sheet.districts.items():
        found[district] = [
            _entry(sheet, facts, seat, sheet.district_weights[indicator], few=rivals[indicator] < FEWEST_RIVALS)
            for indicator, _ in keys
            if (seat := seats[indicator, district]) is not None
        ]
    return found


def department_entries(sheet: Sheet, facts: Facts) -> dict[str, list[Entry]]:
    """The items of each leading department."""
    return {
        department: [
            _entry(sheet, facts, seat, sheet.department_weights[key[0]], few=False)
            for key in keys
            if (seat := sheet.seat(key, facts.period)) is not None
        ]
        for department, keys in sheet.departments.items()
    }


def _entry(sheet: Sheet, facts: Facts, seat: Seat, weight: Fraction, *, few: bool) -> Entry:
    cell, lookup = seat.cell, seat.edition.lookup
    indicator = lookup.indicators.get(cell.indicator) or sheet.lookup.indicators[cell.indicator]
    told = facts.told.get((indicator.id, cell.district))
    left_out = "too_few_districts" if few else _left_out(sheet, facts, indicator, seat, told)
    attained = told.exact.attained if told is not None and left_out is None else None
    item = Item(indicator.id, weight, None if attained is None else Fraction(attained), left_out)
    return Entry(item, indicator, cell.district, cell.period.text, told, left_out == "not_due_yet", sheet.aims(seat))


def _excused(told: Told, through: datetime) -> bool:
    """Excused, and the excuse has not ended by itself: then the cell is owed again (rule 7.2)."""
    over = told.excused_until is not None and told.excused_until <= through
    return not over and (told.reason == "excused" or "excused" in told.flags)


def _left_out(sheet: Sheet, facts: Facts, indicator: Indicator, seat: Seat, told: Told | None) -> str | None:
    cell = seat.cell
    if not cell.applicable:
        return "not_applicable"
    if told is not None and told.value is not None:
        if told.mode == "none":
            return told.reason
        if not told.binding:
            return "not_binding"
        if told.exact.attained is None:
            return "before_due_date" if told.mode == "due" else "too_early"
        return None
    if told is not None and _excused(told, facts.through):
        return "excused"
    unit = indicator.unit_at(cell.district)
    found = unreported(seat.edition.lookup.programme, indicator, sheet.aims(seat), cell.period.end, unit)
    if found is None and (cell.record_at is None or cell.record_at > facts.through):
        return "not_due_yet"
    return found
