"""Connecting to Kafka is one attempt for all who wait, and nobody's haste ends it in the middle."""

import asyncio

import pytest

from contracts.operations import connections
from contracts.operations.connections import Connecting, Unavailable


class Slow:
    """A client that is there when it is let, or fails."""

    def __init__(self) -> None:
        self.made, self.ready, self.error = 0, asyncio.Event(), ""

    async def connect(self) -> int:
        self.made += 1
        await self.ready.wait()
        if self.error:
            raise Unavailable(self.error)
        return self.made


async def hurried(connecting: Connecting[int]) -> None:
    """Somebody who has no time."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await connecting.client()


async def test_the_attempt_goes_on_when_one_who_waits_leaves() -> None:
    """One attempt for all, and its client is kept until it is forgotten."""
    slow = Slow()
    connecting = Connecting(slow.connect)
    await hurried(connecting)
    waiting = asyncio.create_task(connecting.client())
    await asyncio.sleep(0)
    slow.ready.set()
    assert await waiting == await connecting.client() == 1
    assert not connecting.forget(7)
    assert connecting.forget(1)
    assert await connecting.client() == 2


async def test_a_failure_is_told_to_all_and_the_next_tries_anew() -> None:
    """Also when nobody waits for it any more."""
    slow = Slow()
    slow.error = "away"
    connecting = Connecting(slow.connect)
    await hurried(connecting)
    waiting = [asyncio.create_task(connecting.client()) for _ in range(2)]
    await asyncio.sleep(0)
    slow.ready.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(each) for each in told] == ["away", "away"]
    slow.error = ""
    assert await connecting.client() == 2


async def test_the_end_waits_for_the_attempt_and_hands_out_the_client() -> None:
    """Whoever stops closes also what was only just being made."""
    slow = Slow()
    connecting = Connecting(slow.connect)
    await hurried(connecting)
    ending = asyncio.create_task(connecting.end())
    await asyncio.sleep(0)
    slow.ready.set()
    assert await ending == 1
    assert await connecting.end() is None


async def test_the_end_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes too long is cancelled, and who waits for it is told."""
    monkeypatch.setattr(connections, "_PATIENCE", 0.01)
    connecting = Connecting(Slow().connect)
    waiting = asyncio.create_task(connecting.client())
    await asyncio.sleep(0)
    assert await connecting.end() is None
    with pytest.raises(Unavailable, match="stopping"):
        await waiting
