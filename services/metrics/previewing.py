"""What another version of the catalogue, or a repaired rule, would make of what is known; nothing is written.

Everything is folded from the recorded facts beside what stands in the database, one indicator after the other.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec

from contracts.editions import Catalogue, Edition, Editions
from contracts.events import Standing
from contracts.operations.clock import Clock
from contracts.operations.database import Connection, Pool, sorted_errors
from contracts.programme import Lookup
from contracts.topics import partition_of
from services.metrics.store import ledgers

SILENT = ("version", "known_at", "catalogue_version", "rule_version")  # what alone makes no difference


class Compared(msgspec.Struct, frozen=True):
    """A cell that would stand otherwise."""

    before: Standing | None
    after: Standing


class Preview(msgspec.Struct, frozen=True):
    """`held` standings would be written anew; `moved` of them would say something else."""

    held: int
    moved: tuple[Compared, ...]


class Previewing:
    """Asks the facts."""

    def __init__(self, catalogue: Catalogue, pool: Pool, clock: Clock) -> None:
        self._catalogue, self._pool, self._clock = catalogue, pool, clock

    async def version(self, after: Lookup) -> Preview:
        """If this version of the catalogue were applied now."""
        edition = Edition.of(after, self._clock.now())
        return await self._preview(lambda partition: Editions([*self._catalogue.at(partition).all, edition]), None)

    async def rules(self) -> Preview:
        """If the rules of this process were adopted now."""
        return await self._preview(self._catalogue.at, self._clock.now())

    async def _preview(self, at: Callable[[int], Editions], repaired: datetime | None) -> Preview:
        held, moved = 0, list[Compared]()
        programme = self._catalogue.programme
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
                await connection.execute("SET LOCAL statement_timeout = '60s'")
                names = [row["indicator"] for row in await connection.fetch(_REPORTED, programme)]
                for name in names:
                    found = await _indicator(connection, at(partition_of(programme, name)), name, repaired)
                    held += len(found)
                    moved += [each for each in found if _differs(each)]
                    await asyncio.sleep(0)
        return Preview(held, tuple(moved))


async def _indicator(
    connection: Connection, editions: Editions, name: str, repaired: datetime | None
) -> list[Compared]:
    """What an indicator's fold would write."""
    indicator, key = editions.indicator(name), (editions.lookup.programme.id, name)
    if indicator is None:
        return []
    ledger = (await ledgers.load(connection, {key: 0}))[key]
    moved, *_ = ledger.settle(ledger.fold(editions, indicator), repaired)
    stand = {(each.district, each.period): each for each in await ledgers.standings(connection, key)}
    return [Compared(stand.get((each.standing.district, each.standing.period)), each.standing) for each in moved]


def _differs(compared: Compared) -> bool:
    before, after = compared.before, compared.after
    return before is None or msgspec.structs.replace(before, **{name: getattr(after, name) for name in SILENT}) != after


_REPORTED = "SELECT DISTINCT indicator FROM metrics.report WHERE programme = $1 AND refused IS NULL ORDER BY 1"
