"""What was judged is told at once to whoever waits and to whoever asked to be told."""

import asyncio

from services.alerts.moves import Moves

LONG = 600.0  # seconds: a test that waits for them fails by its own time limit


async def test_who_has_missed_a_move_does_not_wait() -> None:
    """The count of an earlier answer is behind: the answer comes at once."""
    moves = Moves()
    moves.moved()
    await moves.beyond(0, LONG)
    assert moves.count == 1


async def test_all_who_wait_are_woken_by_the_next_move() -> None:
    """Several wait for the same count; one move wakes them all."""
    moves = Moves()
    waiting = [asyncio.create_task(moves.beyond(0, LONG)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    moves.moved()
    await asyncio.gather(*waiting)


async def test_a_move_wakes_only_for_what_came_before_it() -> None:
    """Who waits for the move after this one goes on waiting, until its time is over."""
    moves = Moves()
    moves.moved()
    later = asyncio.create_task(moves.beyond(1, LONG))
    await asyncio.sleep(0)
    assert not later.done()
    later.cancel()
    await moves.beyond(1, 0.0)
    assert moves.count == 1


def test_those_who_asked_are_told_of_each_move() -> None:
    """The gauges' pace hears of every judged batch, once."""
    moves, told = Moves(), list[int]()
    moves.told.append(lambda: told.append(moves.count))
    moves.moved()
    moves.moved()
    assert told == [1, 2]
