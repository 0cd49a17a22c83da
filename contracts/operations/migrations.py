"""Numbered SQL, forward only, one transaction each, under an advisory lock: how a service's schema comes to be.

A file is `0001_what.sql`; the schema's own table `schema_migrations` says which have run.
`python -m contracts.operations.migrations services/metrics` applies those of a service to LIANGSHAI_DATABASE.
"""

import asyncio
import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from contracts.operations.database import Connection, Pool, open_pool, sorted_errors

_NAME = re.compile(r"(\d{4})_\w+\.sql")
_LIMITS = "SET lock_timeout = '4s'; SET statement_timeout = '5s'"
_IDENTIFIER = re.compile(r"[a-z_]+")


class Drifted(Exception):
    """A migration that has run reads differently now, or one is missing: forward only means neither may happen."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


class Migrations:
    """The migrations of one directory, for the schema of that name."""

    def __init__(self, directory: Path, schema: str) -> None:
        if not _IDENTIFIER.fullmatch(schema):
            raise ValueError(f"not a plain schema name: {schema!r}")
        self.schema = schema
        self._all = _read(directory)

    async def apply(self, pool: Pool) -> list[str]:
        """Run what has not run yet, in order, and return the names; waits while another process does the same."""
        with sorted_errors():
            async with pool.acquire() as connection:
                try:
                    missing = await self._apply(connection)
                    await connection.reset()  # unlocked, and with the pool's settings again
                except BaseException:
                    connection.terminate()  # the session ends here and the lock with it
                    raise
        return [migration.name for migration in missing]

    async def _apply(self, connection: Connection) -> list[Migration]:
        await connection.execute("SET statement_timeout = '2min'")
        await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 1))", self.schema, timeout=120)
        await connection.execute(_LIMITS)
        await connection.execute(self._table)
        missing = self._missing(await self._done(connection))
        for migration in missing:
            await self._run(connection, migration)
        return missing

    async def behind(self, pool: Pool) -> list[str]:
        """The names of what has not run yet; `Unavailable` when the database does not answer."""
        with sorted_errors():
            async with pool.acquire() as connection:
                try:
                    done = await self._done(connection)
                except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
                    done = {}
        return [migration.name for migration in self._missing(done)]

    @property
    def _table(self) -> str:
        return f"""
            CREATE SCHEMA IF NOT EXISTS {self.schema};
            CREATE TABLE IF NOT EXISTS {self.schema}.schema_migrations (
                number integer PRIMARY KEY,
                name text NOT NULL,
                digest text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )"""

    async def _done(self, connection: Connection) -> dict[int, str]:
        rows = await connection.fetch(f"SELECT number, digest FROM {self.schema}.schema_migrations")
        return {row["number"]: row["digest"] for row in rows}

    def _missing(self, done: dict[int, str]) -> list[Migration]:
        """What is left; a database that is ahead of this program is left alone (expand, then contract)."""
        last = max(done, default=0)
        for migration in self._all:
            if migration.number <= last and done.get(migration.number) != migration.digest:
                raise Drifted(f"{self.schema}: {migration.name} is not what has been run under its number")
        return [migration for migration in self._all if migration.number > last]

    async def _run(self, connection: Connection, migration: Migration) -> None:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                f"INSERT INTO {self.schema}.schema_migrations (number, name, digest) VALUES ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.digest,
            )


def _read(directory: Path) -> list[Migration]:
    found = []
    for path in sorted(directory.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"{path} is not named like 0001_what.sql")
        found.append(Migration(int(match[1]), path.stem, path.read_text(encoding="utf-8")))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations in {directory} are not numbered 1 to {len(found)}")
    return found


async def _main(service: Path) -> None:
    url = os.environ["LIANGSHAI_DATABASE"]
    async with open_pool(url, application="migrations", size=1) as pool:
        for name in await Migrations(service / "migrations", service.name).apply(pool):
            print(f"applied {service.name}/{name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m contracts.operations.migrations services/<service>")
    asyncio.run(_main(Path(sys.argv[1])))
