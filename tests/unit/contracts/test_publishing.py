"""Connecting to the broker is one effort for all who wait for it."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.operations import connections, publishing
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import Message, Placed, Producer

MESSAGE = Message("progress.reported", b"k", b"v", 3)


class Slow:
    """A client of a broker that is only coming back: it connects when it is let."""

    made = 0
    ready: asyncio.Event
    begun: asyncio.Event

    def __init__(self, **_: Any) -> None:
        type(self).made += 1
        self._sender = None

    async def start(self) -> None:
        self.begun.set()
        await self.ready.wait()

    async def send(self, *_: Any, **__: Any) -> "asyncio.Future[object]":
        sent: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        sent.set_result(SimpleNamespace(partition=3, offset=7))
        return sent

    async def stop(self) -> None:
        pass


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> type[Slow]:
    monkeypatch.setattr(Slow, "made", 0)
    monkeypatch.setattr(Slow, "ready", asyncio.Event(), raising=False)
    monkeypatch.setattr(Slow, "begun", asyncio.Event(), raising=False)
    monkeypatch.setattr(publishing, "AIOKafkaProducer", Slow)
    return Slow


async def test_who_has_no_time_left_does_not_end_the_connecting_of_others(slow: type[Slow]) -> None:
    """Callers whose deadline comes first are told so; the attempt goes on, and the next caller has its client."""
    producer = Producer("nowhere:1", client_id="test", deadline=timedelta(seconds=20))
    almost_over = asyncio.get_running_loop().time() - 19.95
    hurried = await asyncio.gather(*(producer.publish([MESSAGE], since=almost_over) for _ in range(4)))
    assert all(isinstance(told, Unavailable) for (told,) in hurried)
    patient = asyncio.create_task(producer.publish([MESSAGE]))
    await asyncio.sleep(0)
    slow.ready.set()
    assert await patient == [Placed(3, 7)]
    assert slow.made == 1
    await producer.stop()


async def test_stopping_ends_the_connecting(slow: type[Slow], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left that goes on to connect; who waited is told."""
    monkeypatch.setattr(connections, "_PATIENCE", 0.01)
    producer = Producer("nowhere:1", client_id="test")
    waiting = asyncio.create_task(producer.publish([MESSAGE]))
    await slow.begun.wait()
    await producer.stop()
    (told,) = await waiting
    assert isinstance(told, Unavailable)
    assert slow.made == 1
