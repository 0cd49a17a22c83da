"""The steps of a batch: what became known at one moment is followed together, behind the watermark that passes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.events import Standing, Watermark
from services.alerts.moments import Moment, Told, steps
from tests.support.standings import at, coloured

NOON, STEP = at("2023-06-02"), timedelta(microseconds=1)


def told(district: str, version: int = 1, known_at: datetime = NOON, partition: int = 0) -> Told[Standing]:
    """A version of May's cell of a district."""
    return Told(partition, known_at, coloured("2023-05", "red", district=district, version=version))


def mark(through: datetime, partition: int = 0) -> Watermark:
    return Watermark(partition=partition, through=through, position=1)


def shown(batch: Sequence[Told[Standing] | Watermark], over: Sequence[Told[Standing]], now: datetime) -> list[object]:
    """The steps, a moment by when it is sent, whether it waited, and whose newest versions are in it."""
    return [
        (step.sent, step.waited, [(e.district, e.version) for e in step.events]) if isinstance(step, Moment) else step
        for step in steps(batch, over, now)
    ]


def test_what_waited_is_one_step_in_one_order() -> None:
    """Any order, any versions in between: the newest of each, sent when it became known."""
    waited = [told("deqing"), told("anji", 3), told("deqing", 2), told("anji", 2)]
    passed = mark(NOON + STEP)
    wanted = [(NOON, True, [("anji", 3), ("deqing", 2)]), passed]
    assert shown([passed], waited, NOON + STEP) == wanted
    assert shown([passed], waited[::-1], NOON + STEP) == wanted


def test_moments_are_followed_one_by_one_before_their_watermark() -> None:
    """Two instants that wait for one watermark do not mix, nor what another partition has still to pass."""
    later = NOON + timedelta(hours=3)
    waited = [told("anji", 2, later), told("anji"), told("deqing", partition=1)]
    first, second, other = mark(NOON + STEP), mark(later + STEP), mark(NOON, 1)
    assert shown([first, other, second], waited, later + STEP) == [
        (later + STEP, True, [("anji", 1)]),  # the clock has gone on since: it is said now
        first,
        other,
        (later, True, [("anji", 2)]),
        second,
    ]


def test_a_real_moment_is_over_when_it_is_read() -> None:
    """Each partition's records between its watermarks; of one moment together, of two apart."""
    now, later = at("2023-06-03"), NOON + timedelta(seconds=1)
    batch: list[Told[Standing] | Watermark] = [
        told("deqing"),
        told("anji"),
        told("deqing", 2),
        told("deqing", 3, later),
        mark(NOON),
        told("anji", 2),
    ]
    assert shown(batch, [], now) == [
        (now, False, [("deqing", 2), ("anji", 1)]),
        (now, False, [("deqing", 3)]),
        mark(NOON),
        (now, False, [("anji", 2)]),
    ]
