"""Migrations on a real Postgres: in order, once, forward only, under a lock, and seen while they are missing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool, open_pool
from contracts.operations.migrations import Drifted, Migrations

FILES = {"0001_initial.sql": "CREATE TABLE room.a (n integer)", "0002_more.sql": "ALTER TABLE room.a ADD m text"}


@pytest.fixture
async def pool(empty_database: str) -> AsyncIterator[Pool]:
    """A pool on an empty database."""
    async with open_pool(empty_database, application="test") as opened:
        yield opened


def written(directory: Path, *names: str, **changed: str) -> Migrations:
    """The migrations of these files."""
    for name in names:
        (directory / name).write_text(changed.get(name[:4], FILES.get(name, "SELECT 1")))
    return Migrations(directory, "room")


async def test_migrations_run_in_order_and_once(pool: Pool, tmp_path: Path) -> None:
    """The schema is made, each file runs once, `behind` tells what is missing before and nothing afterwards."""
    first = written(tmp_path, "0001_initial.sql")
    assert await first.behind(pool) == ["0001_initial"]
    assert await first.apply(pool) == ["0001_initial"]
    both = written(tmp_path, "0002_more.sql")
    assert await both.behind(pool) == ["0002_more"]
    assert await both.apply(pool) == ["0002_more"]
    assert await both.apply(pool) == []
    assert await both.behind(pool) == []
    await pool.execute("INSERT INTO room.a (n, m) VALUES (1, 'x')")


async def test_replicas_that_start_at_once_migrate_once(pool: Pool, tmp_path: Path) -> None:
    """The advisory lock lets one of them do it; the others find it done."""
    migrations = written(tmp_path, *FILES)
    applied = await asyncio.gather(*(migrations.apply(pool) for _ in range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, 2]


async def test_a_migration_that_fails_leaves_nothing_behind(pool: Pool, tmp_path: Path) -> None:
    """Each runs in a transaction: what ran before it stays, nothing of itself does, and the lock is free again."""
    broken = written(tmp_path, *FILES, **{"0002": "ALTER TABLE room.a ADD m text; SELECT no_such_thing()"})
    with pytest.raises(asyncpg.UndefinedFunctionError):
        await broken.apply(pool)
    assert await broken.behind(pool) == ["0002_more"]
    with pytest.raises(asyncpg.UndefinedColumnError):
        await pool.execute("SELECT m FROM room.a")
    assert await asyncio.wait_for(written(tmp_path, *FILES).apply(pool), 60) == ["0002_more"]


async def test_a_connection_comes_back_as_it_was(database: str, tmp_path: Path) -> None:
    """The pool resets nothing: a migration that ran, or failed, leaves neither its lock nor its time limits behind."""
    async with open_pool(database, application="test", size=1) as pool:
        before = await pool.fetchrow(_SESSION)
        await written(tmp_path, "0001_initial.sql").apply(pool)
        assert await pool.fetchrow(_SESSION) == before
        with pytest.raises(asyncpg.UndefinedFunctionError):
            await written(tmp_path, *FILES, **{"0002": "SELECT no_such_thing()"}).apply(pool)
        assert await pool.fetchrow(_SESSION) == before


_SESSION = """
SELECT current_setting('statement_timeout') AS statements, current_setting('lock_timeout') AS locks,
       (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS held"""


async def test_a_migration_that_was_rewritten_is_refused(pool: Pool, tmp_path: Path) -> None:
    """Forward only: a file that has run may not say something else later."""
    await written(tmp_path, *FILES).apply(pool)
    with pytest.raises(Drifted, match="0001_initial"):
        await written(tmp_path, "0001_initial.sql", **{"0001": "SELECT 2"}).behind(pool)


async def test_a_database_ahead_of_the_program_is_left_alone(pool: Pool, tmp_path: Path) -> None:
    """The old release keeps running while the new one has already expanded the schema."""
    await written(tmp_path, *FILES).apply(pool)
    (tmp_path / "0002_more.sql").unlink()
    old = Migrations(tmp_path, "room")
    assert await old.behind(pool) == []
    assert await old.apply(pool) == []


async def test_a_migration_does_not_wait_for_a_lock_for_ever(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """lock_timeout ends it, so that a blocked migration does not block every query behind it."""
    monkeypatch.setattr("contracts.operations.migrations._LIMITS", "SET lock_timeout = '100ms'")
    migrations = written(tmp_path, "0001_initial.sql")
    await migrations.apply(pool)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE room.a")
        with pytest.raises(Unavailable):
            await written(tmp_path, "0002_more.sql").apply(pool)


@pytest.mark.parametrize("names", [["0002_more.sql"], ["0001_a.sql", "0001_b.sql"], ["first.sql"]])
def test_numbers_have_no_gaps_and_no_twins(tmp_path: Path, names: list[str]) -> None:
    """Two branches that both added number 7 are found when the program starts."""
    with pytest.raises(ValueError, match=r"migrations|named"):
        written(tmp_path, *names)


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path, unused_tcp_port: int) -> None:
    """Readiness asks `behind` and must learn that nobody answered."""
    async with open_pool(f"postgresql://127.0.0.1:{unused_tcp_port}/x", application="test") as pool:
        with pytest.raises(Unavailable):
            await written(tmp_path, "0001_initial.sql").behind(pool)
