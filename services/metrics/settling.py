"""The one transaction of recording: a batch's reports are written once, its indicators folded, what changed written.

What is returned is read back from the database by the numbers of the batches that moved it, so that a repeated batch
announces exactly what its first run wrote.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.editions import Catalogue
from contracts.events import Outcome, OutcomeKind, Standing
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool, sorted_errors
from contracts.operations.versions import Versions
from contracts.topics import partition_of
from services.metrics.entries import Entry
from services.metrics.ledger import Decided, Identity, Ledger, Moved
from services.metrics.memory import Memory
from services.metrics.store import ledgers, reports
from services.metrics.store.arrays import Connection, Key
from services.metrics.store.reports import Known


class Outdated(Unavailable):
    """The versions of the catalogue had to be read anew: the same batch, made into entries again, will do."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a batch has to announce: the present outcomes and standings of all that its reports moved."""

    outcomes: tuple[Outcome, ...]
    standings: tuple[Standing, ...]
    changed: int  # standings written just now; none when the batch is a repetition


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch once its reports are in the database."""

    entries: Sequence[Entry]
    known: Mapping[Identity, Known]
    numbers: Mapping[Key, int]  # of this batch in each ledger
    new: Sequence[Entry]  # the entries that were recorded just now

    def report(self, entry: Entry) -> Known:
        return self.known[entry.identity]


class Settling:
    """Settles batches of entries, one at a time."""

    def __init__(self, catalogue: Catalogue, pool: Pool, clock: Clock) -> None:
        self._catalogue, self._pool, self._clock = catalogue, pool, clock
        self._memory, self._versions = Memory(), Versions("metrics", catalogue)

    async def settle(self, entries: Sequence[Entry]) -> Settled:
        """All of it or nothing; `Unavailable` when the database does not answer."""
        now = self._clock.now()
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction():
                batch = await _recorded(connection, entries)
                if await self._versions.learn(connection, {entry.partition for entry in entries}):
                    raise Outdated(
                        "the entries were made by other versions of the catalogue than their partitions know"
                    )
                touched = await self._touched(connection, batch)
                changed = await self._write(connection, batch, touched, now)
                outcomes, standings = await _moved(connection, batch, now)
        self._memory.keep(touched, batch.numbers)  # after the commit: memory holds what the database holds
        return Settled(outcomes, standings, changed)

    async def _touched(self, connection: Connection, batch: _Batch) -> dict[Key, Ledger]:
        """The ledgers that have new facts, with these facts in them."""
        facts = [entry for entry in batch.new if entry.refused is None]
        numbers = {entry.key: batch.numbers[entry.key] for entry in facts}
        remembered = self._memory.take(numbers)
        for entry in facts:
            if entry.key in remembered:
                known = batch.report(entry)
                remembered[entry.key].add(entry.fact(known.received_at), Decided(known.report, 0, None))
        missing = {key: number for key, number in numbers.items() if key not in remembered}
        return remembered | await ledgers.load(connection, missing)

    async def _write(self, connection: Connection, batch: _Batch, touched: Mapping[Key, Ledger], now: datetime) -> int:
        standings, decided = await self._folded(touched)
        for entry in batch.new:
            if entry.refused is not None:
                refused = Decided(batch.report(entry).report, 1, ("refused", entry.refused, ()))
                decided.setdefault(entry.key, []).append(refused)
        await ledgers.write_standings(connection, standings, batch.numbers)
        await ledgers.write_outcomes(connection, decided, batch.numbers, now)
        items = [
            (entry, batch.report(entry).report, own_outcome(entry, batch.report(entry))) for entry in batch.entries
        ]
        await reports.keep_items(connection, items, now)
        return sum(map(len, standings.values()))

    async def _folded(self, touched: Mapping[Key, Ledger]) -> tuple[dict[Key, list[Moved]], dict[Key, list[Decided]]]:
        """Fold each ledger; between two of them the event loop may breathe (heartbeats, scrapes)."""
        standings, decided = {}, {}
        for key, ledger in touched.items():
            editions = self._catalogue.at(partition_of(*key))
            indicator = editions.indicator(key[1])
            assert indicator is not None  # it has facts
            folded = ledger.fold(editions, indicator)
            standings[key], decided[key] = ledger.settle(folded)
            await asyncio.sleep(0)
        return standings, decided


async def _recorded(connection: Connection, entries: Sequence[Entry]) -> _Batch:
    """Locked and inserted."""
    partitions, keys = {entry.partition for entry in entries}, {entry.key for entry in entries}
    numbers = await ledgers.lock(connection, partitions, keys)
    known = await reports.insert(connection, entries, numbers)
    firsts = {entry.identity: entry for entry in reversed(entries)}  # of a repeated identity the first is recorded
    new = [entry for entry in firsts.values() if known[entry.identity].new]
    return _Batch(entries, known, numbers, new[::-1])


async def _moved(
    connection: Connection, batch: _Batch, now: datetime
) -> tuple[tuple[Outcome, ...], tuple[Standing, ...]]:
    """What the batches of these reports moved, whenever that was, and the batch's own duplicates and conflicts."""
    batches = {(*known.key, known.moved) for known in batch.known.values()}
    outcomes = await ledgers.moved_outcomes(connection, batches, {known.report for known in batch.known.values()})
    standings = await ledgers.moved_standings(connection, batches)
    return (*outcomes, *_item_outcomes(batch, now)), tuple(standings)


def own_outcome(entry: Entry, known: Known) -> OutcomeKind | None:
    """The outcome of an entry that is not the recorded report of its identity itself (rule 2.7)."""
    if entry.payload_hash != known.payload_hash:
        return "id_conflict"
    return "duplicate" if entry.event.receipt != known.receipt else None


def _item_outcomes(batch: _Batch, now: datetime) -> Iterator[Outcome]:
    """Outcomes of items that are not the recorded report: version 0, they never replace the report's own outcome."""
    for entry in batch.entries:
        outcome = own_outcome(entry, batch.report(entry))
        if outcome is not None:
            yield entry.outcome(outcome, now)
