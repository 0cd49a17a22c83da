"""When a client of a consumer group has stalled for good and has to be made anew.

After an outage aiokafka's part in the group may never come back: the broker has put the member out, and no error says
so. It shows in one of two ways: what is brought cannot be acknowledged, or nothing is brought while records wait.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

from contracts.delivery import Outcome, Postponed

_UNACKNOWLEDGED = 3  # batches in a row
_SILENCE = 60.0  # seconds; a batch that was postponed comes again within 10


class Stalling:
    """Told of everything that a client brings and of what waits; `noticed` is set when it has to be replaced."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.noticed = asyncio.Event()
        self._monotonic = monotonic
        self._unacknowledged = 0
        self._silent_since: float | None = None  # since when records wait and nothing is brought

    def heard(self) -> None:
        """A batch is brought, or there is nobody to bring one."""
        self._silent_since = None

    def became(self, outcome: Outcome) -> None:
        """What became of the batch."""
        unacknowledged = isinstance(outcome, Postponed) and outcome.unacknowledged
        self._unacknowledged = self._unacknowledged + 1 if unacknowledged else 0
        if self._unacknowledged >= _UNACKNOWLEDGED:
            self.noticed.set()

    def waits(self, lag: Mapping[int, int]) -> None:
        """So many records of each partition wait, says the broker, and no batch is in hand."""
        now = self._monotonic()
        if not any(lag.values()):
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        elif now - self._silent_since >= _SILENCE:
            self.noticed.set()

    def over(self) -> None:
        """Another client begins."""
        self.noticed.clear()
        self._unacknowledged, self._silent_since = 0, None
