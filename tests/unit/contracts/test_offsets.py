"""Asking for offsets on a connection of its own: its end."""

import asyncio
from collections.abc import Sequence

import pytest
from aiokafka import TopicPartition

from contracts.operations import connections
from contracts.operations.connections import Offsets


class Client:
    """A client that answers when it is let, and notes what it is asked to do."""

    def __init__(self) -> None:
        self.asked, self.answer = asyncio.Event(), asyncio.Event()
        self.said: list[str] = []

    async def start(self) -> None:
        self.said.append("started")

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        self.asked.set()
        await self.answer.wait()
        self.said.append("answered")
        return dict.fromkeys(partitions, 7)

    async def stop(self) -> None:
        self.said.append("stopped")


async def test_the_end_waits_for_the_question_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed under a question, aiokafka opens another connection for it and leaves it open."""
    client = Client()
    monkeypatch.setattr(connections, "AIOKafkaConsumer", lambda **_: client)
    offsets = Offsets("nowhere", client_id="test")
    asking = asyncio.create_task(offsets.end("topic", [1, 2]))
    await client.asked.wait()
    stopping = asyncio.create_task(offsets.stop())
    await asyncio.sleep(0)
    assert client.said == ["started"]
    client.answer.set()
    assert await asking == {1: 7, 2: 7}
    await stopping
    assert client.said == ["started", "answered", "stopped"]
