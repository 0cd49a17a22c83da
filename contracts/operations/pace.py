"""When to draw gauges again: once a second, and soon after being told that something moved, but never so often that
drawing takes the processor from the work it shows.
"""

import asyncio
import contextlib

PERIOD = 1.0  # seconds between two drawings when nothing moves
_SOON = 0.05  # seconds between two drawings at least
_SHARE = 9  # times as long as a drawing took the next one waits at least
_FOLLOWING = 0.2  # seconds between two looks at who leads


class Pace:
    """The pauses of a loop that draws."""

    def __init__(self) -> None:
        self._moved = asyncio.Event()

    def moved(self) -> None:
        """What is drawn has changed."""
        self._moved.set()

    def drawing(self) -> None:
        """What has moved so far will be seen."""
        self._moved.clear()

    async def pause(self, took: float, *, leading: bool) -> None:
        """Until it is time to draw again, or to see who leads."""
        if not leading:
            await asyncio.sleep(_FOLLOWING)
            return
        least = min(max(_SOON, _SHARE * took), PERIOD)
        await asyncio.sleep(least)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._moved.wait(), PERIOD - least)
