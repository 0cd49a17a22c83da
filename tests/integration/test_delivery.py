"""Delivery on a real broker: poison, defects, outages and rebalances lose nothing, block nothing, skip nothing."""

import asyncio
import contextlib
import dataclasses
import functools
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from prometheus_client import CollectorRegistry

from contracts import consumption as module
from contracts.consumption import Consumption
from contracts.delivery import Received, Unavailable
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.publishing import Message, Producer
from contracts.topics import STANDING, Topic
from tests.support.delivering import POISON, numbers, value
from tests.support.waiting import DEADLINE, eventually

PARTITIONS = 3
Handle = Callable[[Sequence[Received[Any]]], Awaitable[None]]


class Service:
    """A use case that remembers what it handled; `before` may fail or wait first."""

    def __init__(self, before: Handle | None = None) -> None:
        self.handled: Counter[int] = Counter()
        self.calls: list[list[int]] = []
        self._before = before

    async def handle(self, received: Sequence[Received[Any]]) -> None:
        self.calls.append(numbers(received))
        if self._before is not None:
            await self._before(received)
        self.handled.update(numbers(received))


class Room:
    """One topic of its own on the session's broker, who writes to it and who consumes it."""

    def __init__(self, bootstrap: str, topic: Topic, producer: Producer, raw: AIOKafkaProducer) -> None:
        self.bootstrap = bootstrap
        self.topic = topic
        self.producer = producer
        self.raw = raw

    async def send(self, *sent: int, partition: int | None = None) -> None:
        """Publish these events, spread over the partitions or into one."""
        at = [number % PARTITIONS if partition is None else partition for number in sent]
        await self.producer.publish_all(
            [Message(self.topic.name, b"key", value(n), p) for n, p in zip(sent, at, strict=True)]
        )

    @contextlib.asynccontextmanager
    async def consuming(self, service: Service, **options: Any) -> AsyncIterator[Consumption]:
        """A member of the group that has its partitions; stopped at the end as a process stops it."""
        instruments = DeliveryInstruments(CollectorRegistry())
        consumption = Consumption(
            self.bootstrap, self.topic, self.topic.name, service.handle, dead_letters=self.producer,
            instruments=instruments, **options,
        )  # fmt: skip
        running = asyncio.create_task(consumption.run())
        try:
            await eventually(lambda: consumption.joined and consumption.positions)
            yield consumption
        finally:
            await consumption.stop()
            await running

    async def committed(self) -> dict[int, int | None]:
        """What the group has acknowledged, by partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, group_id=self.topic.name)
        await consumer.start()
        try:
            at = [TopicPartition(self.topic.name, number) for number in range(PARTITIONS)]
            return {item.partition: await consumer.committed(item) for item in at}
        finally:
            await consumer.stop()

    async def dead_letters(self, count: int) -> list[Any]:
        """That many records of the dead-letter topic, as they are."""
        consumer = AIOKafkaConsumer(
            self.topic.dead_letters, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            async with asyncio.timeout(DEADLINE):
                return [await consumer.getone() for _ in range(count)]
        finally:
            await consumer.stop()


@pytest.fixture
async def room(kafka: str) -> AsyncIterator[Room]:
    """A topic with three partitions and its dead letters, new for this test."""
    name = f"test.{uuid.uuid4().hex[:12]}"
    topic = dataclasses.replace(STANDING, name=name, dead_letters=f"{name}.dead")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics(
        [
            NewTopic(each, PARTITIONS, 1, topic_configs={"max.message.bytes": "4194304"})
            for each in (name, f"{name}.dead")
        ]
    )
    await admin.close()
    producer = Producer(kafka, client_id="test")
    raw = AIOKafkaProducer(bootstrap_servers=kafka, max_request_size=4_000_000)
    await raw.start()
    try:
        yield Room(kafka, topic, producer, raw)
    finally:
        await raw.stop()
        await producer.stop()


async def test_poison_of_every_kind_is_set_aside_and_everything_else_is_handled(room: Room) -> None:
    """Null, not JSON, not UTF-8, unknown, oversize: each in the dead letters with its bytes, none lost or blocking."""
    await room.send(1, partition=1)
    for content in POISON.values():
        await room.raw.send_and_wait(room.topic.name, content, key=b"poison", partition=1)
    await room.send(2, partition=1)
    service = Service()
    async with room.consuming(service):
        await eventually(lambda: service.handled[2])
        letters = await room.dead_letters(len(POISON))
    assert service.handled == {1: 1, 2: 1}
    said = {dict(letter.headers)["reason"].decode(): letter for letter in letters}
    assert said.keys() == POISON.keys()
    for offset, (reason, content) in enumerate(POISON.items(), start=1):
        headers = dict(said[reason].headers)
        assert (said[reason].value, said[reason].key) == (content or b"", b"poison")
        assert headers["origin-topic"] == room.topic.name.encode()
        assert (headers["origin-partition"], headers["origin-offset"]) == (b"1", str(offset).encode())
    assert (await room.committed())[1] == len(POISON) + 2


@pytest.mark.parametrize("headers", [[("trace", None)], [("trace", b"\xff\xfe")], [("content-type", b"text/plain")]])
async def test_headers_are_nobodys_business(room: Room, headers: list[Any]) -> None:
    """A null header or one that is not UTF-8 would lose the whole batch in FastStream's own parser."""
    await room.send(0, partition=0)
    await room.raw.send_and_wait(room.topic.name, value(1), key=b"key", partition=0, headers=headers)
    await room.send(2, partition=0)
    service = Service()
    async with room.consuming(service):
        await eventually(lambda: service.handled[2])
    assert service.handled == {0: 1, 1: 1, 2: 1}
    assert (await room.committed())[0] == 3


async def test_a_defect_is_bisected_and_only_its_event_set_aside(room: Room) -> None:
    """One event the use case always fails on does not take its batch with it."""

    async def before(received: Sequence[Received[Any]]) -> None:
        if 7 in numbers(received):
            raise ZeroDivisionError("a defect")

    await room.send(*range(20))
    service = Service(before)
    async with room.consuming(service):
        [letter] = await room.dead_letters(1)
        await eventually(lambda: len(service.handled) == 19)
    assert dict(letter.headers)["reason"] == b"defect"
    assert letter.value == value(7)
    assert set(service.handled) == set(range(20)) - {7}
    assert sum(filter(None, (await room.committed()).values())) == 20


async def test_what_is_postponed_comes_again_from_every_partition(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database is away nothing is acknowledged; then every event of every partition is handled in order."""
    monkeypatch.setattr(module, "_SHORTEST_PAUSE", 0.05)
    failures = 3

    async def before(received: Sequence[Received[Any]]) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise Unavailable("the database is away")

    await room.send(*range(30))
    service = Service(before)
    async with room.consuming(service, max_records=25):
        await eventually(lambda: len(service.handled) == 30)
        await room.send(*range(30, 33))
        await eventually(lambda: len(service.handled) == 33)
    order = [number for call in service.calls[3:] for number in call]
    for partition in range(PARTITIONS):
        assert [number for number in order if number % PARTITIONS == partition] == list(
            range(partition, 33, PARTITIONS)
        )
    assert sum(filter(None, (await room.committed()).values())) == 33


async def test_the_end_in_the_middle_of_a_batch_acknowledges_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that outlasts the grace is cancelled and comes again after the restart."""
    monkeypatch.setattr("contracts.subscription.GRACE", 0.2)
    begun = asyncio.Event()

    async def before(received: Sequence[Received[Any]]) -> None:
        begun.set()
        await asyncio.Event().wait()

    await room.send(*range(10))
    async with room.consuming(Service(before)):
        await asyncio.wait_for(begun.wait(), DEADLINE)
    assert set((await room.committed()).values()) == {None}
    service = Service()
    async with room.consuming(service):
        await eventually(lambda: len(service.handled) == 10)


async def test_a_batch_in_hand_ends_before_the_process_does(room: Room) -> None:
    """stop() waits for the use case, and its acknowledgement arrives."""
    begun, release = asyncio.Event(), asyncio.Event()

    async def before(received: Sequence[Received[Any]]) -> None:
        begun.set()
        await release.wait()

    await room.send(0, 1, 2)
    service = Service(before)
    async with room.consuming(service) as consumption:
        await asyncio.wait_for(begun.wait(), DEADLINE)
        stopping = asyncio.create_task(consumption.stop())
        release.set()
        await stopping
    assert sum(filter(None, (await room.committed()).values())) == sum(service.handled.values())


async def test_a_commit_after_a_rebalance_is_left_to_the_new_owner(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow batch whose partitions went to another member is disowned; every event is handled by somebody."""
    monkeypatch.setattr(module, "_HANDOVER", 0.1)
    begun, release = asyncio.Event(), asyncio.Event()

    async def before(received: Sequence[Received[Any]]) -> None:
        begun.set()
        await release.wait()

    await room.send(*range(30))
    slow, quick = Service(before), Service()
    async with room.consuming(slow) as first:
        await asyncio.wait_for(begun.wait(), DEADLINE)
        async with room.consuming(quick) as second:
            await eventually(lambda: quick.handled)
            release.set()
            await room.send(*range(30, 60))
            await eventually(lambda: set(slow.handled | quick.handled) == set(range(60)))
            assert not set(first.positions) & set(second.positions)
    assert _outcomes(first)["disowned"] >= 1
    assert sum(filter(None, (await room.committed()).values())) == 60


async def test_a_client_that_lost_its_group_for_good_is_replaced(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an outage aiokafka may go on fetching and never find its coordinator again: it can acknowledge nothing."""
    monkeypatch.setattr("contracts.delivery._COMMIT_TIMEOUT", 0.2)
    service = Service()
    async with room.consuming(service) as consumption:
        await room.send(0)
        await eventually(lambda: service.handled[0])
        stuck = consumption._subscriber.consumer._coordinator
        await stuck._coordinator_lookup_lock.acquire()
        stuck.coordinator_dead()
        await room.send(*range(1, 7))
        await eventually(lambda: set(service.handled) == set(range(7)))
        await eventually(lambda: consumption.joined and sum(consumption.positions.values()) == 7)
        stuck._coordinator_lookup_lock.release()
        await room.send(7)
        await eventually(lambda: sum(consumption.positions.values()) == 8)
    assert sum(filter(None, (await room.committed()).values())) == 8
    assert _outcomes(consumption)["postponed"] >= 3


async def test_a_client_that_brings_nothing_while_records_wait_is_replaced(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way in which the same shows; whoever looks after the service's health measures all the time."""
    monkeypatch.setattr("contracts.stalling._SILENCE", 0.3)
    service = Service()
    async with room.consuming(service) as consumption:
        await room.send(0)
        await eventually(lambda: service.handled[0])
        silent = consumption._subscriber.consumer
        silent.pause(*silent.assignment())
        await room.send(*range(1, 7))

        async def handled() -> bool:
            await consumption.measure()  # as health does, each second
            return set(service.handled) == set(range(7))

        await eventually(handled)
        await eventually(lambda: sum(consumption.positions.values()) == 7)
    assert sum(filter(None, (await room.committed()).values())) == 7


async def test_nothing_is_skipped_while_members_come_and_go(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Postponements, small batches and rebalances under load: in the end every event was handled and acknowledged."""
    monkeypatch.setattr(module, "_SHORTEST_PAUSE", 0.02)
    monkeypatch.setattr(module, "_LONGEST_PAUSE", 0.05)
    calls = 0

    async def before(received: Sequence[Received[Any]]) -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.002)
        if calls % 5 == 0:
            raise Unavailable("away for a moment")

    service = Service(before)
    async with room.consuming(service, max_records=7):
        for start in range(0, 300, 100):
            await room.send(*range(start, start + 100))
            async with room.consuming(service, max_records=7):
                await eventually(functools.partial(_more_than, service, start))
        await eventually(lambda: len(service.handled) == 300)
    assert sum(filter(None, (await room.committed()).values())) == 300


async def test_too_many_dead_letters_stop_consuming_and_leave_the_batch(room: Room) -> None:
    """The 51st in a row: the member leaves the group, the records stay in the topic, a restart begins with them."""
    await room.send(0, partition=0)
    for _ in range(51):
        await room.raw.send(room.topic.name, b"not JSON", key=b"poison", partition=0)
    await room.raw.flush()
    service = Service()
    async with room.consuming(service, max_records=1) as consumption:
        await eventually(lambda: consumption.stopped)
        await eventually(lambda: not consumption.joined)
        assert consumption.positions == {}
    assert await room.committed() == {0: 51, 1: None, 2: None}
    async with room.consuming(service) as consumption:
        await eventually(lambda: consumption.positions[0] == 52)
        assert consumption.stopped is None


async def test_positions_follow_what_is_handled(room: Room) -> None:
    """From the beginning, moved by each batch, equal to the ends when caught up, and found again after a restart."""
    service = Service()
    async with room.consuming(service) as consumption:
        assert consumption.positions == await consumption.caught_up() == {0: 0, 1: 0, 2: 0}
        await room.send(0, 3, 6, 1)
        await eventually(lambda: consumption.positions == {0: 3, 1: 1, 2: 0})
        assert await consumption.caught_up() == {0: 3, 1: 1, 2: 0}
    assert consumption.positions == {}
    await room.send(9)
    waiting = asyncio.Event()

    async def before(received: Sequence[Received[Any]]) -> None:
        await waiting.wait()

    async with room.consuming(Service(before)) as consumption:
        assert consumption.positions == {0: 3, 1: 1, 2: 0}
        assert await consumption.caught_up() == {1: 1, 2: 0}
        assert await consumption.measure() == {0: 1, 1: 0, 2: 0}
        waiting.set()
        await eventually(lambda: consumption.positions[0] == 4)


async def test_an_idle_consumer_wakes_at_once(room: Room) -> None:
    """Each push to an idle consumer is handled by itself, long before the next one comes (tests/bench measures it)."""
    service = Service()
    async with room.consuming(service):
        await room.send(0)
        await eventually(lambda: service.handled[0])
        for number in range(1, 31):
            await asyncio.sleep(0.01 * (number % 7))
            await room.send(number)
            await eventually(functools.partial(service.handled.get, number), every=0.001)


def _more_than(service: Service, count: int) -> bool:
    return len(service.handled) > count


def _outcomes(consumption: Consumption) -> Counter[str]:
    """How many batches ended how."""
    assert consumption._instruments is not None
    counted: Counter[str] = Counter()
    for metric in consumption._instruments.batches.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total"):
                counted[sample.labels["outcome"]] += int(sample.value)
    return counted
