"""The versions of the catalogue as a service's database keeps them, and the holder in memory kept at what it says.

metrics and alerts each have the two tables `catalogue` and `catalogue_mark` in their schema: the documents, and since
when each partition knows them. What a process remembers is only a copy: under a partition's locks it asks again.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any

import structlog

from contracts.catalogue_events import CatalogueApplied, unpacked
from contracts.editions import Catalogue, Edition
from contracts.operations.connections import Unavailable
from contracts.operations.database import Connection, Pool, sorted_errors
from contracts.periods import SHANGHAI
from contracts.topics import PARTITIONS

_POLL = 2.0  # seconds until a replica that is not told itself hears of a version

log = structlog.get_logger("versions")


class Versions:
    """Keeps a service's catalogue in memory and in its schema alike."""

    def __init__(self, schema: str, catalogue: Catalogue) -> None:
        self._catalogue, self._programme = catalogue, catalogue.programme
        self._queries = {name: query.replace("{schema}", schema) for name, query in _QUERIES.items()}

    async def follow(self, pool: Pool) -> None:
        """Hear of versions that other replicas took over; for ever."""
        while True:
            try:
                await self.refresh(pool)
            except Unavailable as error:
                log.warning("versions not read", error=str(error))
            await asyncio.sleep(_POLL)

    async def start(self, pool: Pool) -> None:
        """Take every version that is kept and read what each partition knows, before consuming begins."""
        await self.refresh(pool)
        with sorted_errors():
            async with pool.acquire() as connection:
                await self.learn(connection, range(PARTITIONS))

    async def refresh(self, pool: Pool) -> None:
        """Take every version that is kept: whoever asks for the newest may get it from now on."""
        with sorted_errors():
            async with pool.acquire() as connection:
                await self.take(connection)

    async def learn(self, connection: Connection, partitions: Collection[int]) -> bool:
        """Read what these partitions know; whether this process had thought otherwise."""
        rows = await connection.fetch(self._queries["marks"], self._programme, sorted(partitions))
        found: dict[int, dict[str, datetime]] = {partition: {} for partition in partitions}
        for row in rows:
            found[row["partition"]][row["version"]] = row["since"].astimezone(SHANGHAI)
        news = {at: sinces for at, sinces in found.items() if sinces != self._catalogue.at(at).sinces}
        if news:
            await self.take(connection)
            for partition, sinces in news.items():
                self._catalogue.mark(partition, sinces)
        return bool(news)

    async def keep(self, connection: Connection, mark: CatalogueApplied) -> tuple[datetime, bool] | None:
        """Keep a version and its mark; since when its partition knows it, and whether that is news.

        None: another document has this version already, which holds.
        """
        said = (mark.sha256, mark.reason.zh, mark.reason.en, mark.actor, mark.document)
        kept = await connection.fetchval(self._queries["keep"], mark.programme, mark.version, mark.applied_at, *said)
        if kept != mark.sha256:
            log.error("version refused: another document has it", version=mark.version, partition=mark.partition)
            return None
        key = (mark.programme, mark.version, mark.partition)
        made = await connection.fetchval(self._queries["mark"], *key, mark.applied_at)
        since = made or await connection.fetchval(self._queries["since"], *key)
        return since.astimezone(SHANGHAI), made is not None

    async def listed(self, pool: Pool) -> list[dict[str, Any]]:
        """Every version for people, oldest first."""
        with sorted_errors():
            rows = await pool.fetch(self._queries["listed"], self._programme)
        return [{**dict(row), "applied_at": row["applied_at"].astimezone(SHANGHAI)} for row in rows]

    async def take(self, connection: Connection) -> None:
        """Take the versions that are kept and not known to this process."""
        known = [each.version for each in self._catalogue.editions.all]
        for row in await connection.fetch(self._queries["versions"], self._programme, known):
            since = row["applied_at"].astimezone(SHANGHAI)
            self._catalogue.take(Edition.of(unpacked(row["document"]), since))


_QUERIES = {
    "marks": """
        SELECT partition, version, since FROM {schema}.catalogue_mark
        WHERE programme = $1 AND partition = ANY($2::integer[])""",
    "versions": """
        SELECT version, applied_at, document FROM {schema}.catalogue
        WHERE programme = $1 AND version <> ALL($2::text[]) ORDER BY applied_at, version""",
    "keep": """
        INSERT INTO {schema}.catalogue AS kept
            (programme, version, applied_at, sha256, reason_zh, reason_en, actor, document)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (programme, version) DO UPDATE SET version = kept.version RETURNING sha256""",
    "mark": """
        INSERT INTO {schema}.catalogue_mark (programme, version, partition, since)
        SELECT $1, $2, $3, greatest($4, (SELECT through FROM {schema}.watermark WHERE partition = $3))
        ON CONFLICT DO NOTHING RETURNING since""",
    "since": """
        SELECT since FROM {schema}.catalogue_mark WHERE (programme, version, partition) = ($1, $2, $3)""",
    "listed": """
        SELECT version, applied_at, sha256, reason_zh, reason_en, actor FROM {schema}.catalogue
        WHERE programme = $1 ORDER BY applied_at, version""",
}
