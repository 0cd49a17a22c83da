"""The recount: what the platform must hold, from the driver's log alone and by another route than the services.

Facts, values and who reported in time; what is expected of a value is in recount_plan.py, its light in
recount_lights.py. Nothing of it shares code with services/.
"""

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
from deploy.demo.recount_lights import Lit, walk
from deploy.demo.recount_plan import NOTHING, Held, Plans

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
    _helds: dict[Key, Held] = field(default_factory=dict)

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

    # --- against the plan ---

    def helds(self) -> dict[Key, Held]:
        """Every cell with a value held against its plan; worked out once."""
        if self._helds:
            return self._helds
        values, plans = self.with_city(), Plans(self.lookup)
        by_series: dict[tuple[str, str], dict[date, Fraction]] = defaultdict(dict)
        for key, value in values.items():
            by_series[key[:2]][self.cell(key).period.end] = value
        self._helds = {key: self._held(plans, key, value, by_series[key[:2]]) for key, value in values.items()}
        return self._helds

    def _held(self, plans: Plans, key: Key, value: Fraction, seen: Mapping[date, Fraction]) -> Held:
        cell = self.cell(key)
        if not cell.applicable or cell.period == self.cells.base:
            return NOTHING
        return plans.held(self.lookup.indicators[key[0]], key[1], cell.period.end, value, seen)

    def lights(self, through: datetime) -> dict[Key, Lit]:
        """Every cell's live light and light of record."""
        found: dict[Key, Lit] = {}
        helds = self.helds()
        for indicator, district in self.lookup.series:
            cells = self.cells.of(indicator.id, district)
            keys = [(indicator.id, district, cell.period.text) for cell in cells]
            found |= zip(keys, walk(indicator, cells, [helds.get(key) for key in keys], through), strict=True)
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


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up, ties away from zero, by the decimal module (rule 1.2)."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def written(indicator: Indicator, district: str, held: Held) -> tuple[Decimal | None, ...]:
    """Expected, lag and attainment in the places of rule 1.2."""
    decimals = indicator.decimals if indicator.unit_at(district) == indicator.unit else 1
    return (
        None if held.expected is None else rounded(held.expected, decimals + 2),
        None if held.lag is None else rounded(held.lag, 3),
        rounded(held.attained, 4) if held.attained is not None and held.binding else None,
    )


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
