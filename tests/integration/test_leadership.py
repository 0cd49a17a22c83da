"""Leadership and Postgres' errors on a real server: one leader, another within seconds, and outages told as such."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from contracts.operations import leadership as module
from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool, check, masked, open_pool, sorted_errors
from contracts.operations.leadership import Leadership
from tests.support import servers
from tests.support.waiting import eventually


@contextlib.asynccontextmanager
async def candidate(url: str) -> AsyncIterator[tuple[Leadership, Pool]]:
    """A replica with a pool of its own that runs for leader."""
    async with open_pool(url, application="test", size=2) as pool:
        leadership = Leadership(pool, "gauges")
        running = asyncio.create_task(leadership.run())
        try:
            yield leadership, pool
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same at a faster pace."""
    monkeypatch.setattr(module, "_PERIOD", 0.05)


async def test_one_of_two_leads_and_the_other_takes_over(database: str) -> None:
    """Never both; when the leader ends, the other holds the lock at its next try."""
    async with candidate(database) as (second, _), contextlib.AsyncExitStack() as stack:
        await eventually(lambda: second.held)
        first, _ = await stack.enter_async_context(candidate(database))
        for _ in range(10):
            assert second.held
            assert not first.held
            await asyncio.sleep(0.02)
        await stack.aclose()
        async with candidate(database) as (third, _):
            assert not third.held
    async with candidate(database) as (fourth, _):
        await eventually(lambda: fourth.held)


async def test_a_leader_whose_session_is_killed_knows_it(database: str) -> None:
    """The server freed the lock with the session: `held` turns false, then somebody leads again."""
    async with candidate(database) as (leadership, _):
        await eventually(lambda: leadership.held)
        other = await asyncpg.connect(database)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
        await eventually(lambda: not leadership.held, every=0.001)
        await eventually(lambda: leadership.held)
        await other.close()


async def test_a_frozen_leader_loses_the_lock(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is stopped and not dead keeps its session: the server ends it when nothing is heard of it."""
    monkeypatch.setattr(module, "_SILENCE", "200ms")
    async with candidate(database) as (first, _):
        await eventually(lambda: first.held)
        monkeypatch.setattr(module, "_PERIOD", 60)  # from its next round on the first one is silent
        await asyncio.sleep(0.1)
        monkeypatch.setattr(module, "_PERIOD", 0.05)
        async with candidate(database) as (second, _):
            await eventually(lambda: second.held)


async def test_leadership_returns_after_an_outage() -> None:
    """Postgres away: nobody leads; back: somebody does, by the same object; the check follows too."""
    with servers.fresh_postgres() as server:
        async with candidate(server.url()) as (leadership, pool):
            await eventually(lambda: leadership.held)
            await check(pool)
            await asyncio.to_thread(server.kill)
            await eventually(lambda: not leadership.held)
            with pytest.raises(Unavailable):
                await check(pool)
            await asyncio.to_thread(server.start)
            await eventually(lambda: leadership.held)
            await check(pool)


async def test_errors_that_pass_are_told_from_defects(database: str) -> None:
    """A killed session, a lock or statement timeout pass by themselves; wrong SQL and our own mistakes do not."""
    async with open_pool(database, application="test") as pool:
        with pytest.raises(Unavailable), sorted_errors():
            await pool.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(Unavailable), sorted_errors():
            await pool.execute("SET statement_timeout = '10ms'; SELECT pg_sleep(5)")
        with pytest.raises(asyncpg.UndefinedTableError), sorted_errors():
            await pool.execute("SELECT * FROM nowhere")
        with pytest.raises(asyncpg.InterfaceError), sorted_errors():
            await pool.fetch("SELECT $1::int", 1, 2)
    with pytest.raises(Unavailable), sorted_errors():
        await pool.execute("SELECT 1")  # closed


async def test_an_outage_in_the_middle_of_a_transaction_is_unavailable() -> None:
    """Whatever asyncpg makes of a server that dies under a transaction, the batch is postponed, not dead-lettered."""
    with servers.fresh_postgres() as server:
        async with open_pool(server.url(), application="test") as pool:

            async def write() -> None:
                with sorted_errors():
                    async with pool.acquire() as connection, connection.transaction():
                        await connection.execute("CREATE TEMP TABLE t (n int)")
                        await asyncio.to_thread(server.kill)
                        await connection.execute("INSERT INTO t VALUES (1)")

            with pytest.raises(Unavailable):
                await write()
            await asyncio.to_thread(server.start)

            async def well() -> bool:
                with contextlib.suppress(Unavailable):
                    await check(pool)
                    return True
                return False

            await eventually(well)


def test_a_password_is_not_shown() -> None:
    """What is logged at the start tells where, not how to get in."""
    assert masked("postgresql://u:secret@h:5/db") == "postgresql://u:***@h:5/db"
    assert masked("postgresql://u@h/db") == "postgresql://u@h/db"


async def test_a_pool_ends_in_time_where_the_server_does_not_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen Postgres answers no farewell: the connections are cut, and nobody takes that for a defect."""
    monkeypatch.setattr("contracts.operations.database._CLOSES", 0.3)
    with servers.fresh_postgres() as server:
        try:
            async with open_pool(server.url(), application="test") as pool:
                assert await pool.fetchval("SELECT 1") == 1
                server.pause()
        finally:
            server.resume()
        assert pool.is_closing()
