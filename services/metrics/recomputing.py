"""A repaired rule is adopted in one partition: everything is folded by it, what has locked as well (rule 2.9).

One restatement with its reason: what differs gets its next version, known from then on; known_at brings back what was
known before. Until then a repaired rule moves only cells with new facts. A process that computes by other rules waits.
"""

import asyncio
import time
from datetime import datetime

import structlog

from contracts.catalogue_events import RulesRepaired
from contracts.editions import Catalogue
from contracts.events import Standing
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.operations.database import Connection, Pool, sorted_errors
from contracts.operations.versions import Versions
from contracts.periods import SHANGHAI
from contracts.topics import partition_of
from services.metrics import standing
from services.metrics.store import ledgers
from services.metrics.store.arrays import Key

log = structlog.get_logger(__name__)


class Recomputing:
    """Adopts repaired rules, a partition at a time."""

    def __init__(self, catalogue: Catalogue, pool: Pool, clock: Clock) -> None:
        self._catalogue, self._pool, self._clock = catalogue, pool, clock
        self._versions = Versions("metrics", catalogue)

    async def adopt(self, said: RulesRepaired) -> list[Standing]:
        """All of it or nothing; every standing computed by these rules, to be announced. Again, the same."""
        if said.programme != self._catalogue.programme:
            return []
        if said.rules != standing.RULES:
            raise Unavailable(f"this process computes by rules {standing.RULES}, {said.rules} are to be adopted")
        started = time.perf_counter()
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction():
                changed, standings = await self._adopt(connection, said, self._clock.now())
        seconds = round(time.perf_counter() - started, 3)
        log.info("recomputed", rules=said.rules, partition=said.partition, changed=changed, seconds=seconds)
        return standings

    async def _adopt(self, connection: Connection, said: RulesRepaired, now: datetime) -> tuple[int, list[Standing]]:
        await connection.execute("SET LOCAL statement_timeout = '60s'")
        await self._versions.learn(connection, [said.partition])
        every = self._catalogue.at(said.partition).series
        keys = sorted({(said.programme, i.id) for i, _ in every if _partition(said, i.id) == said.partition})
        numbers = await ledgers.lock(connection, [said.partition], keys)
        reason = said.reason
        row = (said.programme, said.rules, said.partition, said.applied_at, reason.zh, reason.en, said.actor)
        since = await connection.fetchval(_NOTE, *row)
        changed = 0 if since is None else await self._refold(connection, numbers, since.astimezone(SHANGHAI), now)
        return changed, await ledgers.computed_by(connection, keys, said.rules)

    async def _refold(self, connection: Connection, numbers: dict[Key, int], since: datetime, now: datetime) -> int:
        changed = 0
        for key in sorted(numbers):
            editions = self._catalogue.at(partition_of(*key))
            indicator = editions.indicator(key[1])
            ledger = (await ledgers.load(connection, {key: numbers[key]}))[key]
            if indicator is None or not (ledger.unfolded or ledger.unfolded_acts):
                continue
            moved, decided, *_ = ledger.settle(ledger.fold(editions, indicator), since)
            await ledgers.write_standings(connection, {key: moved}, numbers)
            await ledgers.write_outcomes(connection, {key: decided}, numbers, now)
            changed += len(moved)
            await asyncio.sleep(0)
        return changed


def _partition(said: RulesRepaired, indicator: str) -> int:
    return partition_of(said.programme, indicator)


_NOTE = """
INSERT INTO metrics.recomputation (programme, rules, partition, since, reason_zh, reason_en, actor)
SELECT $1, $2, $3, greatest($4, (SELECT through FROM metrics.watermark WHERE partition = $3)), $5, $6, $7
ON CONFLICT DO NOTHING RETURNING since"""
