"""All facts and acts of one indicator → how each of its cells stands, what became of each report and act.

Pure, order-free, no "now". Of several versions of the catalogue each cell is held to the newest that was known before
it locked (rules 2.9, 4.4): a later version moves only what is open, and no standing is known before its version.
Recording adds every fact and act of the indicator, of all districts and the city, as they come; `liangshai evaluate`
calls `fold` with what a file says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from weakref import WeakKeyDictionary

from contracts.cells import Cell, Cells
from contracts.editions import BEGINNING, Edition, Editions, Seat
from contracts.events import OutcomeKind, Standing
from contracts.periods import Period
from contracts.programme import Indicator, Lookup
from services.metrics.acts import ActVerdict, CellAct, Ruling
from services.metrics.definitions import Definition, definitions
from services.metrics.plan import Plan
from services.metrics.revisions import Fact
from services.metrics.rollup import RolledUpSeries
from services.metrics.series import Series
from services.metrics.standing import stand
from services.metrics.views import View, differing

__all__ = ["Fact", "Folded", "fold"]

Place = tuple[str, str]  # district, period
_plans: WeakKeyDictionary[Lookup, dict[tuple[str, str], Plan]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Folded:
    """`standings` by (district, period), `outcomes` by (source, id): kind, code, what has to be explained.

    `acts`: what became of each act; `rulings`: the cells that acts left excused or locked, by (district, period).
    """

    standings: dict[tuple[str, str], Standing]
    outcomes: dict[tuple[str, str], tuple[OutcomeKind, str | None, tuple[str, ...]]]
    acts: dict[tuple[str, str], ActVerdict] = field(default_factory=dict)
    rulings: dict[tuple[str, str], Ruling] = field(default_factory=dict)


def fold(
    lookup: Lookup, cells: Cells, indicator: Indicator, facts: Sequence[Fact], acts: Sequence[CellAct] = ()
) -> Folded:
    """The standings of all cells with a report, a derived figure or an excuse; the outcome of every fact and act."""
    folding = Folding(Editions([Edition(lookup, cells, BEGINNING)]), indicator)
    for fact in facts:
        folding.add(fact)
    for act in acts:
        folding.add_act(act)
    return folding.fold()


class Folding:
    """The facts and acts of one indicator as they come. Only the series that have new ones, and the city's figure
    made from them, are folded again, and of these the cells that saw something else before: whoever keeps a folding
    asks for what may have changed."""

    def __init__(self, editions: Editions, indicator: Indicator) -> None:
        self._editions, self._indicator = editions, indicator.id
        self._facts: dict[str, list[Fact]] = {district: [] for district in editions.districts(indicator.id)}
        self._acts: dict[str, list[CellAct]] = {}
        self._definitions = definitions(editions, indicator.id)
        self._series: dict[str, tuple[Series, ...]] = {}  # as each definition reads them
        self._fresh = dict.fromkeys(self._facts)  # those with news
        self._rolled: dict[int, RolledUpSeries] = {}  # the city's figure by each definition
        self._seen: dict[Place, tuple[Cell, Edition, View]] = {}  # what each cell's last standing was made from
        self._astray: list[Fact] = []
        self._acts_astray: list[CellAct] = []

    def add(self, fact: Fact) -> None:
        """One more fact; in which order they come does not matter."""
        if fact.district not in self._facts:
            self._astray.append(fact)
            return
        self._facts[fact.district].append(fact)
        self._fresh[fact.district] = None
        for series in {id(each): each for each in self._series.get(fact.district, ())}.values():
            series.add(fact)

    def add_act(self, act: CellAct) -> None:
        """One more act, in any order too. It may decide every report of its series: that is read anew."""
        if act.district not in self._facts:
            self._acts_astray.append(act)
            return
        self._acts.setdefault(act.district, []).append(act)
        self._fresh[act.district] = None
        self._series.pop(act.district, None)

    def everything(self) -> tuple[list[Fact], list[CellAct]]:
        """All facts and acts it was given."""
        facts = [*self._astray, *(fact for facts in self._facts.values() for fact in facts)]
        return facts, [*self._acts_astray, *(act for acts in self._acts.values() for act in acts)]

    def fold(self) -> Folded:
        """The standings that may have changed since the last time, the outcomes of all series with news since then; the
        first time everything."""
        fresh = [district for district in self._facts if district in self._fresh]
        for district in fresh:
            if district not in self._series:
                self._series[district] = self._read(district)
        folded = Folded({}, {fact.identity: ("refused", "outside_life", ()) for fact in self._astray})
        for number, definition in enumerate(self._definitions):
            for series in self._moved(fresh, number):
                folded.standings.update(self._standings(definition, series))
        for district in fresh:
            found = self._series[district][-1].outcomes()
            folded.outcomes.update((identity, (kind, code, needs)) for identity, kind, code, needs in found)
            self._add_acted(folded, district)
        folded.acts.update({act.identity: ("refused", "outside_life") for act in self._acts_astray})
        self._fresh.clear()
        return folded

    def _read(self, district: str) -> tuple[Series, ...]:
        """One district's facts and acts under each definition; one reading serves all that count alike."""
        read: list[Series] = []
        for number, definition in enumerate(self._definitions):
            if number and definition.counts_as(self._definitions[number - 1]):
                read.append(read[-1])
            else:
                facts, acts = self._facts[district], self._acts.get(district, ())
                read.append(Series(self._editions, definition.indicator, district, facts, acts))
        return tuple(read)

    def _standings(self, definition: Definition, series: Series | RolledUpSeries) -> Iterator[tuple[Place, Standing]]:
        """The cells of a series that are held to this definition, as far as what they see may move them."""
        edition, district = definition.edition, series.district
        plan = plan_of(edition.lookup, definition.indicator, district)
        moved: dict[tuple[View, View], Period | None] = {}
        for seat in self._seats(district):
            if seat.edition is not edition:
                continue
            cell, view = seat.cell, series.view(seat.cell)
            place = district, cell.period.text
            seen = self._seen.get(place)
            if seen is not None and seen[0] is cell and seen[1] is edition:
                pair = seen[2], view
                if pair not in moved:
                    moved[pair] = min(differing(*pair, series.cells[0].period), default=None)
                first = moved[pair]
                if first is None or first > cell.period:
                    self._seen[place] = cell, edition, view
                    continue
            self._seen[place] = cell, edition, view
            if cell.period in view.origins:
                yield place, stand(plan, cell, view, edition.since)

    def _seats(self, district: str) -> Sequence[Seat]:
        """The series' cells with the version each is held to: known before its lock, be that a publication's."""
        rulings = self._series[district][-1].rulings() if district in self._acts else {}
        published = {period.text: at for period, ruling in rulings.items() if (at := ruling.published_at) is not None}
        return self._editions.held(self._indicator, district, published)

    def _add_acted(self, folded: Folded, district: str) -> None:
        if district in self._acts:
            series = self._series[district][-1]
            folded.acts.update(series.act_verdicts())
            folded.rulings.update({(district, period.text): each for period, each in series.rulings().items()})

    def _moved(self, fresh: Sequence[str], number: int) -> list[Series | RolledUpSeries]:
        """The fresh series, the city's last; a derived one follows any of its districts."""
        indicator = self._definitions[number].indicator
        *_, city = self._facts
        moved: list[Series | RolledUpSeries] = [self._series[each][number] for each in fresh if each != city]
        districts = [self._series[district][number] for district in indicator.districts if district != city]
        if fresh and indicator.derived and districts:
            before, own = self._rolled.get(number), self._series[city][number]
            self._rolled[number] = RolledUpSeries(own, districts, _done(indicator), before)
            moved.append(self._rolled[number])
        elif city in fresh:
            moved.append(self._series[city][number])
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
