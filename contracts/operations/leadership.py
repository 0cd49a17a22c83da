"""Leadership: of several replicas the one that holds a Postgres advisory lock speaks for all (the domain's gauges)."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import structlog

from contracts.operations.database import Connection, Pool, sorted_errors

_PERIOD = 1.0  # how often the lock is tried for, and the connection that holds it looked after
_TIMEOUT = 2.0
_SILENCE = "5s"  # after which the server ends a session it has not heard of: a frozen process must not lead
_LEASE = 3.5  # seconds after the last question the server answered; the lock outlives it, so no two ever lead at once
_NEVER = float("-inf")

log = structlog.get_logger(__name__)


class Leadership:
    """The server frees the lock when its session dies or is silent; a process that was frozen meanwhile cannot know."""

    def __init__(self, pool: Pool, key: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._pool, self._key, self._monotonic = pool, key, monotonic
        self._locked, self._until = False, _NEVER

    @property
    def held(self) -> bool:
        """Whether the server said so a moment ago, counted from when it was asked: thawing changes nothing."""
        return self._monotonic() < self._until

    async def run(self) -> None:
        """Try for the lock and keep it, for ever; cancel to give it up."""
        while True:
            with contextlib.suppress(Exception):  # whatever it was, the lock is gone with its session: try again
                async with self._session() as connection:
                    await self._campaign(connection)
            await asyncio.sleep(_PERIOD)

    @contextlib.asynccontextmanager
    async def _session(self) -> AsyncIterator[Connection]:
        with sorted_errors():
            connection = await self._pool.acquire(timeout=_TIMEOUT)
        try:
            yield connection
        finally:
            if self._locked:
                log.info("leadership lost", key=self._key)
            self._locked, self._until = False, _NEVER
            with contextlib.suppress(Exception):  # the server may have ended it first
                connection.terminate()  # the session ends here and the lock with it
                await self._pool.release(connection)

    async def _campaign(self, connection: Connection) -> None:
        await connection.execute(f"SET idle_session_timeout = '{_SILENCE}'", timeout=_TIMEOUT)
        while True:
            asked = self._monotonic()
            if self._locked:
                await connection.execute("SELECT 1", timeout=_TIMEOUT)
            elif await connection.fetchval(
                "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", self._key, timeout=_TIMEOUT
            ):
                self._locked = True
                log.info("leadership taken", key=self._key)
            if self._locked:
                self._until = asked + _LEASE
            await asyncio.sleep(_PERIOD)
