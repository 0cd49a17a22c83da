"""The city's figure from its districts', cell by cell, with the lead's comparison figure beside it (rule 3.2).

Each period adds up for itself: of what was made before, only the periods that a district or the lead moved are made
again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Self, TypeVar

from contracts.cells import Cell
from contracts.periods import Period
from services.metrics.accumulation import RolledUp, share_done, total
from services.metrics.series import Series
from services.metrics.views import Known, Origin, View, differing

Parts = tuple[View, ...]  # the city's own, then each district's
Said = TypeVar("Said")


class RolledUpSeries:
    """A derived city series: its own facts are comparison figures, its values are made from the districts'."""

    def __init__(self, city: Series, districts: Sequence[Series], done: Fraction, before: Self | None = None) -> None:
        """`done`: from which value a district counts as done, for a share of districts done. `before`: the same series
        before the newest facts, not to be asked any more."""
        self.indicator, self.district, self.cells = city.indicator, city.district, city.cells
        self._city, self._districts, self._done = city, tuple(districts), done
        self._views: dict[Parts, View] = {}
        self._made: dict[Period, tuple[Parts, View]] = {} if before is None else before._made  # as each cell saw it
        self._cells: dict[Period, list[tuple[Series, Cell]]] = {cell.period: [] for cell in city.cells}
        if before is not None and before._districts == self._districts:
            self._cells = before._cells
            return
        for series in districts:  # one that joined later may lack the periods before
            for cell in series.cells:
                if cell.period in self._cells:
                    self._cells[cell.period].append((series, cell))

    def view(self, cell: Cell) -> View:
        """As each district's own cell of that period saw it, so that a district's restatement moves the city too."""
        found, before = self._cells[cell.period], self._made.get(cell.period)
        parts = (self._city.view(cell), *(series.view(own) for series, own in found))
        if before is not None and before[0] == parts:
            return before[1]
        if parts not in self._views:
            self._views[parts] = self._make([series.district for series, _ in found], parts, before)
        self._made[cell.period] = parts, self._views[parts]
        return self._views[parts]

    def _make(self, districts: Sequence[str], parts: Parts, before: tuple[Parts, View] | None) -> View:
        (city, *others), year, like = parts, self.cells[0].period, View({}, None, {}, {})
        moved = {year} if before is None else _moved(before[0], parts, year)
        if before is not None and year not in moved:
            like = before[1]
        else:
            moved = {period for part in parts for period in (*part.judged, *part.origins)}
        origins, rolled, judged = dict(like.origins), dict(like.rolled), dict(like.judged)
        for period in moved:
            origin, added, known = self._added_up(period, districts, parts)
            _put(origins, period, origin)
            _put(rolled, period, added)
            _put(judged, period, known)
        base = self._base(city, others)
        sent = [part.origins[year] for part in others if year in part.origins]
        if sent and self.indicator.aggregate == "sum":
            origins[year] = _combined(sent, city.origins.get(year), complete=base is not None)
        return View(origins, base, city.reported, judged, rolled)

    def _added_up(
        self, period: Period, districts: Sequence[str], parts: Parts
    ) -> tuple[Origin | None, RolledUp | None, Known | None]:
        """One period's origin, sum and value; of one that no district has or had a value for the lead's own origin."""
        city, *others = parts
        own, told = city.origins.get(period), [part.origins.get(period) for part in others]
        sent = [origin for origin in told if origin is not None]
        if not self._counts(period, parts, sent):
            return own, None, None
        found = {d: part.judged[period] for d, part in zip(districts, others, strict=True) if period in part.judged}
        added = self._roll(period, {district: known.value for district, known in found.items()})
        origin = _locked(_combined(sent, own, complete=added.value is not None), own, told)
        known = None if added.value is None else Known(added.value, max(each.at for each in found.values()))
        return origin, added, known

    def _counts(self, period: Period, parts: Parts, sent: Sequence[Origin]) -> bool:
        """Whether any has or had a value: a standing that was told is not left behind by a withdrawal."""
        return any(period in part.judged for part in parts) or (bool(sent) and period != self.cells[0].period)

    def _roll(self, period: Period, values: Mapping[str, Fraction]) -> RolledUp:
        """Of the districts to which the period applies; one that owes nothing but reports is counted all the same."""
        applicable = [cell.district for _, cell in self._cells[period] if cell.applicable or cell.district in values]
        if self.indicator.aggregate == "sum":
            return total(applicable, values)
        return share_done(applicable, values, self._done)

    def _base(self, city: View, parts: Sequence[View]) -> Known | None:
        """The base year of a sum is the sum of the districts'; until all have sent it, the lead's figure."""
        bases = [part.base for part in parts if part.base is not None]
        if self.indicator.aggregate != "sum" or len(bases) < len(parts):
            return city.base
        return Known(sum((base.value for base in bases), Fraction(0)), max(base.at for base in bases))


def _moved(before: Parts, parts: Parts, base_year: Period) -> set[Period]:
    """The periods in which these parts say anything else than those before."""
    if len(before) != len(parts):
        return {base_year}  # another district counts: all of it
    pairs = ((one, other) for one, other in zip(before, parts, strict=True) if one is not other)
    return set[Period]().union(*(differing(one, other, base_year) for one, other in pairs))


def _put(said: dict[Period, Said], period: Period, what: Said | None) -> None:
    if what is None:
        said.pop(period, None)
    else:
        said[period] = what


def _locked(combined: Origin, own: Origin | None, parts: Sequence[Origin | None]) -> Origin:
    """The city's figure locks by a publication that contains it, or all that it is summed from."""
    own_at = None if own is None else own.published_at
    moments = [part.published_at for part in parts if part is not None and part.published_at is not None]
    all_at = max(moments) if moments and len(moments) == len(parts) else None
    return replace(combined, published_at=min((at for at in (own_at, all_at) if at is not None), default=None))


def _combined(parts: Sequence[Origin], own: Origin | None, *, complete: bool) -> Origin:
    """What the city's figure inherits: the last district's receipt, the least confident word, the weakest status."""
    received = [part.first_received_at for part in parts if part.first_received_at is not None]
    said = {part.confidence for part in parts}
    marks = {mark for part in parts for mark in part.marks}
    return Origin(
        max(part.at for part in (*parts, *((own,) if own else ()))),
        own.report if own else None,
        max(received, default=None) if complete else None,
        next((word for word in ("unlikely", "at_risk", "likely") if word in said), None),
        tuple(mark for mark in ("provisional", "estimated", "restated") if mark in marks),
    )
