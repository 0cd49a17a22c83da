"""A consumer that waits for its database: before it is migrated and loaded every record would look like a defect."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from contracts.operations.connections import Unavailable
from contracts.operations.process import Consumer

_AGAIN = 1.0  # seconds between two attempts

log = structlog.get_logger(__name__)


class Prepared:
    """Consumes once `prepare` has succeeded; it raises `Unavailable` until it can."""

    def __init__(self, prepare: Callable[[], Awaitable[None]], consumption: Consumer) -> None:
        self._prepare, self._consumption = prepare, consumption
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Prepare, again and again until it succeeds, then consume."""
        while not self._stopping.is_set():
            try:
                await self._prepare()
                break
            except Unavailable as error:
                log.warning("not consuming yet", error=str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _AGAIN)
        await self._consumption.run()

    async def stop(self) -> None:
        """End, whichever of the two it is at."""
        self._stopping.set()
        await self._consumption.stop()
