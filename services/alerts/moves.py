"""Says that something was judged: to the gauges, and to whoever waits for it at GET /v1/watermarks."""

import asyncio
import contextlib
from collections.abc import Callable


class Moves:
    """Counts what this process has judged."""

    def __init__(self) -> None:
        self.count = 0
        self.told: list[Callable[[], None]] = []
        self._next = asyncio.Event()

    def moved(self) -> None:
        """A batch is judged and committed."""
        self.count += 1
        self._next.set()
        self._next = asyncio.Event()
        for tell in self.told:
            tell()

    async def beyond(self, count: int, longest: float) -> None:
        """Return when the count is another one, or after `longest` seconds."""
        if self.count == count:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), longest)
