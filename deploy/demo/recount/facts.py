"""The recount: what the platform must hold, from the driver's log alone and by another route than the services.

Facts, values and who reported in time; the log is read in log.py, what is expected of a value is in plan.py, its
light in lights.py, its forecast in forecast.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

from contracts.cells import Cell, Cells
from contracts.periods import midnight
from contracts.programme import CITY, Indicator, Lookup
from deploy.demo.recount import fed as feeding
from deploy.demo.recount.forecast import Foreseen, foreseen
from deploy.demo.recount.lights import Lit, walk
from deploy.demo.recount.log import Acted, Key, Name, Said, Seat, Sent, read
from deploy.demo.recount.plan import NOTHING, Held

__all__ = ["Key", "Recount", "completeness", "rounded", "written"]


@dataclass(slots=True)
class Recount:
    """Facts, effective values and outcomes, from the log."""

    said: Said
    facts: dict[Name, Sent] = field(default_factory=dict)
    repeats: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    values: dict[Key, Fraction] = field(default_factory=dict)
    first: dict[Key, datetime] = field(default_factory=dict)
    decisions: dict[Name, Acted] = field(default_factory=dict)  # the office's first word on a held report
    excuses: dict[Key, Acted] = field(default_factory=dict)  # those that stand
    history: dict[Key, list[tuple[datetime, Fraction | None]]] = field(default_factory=dict)
    fed: dict[Key, feeding.Sum] = field(default_factory=dict)  # cells that count as a sum over projects
    _helds: dict[Key, Held] = field(default_factory=dict)
    _city: dict[Key, Fraction] = field(default_factory=dict)

    @classmethod
    def of(cls, lookup: Lookup, cells: Cells, log: Path, later: Mapping[str, Lookup] | None = None) -> "Recount":
        """`cells` are those of `lookup`; `later` holds the catalogues that the log may say were applied, by version."""
        recount = cls(read(lookup, log, later or {}))
        for sent in recount.said.reports:
            if (sent.source, sent.id) in recount.facts:
                recount.repeats += 1
            else:
                recount.facts[sent.source, sent.id] = sent
        recount._decide()
        recount._resolve()
        recount._feed(feeding.sums(feeding.read(log), recount.said.seats))
        return recount

    @property
    def lookup(self) -> Lookup:
        """The newest catalogue."""
        return self.said.seats.newest

    @property
    def verdicts(self) -> Counter[str]:
        """What intake said of reports, item by item."""
        return self.said.verdicts

    def cell(self, key: Key) -> Cell:
        return self.said.seats.at(key).cell

    def indicator(self, key: Key) -> Indicator:
        """As the cell's own catalogue defines it."""
        return self.said.seats.at(key).version.lookup.indicators[key[0]]

    def cells_of(self, indicator: str, district: str) -> list[Cell]:
        """A series' cells in period order."""
        return [seat.cell for seat in self.said.seats.of(indicator, district).values()]

    # --- the office's acts (rules 2.9 and 7.2) ---

    def _decide(self) -> None:
        for act in sorted(self.said.acts, key=lambda each: (each.received_at, each.source, each.id)):
            if act.kind in ("report.approved", "report.returned") and act.report is not None:
                self.decisions.setdefault(act.report, act)
            elif act.kind == "cell.excused":
                self.excuses[act.key] = act
            elif act.kind == "cell.unexcused":
                self.excuses.pop(act.key, None)

    def excused(self, key: Key, now: datetime) -> bool:
        """Excused, and nothing received: counted on neither side."""
        act = self.excuses.get(key)
        over = act is not None and act.until is not None and midnight(act.until + timedelta(days=1)) <= now
        return act is not None and not over and key not in self.values

    # --- values (rules 2.8 and 2.9) ---

    def _resolve(self) -> None:
        by_cell: dict[Key, list[Sent]] = defaultdict(list)
        for fact in self.facts.values():
            by_cell[fact.key].append(fact)
        for key, sent in by_cell.items():
            lock_at = self.said.seats.locks_at(self.cell(key))
            known = [(since, each) for each in sent if (since := self._known_from(each, lock_at)) is not None]
            if known:
                self._settle(key, [each for _, each in known])
                self.history[key] = _told(known, lock_at)

    def _known_from(self, sent: Sent, lock_at: datetime) -> datetime | None:
        """Since when a report counts: its receipt, behind the lock the office's approval."""
        if sent.received_at < lock_at:
            return sent.received_at
        decision = self.decisions.get((sent.source, sent.id)) if sent.reason else None
        if decision is not None and decision.kind == "report.approved":
            return decision.received_at
        self.outcomes["refused" if not sent.reason else "returned" if decision else "held_for_approval"] += 1
        return None

    def _settle(self, key: Key, sent: list[Sent]) -> None:
        """The highest revision holds; within it the earliest; an equal value is unchanged."""
        by_revision: dict[int, list[Sent]] = defaultdict(list)
        for each in sorted(sent, key=lambda each: (each.revision, each.received_at, each.source, each.id)):
            by_revision[each.revision].append(each)
        before: Sent | None = None
        for revision, (holds, *rest) in by_revision.items():
            same = before is not None and before.value == holds.value
            last = revision == max(by_revision)
            self.outcomes["superseded" if not last else "unchanged" if same else "applied"] += 1
            for each in rest:
                self.outcomes["unchanged" if each.value == holds.value else "revision_conflict"] += 1
            before = holds
        assert before is not None
        if before.value is not None:
            self.values[key] = before.value
            self.first[key] = min(each.received_at for each in sent if each.value is not None)

    # --- cells that projects feed (rule 12) ---

    def _feed(self, sums: Mapping[Key, feeding.Sum]) -> None:
        """The sum over the projects counts in place of what the unit reports itself."""
        self.fed = dict(sums)
        for key, fed in sums.items():
            self.values[key] = fed.value
            self.first[key] = min(fed.first, self.first.get(key, fed.first))
            own = [each for each in self.history.get(key, []) if each[0] < fed.first]
            self.history[key] = [*own, (fed.first, fed.value)]

    def seen_by(self, key: Key, cell: Cell) -> Fraction | None:
        """A value of a series as a cell of it saw it: known before that cell locked, its own restatements apart."""
        if key[2] == cell.period.text or key not in self.history:
            return self.values.get(key)
        known = [value for since, value in self.history[key] if since < self.said.seats.locks_at(cell)]
        return known[-1] if known else None

    # --- against the plan ---

    def helds(self) -> dict[Key, Held]:
        """Every cell with a value held against its plan; worked out once."""
        if not self._helds:
            values = self.with_city()
            self._helds = {key: self._held(key, value) for key, value in values.items()}
        return self._helds

    def _held(self, key: Key, value: Fraction) -> Held:
        seat = self.said.seats.at(key)
        cell, lookup = seat.cell, seat.version.lookup
        if not cell.applicable or cell.period.end < lookup.programme.first_day:
            return NOTHING
        indicator = lookup.indicators[key[0]]
        return seat.version.plans.held(indicator, key[1], cell.period.end, value, self._series(key, seat))

    def forecasts(self) -> Iterator[tuple[Key, Foreseen]]:
        """The forecast of each cell that is on a way to a target (rule 6.7)."""
        for key, held in self.helds().items():
            seat = self.said.seats.at(key)
            indicator = seat.version.lookup.indicators[key[0]]
            value, seen = self.with_city()[key], self._series(key, seat) if held.mode == "share" else {}
            found = foreseen(indicator, key[1], seat.cell.period, value, held, seen)
            if found is not None:
                yield key, found

    def _series(self, key: Key, seat: Seat) -> dict[date, Fraction]:
        """The values of a series by period end, as one of its cells saw them."""
        indicator = seat.version.lookup.indicators[key[0]]
        seats = self.said.seats.of(*key[:2])
        if key[1] == CITY and indicator.derived:
            return {each.cell.period.end: self._city[(*key[:2], p)] for p, each in seats.items()
                    if (*key[:2], p) in self._city}  # fmt: skip
        found = {each.cell.period.end: self.seen_by((*key[:2], period), seat.cell) for period, each in seats.items()}
        return {end: value for end, value in found.items() if value is not None}

    def lights(self, through: datetime) -> dict[Key, Lit]:
        """Every cell's live light and light of record."""
        found: dict[Key, Lit] = {}
        helds = self.helds()
        for indicator, district in self.said.seats.series():
            cells = self.cells_of(indicator.id, district)
            keys = [(indicator.id, district, cell.period.text) for cell in cells]
            found |= zip(keys, walk(indicator, cells, [helds.get(key) for key in keys], through), strict=True)
        return found

    # --- the city's figures (rule 3.2) ---

    def with_city(self) -> dict[Key, Fraction]:
        """The values, with the derived figures of the city in place of what its leads sent for comparison."""
        if not self._city:
            derived = {indicator.id for indicator, _ in self.said.seats.series() if indicator.derived}
            self._city = {k: v for k, v in self.values.items() if not (k[1] == CITY and k[0] in derived)}
            for name in derived:
                self._city |= dict(self._derive(name))
        return self._city

    def _derive(self, name: str) -> Iterator[tuple[Key, Fraction]]:
        for period, seat in self.said.seats.of(name, CITY).items():
            indicator = seat.version.lookup.indicators[name]
            keys = [(name, district, period) for district in indicator.applicable]
            owing = [key for key in keys if self._owes(key)]
            if owing and all(key in self.values for key in owing):
                parts = [self.values[key] for key in owing]
                if indicator.aggregate == "sum":
                    yield (name, CITY, period), sum(parts, Fraction(0))
                else:
                    done = 100 if indicator.unit == "percent" else 1
                    yield (name, CITY, period), Fraction(100 * sum(part >= done for part in parts), len(parts))

    def _owes(self, key: Key) -> bool:
        seats = self.said.seats.of(*key[:2])
        return key[2] in seats and (seats[key[2]].cell.applicable or key in self.values)


def _told(known: list[tuple[datetime, Sent]], lock_at: datetime) -> list[tuple[datetime, Fraction | None]]:
    """What held at the lock, and after each approval behind it: (since, value) in order."""
    moments = sorted({min(since, lock_at) if since < lock_at else since for since, _ in known})
    told = []
    for moment in moments:
        seen = [each for since, each in known if since <= moment]
        top = max(each.revision for each in seen)
        holds = min(
            (each for each in seen if each.revision == top), key=lambda each: (each.received_at, each.source, each.id)
        )
        told.append((moment, holds.value))
    return told


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
    """(due, received, on time) over the cells of some series that are due by `now` and not excused (rule 7.2)."""
    due = received = on_time = 0
    for indicator, district in keys:
        for cell in recount.cells_of(indicator.id, district):
            key = (indicator.id, district, cell.period.text)
            if cell.applicable and cell.due_at is not None and cell.due_at <= now and not recount.excused(key, now):
                due += 1
                received += key in recount.values
                on_time += key in recount.values and recount.first[key] < cell.due_at
    return due, received, on_time
