"""The city's figure from its districts', cell by cell, with the lead's comparison figure beside it (rule 3.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from contracts.cells import Cell
from contracts.periods import Period
from services.metrics.accumulation import RolledUp, share_done, total
from services.metrics.views import Known, Origin, Series, View


class RolledUpSeries:
    """A derived city series: its own facts are comparison figures, its values are made from the districts'."""

    def __init__(self, city: Series, districts: Sequence[Series], done: Fraction) -> None:
        """`done`: from which value a district counts as done, for a share of districts done."""
        self.indicator, self.district, self.cells = city.indicator, city.district, city.cells
        self._city, self._districts, self._done = city, districts, done
        self._views: dict[tuple[int, ...], View] = {}
        self._cells: dict[Period, list[tuple[Series, Cell]]] = {cell.period: [] for cell in city.cells}
        for series in districts:  # one that joined later may lack the periods before
            for cell in series.cells:
                if cell.period in self._cells:
                    self._cells[cell.period].append((series, cell))

    def view(self, cell: Cell) -> View:
        """As each district's own cell of that period saw it, so that a district's restatement moves the city too."""
        parts = {series.district: series.view(own) for series, own in self._cells[cell.period]}
        city = self._city.view(cell)
        key = (id(city), *map(id, parts.values()))
        if key not in self._views:
            self._views[key] = self._make(city, tuple(parts), tuple(parts.values()))
        return self._views[key]

    def _make(self, city: View, districts: Sequence[str], parts: Sequence[View]) -> View:
        judged, rolled, origins = {}, {}, dict(city.origins)
        for period in self._periods(city, parts):
            found = {d: part.judged[period] for d, part in zip(districts, parts, strict=True) if period in part.judged}
            rolled[period] = self._roll(period, {district: known.value for district, known in found.items()})
            own = origins.get(period)
            value = rolled[period].value
            origins[period] = _combined(
                [part.origins[period] for part in parts if period in part.origins], own, complete=value is not None
            )
            origins[period] = _locked(origins[period], own, [part.origins.get(period) for part in parts])
            if value is not None:
                judged[period] = Known(value, max(known.at for known in found.values()))
        base, year = self._base(city, parts), self.cells[0].period
        sent = [part.origins[year] for part in parts if year in part.origins]
        if sent and self.indicator.aggregate == "sum":
            origins[year] = _combined(sent, origins.get(year), complete=base is not None)
        return View(origins, base, city.reported, judged, rolled)

    def _periods(self, city: View, parts: Sequence[View]) -> set[Period]:
        """All that any of them has or had a value for: a standing that was told is not left behind by a withdrawal."""
        judged = {period for part in (city, *parts) for period in part.judged}
        return judged | {period for part in parts for period in part.origins if period != self.cells[0].period}

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
