"""When reports are reminded of (rule 7.3): 09:00 in Shanghai three days before a due date and the day after. Pure.

A cell belongs to the version of the catalogue that its partition holds it to, and to the one unit that writes it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from contracts.cells import Cell
from contracts.editions import Catalogue, Editions
from contracts.periods import SHANGHAI
from contracts.responsibility import writer
from contracts.topics import PARTITIONS, partition_of

Kind = Literal["due_soon", "overdue", "by_hand"]  # the last when somebody asks (by_hand.py)
NINE = timedelta(hours=9)
BEFORE: Mapping[Kind, timedelta] = {
    "due_soon": timedelta(days=-4),
    "overdue": timedelta(),
}  # from due_at, which is 24:00


@dataclass(frozen=True, slots=True, order=True)
class Occasion:
    """One moment of one due date; asked for by hand, of the first of several."""

    at: datetime
    due_at: datetime
    kind: Kind

    @property
    def due_on(self) -> date:
        """The day at whose end it is due."""
        return (self.due_at - timedelta(microseconds=1)).date()


@dataclass(frozen=True, slots=True)
class Duty:
    """A cell that is due, and who writes it."""

    cell: Cell
    unit: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.cell.indicator, self.cell.district, self.cell.period.text


def occasions(due_at: datetime) -> Iterable[Occasion]:
    """Both of a due date."""
    due_at = due_at.astimezone(SHANGHAI)
    return (Occasion(due_at + before + NINE, due_at, kind) for kind, before in BEFORE.items())


class Duties:
    """What is due when, by the versions that each partition knows; read anew only where these are others."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._read: dict[int, tuple[Editions, dict[datetime, list[Duty]]]] = {}

    def of(self, due_at: datetime) -> list[Duty]:
        """The cells due then, in key order."""
        found = (duty for by_due in self._present() for duty in by_due.get(due_at, ()))
        return sorted(found, key=lambda duty: (duty.cell.indicator, duty.cell.district, duty.cell.period))

    def open(self, unit: str, now: datetime) -> list[Duty]:
        """What a unit may still report on its own of the periods that are over, what is due first at the front."""
        found = (
            duty
            for by_due in self._present()
            for duties in by_due.values()
            for duty in duties
            if duty.unit == unit and duty.cell.period.end < now.date() and now < duty.cell.lock_at
        )
        return sorted(found, key=lambda duty: (duty.cell.due_at, duty.cell.indicator, duty.cell.district))

    def between(self, after: datetime, through: datetime) -> list[Occasion]:
        """The occasions in (after, through], in their order."""
        return sorted(each for each in self._occasions() if after < each.at <= through)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first occasion after a moment."""
        return min((each.at for each in self._occasions() if each.at > moment), default=None)

    def _occasions(self) -> Iterable[Occasion]:
        dues = {due_at for by_due in self._present() for due_at in by_due}
        return (each for due_at in dues for each in occasions(due_at))

    def _present(self) -> Iterable[dict[datetime, list[Duty]]]:
        for partition in range(PARTITIONS):
            editions = self._catalogue.at(partition)
            if partition not in self._read or self._read[partition][0] is not editions:
                self._read[partition] = editions, _due(editions, self._catalogue.programme, partition)
            yield self._read[partition][1]


def _due(editions: Editions, programme: str, partition: int) -> dict[datetime, list[Duty]]:
    found: dict[datetime, list[Duty]] = {}
    for indicator, district in editions.series:
        if partition_of(programme, indicator.id) != partition:
            continue
        for seat in editions.seats(indicator.id, district):
            cell = seat.cell
            if cell.due_at is not None:
                unit = writer(seat.edition.lookup, cell.indicator, district, cell.period)
                found.setdefault(cell.due_at, []).append(Duty(cell, unit))
    return found
