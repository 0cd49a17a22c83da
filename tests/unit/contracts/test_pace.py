"""How often gauges are drawn: soon after something moved, once a second anyway, never more than a tenth of the time."""

import asyncio
from collections.abc import Awaitable

import pytest

from contracts.operations.pace import PERIOD, Pace


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The lengths that were slept, each in no time."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return found


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long a move would be waited for, each over at once unless it has come."""
    found: list[float] = []

    async def wait_for(move: Awaitable[object], seconds: float) -> object:
        found.append(seconds)
        task = asyncio.ensure_future(move)
        for _ in range(3):
            await asyncio.wait([task], timeout=0)
        if not task.done():
            task.cancel()
            raise TimeoutError
        return task.result()

    monkeypatch.setattr(asyncio, "wait_for", wait_for)
    return found


@pytest.mark.parametrize(("took", "least"), [(0.0, 0.05), (0.004, 0.05), (0.02, 0.18), (0.5, PERIOD)])
async def test_a_drawing_takes_a_tenth_of_the_time_at_most(
    slept: list[float], waited: list[float], took: float, least: float
) -> None:
    """The pause grows with what the drawing took, up to the period; the rest of the period waits for a move."""
    await Pace().pause(took, leading=True)
    assert slept == [pytest.approx(least)]
    assert waited == [pytest.approx(PERIOD - least)]


async def test_a_move_ends_the_pause(slept: list[float]) -> None:
    """What moved since the drawing began is drawn after the least pause: the event is there already."""
    pace = Pace()
    pace.drawing()
    pace.moved()
    async with asyncio.timeout(PERIOD / 2):
        await pace.pause(0.0, leading=True)
    assert slept == [0.05]


async def test_what_moved_before_the_drawing_is_seen_by_it(slept: list[float], waited: list[float]) -> None:
    """`drawing` takes the moves so far: the next pause waits for another one."""
    pace = Pace()
    pace.moved()
    pace.drawing()
    await pace.pause(0.0, leading=True)
    assert waited == [pytest.approx(PERIOD - 0.05)]


async def test_who_does_not_lead_only_looks_who_does(slept: list[float], waited: list[float]) -> None:
    """A follower neither draws nor waits for moves."""
    await Pace().pause(5.0, leading=False)
    assert (slept, waited) == ([0.2], [])
