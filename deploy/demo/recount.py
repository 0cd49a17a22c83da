"""The recount: what the platform must hold, from the driver's log alone and by another route than the services.

Plain arithmetic over the catalogue's targets; it knows only the schedules that the programme uses (straight lines,
yearly quotas, constant bounds) and shares no code with services/.
"""

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from contracts.cells import Cell, Cells
from contracts.numbers import convert
from contracts.programme import CITY, Indicator, Lookup

Key = tuple[str, str, str]  # indicator, district, period of the cell


@dataclass(frozen=True, slots=True)
class Sent:
    """One accepted item of the log."""

    source: str
    id: str
    receipt: str
    key: Key
    revision: int
    value: Fraction | None
    reason: str | None
    received_at: datetime


@dataclass(slots=True)
class Recount:
    """Facts, effective values and outcomes, from the log."""

    lookup: Lookup
    cells: Cells
    facts: dict[tuple[str, str], Sent] = field(default_factory=dict)
    repeats: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    values: dict[Key, Fraction] = field(default_factory=dict)
    first: dict[Key, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, lookup: Lookup, cells: Cells, log: Path) -> "Recount":
        recount = cls(lookup, cells)
        seen: set[tuple[str, str, str]] = set()
        for sent in recount._accepted(log):
            if (sent.receipt, sent.source, sent.id) in seen:
                continue
            seen.add((sent.receipt, sent.source, sent.id))
            if (sent.source, sent.id) in recount.facts:
                recount.repeats += 1
            else:
                recount.facts[sent.source, sent.id] = sent
        recount._resolve()
        return recount

    def _accepted(self, log: Path) -> Iterator[Sent]:
        with log.open(encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                received_at = datetime.fromisoformat(line["answer"]["received_at"])
                for item in line["answer"]["items"]:
                    self.verdicts[item["status"]] += 1
                    if item["status"] == "accepted":
                        yield self._sent(line["items"][item["index"]], line["answer"]["receipt"], received_at)

    def _sent(self, event: Mapping[str, Any], receipt: str, received_at: datetime) -> Sent:
        data = event["data"]
        indicator = self.lookup.indicators[data["indicator"]]
        cell = self.cells.resolve(indicator.id, data["district"], data["period"])
        assert cell is not None, data
        value = data["value"]
        number = None if value is None else convert(Fraction(value), data["unit"], indicator.unit)
        key = (indicator.id, data["district"], cell.period.text)
        revision = int(data.get("revision", 0))
        return Sent(event["source"], event["id"], receipt, key, revision, number, data.get("reason"), received_at)

    def _resolve(self) -> None:
        by_cell: dict[Key, list[Sent]] = defaultdict(list)
        for fact in self.facts.values():
            by_cell[fact.key].append(fact)
        for key, sent in by_cell.items():
            lock_at = self.cell(key).lock_at
            for late in (each for each in sent if each.received_at >= lock_at):
                self.outcomes["held_for_approval" if late.reason else "refused"] += 1
            open_ = [each for each in sent if each.received_at < lock_at]
            if open_:
                self._settle(key, open_)

    def _settle(self, key: Key, sent: list[Sent]) -> None:
        """The highest revision holds; within it the earliest; an equal value is unchanged (rule 2.8)."""
        sent.sort(key=lambda each: (each.revision, each.received_at, each.source, each.id))
        top = [each for each in sent if each.revision == sent[-1].revision]
        holds, rest = top[0], top[1:]
        lower = [each for each in sent if each.revision < holds.revision]
        before = next((each for each in lower if each.revision == lower[-1].revision), None)
        self.outcomes["unchanged" if before is not None and before.value == holds.value else "applied"] += 1
        self.outcomes["superseded"] += len(lower)
        for each in rest:
            self.outcomes["unchanged" if each.value == holds.value else "revision_conflict"] += 1
        if holds.value is not None:
            self.values[key] = holds.value
            known = [each.received_at for each in sent if each.value is not None]
            self.first[key] = min(known)

    def cell(self, key: Key) -> Cell:
        found = self.cells.get(*key)
        assert found is not None, key
        return found

    # --- the city's figures (rule 3.2) ---

    def with_city(self) -> dict[Key, Fraction]:
        """The values, with the derived figures of the city in place of what its leads sent for comparison."""
        values = {k: v for k, v in self.values.items() if not (k[1] == CITY and self.lookup.indicators[k[0]].derived)}
        for indicator in self.lookup.programme.indicators:
            if indicator.derived:
                values |= dict(self._derive(indicator))
        return values

    def _derive(self, indicator: Indicator) -> Iterator[tuple[Key, Fraction]]:
        for cell in self.cells.of(indicator.id, CITY):
            period = cell.period.text
            keys = [(indicator.id, district, period) for district in indicator.applicable]
            owing = [key for key in keys if (found := self.cells.get(*key)) is not None and found.applicable]
            if owing and all(key in self.values for key in owing):
                parts = [self.values[key] for key in owing]
                if indicator.aggregate == "sum":
                    yield (indicator.id, CITY, period), sum(parts, Fraction(0))
                else:
                    done = 100 if indicator.unit == "percent" else 1
                    yield (indicator.id, CITY, period), Fraction(100 * sum(part >= done for part in parts), len(parts))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is expected of a cell, worked out by hand: E, and S and T of its window (None where it is a bound)."""

    expected: Fraction
    start: Fraction | None
    target: Fraction


def plan(
    lookup: Lookup, indicator: Indicator, district: str, end: date, values: Mapping[date, Fraction]
) -> Plan | None:
    """E of a series at a period's end; `values` are the series' own, by period end (2022-12-31: the base year's)."""
    dated = _targets(lookup, indicator, district)
    if not dated or indicator.schedule in ("due_date", "none"):
        return None
    if indicator.schedule == "quota":
        target = _year(indicator, dated, end.year)
        return (
            None
            if target is None
            else _between(indicator, end, date(end.year - 1, 12, 31), Fraction(0), date(end.year, 12, 31), target)
        )
    if indicator.schedule in ("hold", "band", "growth"):
        target = next((value for on, value in dated if on >= end), dated[-1][1])
        return Plan(target, None, target)
    start = _start(indicator, dated, values)
    if start is None:
        return None
    if start[0] == end and end in dict(dated):
        return Plan(
            dict(dated)[end], None, dict(dated)[end]
        )  # the start's own day is the target's: no window (rule 4.4)
    if end > dated[-1][0] and any(target.disputed and target.on > dated[-1][0] for target in indicator.targets):
        return None  # what comes after is disputed: judged only up to here (rule 4.11)
    points = [start, *(each for each in dated if each[0] > start[0])]
    for (d0, v0), (d1, v1) in itertools.pairwise(points):
        if end <= d1:
            return _between(indicator, end, d0, v0, d1, v1)
    return Plan(points[-1][1], None, points[-1][1])


def _start(
    indicator: Indicator, dated: list[tuple[date, Fraction]], values: Mapping[date, Fraction]
) -> tuple[date, Fraction] | None:
    base = date(2022, 12, 31)
    if indicator.baseline is not None:
        return indicator.baseline.on, Fraction(indicator.baseline.value)
    if base in values:
        return base, values[base]
    if indicator.judged_as == "programme" and not indicator.stock:
        return base, Fraction(0)
    if not values:
        return None
    first = min(values)
    earlier = [each for each in dated if each[0] < first]
    return earlier[-1] if earlier else (first, values[first])


def _between(indicator: Indicator, end: date, d0: date, v0: Fraction, d1: date, v1: Fraction) -> Plan:
    if d0 >= d1 or indicator.direction * (v1 - v0) <= 0:
        return Plan(v1, None, v1)
    way = (v1 - v0) * max(Fraction(0), Fraction(_months(end) - _months(d0)) / (_months(d1) - _months(d0)))
    if indicator.whole_items:
        way = Fraction(way.numerator // way.denominator)
    return Plan(v0 + way, v0, v1)


def _months(day: date) -> Fraction:
    """Months at a month's end: all periods and dated targets end with a month."""
    return Fraction(12 * day.year + day.month)


def _year(indicator: Indicator, dated: list[tuple[date, Fraction]], year: int) -> Fraction | None:
    """The figure of a year's quota (rule 4.6)."""
    by_year = {on.year: value for on, value in dated}
    if year in by_year or len(by_year) == 0:
        return by_year.get(year)
    first, last = min(by_year), max(by_year)
    if indicator.every_year:
        return by_year[last]
    if len(by_year) == 2 and first < year < last:
        return by_year[first] + (by_year[last] - by_year[first]) * Fraction(year - first, last - first)
    return None


def _targets(lookup: Lookup, indicator: Indicator, district: str) -> list[tuple[date, Fraction]]:
    if district != CITY and (indicator.aggregate == "sum" or indicator.own_targets):
        allocation = lookup.allocations.get((indicator.id, district))
        return (
            sorted((date.fromisoformat(on), Fraction(v)) for on, v in allocation.targets.items()) if allocation else []
        )
    return sorted((t.on, Fraction(t.value)) for t in indicator.targets if t.value is not None and not t.disputed)


def lag(indicator: Indicator, found: Plan, value: Fraction) -> Fraction | None:
    """Percentage points behind, where the window is one that is shared out (rule 5)."""
    if found.start is None or indicator.goal != "reach" or indicator.tolerance is None:
        return None
    span = found.target - found.start
    tolerance = Fraction(indicator.tolerance)
    if any(t.bound == "approx" for t in indicator.targets if t.value and Fraction(t.value) == found.target):
        tolerance = max(tolerance, abs(found.target) * Fraction(indicator.approx_pct) / 100)
    return None if abs(span) <= 5 * tolerance else 100 * (found.expected - value) / span


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up, ties away from zero, by the decimal module (rule 1.2)."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def completeness(recount: Recount, now: datetime, keys: Iterable[tuple[Indicator, str]]) -> tuple[int, int, int]:
    """(due, received, on time) over the cells of some series that are due by `now` (rule 7.2)."""
    due = received = on_time = 0
    for indicator, district in keys:
        for cell in recount.cells.of(indicator.id, district):
            if cell.applicable and cell.due_at is not None and cell.due_at <= now:
                key = (indicator.id, district, cell.period.text)
                due += 1
                received += key in recount.values
                on_time += key in recount.values and recount.first[key] < cell.due_at
    return due, received, on_time
