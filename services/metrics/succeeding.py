"""A version of the catalogue takes over in one partition: the use case of its mark (rules 2.9, 2.10 and 4.4).

One transaction keeps the version, writes the tables of the partition's indicators and folds them anew: what has locked
stays, what is open is held to the new version and announced, after the mark itself. Again, it announces the same.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from contracts.catalogue_events import CatalogueApplied
from contracts.cells import Cell
from contracts.editions import Catalogue
from contracts.events import Outcome, Standing
from contracts.operations.clock import Clock
from contracts.operations.database import Connection, Pool, sorted_errors
from contracts.operations.versions import Versions
from contracts.programme import Lookup
from contracts.topics import partition_of
from services.metrics.ledger import Ledger
from services.metrics.loading import tables
from services.metrics.memory import Memory
from services.metrics.store import acts, ledgers, programme
from services.metrics.store.arrays import Key

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Succeeded:
    """What a mark has to announce."""

    mark: CatalogueApplied  # with the moment that counts in its partition
    outcomes: tuple[Outcome, ...]
    standings: tuple[Standing, ...]  # all that are held to the version
    changed: int  # of them written just now


class Succeeding:
    """Takes versions over, a partition at a time."""

    def __init__(
        self, catalogue: Catalogue, versions: Versions, pool: Pool, clock: Clock, memory: Memory | None = None
    ) -> None:
        """`memory`: the ledgers that settling keeps; they are folded anew without being read again."""
        self._catalogue, self._versions, self._pool, self._clock = catalogue, versions, pool, clock
        self._memory = Memory() if memory is None else memory

    async def take_over(self, mark: CatalogueApplied) -> Succeeded | None:
        """All of it or nothing; None for a mark that says nothing here."""
        if mark.programme != self._catalogue.programme:
            return None
        started = time.perf_counter()
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction():
                succeeded, remembered, numbers = await self._take_over(connection, mark, self._clock.now())
        self._memory.keep(remembered, numbers)  # after the commit
        if succeeded is not None:
            log.info(
                "catalogue taken over",
                version=mark.version,
                partition=mark.partition,
                standings=len(succeeded.standings),
                changed=succeeded.changed,
                seconds=round(time.perf_counter() - started, 3),
            )
        return succeeded

    async def _take_over(
        self, connection: Connection, mark: CatalogueApplied, now: datetime
    ) -> tuple[Succeeded | None, Mapping[Key, Ledger], Mapping[Key, int]]:
        """With the ledgers that were in memory, and the numbers that all have now."""
        await connection.execute("SET LOCAL statement_timeout = '60s'")
        every = (each.id for each in mark.lookup.programme.indicators)
        keys = [(mark.programme, each) for each in every if partition_of(mark.programme, each) == mark.partition]
        numbers = await ledgers.lock(connection, [mark.partition], keys)
        kept = await self._versions.keep(connection, mark)
        if kept is None:
            return None, {}, {}
        since, new = kept
        changed, outcomes, remembered = 0, list[Outcome](), self._memory.take(numbers)
        if new:
            await self._versions.learn(connection, [mark.partition])
            await self._write_tables(connection, mark, since)
            changed = await self._refold(connection, numbers, remembered, now)
            outcomes = await ledgers.moved_outcomes(connection, {(*key, n) for key, n in numbers.items()}, ())
        held = await ledgers.held_to(connection, keys, mark.version)
        told = msgspec.structs.replace(mark, applied_at=since)
        return Succeeded(told, tuple(outcomes), tuple(held), changed), remembered, numbers

    async def _write_tables(self, connection: Connection, mark: CatalogueApplied, since: datetime) -> None:
        """The programme's tables as far as this partition goes; what all share is the newest version's.

        What they change is remembered; a cell that a publication had locked keeps its dates (rule 2.9).
        """
        at = self._catalogue.at(mark.partition)
        newest = self._catalogue.newest.version == mark.version
        locked = await programme.published(connection, mark.programme, since)
        here = ((i.id, district) for i, district in at.series if partition_of(mark.programme, i.id) == mark.partition)
        cells = (cell for series in here for cell in at.of(*series))
        moving = (cell for cell in cells if (cell.indicator, cell.district, cell.period.text) not in locked)

        def held_to(cell: Cell) -> Lookup:
            seat = at.seat(cell.indicator, cell.district, cell.period.text)
            return at.lookup if seat is None else seat.edition.lookup

        written = tables(at.lookup, moving, mark.partition, shared=newest, held_to=held_to)
        await programme.remember(connection, written, since)
        await programme.write(connection, written)

    async def _refold(
        self, connection: Connection, numbers: Mapping[Key, int], remembered: Mapping[Key, Ledger], now: datetime
    ) -> int:
        """One indicator after the other, so that no more than one is read into memory; how many standings changed."""
        changed = 0
        for key in sorted(numbers):
            editions = self._catalogue.at(partition_of(*key))
            indicator = editions.indicator(key[1])
            ledger = remembered.get(key) or (await ledgers.load(connection, {key: numbers[key]}))[key]
            ledger.renew()
            if indicator is None or not (ledger.unfolded or ledger.unfolded_acts):
                continue
            settled = ledger.settle(ledger.fold(editions, indicator))
            await ledgers.write_standings(connection, {key: settled.moved}, numbers)
            await ledgers.write_outcomes(connection, {key: settled.decided}, numbers, now)
            await acts.write(connection, {key: settled.acts}, numbers, now)
            await acts.write_rulings(connection, {key: settled.rulings})
            changed += len(settled.moved)
            await asyncio.sleep(0)
        return changed
