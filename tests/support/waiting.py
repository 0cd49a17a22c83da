"""Waiting in tests: poll a condition until it holds, with a deadline instead of a sleep that hopes."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

DEADLINE = 60.0  # seconds; it only ends what will never come: two cores may be shared by many
T = TypeVar("T")


@overload
async def eventually(
    predicate: Callable[[], Awaitable[T]], deadline: float = DEADLINE, *, every: float = 0.02
) -> T: ...


@overload
async def eventually(predicate: Callable[[], T], deadline: float = DEADLINE, *, every: float = 0.02) -> T: ...


async def eventually(
    predicate: Callable[[], T | Awaitable[T]], deadline: float = DEADLINE, *, every: float = 0.02
) -> T:
    """The first true value of `predicate` (plain or async); AssertionError with its last value at the deadline."""
    end = time.monotonic() + deadline
    while True:
        found = predicate()
        value = await found if inspect.isawaitable(found) else found
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:g} s; the last value was {value!r}")
        await asyncio.sleep(every)


def eventually_now(predicate: Callable[[], T], deadline: float = DEADLINE, *, every: float = 0.02) -> T:
    """The same for tests without a loop."""
    end = time.monotonic() + deadline
    while not (value := predicate()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:g} s; the last value was {value!r}")
        time.sleep(every)
    return value
