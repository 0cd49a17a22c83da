"""What was known of a series when one of its cells locked (rules 2.8-2.10, 3.1 and 4.4).

A cell sees the facts received before its own lock, so a locked cell keeps its value, its start and its sums. Cells lock
in period order, so almost always one view serves a whole series; only a base-year report, which never locks, and
restatements approved after a lock make others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property

from contracts.cells import Cell, SeriesCells
from contracts.events import OutcomeKind
from contracts.periods import Period
from contracts.programme import Indicator
from services.metrics.accumulation import RolledUp, accumulate
from services.metrics.quality import compared
from services.metrics.revisions import NOTHING, Fact, Resolved, Verdict, after_lock, known_from, resolve

Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A value and the newest moment at which something it is made from became known."""

    value: Fraction
    at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a cell's value comes from, as far as its standing tells it."""

    at: datetime  # the newest moment at which one of its own reports became known
    report: Identity | None = None  # the one that counts
    first_received_at: datetime | None = None
    confidence: str | None = None
    marks: tuple[str, ...] = ()  # provisional, estimated, withdrawn, revision_conflict
    needs: tuple[str, ...] = ()  # what the department has to explain (rule 2.11)


@dataclass
class View:
    """One series as it was known: what was reported, what is judged, the base year apart."""

    origins: Mapping[Period, Origin]
    base: Known | None
    reported: dict[Period, Known]
    judged: dict[Period, Known]
    rolled: dict[Period, RolledUp] = field(default_factory=dict)  # of a city's derived figure

    @cached_property
    def first(self) -> tuple[Period, Known] | None:
        """The applied report of the earliest period (rule 4.4)."""
        earliest = min(self.judged, default=None)
        return (earliest, self.judged[earliest]) if earliest else None

    @cached_property
    def order(self) -> list[Period]:
        """The periods that have a value, in order."""
        return sorted(self.judged)


class Series:
    """The facts of one series, cell by cell, with the outcome of each."""

    def __init__(self, cells: SeriesCells, indicator: Indicator, district: str, facts: Sequence[Fact]) -> None:
        self.indicator, self.district = indicator, district
        self.cells = cells.of(indicator.id, district)
        self.verdicts: dict[Identity, Verdict] = {}
        self._since: dict[Identity, datetime] = {}
        self._counted: dict[Period, list[Fact]] = {}
        self._late: list[tuple[datetime, Period, Identity]] = []
        for fact in facts:
            self._enter(cells.resolve(indicator.id, district, fact.period), fact)
        self._final = {period: resolve(found) for period, found in self._counted.items()}
        for resolved in self._final.values():
            self.verdicts.update(resolved.verdicts)
        self._views: dict[frozenset[Identity], View] = {}
        self._every = frozenset(identity for _, _, identity in self._late)

    def view(self, cell: Cell) -> View:
        """The series as it was known when `cell` locked, its own restatements included."""
        seen = self._every
        if seen:
            seen = frozenset(i for since, at, i in self._late if since < cell.lock_at or at == cell.period)
        if seen not in self._views:
            self._views[seen] = self._make(seen)
        return self._views[seen]

    def outcomes(self) -> Iterator[tuple[Identity, OutcomeKind, str | None, tuple[str, ...]]]:
        """What became of every fact; what has to be explained goes with the one that counts."""
        origins = (self.view(cell).origins.get(cell.period) for cell in self.cells)
        needs = {origin.report: origin.needs for origin in origins if origin is not None}
        for identity, (kind, code) in self.verdicts.items():
            yield identity, kind, code, needs.get(identity, ())

    def _enter(self, cell: Cell | None, fact: Fact) -> None:
        if cell is None:
            self.verdicts[fact.identity] = ("refused", "outside_life")
            return
        since = known_from(fact, cell.lock_at)
        if since is None:
            self.verdicts[fact.identity] = after_lock(fact)
            return
        self._since[fact.identity] = since
        self._counted.setdefault(cell.period, []).append(fact)
        if since >= cell.lock_at or cell is self.cells[0]:
            self._late.append((since, cell.period, fact.identity))

    def _make(self, seen: frozenset[Identity]) -> View:
        resolved = dict(self._final)
        hidden = self._every - seen
        for period in {period for _, period, identity in self._late if identity in hidden}:
            kept = [fact for fact in self._counted[period] if fact.identity not in hidden]
            resolved[period] = resolve(kept) if kept else NOTHING
        reported = {
            period: Known(fact.value, self._since[fact.identity])
            for period, decided in resolved.items()
            if (fact := decided.effective) is not None and fact.value is not None
        }
        origins = self._origins(resolved, reported)
        base = reported.pop(self.cells[0].period, None)
        return View(origins, base, reported, self._judged(reported, base))

    def _origins(self, resolved: Mapping[Period, Resolved], reported: Mapping[Period, Known]) -> dict[Period, Origin]:
        accumulation = self.indicator.reported_as
        values = {period: known.value for period, known in reported.items()}
        corrected = frozenset(p for p, each in resolved.items() if each.effective and each.effective.revision > 0)
        needs = compared(accumulation, [cell.period for cell in self.cells], values, corrected)
        return {
            period: self._origin(decided, decided.effective, needs.get(period, ()))
            for period, decided in resolved.items()
            if decided.effective is not None
        }

    def _origin(self, decided: Resolved, fact: Fact, needs: tuple[str, ...]) -> Origin:
        at = max(self._since[each.identity] for each in (fact, *decided.rivals))
        marks: tuple[str, ...] = () if fact.status == "final" else (fact.status,)
        if fact.value is None:
            marks = ("withdrawn",)
        if decided.rivals:
            marks += ("revision_conflict",)
        return Origin(at, fact.identity, decided.first_received_at, fact.confidence, marks, needs)

    def _judged(self, reported: dict[Period, Known], base: Known | None) -> dict[Period, Known]:
        """Values as they are judged (rule 3.1); what cannot be known yet is absent."""
        reported_as, judged_as = self.indicator.reported_as, self.indicator.judged_as
        if reported_as == judged_as:
            return reported
        first_year, start = self.indicator.valid_from.year, base.value if base else None
        if start is None and not self.indicator.stock:
            start = Fraction(0)
        values = {period: known.value for period, known in reported.items()}
        judged = {}
        for period in values:
            made = accumulate(values, reported_as, judged_as, period, first_year=first_year, start=start)
            if made.complete and made.value is not None:
                judged[period] = Known(made.value, max(reported[each].at for each in made.used))
        return judged
