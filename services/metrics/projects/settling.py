"""The one transaction of recording statements: written once, their subjects folded, what changed written (rule 12).

What is returned is the present state of every touched subject, read back from the database: a repeated batch announces
what its first run wrote, or something newer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.editions import Catalogue
from contracts.events import OutcomeKind
from contracts.operations.clock import Clock
from contracts.operations.database import Pool, sorted_errors
from contracts.project_events import ProjectOutcome, ProjectStanding, RedLineState
from contracts.terms import terms_of
from services.metrics.projects import statements, store
from services.metrics.projects.entries import Entry, Subject
from services.metrics.projects.fed import summed
from services.metrics.projects.fold import fold
from services.metrics.projects.statements import Known
from services.metrics.store.arrays import Connection


@dataclass(frozen=True, slots=True)
class Settled:
    """What a batch has to announce."""

    outcomes: tuple[ProjectOutcome, ...]
    standings: tuple[ProjectStanding, ...]
    red_lines: tuple[RedLineState, ...]
    changed: int  # standings and red lines written just now; none when the batch is a repetition


class Settling:
    """Settles batches of entries, one at a time."""

    def __init__(self, catalogue: Catalogue, pool: Pool, clock: Clock) -> None:
        self._catalogue, self._pool, self._clock = catalogue, pool, clock

    async def settle(self, entries: Sequence[Entry]) -> Settled:
        """All of it or nothing; `Unavailable` when the database does not answer."""
        now = self._clock.now()
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction():
                subjects = {entry.key for entry in entries}
                numbers = await statements.lock(connection, {entry.partition for entry in entries}, subjects)
                known = await statements.insert(connection, entries, numbers)
                new = {entry.key for entry in entries if known[entry.identity].new}
                changed = await self._fold(connection, {key: numbers[key] for key in sorted(new)}, now)
                await statements.keep_items(connection, [_item(entry, known) for entry in entries], now)
                own = [
                    each.outcome(kind, now)
                    for each in entries
                    if (kind := own_outcome(each, known[each.identity])) is not None
                ]
                outcomes = await statements.outcomes(
                    connection, subjects, {each.moved for each in known.values()}, known
                )
                standings, red_lines = await store.present(connection, subjects)
                if changed:
                    await summed(connection, self._catalogue.lookup.indicators, standings)
        return Settled((*outcomes, *own), tuple(standings), tuple(red_lines), changed)

    async def _fold(self, connection: Connection, numbers: Mapping[Subject, int], now: datetime) -> int:
        """Fold each subject that has new facts and write what that changed."""
        terms, folded = terms_of(self._catalogue.editions), {}
        for subject, held in (await store.load(connection, list(numbers))).items():
            folded[subject] = held, fold(terms, held.facts)
            await asyncio.sleep(0)  # the loop may breathe
        return await store.write(connection, folded, numbers, now)


def own_outcome(entry: Entry, known: Known) -> OutcomeKind | None:
    """The outcome of an entry that is not the recorded statement of its identity itself (rule 2.7)."""
    if entry.payload_hash != known.payload_hash:
        return "id_conflict"
    return "duplicate" if entry.event.receipt != known.receipt else None


def _item(entry: Entry, known: Mapping[tuple[str, str], Known]) -> tuple[Entry, int, OutcomeKind | None]:
    found = known[entry.identity]
    return entry, found.statement, own_outcome(entry, found)
