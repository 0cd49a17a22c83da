"""The use case of metrics: a batch of reported events and acts becomes facts, outcomes and standings.

Order of commits: (1) one transaction writes facts, receipts, outcomes and standings (settling.py); (2) what the batch
moved is announced and acknowledged by the broker; (3) the caller acknowledges the batch. A crash before (3)
repeats the batch: it finds its reports recorded and announces the same versions again.
"""

import asyncio
import time
from collections.abc import Sequence

import structlog

from contracts.acts import ProgressActed
from contracts.catalogue_events import CatalogueApplied, RulesRepaired
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import ProgressReported
from services.metrics.act_entries import ActEntry, act_entries
from services.metrics.announcing import Announcing
from services.metrics.entries import entries
from services.metrics.instruments import RecordingInstruments
from services.metrics.recomputing import Recomputing
from services.metrics.settling import Outdated, Settled, Settling
from services.metrics.succeeding import Succeeding

log = structlog.get_logger(__name__)


class Recording:
    """Records batches, one at a time; `turn` is held meanwhile, so that no watermark passes a batch under way."""

    def __init__(
        self,
        catalogue: Catalogue,
        settling: Settling,
        succeeding: Succeeding,
        recomputing: Recomputing,
        announcing: Announcing,
        turn: asyncio.Lock,
        instruments: RecordingInstruments,
    ) -> None:
        self._catalogue = catalogue
        self._settling, self._succeeding, self._recomputing = settling, succeeding, recomputing
        self._announcing, self._turn = announcing, turn
        self._instruments = instruments

    async def record(self, batch: Sequence[Received[ProgressReported | ProgressActed]]) -> None:
        """Write, then announce; `Unavailable` when either must be tried again."""
        started = time.perf_counter()
        async with self._turn:
            deeds, settled = await self._settled(batch)
            written = time.perf_counter()
            await self._announcing.announce(settled.outcomes, settled.standings, settled.acts)
        self._instruments.observe(settled.outcomes, settled.acts, settled.changed, written - started)
        log.info(
            "recorded",
            reports=len(batch) - len(deeds),
            acts=len(deeds),
            outcomes=len(settled.outcomes),
            standings=len(settled.standings),
            changed=settled.changed,
            write_ms=round((written - started) * 1000, 1),
            announce_ms=round((time.perf_counter() - written) * 1000, 1),
        )

    async def succeed(self, mark: CatalogueApplied) -> None:
        """Take a version of the catalogue over, then announce it and what it moved."""
        async with self._turn:
            succeeded = await self._succeeding.take_over(mark)
            if succeeded is not None:
                await self._announcing.version(succeeded.mark, succeeded.outcomes, succeeded.standings)

    async def recompute(self, said: RulesRepaired) -> None:
        """Adopt a repaired rule, then announce what is computed by it."""
        async with self._turn:
            await self._announcing.announce((), await self._recomputing.adopt(said))

    async def _settled(
        self, batch: Sequence[Received[ProgressReported | ProgressActed]]
    ) -> tuple[Sequence[ActEntry], Settled]:
        """The acts of the batch, and what all of it moved."""
        try:
            deeds = act_entries(self._catalogue, batch)
            return deeds, await self._settling.settle(entries(self._catalogue, batch), deeds)
        except Outdated:
            deeds = act_entries(self._catalogue, batch)
            return deeds, await self._settling.settle(entries(self._catalogue, batch), deeds)
