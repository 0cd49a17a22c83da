"""The facts of one series, and what was known of it when one of its cells locked (rules 2.8-2.10, 3.1 and 4.4).

A cell sees the facts received before its own lock, so a locked cell keeps its value, its start and its sums. Cells lock
in period order, so almost always one view serves a whole series; only a base-year report, which never locks,
restatements approved after a lock and a publication before a cell's own lock (rule 2.9) make others. A fact that comes
later says nothing of the periods before its own: what a view said of these is taken over into the next.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple, TypeVar

from contracts.cells import Cell, SeriesCells
from contracts.events import OutcomeKind
from contracts.periods import Period
from contracts.programme import Indicator
from services.metrics.accumulation import accumulate
from services.metrics.acts import ActVerdict, CellAct, Ruled, Ruling, rule, verdict_on
from services.metrics.quality import compared
from services.metrics.revisions import NOTHING, Fact, Resolved, Verdict, after_lock, known_from, resolve
from services.metrics.views import Fed, Identity, Known, Origin, View

Seen = frozenset[Identity]  # of the late facts those that a cell sees


class Earlier(NamedTuple):
    """The views before the newest facts came, which of these are late ones, and the first period they are about."""

    views: Mapping[Seen, View]
    late: Seen
    since: Period


class Series:
    """The facts of one series as they come, cell by cell, with the outcome of each; its acts are given once."""

    def __init__(
        self,
        cells: SeriesCells,
        indicator: Indicator,
        district: str,
        facts: Sequence[Fact],
        acts: Sequence[CellAct] = (),
    ) -> None:
        self.indicator, self.district, self._resolve = indicator, district, cells.resolve
        self.cells = cells.of(indicator.id, district)
        self.verdicts: dict[Identity, Verdict] = {}
        self.acted: dict[Identity, ActVerdict] = {}  # of acts for no cell; the others are decided with the reports
        self._ruled = self._rule(cells, acts)
        self._locks = self._locked()
        self._held: defaultdict[Period, dict[Identity, bool]] = defaultdict(dict)  # every report: did the lock stop it
        self._stopped: dict[Period, datetime] = {}  # cells with a report that counted until an earlier act was known
        self._restated: set[Identity] = set()  # approved after the lock
        self._since: dict[Identity, datetime] = {}
        self._counted: dict[Period, list[Fact]] = {}
        self._late: list[tuple[datetime, Period, Identity]] = []
        self._final: dict[Period, Resolved] = {}
        self._news: set[Period] = set()  # periods with facts that no view knows yet
        self._every: Seen = frozenset()
        self._views: dict[Seen, View] = {}
        self._shown: dict[Period, View] = {}  # by the cell that was asked for
        self._earlier = Earlier({}, self._every, self.cells[0].period)
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """One more fact, in any order."""
        cell = self._resolve(self.indicator.id, self.district, fact.period)
        if cell is None:
            self.verdicts[fact.identity] = ("refused", "outside_life")
        else:
            self._enter(cell, fact)
            self._news.add(cell.period)

    def view(self, cell: Cell) -> View:
        """The series as it was known when `cell` locked, its own restatements included."""
        if self._news:
            self._take_in()
        view = self._shown.get(cell.period)
        if view is None:
            seen = self._every
            if seen:
                lock_at, _ = self._locks.get(cell.period, (cell.lock_at, cell.lock_at))
                seen = frozenset(i for since, at, i in self._late if since < lock_at or at == cell.period)
            if seen not in self._views:
                self._views[seen] = self._make(seen)
            view = self._shown[cell.period] = self._views[seen]
        return view

    def outcomes(self) -> Iterator[tuple[Identity, OutcomeKind, str | None, tuple[str, ...]]]:
        """What became of every fact; what has to be explained goes with the one that counts."""
        origins = (self.view(cell).origins.get(cell.period) for cell in self.cells)
        needs = {origin.report: origin.needs for origin in origins if origin is not None}
        for identity, (kind, code) in self.verdicts.items():
            yield identity, kind, code, needs.get(identity, ())

    def rulings(self) -> dict[Period, Ruling]:
        """The cells that acts say something of."""
        return {period: ruled.ruling for period, ruled in self._ruled.items()}

    def act_verdicts(self) -> dict[Identity, ActVerdict]:
        """What became of every act."""
        verdicts = dict(self.acted)
        for cell in self.cells:
            ruled = self._ruled.get(cell.period)
            if ruled is None:
                continue
            verdicts |= ruled.verdicts
            origin = self.view(cell).origins.get(cell.period) if ruled.about_reports else None
            flagged = {} if origin is None or origin.report is None else {origin.report: _flagged(origin)}
            for act in ruled.about_reports:
                verdicts[act.identity] = verdict_on(act, ruled, self._held[cell.period], flagged)
        return verdicts

    def _rule(self, cells: SeriesCells, acts: Sequence[CellAct]) -> dict[Period, Ruled]:
        """The acts, cell by cell."""
        by_cell: defaultdict[Cell, list[CellAct]] = defaultdict(list)
        for act in acts:
            cell = cells.resolve(self.indicator.id, self.district, act.period)
            if cell is None:
                self.acted[act.identity] = "refused", "outside_life"
            else:
                by_cell[cell].append(act)
        return {cell.period: rule(found, cell.lock_at) for cell, found in by_cell.items()}

    def _locked(self) -> dict[Period, tuple[datetime, datetime]]:
        """Where a publication came before the calendar: when each cell locks, and the first of it and all later ones.

        Empty as long as the calendar alone locks.
        """
        published = {p: at for p, ruled in self._ruled.items() if (at := ruled.ruling.published_at) is not None}
        locks: dict[Period, tuple[datetime, datetime]] = {}
        first = self.cells[-1].lock_at
        for cell in reversed(self.cells) if published else ():
            lock_at = published.get(cell.period, cell.lock_at)
            first = min(first, lock_at)
            locks[cell.period] = lock_at, first
        return locks

    def _take_in(self) -> None:
        """Decide the cells that have new facts; the views so far are those before."""
        for period in self._news & self._counted.keys():
            resolved = self._final[period] = resolve(self._counted[period])
            self.verdicts.update(resolved.verdicts)
        every = frozenset(identity for _, _, identity in self._late)
        self._earlier = Earlier(self._views, every - self._every, min(self._news))
        self._every, self._views, self._shown, self._news = every, {}, {}, set()

    def _enter(self, cell: Cell, fact: Fact) -> None:
        period = cell.period
        lock_at, hidden_from = self._locks.get(period, (cell.lock_at, cell.lock_at))
        ruled = self._ruled.get(period)
        decision = ruled.decisions.get(fact.identity) if ruled is not None else None
        if decision is not None and decision.kind == "report.approved" and fact.reason:
            fact = replace(fact, approved_at=max(decision.received_at, fact.received_at))
        if self._ruled:
            self._held[period][fact.identity] = fact.received_at >= lock_at and bool(fact.reason)
        since = known_from(fact, lock_at)
        if since is None:
            returned = decision is not None and decision.kind == "report.returned" and fact.reason
            self.verdicts[fact.identity] = ("returned", None) if returned else after_lock(fact)
            if fact.received_at < cell.lock_at or (ruled and fact.reason and fact.identity in ruled.approved):
                told = max(fact.received_at, ruled.last) if ruled else fact.received_at
                self._stopped[period] = max(told, self._stopped.get(period, told))
            return
        self._since[fact.identity] = since
        if fact.received_at >= lock_at:
            self._restated.add(fact.identity)
        self._counted.setdefault(period, []).append(fact)
        if since >= hidden_from or period == self.cells[0].period:
            self._late.append((since, period, fact.identity))

    def _make(self, seen: Seen) -> View:
        """What these facts say. Of the periods before those that have new facts the view before said it already."""
        before, since, year = (
            self._earlier.views.get(seen - self._earlier.late),
            self._earlier.since,
            self.cells[0].period,
        )
        if before is None or since == year:
            before, since = View({}, None, {}, {}), year
        resolved = self._resolved(seen, since)
        reported = _until(since, before.reported) | {
            period: Known(fact.value, self._since[fact.identity])
            for period, decided in resolved.items()
            if (fact := decided.effective) is not None and fact.value is not None
        }
        if before.base is not None:
            reported[year] = before.base
        origins = _until(since, before.origins) | self._origins(resolved, reported, since)
        base = reported.pop(year, None)
        fed = {period: found for period, each in resolved.items() if (found := self._fed(each)) is not None}
        judged = self._judged(reported, base, _until(since, before.judged))
        return View(origins, base, reported, judged, fed=_until(since, before.fed) | fed)

    def _resolved(self, seen: Seen, since: Period) -> dict[Period, Resolved]:
        """The cells from `since` on, decided without the late facts that are not seen."""
        resolved = {period: each for period, each in self._final.items() if period >= since}
        hidden = self._every - seen
        for period in {period for _, period, identity in self._late if identity in hidden and period >= since}:
            kept = [fact for fact in self._counted[period] if fact.identity not in hidden]
            resolved[period] = resolve(kept) if kept else NOTHING
        return resolved

    def _fed(self, decided: Resolved) -> Fed | None:
        fact, own = decided.effective, decided.beside
        if fact is None or not fact.fed or fact.value is None:
            return None
        beside = None if own is None or own.value is None else Known(own.value, self._since[own.identity])
        return Fed(fact.value, fact.reason or "", beside)

    def _origins(
        self, resolved: Mapping[Period, Resolved], reported: Mapping[Period, Known], since: Period
    ) -> dict[Period, Origin]:
        """Of the cells from `since` on; what was reported before is compared with."""
        values = {period: known.value for period, known in reported.items()}
        corrected = frozenset(p for p, each in resolved.items() if each.effective and _corrected(each.effective))
        periods = [cell.period for cell in self.cells]
        needs = compared(self.indicator.reported_as, periods, values, corrected, first=periods.index(since))
        origins = {
            period: self._origin(period, decided, decided.effective, needs.get(period, ()))
            for period, decided in resolved.items()
            if decided.effective is not None
        }
        for period in self._stopped.keys() - origins.keys():
            if period >= since:
                origins[period] = Origin(self._stopped[period])
        for period, ruled in self._ruled.items():
            if period < since:
                continue
            if period not in reported and ruled.ruling.moved_at is not None:
                origins[period] = _ruled_origin(origins.get(period), ruled.ruling, ruled.ruling.moved_at)
            if (at := ruled.ruling.published_at) is not None:
                own = origins.get(period, Origin(at))
                origins[period] = replace(own, at=max(own.at, at), published_at=at)
        return origins

    def _origin(self, period: Period, decided: Resolved, fact: Fact, needs: tuple[str, ...]) -> Origin:
        told = (fact, *decided.rivals, *((decided.beside,) if decided.beside is not None else ()))
        at = max(self._since[each.identity] for each in told)
        marks: tuple[str, ...] = () if fact.status == "final" else (fact.status,)
        if fact.value is None:
            marks = ("withdrawn",)
        if fact.identity in self._restated:
            marks += ("restated",)
        if decided.rivals:
            marks += ("revision_conflict",)
        origin = Origin(at, fact.identity, decided.first_received_at, fact.confidence, marks, needs)
        comment = self._ruled[period].comments.get(fact.identity) if period in self._ruled else None
        return origin if comment is None or not needs else _explained(origin, comment)

    def _judged(
        self, reported: dict[Period, Known], base: Known | None, judged: dict[Period, Known]
    ) -> dict[Period, Known]:
        """Values as they are judged (rule 3.1), beside those `judged` already; what cannot be known yet is absent."""
        reported_as, judged_as = self.indicator.reported_as, self.indicator.judged_as
        if reported_as == judged_as:
            return reported
        first_year, start = self.indicator.valid_from.year, base.value if base else None
        if start is None and not self.indicator.stock:
            start = Fraction(0)
        values = {period: known.value for period, known in reported.items()}
        for period in values.keys() - judged.keys():
            made = accumulate(values, reported_as, judged_as, period, first_year=first_year, start=start)
            if made.complete and made.value is not None:
                judged[period] = Known(made.value, max(reported[each].at for each in made.used))
        return judged


Said = TypeVar("Said")


def _until(since: Period, said: Mapping[Period, Said]) -> dict[Period, Said]:
    """What was said of the periods before `since`."""
    return {period: each for period, each in said.items() if period < since}


def _ruled_origin(own: Origin | None, ruling: Ruling, moved_at: datetime) -> Origin:
    """Of a cell without a value that was excused, or is so no more (rule 7.2)."""
    origin = own or Origin(moved_at)
    marks = (*origin.marks, "excused") if ruling.excused else origin.marks
    return replace(origin, at=max(origin.at, moved_at), marks=marks, excused_until=ruling.excused_until)


def _explained(origin: Origin, comment: CellAct) -> Origin:
    """A comment closes the flags of its report (rule 2.11)."""
    commented = tuple((need, comment.reason or "") for need in origin.needs)
    return replace(origin, at=max(origin.at, comment.received_at), needs=(), commented=commented)


def _corrected(fact: Fact) -> bool:
    """A declared correction is not tested (rule 2.11); a sum over projects has no revision 0."""
    return fact.revision > (1 if fact.fed else 0)


def _flagged(origin: Origin) -> bool:
    return bool(origin.needs or origin.commented)
