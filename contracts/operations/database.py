"""Connections to Postgres: the pool, and its errors sorted into those that pass (`Unavailable`) and those that stay."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg
import structlog

from contracts.operations.connections import Unavailable

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

_CLOSES = 5.0  # seconds in which connections end by themselves

log = structlog.get_logger(__name__)

_PASSING = (
    asyncpg.PostgresConnectionError,  # the server went away
    asyncpg.OperatorInterventionError,  # shutdown, crash recovery, a cancelled statement (statement_timeout)
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.ObjectInUseError,
    asyncpg.LockNotAvailableError,  # lock_timeout
    asyncpg.PostgresSystemError,  # an I/O error of the server
    asyncpg.ReadOnlySQLTransactionError,  # a standby that has not become the primary yet
    asyncpg.InternalClientError,  # a server that dies between two statements leaves the driver in this (seen by test)
    OSError,
    TimeoutError,
)


def make_pool(
    url: str,
    *,
    application: str,
    size: int = 8,
    statement_timeout: str = "10s",
    connect_timeout: float = 5,
    planned_each_time: bool = False,
) -> Pool:
    """A pool to be entered (`opened`) by whoever runs the service; it connects when it is first used, so that a
    service starts while its database is away. Make it on the loop that will use it.

    `planned_each_time`: for lists whose filters may be left out (`$1 IS NULL OR …`). From the sixth time on Postgres
    would take one plan for whatever is asked, which reads everything: 25 ms for what takes 5.
    """
    return asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=connect_timeout,
        command_timeout=30,
        max_inactive_connection_lifetime=300,
        reset=_as_it_is,
        statement_cache_size=400,  # a service has more statements than the usual 100, and each is asked again and again
        server_settings={
            "application_name": application,
            "statement_timeout": statement_timeout,
            "timezone": "Asia/Shanghai",
            **({"plan_cache_mode": "force_custom_plan"} if planned_each_time else {}),
        },
    )


async def _as_it_is(_: "asyncpg.Connection[asyncpg.Record]") -> None:
    """An open transaction is rolled back before this is asked."""


@contextlib.asynccontextmanager
async def opened(pool: Pool) -> AsyncIterator[Pool]:
    """The pool, ready. At the end each connection waits for the end of what was cancelled on it, of which asyncpg may
    never hear (a health check's second was over just when its answer came), and then for the server: half a minute.
    What is left after some seconds is cut, so that a service stops in time and without a defect."""
    await pool
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(_CLOSES):
                await pool.close()
        except TimeoutError:  # the pool has cut them itself when it was told to hurry
            log.warning("connections cut")


@contextlib.asynccontextmanager
async def open_pool(
    url: str, *, application: str, size: int = 8, planned_each_time: bool = False
) -> AsyncIterator[Pool]:
    """The same, open: for commands and tests."""
    async with opened(make_pool(url, application=application, size=size, planned_each_time=planned_each_time)) as pool:
        yield pool


@contextlib.contextmanager
def sorted_errors(what: str = "postgres") -> Iterator[None]:
    """Raise `Unavailable` for errors that pass by themselves; all others go on as they are, as the defects they are."""
    try:
        yield
    except _PASSING as error:
        raise Unavailable(f"{what}: {error!r}") from error
    except asyncpg.InterfaceError as error:
        if "clos" in str(error):  # closed or closing connection or pool; other interface errors are our mistakes
            raise Unavailable(f"{what}: {error!r}") from error
        raise


async def check(pool: Pool) -> None:
    """`SELECT 1`: the health check of the database."""
    with sorted_errors():
        await pool.fetchval("SELECT 1", timeout=1)


def masked(url: str) -> str:
    """The URL for logs: without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()
