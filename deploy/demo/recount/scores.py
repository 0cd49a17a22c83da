"""Scores and places by hand (rule 10): from the recounted attainments and lights of record, by sums of fractions."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from contracts.cells import Cell
from contracts.periods import Frequency, Period, ending
from contracts.programme import CITY, Indicator
from deploy.demo.recount.facts import Key, Recount, rounded
from deploy.demo.recount.lights import Lit
from deploy.demo.recount.log import Seat, Version
from deploy.demo.recount.places import listed, ranges_of
from deploy.demo.recount.plan import P_MIN, Held, Owing, restarts

GATE = Fraction(8, 10)
ALONE = 1  # an item that applies to one district ranks nobody


@dataclass(frozen=True, slots=True)
class Line:
    """What one unit has in one edition."""

    score: Decimal | None
    share: Fraction | None  # reported of what was due
    process: Decimal
    bonus: Decimal | None  # of a year
    yellow: int
    red: int
    measured: int
    counted: Mapping[str, Fraction | None] = field(default_factory=dict)  # attainments that count, None: missing
    place: int | None = None
    between: tuple[int, int] | None = None  # the places that weights moved by a tenth can give

    @property
    def ranked(self) -> bool:
        return self.share is not None and self.share >= GATE


@dataclass(slots=True)
class Edition:
    """One month, quarter or year, from everything that was recounted."""

    recount: Recount
    lights: Mapping[Key, Lit]
    period: Period
    now: datetime

    def districts(self) -> dict[str, Line]:
        """Each reporting government's line, with its place among those above the gate."""
        lookup = self.recount.lookup
        compared = [i for i in lookup.programme.indicators if i.rankable and len(i.applicable) > ALONE]
        units = [d.id for d in lookup.programme.districts if d.reports and d.kind != "city"]
        rivals = Counter(
            i.id for i in compared for d in i.applicable if (seat := self._seat(i, d)) and seat.cell.applicable
        )
        lines = {
            unit: self._line([(i, unit, rivals[i.id] > ALONE) for i in compared if unit in i.applicable])
            for unit in units
        }
        return _placed(lines)

    def departments(self) -> dict[str, Line]:
        """Each leading department's line over the city's series: no places."""
        found: dict[str, list[tuple[Indicator, str, bool]]] = {}
        for indicator in self.recount.lookup.programme.indicators:
            found.setdefault(indicator.lead, []).append((indicator, CITY, True))
        return {unit: self._line(items) for unit, items in found.items()}

    def _seat(self, indicator: Indicator, district: str) -> Seat | None:
        """The cell whose period ends with the edition, with the catalogue that it is held to."""
        texts = [each.text for of in Frequency if (each := ending(of, self.period.end)).end == self.period.end]
        seats = self.recount.said.seats.of(indicator.id, district)
        return next((seats[text] for text in texts if text in seats), None)

    def _line(self, items: list[tuple[Indicator, str, bool]]) -> Line:
        named: dict[str, tuple[Fraction | None, bool, bool]] = {}  # attainment, of a reach item, beyond its target
        for indicator, district, compared in items:
            seat = self._seat(indicator, district)
            if seat is not None and compared:
                for each in self._item(indicator, seat):
                    named[indicator.id] = each
        counted = list(named.values())
        weight = len(counted)
        reported = [each for each, _, _ in counted if each is not None]
        score = sum(reported, Fraction(0)) / weight if weight else None
        records = Counter(record for i, d, _ in items for record in self._records(i.id, d))
        yellow, red, measured = records["yellow"], records["red"], records.total()
        process = -10 * Fraction(yellow + 2 * red, 2 * measured) if measured else Fraction(0)
        reach = [beyond for each, is_reach, beyond in counted if each is not None and is_reach]
        bonus = 10 * Fraction(sum(reach), len(reach)) if reach else Fraction(0)
        return Line(
            None if score is None else rounded(score, 2),
            Fraction(len(reported), weight) if weight else None,
            rounded(process, 2),
            rounded(bonus, 2) if self.period.months == 12 else None,
            yellow, red, measured, {item: each for item, (each, _, _) in named.items()},
        )  # fmt: skip

    def lists(self, lines: Mapping[str, Line]) -> dict[str, tuple[list[str], list[str]]]:
        """The red and the black list of each item that has one, from what the districts' lines count."""
        results: dict[str, dict[str, tuple[Fraction, int]]] = {}
        for unit, line in lines.items():
            for item in line.counted:
                seat = self._seat(self.recount.lookup.indicators[item], unit)
                held = self.recount.helds().get((item, unit, seat.cell.period.text)) if seat is not None else None
                if held is not None and held.mode in ("share", "bound"):
                    results.setdefault(item, {})[unit] = -_behind(held), _verdict(held)
        scheme = self.recount.lookup.programme.scheme
        found = {item: listed(of, scheme.top_k, scheme.bottom_k) for item, of in results.items()}
        return {item: lists for item, lists in found.items() if any(lists)}

    def _item(self, indicator: Indicator, seat: Seat) -> Iterator[tuple[Fraction | None, bool, bool]]:
        """Nothing where the item is in neither sum."""
        cell = seat.cell
        indicator = seat.version.lookup.indicators.get(indicator.id, indicator)
        key = (cell.indicator, cell.district, cell.period.text)
        if not cell.applicable:
            return
        held = self.recount.helds().get(key)
        if held is not None:
            if held.mode != "none" and held.binding and held.attained is not None:
                yield held.attained, indicator.goal == "reach", held.exceeds
            return
        if self.recount.excused(key, self.now):
            return
        due = cell.record_at is not None and cell.record_at <= self.now
        if due and _would_count(seat.version, indicator, cell):
            yield None, False, False

    def _records(self, indicator: str, district: str) -> Iterator[str]:
        """The measured lights of record of binding targets in the edition's year."""
        first, last = date(self.period.year, 1, 1), self.period.end
        for cell in self.recount.cells_of(indicator, district):
            key = (indicator, district, cell.period.text)
            held, lit = self.recount.helds().get(key), self.lights.get(key)
            if not first <= cell.period.end <= last or held is None or not held.binding or lit is None:
                continue
            if lit.record in ("green", "yellow", "red"):
                yield lit.record


def _behind(held: Held) -> Fraction:
    """Points of the way; of a bound the percentage by which it is missed, as it is shown."""
    if held.lag is not None:
        return held.lag
    return Fraction(rounded(100 * held.short / abs(held.expected), 3)) if held.expected else held.short


def _verdict(held: Held) -> int:
    """1: better than expected by more than the tolerance; -1: worse."""
    return -1 if held.short > held.tolerance else 1 if -held.short > held.tolerance else 0


def _placed(lines: dict[str, Line]) -> dict[str, Line]:
    """1, 1, 3 on the published scores, with the places that other weights could give."""
    scores = {unit: line.score for unit, line in lines.items() if line.ranked and line.score is not None}
    ranges, placed = ranges_of({unit: lines[unit].counted for unit in scores}), dict(lines)
    for unit, score in scores.items():
        place, (best, worst) = 1 + sum(other > score for other in scores.values()), ranges[unit]
        placed[unit] = replace(lines[unit], place=place, between=(min(best, place), max(worst, place)))
    return placed


def _would_count(version: Version, indicator: Indicator, cell: Cell) -> bool:
    """Whether a value, had it been reported, would have been scored: only what would have counted is missing."""
    end = cell.period.end
    aims = [
        each
        for each in version.plans.owing(indicator, cell.district)
        if not restarts(indicator) or each.on.year == end.year
    ]
    usable = [each for each in aims if each.value is not None and not each.disputed]
    aim = next((each for each in usable if each.on >= end), None)
    if aim is None and (not usable or any(each.on >= end for each in aims)):
        return False
    aim = aim or usable[-1]
    if version.plans.nothing_owed(indicator, cell.district, aim) or (indicator.yearly_floor and end.month != 12):
        return False
    if not aim.binding:
        return False
    if indicator.schedule == "due_date":
        return end >= aim.on
    if indicator.goal != "reach" or indicator.schedule in ("hold", "none"):
        return True
    return _planned(indicator, cell, aim, [each for each in usable if each.on < aim.on]) >= P_MIN


def _planned(indicator: Indicator, cell: Cell, aim: Owing, earlier: list[Owing]) -> Fraction:
    """The share of the window's way that is planned by the period's end; by time alone where its start is unknown."""
    year = aim.on.year if restarts(indicator) else 2023
    on = earlier[-1].on if earlier else date(year - 1, 12, 31)
    months = [12 * day.year + day.month for day in (on, cell.period.end, aim.on)]
    share = Fraction(min(max(months[1] - months[0], 0), months[2] - months[0]), months[2] - months[0])
    start = earlier[-1].value if earlier else Fraction(0)
    pieces = indicator.whole_items and indicator.unit_at(cell.district) == indicator.unit
    if not pieces or start is None or aim.value is None or aim.value == start or (indicator.stock and not earlier):
        return share
    items = abs(aim.value - start)
    return Fraction(int(share * items)) / items
