"""The pipeline's time (ARCHITECTURE.md, Time in the pipeline): tells how far each partition has come, in band.

A watermark of a partition says that everything received before `through` is recorded and announced in it. It is
written to Postgres before it is announced, only grows, and is announced again whenever the partition's position moves.
Under the real clock it follows about each second, D behind; a driven clock is asked every few milliseconds.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

import structlog

from contracts.delivery import Received
from contracts.events import Watermark
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.periods import SHANGHAI
from services.metrics.announcing import Announcing
from services.metrics.instruments import WatermarkInstruments
from services.metrics.store.watermarks import Marks

_EVERY = 1.0  # seconds between two watermarks of a partition under the real clock
_NEVER = datetime.min.replace(tzinfo=SHANGHAI)
_DRIVEN_POLL, _REAL_POLL, _PAUSE = 0.003, 0.02, 0.5

log = structlog.get_logger(__name__)


class Progress(Protocol):
    """What a consumption knows of its progress."""

    @property
    def positions(self) -> Mapping[int, int]:
        """The next offset not handled, of each assigned partition."""
        ...

    async def caught_up(self) -> Mapping[int, int]:
        """The positions of the partitions whose end, asked now, has been handled."""
        ...


class Stamps:
    """The newest moment of receipt among what was recorded and announced, by partition."""

    def __init__(self) -> None:
        self.newest: dict[int, datetime] = {}

    def note(self, batch: Iterable[Received[Any]]) -> None:
        for each in batch:
            partition, stamp = each.record.partition, each.event.received_at
            self.newest[partition] = max(stamp, self.newest.get(partition, stamp))


class Watermarks:
    """Announces the watermarks of the partitions this replica owns."""

    def __init__(
        self,
        clock: Clock,
        progress: Progress,
        stamps: Stamps,
        marks: Marks,
        announcing: Announcing,
        turn: asyncio.Lock,
        instruments: WatermarkInstruments,
    ) -> None:
        self._clock, self._progress, self._stamps = clock, progress, stamps
        self._marks, self._announcing, self._turn, self._instruments = marks, announcing, turn, instruments
        self._floor: dict[int, datetime] = {}  # what the last owner of a partition wrote, announced or not
        self._announced: dict[int, Watermark] = {}
        self._looked_at: dict[int, int] = {}  # the positions for which all is announced
        self._asked_at = 0.0
        self._told: str | None = None

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.step()
                self._told = None
                await asyncio.sleep(_DRIVEN_POLL if self._clock.driven else _REAL_POLL)
            except Unavailable as error:
                self._tell(str(error))
                await asyncio.sleep(_PAUSE)

    async def check(self) -> None:
        """The health check: whether the last step did what it had to."""
        if self._told is not None:
            raise Unavailable(self._told)

    async def step(self) -> None:
        """Announce what there is to announce now."""
        positions = dict(self._progress.positions)
        self._forget(self._announced.keys() - positions.keys())
        self._floor = {each: through for each, through in self._floor.items() if each in positions}
        reached = await self._reached(positions)
        if not reached and positions == self._looked_at:
            return
        async with self._turn:
            positions = dict(self._progress.positions)
            await self._adopt(positions.keys() - self._floor.keys())
            due = [mark for mark in self._due(positions, reached) if mark != self._announced.get(mark.partition)]
            if due:
                await self._announce(due)
            self._looked_at = positions

    def _forget(self, partitions: Collection[int]) -> None:
        """Partitions that were taken away: their watermark is another replica's to tell."""
        for partition in partitions:
            del self._announced[partition]
            self._instruments.through.remove(str(partition))

    async def _reached(self, positions: Mapping[int, int]) -> dict[int, datetime]:
        """Until when each partition is known to be complete, as far as it is time to ask."""
        now, delay = self._clock.now(), self._clock.delay  # read before the end offsets are
        if not self._time_to_ask(now, positions):
            return {}
        complete = await self._progress.caught_up()
        self._asked_at = asyncio.get_running_loop().time()
        newest = self._stamps.newest
        reached = {partition: newest[partition] - delay for partition in positions if partition in newest}
        return reached | dict.fromkeys(complete, now - delay)

    def _time_to_ask(self, now: datetime, positions: Mapping[int, int]) -> bool:
        if self._turn.locked():
            return False  # a batch is under way: its partitions are not complete
        if self._clock.driven:
            return any(each not in self._announced or self._announced[each].through < now for each in positions)
        return bool(positions) and asyncio.get_running_loop().time() - self._asked_at >= _EVERY

    def _due(self, positions: Mapping[int, int], reached: Mapping[int, datetime]) -> Iterable[Watermark]:
        for partition, position in positions.items():
            through = max(self._floor[partition], reached.get(partition, _NEVER))
            if through != _NEVER:
                yield Watermark(partition=partition, through=through, position=position)

    async def _adopt(self, partitions: Collection[int]) -> None:
        """Go on where the last owner of these partitions stopped; it may have died before it could announce that."""
        if partitions:
            written = {mark.partition: mark.through for mark in await self._marks.read(partitions)}
            self._floor |= {partition: written.get(partition, _NEVER) for partition in partitions}

    async def _announce(self, marks: list[Watermark]) -> None:
        """Written, then announced; what another replica has written beyond ours holds."""
        written = await self._marks.advance(marks)
        await self._announcing.watermarks(written)
        for mark in written:
            self._announced[mark.partition], self._floor[mark.partition] = mark, mark.through
            self._instruments.through.labels(str(mark.partition)).set(mark.through.timestamp())

    def _tell(self, error: str) -> None:
        if error != self._told:
            log.warning("watermarks wait", error=error)
        self._told = error
