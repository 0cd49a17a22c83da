"""Platform time (rule 1.4) comes from here and from nowhere else: the real clock, or one that is driven.

A driven clock is a file of eight bytes that every service maps: microseconds since 1970 as a little-endian int64,
moved on by the driver. Zero means released: the real clock applies, without a restart.
"""

import mmap
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from contracts.periods import SHANGHAI

SEND_DEADLINE = timedelta(seconds=10)  # how late a stamped record may still reach the log (D of the pipeline's time)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """What a service may ask about time."""

    def now(self) -> datetime:
        """The present instant, aware, in Asia/Shanghai."""
        ...

    @property
    def driven(self) -> bool:
        """Whether someone else decides what time it is just now."""
        ...

    @property
    def delay(self) -> timedelta:
        """D: how far behind its newest stamp a partition may still receive records; nothing under a driven clock."""
        ...


class RealClock:
    """The machine's clock."""

    driven = False
    delay = SEND_DEADLINE

    def now(self) -> datetime:
        return datetime.now(SHANGHAI)


class DrivenClock:
    """The clock of a file: what it says, or the real one while it is released."""

    def __init__(self, path: Path) -> None:
        self._cell = _map(path)

    def now(self) -> datetime:
        instant = self._cell[0]
        return (_EPOCH + instant * _MICROSECOND).astimezone(SHANGHAI) if instant else datetime.now(SHANGHAI)

    @property
    def driven(self) -> bool:
        return self._cell[0] != 0

    @property
    def delay(self) -> timedelta:
        return timedelta() if self.driven else SEND_DEADLINE


def open_clock(path: Path | None) -> Clock:
    """The clock of that file (made released when absent), or the real one without a file."""
    return RealClock() if path is None else DrivenClock(path)


def drive(path: Path, instant: datetime | None) -> None:
    """Move the clock of a file to `instant`, or release it; the file is made when absent and never replaced."""
    if instant is not None and instant.tzinfo is None:
        raise ValueError("a clock is driven to an aware instant")
    cell = _map(path)
    cell[0] = 0 if instant is None else (instant - _EPOCH) // _MICROSECOND


def _map(path: Path) -> memoryview:
    """The file's eight bytes as one native integer: loaded and stored whole, so that no reader sees half an instant."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if os.fstat(descriptor).st_size < 8:
            os.ftruncate(descriptor, 8)
        return memoryview(mmap.mmap(descriptor, 8)).cast("q")
    finally:
        os.close(descriptor)
