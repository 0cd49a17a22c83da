"""Nothing lost: each fault strikes in the thick of the story, which must come to the same end as undisturbed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer

from contracts.operations.clock import drive
from contracts.topics import TOPICS
from tests.support.trial import End, Trial, kill, restart, rounds, trial

pytestmark = pytest.mark.timeout(180)

_undisturbed: list[End] = []


@pytest.fixture(params=list(rounds()))
async def told(request: pytest.FixtureRequest) -> AsyncIterator[Trial]:
    """A trial of this round's seed."""
    async with trial(request.param) as one:
        yield one


async def undisturbed() -> End:
    """The end of the story when nothing happens: told once a session."""
    if not _undisturbed:
        async with trial(0) as one:
            _undisturbed.append(await one.tell())
    return _undisturbed[0]


def same(found: End, wanted: End) -> None:
    """Every difference, named."""
    for name, rows in wanted.items():
        missing, surplus = rows - found[name], found[name] - rows
        assert not missing, f"{name}: {sum(missing.values())} missing, first {min(missing, key=str)}"
        assert not surplus, f"{name}: {sum(surplus.values())} too many, first {min(surplus, key=str)}"


async def test_the_story_has_something_to_lose() -> None:
    """The undisturbed story holds facts, standings, lights of every colour, tickets and messages."""
    end = await undisturbed()
    assert all(len(rows) > 50 for name, rows in end.items()), {name: len(rows) for name, rows in end.items()}
    assert {row[4] for row in end["lights"]} >= {"green", "yellow", "red"}


@pytest.mark.parametrize("service", ["ingest", "metrics", "alerts"])
async def test_kill(told: Trial, service: str) -> None:
    """kill -9 at two seeded moments under load loses and doubles nothing."""
    part = getattr(told.stack, service)

    async def disturb(one: Trial) -> None:
        for _ in range(2):
            await one.moment()
            await kill(part)
            assert await one.stays_red(part, 1)
            await restart(part)

    same(await told.tell(disturb), await undisturbed())


@pytest.mark.parametrize("service", ["metrics", "alerts"])
async def test_stopped_past_its_session(told: Trial, service: str) -> None:
    """A service that stood still for longer than its session repeats what it could not acknowledge, to the same end."""
    part = getattr(told.stack, service)

    async def disturb(one: Trial) -> None:
        await one.moment()
        part.pause()
        await asyncio.sleep(12)  # the group's session is 10 s: the length is the fault
        part.resume()

    same(await told.tell(disturb), await undisturbed())


@pytest.mark.parametrize("parts", [("kafka",), ("postgres",), ("kafka", "postgres")], ids="+".join)
async def test_outage(told: Trial, parts: tuple[str, ...]) -> None:
    """Kafka, Postgres, then both away: readiness turns red, and afterwards all goes on to the same end."""
    away = [getattr(told.stack, name) for name in parts]
    seconds = 20 if len(parts) == 1 else 8

    async def disturb(one: Trial) -> None:
        await one.moment()
        for part in away:
            await kill(part)
        red = asyncio.create_task(one.stays_red(one.stack.metrics, 12))
        await asyncio.sleep(seconds)  # the length is the fault
        assert await red
        for part in away:
            await restart(part)

    same(await told.tell(disturb), await undisturbed())
    for service in told.stack.services:
        await asyncio.to_thread(service.ready, 20)


async def test_poison(told: Trial) -> None:
    """A record of each unreadable kind on both consumed topics is put aside with its bytes; the story goes on."""
    poison: list[tuple[bytes | None, list[tuple[str, bytes | None]]]] = [
        (b"not json", []),
        (b'{"specversion":"1.0","type":"never.heard.v1","source":"/x","id":"1","data":{}}', []),
        (b"\xff\xfe", [("content-type", None)]),
        (None, []),
        (b"{" + b" " * 300_000 + b"}", []),
    ]
    topics = ("progress.reported", "progress.standing")

    async def disturb(one: Trial) -> None:
        await one.moment()
        producer = AIOKafkaProducer(bootstrap_servers=one.stack.kafka.bootstrap)
        await producer.start()
        try:
            for topic in topics:
                for value, headers in poison:
                    await producer.send_and_wait(topic, value, headers=headers, key=b"poison", partition=3)
        finally:
            await producer.stop()

    same(await told.tell(disturb), await undisturbed())
    for topic in topics:
        dead = TOPICS[topic].dead_letters
        assert dead is not None
        assert await _records(told, dead) == len(poison), topic


@pytest.mark.parametrize("told_twice", list(rounds()))
async def test_every_request_twice(told_twice: int) -> None:
    """The same batch and the same file sent twice are recorded once; each second item is told: duplicate."""
    async with trial(told_twice, twice=True) as one:
        same(await one.tell(), await undisturbed())
        (repeats,) = await one.fetch("SELECT count(*) FROM metrics.receipt_item WHERE outcome = 'duplicate'")
        (facts,) = await one.fetch("SELECT count(*) FROM metrics.report")
        assert repeats[0] == facts[0]


async def test_second_replica_joins_and_leaves(told: Trial) -> None:
    """Two replicas of metrics share the partitions, one dies in the middle: rebalances double nothing."""
    second = told.stack.service("metrics", name="metrics-2")

    async def disturb(one: Trial) -> None:
        await one.moment()
        await restart(second)
        await one.moment()
        await kill(second)

    same(await told.tell(disturb), await undisturbed())


async def test_alerts_away_for_three_months(told: Trial) -> None:
    """Alerts comes back after three months: every light of record is what it would have been, and tickets follow."""
    await kill(told.stack.alerts)
    wire, driver = told.wire, told.driver

    async def metrics_marks() -> dict[str, object]:
        rows = await told.fetch("SELECT partition, through, position FROM metrics.watermark")
        marks = {str(r["partition"]): {"through": r["through"].isoformat(), "position": r["position"]} for r in rows}
        return {"partitions": marks, "next_at": None}

    async def no_feed(after: int, limit: int = 1000) -> list[dict[str, object]]:
        return []

    alerts_marks = wire.watermarks
    wire.watermarks, wire.feed = metrics_marks, no_feed  # type: ignore[method-assign]
    await driver.run()
    wire.watermarks = alerts_marks  # type: ignore[method-assign]
    await restart(told.stack.alerts)
    drive(told.clock, driver.until)
    await driver.settled()
    found, wanted = await told.end(), await undisturbed()
    assert {row[:3] + row[4:5] for row in found["lights"]} == {row[:3] + row[4:5] for row in wanted["lights"]}
    assert {row[:2] for row in found["tickets"]} == {row[:2] for row in wanted["tickets"]}


async def _records(told: Trial, topic: str) -> int:
    """How many records a topic holds."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(bootstrap_servers=told.stack.kafka.bootstrap)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        ends = await consumer.end_offsets(partitions)
        return sum(ends.values())
    finally:
        await consumer.stop()
