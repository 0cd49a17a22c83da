"""What the producer promises of its deadline, on a client that never hears from its broker."""

import asyncio
from datetime import timedelta

import pytest

from contracts.operations import publishing
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import Message, Producer


class Silent:
    """A Kafka client whose messages are never acknowledged."""

    _sender = None
    sent = 0

    async def start(self) -> None:
        return None

    async def send(self, *_: object, **__: object) -> "asyncio.Future[object]":
        self.sent += 1
        return asyncio.get_running_loop().create_future()

    async def stop(self) -> None:
        return None


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Silent:
    silent = Silent()
    monkeypatch.setattr(publishing, "AIOKafkaProducer", lambda **_: silent)
    return silent


@pytest.mark.usefixtures("client")
async def test_the_deadline_counts_from_the_stamp() -> None:
    """A message stamped nine of ten seconds ago has one second left: stamp to log is never longer than the deadline."""
    producer = Producer("nowhere:1", client_id="test", deadline=timedelta(seconds=10))
    loop = asyncio.get_running_loop()
    started = loop.time()
    [told] = await producer.publish([Message("progress.reported", None, b"x")], since=started - 9.9)
    assert isinstance(told, Unavailable)
    assert 0.05 < loop.time() - started < 5
    await producer.stop()


async def test_what_is_too_old_is_not_sent(client: Silent) -> None:
    """Nothing is put on the wire after the deadline."""
    producer = Producer("nowhere:1", client_id="test", deadline=timedelta(seconds=10))
    since = asyncio.get_running_loop().time() - 11
    [told] = await producer.publish([Message("progress.reported", None, b"x")], since=since)
    assert isinstance(told, Unavailable)
    assert client.sent == 0
    await producer.stop()
