"""All facts of one indicator → how each of its cells stands and what became of each report. Pure, order-free, no "now".

Recording calls `fold` with every fact of the indicator, of all districts and the city, whenever one is added;
`liangshai evaluate` calls it with what a file says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from weakref import WeakKeyDictionary

from contracts.cells import Cells
from contracts.editions import BEGINNING, Edition, Editions
from contracts.events import OutcomeKind, Standing
from contracts.programme import Indicator, Lookup
from services.metrics.plan import Plan
from services.metrics.revisions import Fact
from services.metrics.rollup import RolledUpSeries
from services.metrics.standing import stand
from services.metrics.views import Series

__all__ = ["Fact", "Folded", "fold"]

_plans: WeakKeyDictionary[Lookup, dict[tuple[str, str], Plan]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Folded:
    """`standings` by (district, period), `outcomes` by (source, id): kind, code, what has to be explained."""

    standings: dict[tuple[str, str], Standing]
    outcomes: dict[tuple[str, str], tuple[OutcomeKind, str | None, tuple[str, ...]]]


def fold(lookup: Lookup, cells: Cells, indicator: Indicator, facts: Sequence[Fact]) -> Folded:
    """The standings of all cells with a report or a derived figure, and the outcome of every fact."""
    folding = Folding(Editions([Edition(lookup, cells, BEGINNING)]), indicator)
    for fact in facts:
        folding.add(fact)
    return folding.fold()


class Folding:
    """The facts of one indicator as they come. Only the series that have new ones, and the city's figure made from
    them, are folded again: whoever keeps a folding asks for what they may have changed."""

    def __init__(self, editions: Editions, indicator: Indicator) -> None:
        self._editions, self._indicator = editions, indicator
        self._facts: dict[str, list[Fact]] = {district: [] for district in indicator.districts}
        self._series: dict[str, Series] = {}  # those without new facts
        self._astray: list[Fact] = []

    def add(self, fact: Fact) -> None:
        """One more fact; in which order they come does not matter."""
        if fact.district in self._facts:
            self._facts[fact.district].append(fact)
            self._series.pop(fact.district, None)
        else:
            self._astray.append(fact)

    def fold(self) -> Folded:
        """The standings and outcomes of all series with facts added since the last time (the first time: of all)."""
        fresh = [district for district in self._facts if district not in self._series]
        for district in fresh:
            self._series[district] = Series(self._editions, self._indicator, district, self._facts[district])
        folded = Folded({}, {fact.identity: ("refused", "outside_life", ()) for fact in self._astray})
        for series in self._moved(fresh):
            plan = plan_of(self._editions.lookup, self._indicator, series.district)
            for cell in series.cells:
                view = series.view(cell)
                if cell.period in view.origins:
                    folded.standings[cell.district, cell.period.text] = stand(plan, cell, view)
        for district in fresh:
            found = self._series[district].outcomes()
            folded.outcomes.update((identity, (kind, code, needs)) for identity, kind, code, needs in found)
        return folded

    def _moved(self, fresh: Sequence[str]) -> list[Series | RolledUpSeries]:
        """The fresh series, the city's last; a derived one follows any of its districts."""
        *districts, city = (self._series[district] for district in self._indicator.districts)
        moved: list[Series | RolledUpSeries] = [series for series in districts if series.district in fresh]
        if fresh and self._indicator.derived and districts:
            moved.append(RolledUpSeries(city, districts, _done(self._indicator)))
        elif city.district in fresh:
            moved.append(city)
        return moved


def plan_of(lookup: Lookup, indicator: Indicator, district: str) -> Plan:
    """What a series is held against, made once per catalogue."""
    plans = _plans.setdefault(lookup, {})
    plan = plans.get((indicator.id, district))
    if plan is None or plan.indicator is not indicator:
        plan = plans[indicator.id, district] = Plan(lookup, indicator, district)
    return plan


def _done(indicator: Indicator) -> Fraction:
    """From which value a district counts as done (rule 5.1)."""
    return Fraction(100) if indicator.unit == "percent" else Fraction(1)
