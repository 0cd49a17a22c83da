"""The use case: a batch of statements becomes facts, outcomes, standings and red lines, in recording.py's order of
commits: (1) one transaction writes, (2) what is announced is acknowledged by the broker, (3) the caller acknowledges.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from contracts.consumption import Consumption
from contracts.delivery import Received
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.publishing import Producer
from contracts.project_events import Stated
from contracts.topics import PROJECT
from services.metrics.announcing import Announcing
from services.metrics.projects.entries import entries
from services.metrics.projects.fed import Telling
from services.metrics.projects.settling import Settling
from services.metrics.watermarks import Stamps

GROUP = "metrics-projects"

log = structlog.get_logger(__name__)


class Recording:
    """Records batches, one at a time; `turn` is held meanwhile, so that no watermark passes a batch under way."""

    def __init__(self, settling: Settling, telling: Telling, announcing: Announcing, turn: asyncio.Lock) -> None:
        self._settling, self._telling, self._announcing, self._turn = settling, telling, announcing, turn

    async def record(self, batch: Sequence[Received[Stated]]) -> None:
        """Write, then announce; `Unavailable` when either must be tried again."""
        started = time.perf_counter()
        async with self._turn:
            settled = await self._settling.settle(entries(batch))
            await self._telling.tell()  # before the standings: whoever has judged those finds the sums on their way
            await self._announcing.projects(settled.outcomes, settled.standings, settled.red_lines)
        log.info(
            "recorded projects",
            statements=len(batch),
            outcomes=len(settled.outcomes),
            standings=len(settled.standings),
            changed=settled.changed,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
        )


def consume(
    bootstrap: str,
    recording: Recording,
    stamps: Stamps,
    producer: Producer,
    instruments: DeliveryInstruments,
    moved: Callable[[], None],
) -> Consumption:
    """The consumption that records what is said of projects, and says so by `moved`; it starts with the process."""

    async def handle(batch: Sequence[Received[Stated]]) -> None:
        await recording.record(batch)
        stamps.note(batch)
        moved()

    return Consumption(bootstrap, PROJECT, GROUP, handle, dead_letters=producer, instruments=instruments)
