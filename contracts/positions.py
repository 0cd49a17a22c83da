"""How far a consumption has come: the partitions it holds, the next offset not yet handled of each, and the lag."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from contracts.codec import Record
from contracts.operations.connections import Unavailable

_ASKING = 3.0  # seconds for what the group has committed

Committed = Callable[[Collection[int]], Awaitable[Mapping[int, int]]]


class Ends(Protocol):
    """Who knows where partitions begin and end (`connections.Offsets`)."""

    async def end(self, topic: str, partitions: Collection[int]) -> dict[int, int]: ...

    async def beginning(self, topic: str, partitions: Collection[int]) -> dict[int, int]: ...


class Positions:
    """Kept by the consumption: partitions are taken and let go by the group, positions move when a batch is handled."""

    def __init__(self, topic: str, ends: Ends, committed: Committed) -> None:
        self.epoch = 0  # moves with every change of the assignment
        self.assigned: frozenset[int] | None = None
        self.at: dict[int, int] = {}
        self.lag: dict[int, int] = {}
        self.handled_at: float | None = None
        self._topic = topic
        self._ends = ends
        self._committed = committed

    async def take(self, partitions: frozenset[int]) -> None:
        """The group has given these; where they stand is asked at once, and again later if nobody answers."""
        self._change(partitions)
        with contextlib.suppress(Unavailable):
            await self._resolve()

    def let_go(self) -> None:
        """The group takes all of them back."""
        self._change(None)

    def advance(self, records: Sequence[Record]) -> None:
        """A batch is handled."""
        self.handled_at = time.monotonic()
        for record in records:
            if self.assigned and record.partition in self.assigned:
                self.at[record.partition] = max(record.offset + 1, self.at.get(record.partition, 0))

    async def caught_up(self) -> dict[int, int]:
        """The positions of those partitions that held nothing unhandled when the broker was asked just now."""
        epoch, ends = await self._asked()
        if epoch != self.epoch:
            return {}
        return {number: at for number, at in self.at.items() if number in ends and at >= ends[number]}

    async def measure(self) -> dict[int, int]:
        """The records not handled yet by partition, asked now and kept as `lag`."""
        epoch, ends = await self._asked()
        if epoch == self.epoch:
            self.lag = {number: max(0, end - self.at[number]) for number, end in ends.items() if number in self.at}
        return self.lag

    def _change(self, partitions: frozenset[int] | None) -> None:
        self.epoch += 1
        self.assigned = partitions
        self.at.clear()
        self.lag = {}

    async def _asked(self) -> tuple[int, dict[int, int]]:
        epoch, assigned = self.epoch, self.assigned
        if not assigned:
            return epoch, {}
        await self._resolve()
        return epoch, await self._ends.end(self._topic, assigned)

    async def _resolve(self) -> None:
        """Where nothing is handled yet: what the group has committed, or the beginning when that is gone or never was.

        After a change of the assignment nobody of the former generation can commit any more, so the answer is final.
        """
        epoch, missing = self.epoch, (self.assigned or frozenset()) - self.at.keys()
        if not missing:
            return
        beginning = await self._ends.beginning(self._topic, missing)
        try:
            async with asyncio.timeout(_ASKING):
                committed = await self._committed(missing)
        except TimeoutError as error:
            raise Unavailable("kafka: nobody said what the group has committed") from error
        if epoch == self.epoch:
            for number in missing:
                self.at.setdefault(number, max(committed.get(number, 0), beginning[number]))
