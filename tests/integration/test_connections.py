"""Connections on a real broker: yes only after its yes, and an outage is told, survived, and over when it is over."""

import asyncio
import contextlib
import dataclasses
import random
import struct
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from contracts import topics
from contracts.consumption import Consumption
from contracts.operations.connections import Metadata, Unavailable
from contracts.operations.publishing import Message, Placed, Producer, TooLarge
from deploy.local.kafka import Kafka
from tests.integration.test_delivery import Service
from tests.support.delivering import value
from tests.support.waiting import DEADLINE, eventually

TOPIC = topics.STANDING


@contextlib.asynccontextmanager
async def producing(broker: Kafka, seconds: float = 10) -> AsyncIterator[Producer]:
    """A producer with that deadline."""
    producer = Producer(broker.bootstrap, client_id="test", deadline=timedelta(seconds=seconds))
    try:
        yield producer
    finally:
        await producer.stop()


async def placed(producer: Producer) -> None:
    """Publish until the broker takes it: new topics and a broker just started need their time on a busy machine."""

    async def published() -> bool:
        return isinstance((await producer.publish([message(0)]))[0], Placed)

    await eventually(published)


def message(number: int, size: int = 0) -> Message:
    """An event, or so many bytes."""
    return Message(
        TOPIC.name, b"key", random.Random(1).randbytes(size) if size else value(number), number % topics.PARTITIONS
    )


async def ends(broker: Kafka) -> int:
    """How many records the topic has taken so far."""
    consumer = AIOKafkaConsumer(TOPIC.name, bootstrap_servers=broker.bootstrap)
    await consumer.start()
    try:
        return sum((await consumer.end_offsets(consumer.assignment())).values())
    finally:
        await consumer.stop()


async def test_the_project_s_topics_are_made_as_declared(broker: Kafka) -> None:
    """Partitions by number, and making them again makes nothing."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        described = {topic["topic"]: topic for topic in await admin.describe_topics(list(topics.TOPICS))}
        assert {len(described[name]["partitions"]) for name in topics.TOPICS} == {topics.PARTITIONS}
        assert await topics.create(admin) == []
    finally:
        await admin.close()


async def test_each_message_is_told_where_it_is(broker: Kafka) -> None:
    """Placed with partition and offset, in order within a partition; one that is too large spoils no other."""
    async with producing(broker) as producer:
        first, large, second = await producer.publish([message(3), message(3, 1_050_000), message(3)])
        largest, third = await producer.publish([message(3, 1_047_000), message(3)])
        [dead] = await producer.publish([dataclasses.replace(message(3, 4_100_000), topic=TOPIC.dead_letters or "")])
    assert isinstance(large, TooLarge)
    assert isinstance(first, Placed)
    assert first.partition == 3
    assert [second, largest, third] == [dataclasses.replace(first, offset=first.offset + n) for n in (1, 2, 3)]
    assert isinstance(dead, Placed)


async def test_a_broker_that_is_away_is_unavailable_at_once_and_well_again_later(broker: Kafka) -> None:
    """Without a connection the answer is immediate; the same producer works when the broker is back."""
    await asyncio.to_thread(broker.stop)
    async with producing(broker) as producer:
        async with asyncio.timeout(6):
            [told] = await producer.publish([message(0)])
        assert isinstance(told, Unavailable)
        await asyncio.to_thread(broker.start)
        await placed(producer)


async def test_what_was_told_as_failed_does_not_arrive_later(broker: Kafka) -> None:
    """A message unacknowledged at the deadline is given up: an idempotent client would deliver it minutes later."""
    async with producing(broker, 1) as producer:
        await placed(producer)
        before = await ends(broker)
        await asyncio.to_thread(broker.stop)
        loop = asyncio.get_running_loop()
        began = loop.time()
        results = await producer.publish([message(number) for number in range(50)])
        assert loop.time() - began < 6
        assert all(isinstance(result, Unavailable) for result in results)
        await asyncio.to_thread(broker.start)
        assert await ends(broker) == before
        await placed(producer)
        assert before < await ends(broker) < before + 50


async def test_a_frozen_broker_delays_nobody_beyond_the_deadline(broker: Kafka) -> None:
    """Neither those in flight nor those who connect behind one another wait longer; afterwards all is well."""
    loop = asyncio.get_running_loop()
    async with producing(broker, 1.5) as producer:
        await placed(producer)
        broker.pause()
        try:
            for _ in range(2):  # with the old client in flight, then each trying to connect anew
                began = loop.time()
                told = await asyncio.gather(*(producer.publish([message(n)]) for n in range(5)))
                assert all(isinstance(result, Unavailable) for [result] in told)
                assert loop.time() - began < 6  # one behind the other they would need 7.5 s
        finally:
            broker.resume()
        await placed(producer)


async def test_consuming_begins_without_a_broker_and_survives_its_restart(broker: Kafka) -> None:
    """A service that starts first waits; a broker that goes and comes back interrupts, and nothing is lost."""
    await asyncio.to_thread(broker.stop)
    service = Service()
    async with producing(broker) as producer:
        consumption = Consumption(broker.bootstrap, TOPIC, "restarts", service.handle, dead_letters=producer)
        running = asyncio.create_task(consumption.run())
        try:
            assert not consumption.joined
            await asyncio.to_thread(broker.start)
            await producer.publish_all([message(1001)])
            await eventually(lambda: service.handled[1001])
            await asyncio.to_thread(broker.stop)
            with pytest.raises(Unavailable):
                await consumption.caught_up()
            await asyncio.to_thread(broker.start)
            await producer.publish([message(1002)])
            await producer.publish_all([message(1003)])
            await eventually(lambda: service.handled[1003])
        finally:
            async with asyncio.timeout(DEADLINE):
                await consumption.stop()
            await running


async def test_consuming_stops_while_the_broker_is_away(broker: Kafka) -> None:
    """A process must end within its 25 s whatever the broker does."""
    service = Service()
    async with producing(broker) as producer:
        consumption = Consumption(broker.bootstrap, TOPIC, "away", service.handle, dead_letters=producer)
        running = asyncio.create_task(consumption.run())
        await eventually(lambda: consumption.joined)
        await asyncio.to_thread(broker.stop)
        async with asyncio.timeout(25):
            await consumption.stop()
            await running


async def test_consuming_stops_while_the_broker_is_frozen(broker: Kafka) -> None:
    """It takes connections and says nothing: neither the client that has joined nor one being made keeps a process."""
    async with producing(broker) as producer:
        joined, joining = (
            Consumption(broker.bootstrap, TOPIC, group, Service().handle, dead_letters=producer)
            for group in ("frozen", "joining")
        )
        first = asyncio.create_task(joined.run())
        await eventually(lambda: joined.joined)
        broker.pause()
        try:
            second = asyncio.create_task(joining.run())
            with pytest.raises(Unavailable):
                await joined.caught_up()
            async with asyncio.timeout(DEADLINE):
                await asyncio.gather(joined.stop(), joining.stop())
        finally:
            broker.resume()
        await asyncio.gather(first, second)


async def test_the_broker_s_health_follows_the_broker(broker: Kafka) -> None:
    """Green, red while it is away, green again, by the same object."""
    metadata = Metadata(broker.bootstrap, client_id="health")
    try:
        await metadata.check()
        await asyncio.to_thread(broker.stop)
        with pytest.raises(Unavailable):
            await metadata.check()
        await asyncio.to_thread(broker.start)

        async def well() -> bool:
            with contextlib.suppress(Unavailable):
                await metadata.check()
                return True
            return False

        await eventually(well)
    finally:
        await metadata.stop()


async def test_a_check_without_time_leaves_no_connection_open() -> None:
    """A broker that names its versions and says no more: aiokafka's own client, and what the server sees of it."""
    closed = asyncio.Event()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, _, _, correlation = struct.unpack(">ihhi", await reader.readexactly(12))
        answer = struct.pack(">ihihhh", correlation, 0, 1, 3, 0, 5)  # no error; one request: metadata, versions 0 to 5
        writer.write(struct.pack(">i", len(answer)) + answer)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        closed.set()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        metadata = Metadata(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", client_id="test")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await metadata.check()
        await metadata.stop()
        async with asyncio.timeout(5):
            await closed.wait()
