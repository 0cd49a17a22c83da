"""Editions on demand, kept until something moved: what was judged, a due date that passed, the catalogue."""

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, Self

from contracts.editions import Catalogue, Seat
from contracts.editions import Editions as Versions
from contracts.periods import Period
from contracts.programme import Lookup
from contracts.topics import partition_of
from services.alerts.scores.edition import Edition, compute, standing_places
from services.alerts.scores.items import Facts, Sheet
from services.alerts.scores.periods import Kind, before, edition_of
from services.alerts.scores.reading import Mark

KEPT = 24  # editions


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """The newest catalogue, and each cell as its own partition holds it; `at`: an indicator's versions."""

    lookup: Lookup
    at: Callable[[str], Versions]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        return cls(catalogue.lookup, lambda name: catalogue.at(partition_of(catalogue.programme, name)))

    def seat(self, indicator: str, district: str, period: str) -> Seat | None:
        return self.at(indicator).seat(indicator, district, period)


class Asked(Protocol):
    """The questions an edition needs answered."""

    async def mark(self) -> tuple[Mark, datetime | None]: ...
    async def facts(self, period: Period, through: datetime) -> Facts: ...


class Editions:
    """Computes in a thread: a hundred milliseconds would hold up what is judged meanwhile."""

    def __init__(self, reading: Asked, catalogue: Catalogue, now: Callable[[], datetime]) -> None:
        self._reading, self._catalogue, self._now = reading, catalogue, now
        self._sheets: dict[str, Sheet] = {}
        self._dues: Sequence[datetime] = ()
        self._kept: OrderedDict[tuple[object, ...], Edition] = OrderedDict()
        self._last: tuple[tuple[object, ...], Edition] | None = None  # the last one made without an earlier edition

    async def of(self, kind: Kind, as_of: date | None = None, scheme: str | None = None) -> Edition:
        """The newest edition of a kind that is over on `as_of`, by default the newest whose reports are all due; with
        the changes against the one before it; by the scheme of that id, or by the one that gives places."""
        sheet = self._current(scheme)
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
        asked = (sheet, period, bisect_right(self._dues, through))
        key = (*asked, mark, earlier is not None)
        found = self._kept.get(key)
        if found is None:
            facts = await self._reading.facts(period, through)
            places = standing_places(earlier.districts) if earlier else None
            found = self._unmoved(asked, facts) if earlier is None else None
            if found is None:
                found = await asyncio.to_thread(compute, sheet, facts, places)
            if earlier is None:
                self._last = asked, found
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def _unmoved(self, asked: tuple[object, ...], facts: Facts) -> Edition | None:
        """The last edition, judged further: what moved since was none of its facts, and no excuse ended."""
        if self._last is None or self._last[0] != asked:
            return None
        edition = self._last[1]
        was = edition.facts
        ends = (told.excused_until for told in facts.told.values() if told.excused_until is not None)
        if any(was.through < end <= facts.through for end in ends):
            return None
        same = was.told == facts.told and was.lights == facts.lights
        return replace(edition, facts=facts) if same else None

    def _current(self, scheme: str | None = None) -> Sheet:
        """The sheet of the newest catalogue and a scheme."""
        lookup = self._catalogue.lookup
        if not self._sheets or next(iter(self._sheets.values())).lookup is not lookup:
            seats = Seats.of(self._catalogue)
            self._sheets = {name: Sheet(seats, found) for name, found in lookup.schemes.items()}
            self._dues = sorted({cell.record_at for cell in self._catalogue.editions if cell.record_at is not None})
        return self._sheets[lookup.programme.scheme.id if scheme is None else scheme]
