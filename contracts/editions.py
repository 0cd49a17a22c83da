"""The versions of a catalogue side by side, and which of them each cell is held to (rules 2.9, 2.10 and 4.4).

A cell uses the newest version that was known before it locked, so a later version moves only what is open. A cell that
a version takes away stays, as not applicable; one that a version brings after its lock belongs to that version.
`Editions` is immutable and pure; `Catalogue` is the one holder that a service keeps and hands to whoever asks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from contracts.cells import Cell, Cells, named_by
from contracts.programme import Indicator, Lookup

BEGINNING = datetime.min.replace(tzinfo=UTC)  # the version that a service starts with was always known


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One version of the catalogue, and since when it is known."""

    lookup: Lookup
    cells: Cells
    since: datetime = BEGINNING

    @property
    def version(self) -> str:
        return self.lookup.programme.version

    @classmethod
    def of(cls, lookup: Lookup, since: datetime = BEGINNING) -> Self:
        return cls(lookup, Cells(lookup), since)


@dataclass(frozen=True, slots=True)
class Seat:
    """A cell with the version it is held to."""

    cell: Cell
    edition: Edition


class Editions:
    """The versions known at one place, oldest first. Answers as `Cells` does, each cell from its own version."""

    def __init__(self, editions: Sequence[Edition]) -> None:
        self.all = tuple(sorted(editions, key=lambda each: (each.since, each.version)))
        self._seats: dict[tuple[str, str], tuple[Seat, ...]] = {}
        self._places: dict[tuple[str, str], dict[str, int]] = {}

    @property
    def newest(self) -> Edition:
        return self.all[-1]

    @property
    def lookup(self) -> Lookup:
        return self.newest.lookup

    @property
    def sinces(self) -> dict[str, datetime]:
        """Each version but the first with the moment it counts from."""
        return {each.version: each.since for each in self.all[1:]}

    def __iter__(self) -> Iterator[Cell]:
        return (cell for indicator, district in self.series for cell in self.of(indicator.id, district))

    def named(self, version: str) -> Edition | None:
        """The edition of that version, if it is known here."""
        return next((each for each in self.all if each.version == version), None)

    def indicator(self, indicator: str) -> Indicator | None:
        """As the newest version that has it defines it."""
        return next(
            (e.lookup.indicators[indicator] for e in reversed(self.all) if indicator in e.lookup.indicators), None
        )

    def districts(self, indicator: str) -> tuple[str, ...]:
        """Every district that ever had a series of it, the city last."""
        known = [e.lookup.indicators[indicator].districts for e in self.all if indicator in e.lookup.indicators]
        every = dict.fromkeys(district for districts in reversed(known) for district in districts[:-1])
        return (*every, *(known[-1][-1:] if known else ()))

    @property
    def series(self) -> Iterator[tuple[Indicator, str]]:
        """Every (indicator, district) of any version."""
        for name in dict.fromkeys(i.id for edition in reversed(self.all) for i in edition.lookup.programme.indicators):
            found = self.indicator(name)
            assert found is not None
            yield from ((found, district) for district in self.districts(name))

    def seats(self, indicator: str, district: str) -> tuple[Seat, ...]:
        """A series' cells in period order, each with its version; KeyError for a series that does not exist."""
        key = (indicator, district)
        if key not in self._seats:
            self._seats[key] = tuple(self._seated(indicator, district))
            self._places[key] = {seat.cell.period.text: n for n, seat in enumerate(self._seats[key])}
        return self._seats[key]

    def held(self, indicator: str, district: str, published: Mapping[str, datetime]) -> tuple[Seat, ...]:
        """The same where publications locked some periods: each is held to a version known before that (rule 2.9)."""
        seats = self.seats(indicator, district)
        if not published:
            return seats
        return tuple(self._published(seat, published.get(seat.cell.period.text)) for seat in seats)

    def _published(self, seat: Seat, at: datetime | None) -> Seat:
        if at is None or seat.edition.since < at:
            return seat
        indicator, district = seat.cell.indicator, seat.cell.district
        known = [each for each in self.all if each.since < at and district in _districts(each, indicator)]
        cell = known[-1].cells.get(indicator, district, seat.cell.period.text) if known else None
        return seat if cell is None else Seat(cell, known[-1])

    def of(self, indicator: str, district: str) -> tuple[Cell, ...]:
        """A series' cells in period order, the base year first; KeyError for a series that does not exist."""
        return tuple(seat.cell for seat in self.seats(indicator, district))

    def seat(self, indicator: str, district: str, period: str) -> Seat | None:
        """The cell of exactly that period with its version, or None."""
        try:
            return self.seats(indicator, district)[self.place(indicator, district, period)]
        except KeyError:
            return None

    def get(self, indicator: str, district: str, period: str) -> Cell | None:
        """The cell of exactly that period, or None."""
        found = self.seat(indicator, district, period)
        return found.cell if found else None

    def place(self, indicator: str, district: str, period: str) -> int:
        """Which of its series' cells that period is; KeyError for one that does not exist."""
        self.seats(indicator, district)
        return self._places[indicator, district][period]

    def resolve(self, indicator: str, district: str, text: str) -> Cell | None:
        """The cell a report means: `YYYY` sent to a finer series is its last period of that year (rule 2.1)."""
        found = self.get(indicator, district, text)
        if found is not None or (indicator, district) not in self._seats:
            return found
        return named_by(text, self.of(indicator, district))

    def _seated(self, indicator: str, district: str) -> list[Seat]:
        having = [edition for edition in self.all if district in _districts(edition, indicator)]
        if not having:
            raise KeyError((indicator, district))
        if len(self.all) == 1:
            return [Seat(cell, having[0]) for cell in having[0].cells.of(indicator, district)]
        seats: dict[str, Seat] = {}
        for edition in self.all:
            cells = edition.cells.of(indicator, district) if edition in having else ()
            seats = _succeeded(seats, {cell.period.text: cell for cell in cells}, edition)
        return sorted(seats.values(), key=lambda seat: (seat.cell.period.end, seat.cell.period.months))


def _districts(edition: Edition, indicator: str) -> tuple[str, ...]:
    found = edition.lookup.indicators.get(indicator)
    return found.districts if found else ()


def _succeeded(seats: Mapping[str, Seat], cells: Mapping[str, Cell], edition: Edition) -> dict[str, Seat]:
    """The seats once `edition` is known: what had locked before stays, the rest is this version's."""
    after = {}
    for period, seat in seats.items():
        if seat.cell.lock_at <= edition.since:
            after[period] = seat
        elif period not in cells:
            gone = replace(seat.cell, due_at=None, record_at=None, applicable=False)
            after[period] = Seat(gone, edition)
    return {period: Seat(cell, edition) for period, cell in cells.items() if period not in after} | after


class Catalogue:
    """What a service holds: the newest version for whoever asks now, and each partition's own versions.

    A partition knows a version from its mark in that partition's records on; until then it has those before.
    """

    def __init__(self, lookup: Lookup) -> None:
        self.first = Edition.of(lookup)
        self.editions = Editions([self.first])  # all that are known anywhere
        self.told: list[Callable[[Lookup], None]] = []  # who wants to hear of a newer one
        self._marked: dict[int, Editions] = {}
        self._unmarked = self.editions

    @property
    def programme(self) -> str:
        """The programme's id: the same in every version."""
        return self.first.lookup.programme.id

    @property
    def newest(self) -> Edition:
        return self.editions.newest

    @property
    def lookup(self) -> Lookup:
        return self.newest.lookup

    @property
    def cells(self) -> Cells:
        return self.newest.cells

    def at(self, partition: int) -> Editions:
        """The versions that are known in a partition."""
        return self._marked.get(partition, self._unmarked)

    def take(self, edition: Edition) -> None:
        """A version that is known somewhere: from now on whoever asks for the newest may get it."""
        if self.editions.named(edition.version) is None:
            self.editions = Editions([*self.editions.all, edition])
            if self.newest is edition:
                for tell in self.told:
                    tell(edition.lookup)

    def mark(self, partition: int, sinces: Mapping[str, datetime]) -> None:
        """The versions, all taken already, that a partition knows, each with the moment it counts from there."""
        if dict(sinces) != self.at(partition).sinces:
            held = [(self.editions.named(version), since) for version, since in sinces.items()]
            known = [Edition(e.lookup, e.cells, since) for e, since in held if e is not None]
            self._marked[partition] = Editions([self.first, *known])
