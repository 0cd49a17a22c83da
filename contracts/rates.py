"""How often somebody may: a bucket of tokens each, in this process's memory and by real time.

Each process grants the whole rate; whoever needs one rate over several replicas needs another mechanism.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Self

_MOST = 10_000  # buckets kept before those that are full again are dropped: they are the same as unknown ones


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whose bucket it is, how much it holds, and how fast it fills."""

    name: str
    burst: int
    per_second: float

    @classmethod
    def per_minute(cls, name: str, items: int) -> Self:
        """A minute's worth at once, and as much again in a minute."""
        return cls(name, items, items / 60)


class Rates:
    """The buckets, by the name of who spends."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float, float]] = {}  # name → (items left, at, when it is full again)

    def spend(self, of: Allowance, items: int = 1, *, paid: int = 0) -> int:
        """Take `items` of its bucket. 0: taken; otherwise the seconds to wait, nothing taken.

        A full bucket lets one request of any size through and then owes for it, so that no file is unsendable. `paid`
        were taken before it was known how many there are: they count, and are not given back.
        """
        now = self._monotonic()
        if len(self._buckets) > _MOST:
            self._buckets = {each: bucket for each, bucket in self._buckets.items() if bucket[2] > now}
        level, at, _ = self._buckets.get(of.name, (of.burst, now, now))
        level = min(of.burst, level + (now - at) * of.per_second)
        needed = min(items, of.burst)
        if level + paid < needed:
            return max(1, ceil((needed - level) / of.per_second))
        level -= max(0, items - paid)
        self._buckets[of.name] = level, now, now + (of.burst - level) / of.per_second
        return 0
