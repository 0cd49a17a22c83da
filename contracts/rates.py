"""How often somebody may: a bucket of tokens each, in this process's memory and by real time.

Each process grants the whole rate; whoever needs one rate over several replicas needs another mechanism.
"""

import time
from collections.abc import Callable
from math import ceil

_MOST = 10_000  # buckets kept before those that are full again are dropped: they are the same as unknown ones


class Rates:
    """The buckets, by the name of who spends."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float, float]] = {}  # name → (items left, at, when it is full again)

    def spend(self, name: str, items: int, *, burst: int, per_second: float, paid: int = 0) -> int:
        """Take `items` of a bucket that holds `burst`. 0: taken; otherwise the seconds to wait, nothing taken.

        A full bucket lets one request of any size through and then owes for it. `paid` were taken before it was known
        how many there are: they count, and are not given back.
        """
        now = self._monotonic()
        if len(self._buckets) > _MOST:
            self._buckets = {each: bucket for each, bucket in self._buckets.items() if bucket[2] > now}
        level, at, _ = self._buckets.get(name, (burst, now, now))
        level = min(burst, level + (now - at) * per_second)
        needed = min(items, burst)
        if level + paid < needed:
            return max(1, ceil((needed - level) / per_second))
        level -= max(0, items - paid)
        self._buckets[name] = level, now, now + (burst - level) / per_second
        return 0
