"""Editions on demand, kept until something moved: what was judged, a due date that passed, the catalogue."""

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol

from contracts.cells import Cells
from contracts.periods import Period
from contracts.programme import Lookup
from services.alerts.scores.edition import Edition, compute, standing_places
from services.alerts.scores.items import Facts, Sheet
from services.alerts.scores.periods import Kind, before, edition_of
from services.alerts.scores.reading import Mark

KEPT = 24  # editions


class Versions(Protocol):
    """Where the newest catalogue is found."""

    @property
    def lookup(self) -> Lookup: ...
    @property
    def cells(self) -> Cells: ...


class Asked(Protocol):
    """The questions an edition needs answered."""

    async def mark(self) -> tuple[Mark, datetime | None]: ...
    async def facts(self, period: Period, through: datetime) -> Facts: ...


class Editions:
    """Computes in a thread: a hundred milliseconds would hold up what is judged meanwhile."""

    def __init__(self, reading: Asked, catalogue: Versions, now: Callable[[], datetime]) -> None:
        self._reading, self._catalogue, self._now = reading, catalogue, now
        self._sheet: Sheet | None = None
        self._dues: Sequence[datetime] = ()
        self._kept: OrderedDict[tuple[object, ...], Edition] = OrderedDict()

    async def of(self, kind: Kind, as_of: date | None = None) -> Edition:
        """The newest edition of a kind that is over on `as_of`, by default the newest whose reports are all due; with
        the changes against the one before it."""
        sheet = self._current()
        mark, judged = await self._reading.mark()
        through = judged or self._now()
        period = self._newest(sheet, kind, through) if as_of is None else edition_of(kind, as_of)
        earlier = await self._edition(sheet, before(period), mark, through, None)
        return await self._edition(sheet, period, mark, through, earlier)

    async def newest(self) -> Edition:
        """The edition of the newest month whose reports are all due."""
        sheet = self._current()
        mark, judged = await self._reading.mark()
        through = judged or self._now()
        return await self._edition(sheet, self._newest(sheet, "month", through), mark, through, None)

    def _newest(self, sheet: Sheet, kind: Kind, through: datetime) -> Period:
        period = edition_of(kind, through.date())
        while period.end >= sheet.lookup.programme.first_day and not sheet.all_due(period, through):
            period = before(period)
        return period

    async def _edition(
        self, sheet: Sheet, period: Period, mark: Mark, through: datetime, earlier: Edition | None
    ) -> Edition:
        key = (sheet, period, mark, bisect_right(self._dues, through), earlier is not None)
        found = self._kept.get(key)
        if found is None:
            facts = await self._reading.facts(period, through)
            places = standing_places(earlier.districts) if earlier else None
            found = await asyncio.to_thread(compute, sheet, facts, places)
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def _current(self) -> Sheet:
        """The sheet of the newest catalogue."""
        if self._sheet is None or self._sheet.lookup is not self._catalogue.lookup:
            self._sheet = Sheet(self._catalogue.lookup, self._catalogue.cells)
            self._dues = sorted({cell.record_at for cell in self._catalogue.cells if cell.record_at is not None})
        return self._sheet
