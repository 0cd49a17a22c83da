"""The one transaction of recording: a batch's reports and acts are written once, its indicators folded, what changed
written.

What is returned is read back from the database by the numbers of the batches that moved it, so that a repeated batch
announces exactly what its first run wrote.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from contracts.acts import ActOutcome
from contracts.editions import Catalogue
from contracts.events import Outcome, Standing
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool, sorted_errors
from contracts.operations.versions import Versions
from contracts.topics import partition_of
from services.metrics.act_entries import ActEntry
from services.metrics.entries import Entry
from services.metrics.ledger import ActDecided, Decided, Identity, Ledger, Settlement
from services.metrics.memory import Memory
from services.metrics.store import acts, ledgers, reports
from services.metrics.store.arrays import Connection, Key
from services.metrics.store.reports import Known

E = TypeVar("E", Entry, ActEntry)


class Outdated(Unavailable):
    """The versions of the catalogue had to be read anew: the same batch, made into entries again, will do."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a batch has to announce: the present outcomes and standings of all that its reports and acts moved."""

    outcomes: tuple[Outcome, ...]
    standings: tuple[Standing, ...]
    changed: int  # standings written just now; none when the batch is a repetition
    acts: tuple[ActOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part(Generic[E]):
    """The reports of a batch, or its acts, once they are in the database."""

    entries: Sequence[E]
    known: Mapping[Identity, Known]

    @property
    def new(self) -> list[E]:
        """Those recorded just now, in their order: of a repeated identity the first."""
        firsts = {entry.identity: entry for entry in reversed(self.entries)}
        return [entry for entry in firsts.values() if self.known[entry.identity].new][::-1]

    def items(self) -> list[tuple[E, int, Literal["id_conflict", "duplicate"] | None]]:
        """Each entry with its number and, where it is not the recorded one itself, its own outcome."""
        return [
            (each, self.known[each.identity].report, own_outcome(each, self.known[each.identity]))
            for each in self.entries
        ]


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch once it is in the database; `numbers` are its own in each ledger."""

    reports: _Part[Entry]
    acts: _Part[ActEntry]
    numbers: Mapping[Key, int]

    @property
    def partitions(self) -> set[int]:
        return {each.partition for each in self.reports.entries} | {each.partition for each in self.acts.entries}


class Settling:
    """Settles batches of entries, one at a time."""

    def __init__(self, catalogue: Catalogue, pool: Pool, clock: Clock, memory: Memory | None = None) -> None:
        """`memory`: where it keeps ledgers between batches."""
        self._catalogue, self._pool, self._clock = catalogue, pool, clock
        self._memory, self._versions = Memory() if memory is None else memory, Versions("metrics", catalogue)

    async def settle(self, entries: Sequence[Entry], deeds: Sequence[ActEntry] = ()) -> Settled:
        """All of it or nothing; `Unavailable` when the database does not answer."""
        now = self._clock.now()
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction():
                batch = await _recorded(connection, entries, deeds)
                if await self._versions.learn(connection, batch.partitions):
                    raise Outdated(
                        "the entries were made by other versions of the catalogue than their partitions know"
                    )
                touched = await self._touched(connection, batch)
                changed = await self._write(connection, batch, touched, now)
                settled = await _moved(connection, batch, changed, now)
        self._memory.keep(touched, batch.numbers)  # after the commit: memory holds what the database holds
        return settled

    async def _touched(self, connection: Connection, batch: _Batch) -> dict[Key, Ledger]:
        """The ledgers that have new facts or acts, with these in them."""
        facts = [entry for entry in batch.reports.new if entry.refused is None]
        deeds = [entry for entry in batch.acts.new if entry.refused is None]
        numbers = {key: batch.numbers[key] for key in (*(e.key for e in facts), *(d.key for d in deeds))}
        remembered = self._memory.take(numbers)
        for entry in facts:
            if entry.key in remembered:
                known = batch.reports.known[entry.identity]
                remembered[entry.key].add(entry.fact(known.received_at), Decided(known.report, 0, None))
        for deed in deeds:
            if deed.key in remembered:
                known = batch.acts.known[deed.identity]
                remembered[deed.key].add_act(deed.cell_act(known.received_at), ActDecided(known.report, 0, None))
        missing = {key: number for key, number in numbers.items() if key not in remembered}
        return remembered | await ledgers.load(connection, missing)

    async def _write(self, connection: Connection, batch: _Batch, touched: Mapping[Key, Ledger], now: datetime) -> int:
        folded, numbers = await self._folded(touched), batch.numbers
        standings = {key: each.moved for key, each in folded.items()}
        decided = {key: each.decided for key, each in folded.items()}
        done = {key: each.acts for key, each in folded.items()}
        for entry in batch.reports.new:
            if entry.refused is not None:
                refused = Decided(batch.reports.known[entry.identity].report, 1, ("refused", entry.refused, ()))
                decided.setdefault(entry.key, []).append(refused)
        for deed in batch.acts.new:
            if deed.refused is not None:
                no = ActDecided(batch.acts.known[deed.identity].report, 1, ("refused", deed.refused))
                done.setdefault(deed.key, []).append(no)
        await ledgers.write_standings(connection, standings, numbers)
        await ledgers.write_outcomes(connection, decided, numbers, now)
        await acts.write(connection, done, numbers, now)
        await acts.write_rulings(connection, {key: each.rulings for key, each in folded.items()})
        await reports.keep_items(connection, batch.reports.items(), now)
        await acts.keep_items(connection, batch.acts.items(), now)
        return sum(map(len, standings.values()))

    async def _folded(self, touched: Mapping[Key, Ledger]) -> dict[Key, Settlement]:
        """Fold each ledger; between two of them the event loop may breathe (heartbeats, scrapes)."""
        folded = {}
        for key, ledger in touched.items():
            editions = self._catalogue.at(partition_of(*key))
            indicator = editions.indicator(key[1])
            assert indicator is not None  # it has facts or acts
            folded[key] = ledger.settle(ledger.fold(editions, indicator))
            await asyncio.sleep(0)
        return folded


async def _recorded(connection: Connection, entries: Sequence[Entry], deeds: Sequence[ActEntry]) -> _Batch:
    """Locked and inserted."""
    partitions = {entry.partition for entry in entries} | {deed.partition for deed in deeds}
    keys = {entry.key for entry in entries} | {deed.key for deed in deeds}
    numbers = await ledgers.lock(connection, partitions, keys)
    known = await reports.insert(connection, entries, numbers)
    return _Batch(_Part(entries, known), _Part(deeds, await acts.insert(connection, deeds, numbers)), numbers)


async def _moved(connection: Connection, batch: _Batch, changed: int, now: datetime) -> Settled:
    """What the batches of these reports and acts moved, whenever that was; their duplicates and conflicts, which have
    version 0 and never replace the outcome of what was recorded."""
    known, done = batch.reports.known.values(), batch.acts.known.values()
    batches = {(*each.key, each.moved) for each in (*known, *done)}
    outcomes = await ledgers.moved_outcomes(connection, batches, {each.report for each in known})
    verdicts = await acts.moved(connection, batches, {each.report for each in done})
    again = [entry.outcome(own, now) for entry, _, own in batch.reports.items() if own is not None]
    done_again = [deed.outcome(own, now) for deed, _, own in batch.acts.items() if own is not None]
    standings = await ledgers.moved_standings(connection, batches)
    return Settled((*outcomes, *again), tuple(standings), changed, (*verdicts, *done_again))


def own_outcome(entry: Entry | ActEntry, known: Known) -> Literal["id_conflict", "duplicate"] | None:
    """The outcome of an entry that is not the recorded report or act of its identity itself (rule 2.7)."""
    if entry.payload_hash != known.payload_hash:
        return "id_conflict"
    return "duplicate" if entry.event.receipt != known.receipt else None
