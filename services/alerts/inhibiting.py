"""Which lights of a batch may open no ticket, and why: asked of the store before the batch is followed (rule 8).

`Inhibiting.others` is for whoever else stands for a lag: a red project that alone feeds the indicator (rule 12).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from contracts.cells import Cell
from contracts.editions import Catalogue
from contracts.events import Standing, Watermark
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.periods import SHANGHAI
from services.alerts.inhibition import NOT_REPORTING, Duties, Place, Silence, place_of, silence
from services.alerts.loading import Loaded
from services.alerts.store import Key, Transaction
from services.alerts.supervision import Series

Reason = Callable[[Cell], str | None]  # why the light of a cell opens no ticket
_WAIT, _TIMES = 0.01, 200  # two real seconds for whoever else has to come as far; then the batch comes again


class Others(Protocol):
    """Whoever else stands for a lag."""

    async def ready(self, marks: Sequence[Watermark]) -> bool:
        """Whether it can answer for the lights that these watermarks fix."""
        ...

    async def reasons(self, keys: Sequence[Key]) -> Mapping[Key, Reason]:
        """For those of these series that it may stand for: why a light opens no ticket."""
        ...


class Inhibiting:
    """Finds the inhibitions of a batch."""

    def __init__(self, catalogue: Catalogue, clock: Clock, others: Others | None = None) -> None:
        self._catalogue, self._clock, self.others = catalogue, clock, others
        self._version, self._duties = "", Duties.by(catalogue.newest)

    async def wait(self, marks: Sequence[Watermark]) -> None:
        """Until the others can answer, outside of any transaction; `Unavailable` when that takes too long."""
        for _ in range(_TIMES):
            if self.others is None or await self.others.ready(marks):
                return
            await asyncio.sleep(_WAIT)
        raise Unavailable("projects are not judged as far yet")

    async def prepare(
        self,
        transaction: Transaction,
        loaded: Mapping[Key, Loaded],
        standings: Sequence[Standing],
        marks: Sequence[Watermark],
    ) -> list[Silence]:
        """Tell each series what inhibits it; the silences of districts that were found for the first time."""
        if self._version != self._catalogue.newest.version:
            self._version = self._catalogue.newest.version
            self._duties = Duties.by(self._catalogue.newest)
        throughs = {mark.partition: mark.through.astimezone(SHANGHAI) for mark in marks}
        new, late = _asked(loaded, standings, throughs)
        known = await transaction.silences({place[:2] for place in new | late}) if new | late else {}
        found = await self._found(transaction, sorted(new - known.keys()), standings, throughs)
        silent = {*known, *((each.district, each.period, each.due_at) for each in found)}
        others = {} if self.others is None else await self.others.reasons(sorted(loaded))
        for key, each in loaded.items():
            each.series.inhibitor = partial(_reason, each.series, silent, others.get(key))
        return found

    async def _found(
        self,
        transaction: Transaction,
        places: Sequence[Place],
        standings: Sequence[Standing],
        throughs: Mapping[int, datetime],
    ) -> list[Silence]:
        if not places:
            return []
        known = await transaction.known({place[:2] for place in places})
        for standing in standings:
            if standing.received or self._excused(standing):
                known.setdefault((standing.district, standing.period), set()).add(standing.indicator)
        stored = {} if self._clock.driven else await transaction.throughs()

        def reached(at: datetime, partition: int) -> datetime:
            if self._clock.driven:
                return at
            return max(moment for moment in (stored.get(partition), throughs.get(partition), _NEVER) if moment)

        asked = (
            silence(place, self._duties.of(*place[:2]), known.get(place[:2], set()), partial(reached, place[2]))
            for place in places
        )
        return [each for each in asked if each is not None]

    def _excused(self, standing: Standing) -> bool:
        """Excused on the cell's due date."""
        duties = self._duties.of(standing.district, standing.period)
        due_at = next((duty.due_at for duty in duties if duty.indicator == standing.indicator), _NEVER)
        until = standing.excused_until
        return standing.reason == "excused" and (until is None or until > due_at)


_NEVER = datetime.min.replace(tzinfo=SHANGHAI)


def _asked(
    loaded: Mapping[Key, Loaded], standings: Sequence[Standing], throughs: Mapping[int, datetime]
) -> tuple[set[Place], set[Place]]:
    """The counts that decide about lights fixed in this batch, and those that decided about lights that come late."""
    new: set[Place] = set()
    late: set[Place] = set()
    told = {(standing.indicator, standing.district) for standing in standings}
    for key, each in loaded.items():
        series, through = each.series, throughs.get(each.row["partition"])
        fresh = key in told
        for cell, light in zip(series.cells, series.lights.cells, strict=True):
            fixed = light.record is not None
            if fixed and not fresh:
                continue  # nothing about it is decided in this batch
            place = place_of(cell)
            if place is None or (not fixed and (through is None or place[2] > through)):
                continue
            (late if fixed else new).add(place)
    return new, late


def _reason(series: Series, silent: set[Place], other: Reason | None, i: int) -> str | None:
    cell = series.cells[i]
    if place_of(cell) in silent:
        return NOT_REPORTING
    return None if other is None else other(cell)
