"""The clock: one file drives every service, and letting it go needs no restart (rule 1.4)."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contracts.operations.clock import SEND_DEADLINE, drive, open_clock
from contracts.periods import SHANGHAI

INSTANT = datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=SHANGHAI)


def test_the_real_clock_tells_shanghai_time() -> None:
    """Rule 1.4: platform time is the real time in Asia/Shanghai, and a log may run its send deadline behind."""
    clock = open_clock(None)
    assert abs(clock.now() - datetime.now(SHANGHAI)) < timedelta(seconds=1)
    assert clock.now().tzinfo is SHANGHAI
    assert not clock.driven
    assert clock.delay == SEND_DEADLINE == timedelta(seconds=10)


def test_a_driven_clock_stands_where_it_was_put(tmp_path: Path) -> None:
    """Two services that map the file see each instant exactly, to the microsecond, also before 1970."""
    path = tmp_path / "clock"
    one, other = open_clock(path), open_clock(path)
    for instant in (INSTANT, INSTANT + timedelta(microseconds=1), datetime(1949, 10, 1, tzinfo=SHANGHAI)):
        drive(path, instant)
        assert one.now() == other.now() == instant
        assert one.now().tzinfo is SHANGHAI
        assert one.driven
        assert one.delay == timedelta()


def test_a_clock_is_released_without_a_restart(tmp_path: Path) -> None:
    """After the time-lapse the same object tells the real time; a new file begins released."""
    path = tmp_path / "clock"
    clock = open_clock(path)
    assert not clock.driven
    drive(path, INSTANT)
    drive(path, None)
    assert not clock.driven
    assert abs(clock.now() - datetime.now(SHANGHAI)) < timedelta(seconds=1)


def test_the_file_is_eight_little_endian_bytes_that_are_never_replaced(tmp_path: Path) -> None:
    """What a driver in another language must know: microseconds since 1970, in place."""
    path = tmp_path / "clock"
    drive(path, datetime(1970, 1, 1, 8, 0, 1, tzinfo=SHANGHAI))
    inode = path.stat().st_ino
    assert path.read_bytes() == (1_000_000).to_bytes(8, "little")
    drive(path, INSTANT)
    assert path.stat().st_ino == inode


def test_a_naive_instant_is_refused(tmp_path: Path) -> None:
    """An instant without a zone could be any."""
    with pytest.raises(ValueError, match="aware"):
        drive(tmp_path / "clock", datetime(2024, 1, 1))
