"""All of alerts on a real Kafka: standings come in by the topic, messages go out by the topic (rules 9 and 13)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from contracts.codec import Record, decode, encode
from contracts.events import Standing, Watermark
from contracts.feed_events import FeedMessage
from contracts.operations.connections import running
from contracts.operations.publishing import Message, Producer
from contracts.topics import FEED, STANDING, create, partition_of
from tests.support.standings import INDICATOR, PROGRAMME, at, coloured
from tests.support.supervised import Supervised, items, supervised
from tests.support.waiting import DEADLINE, eventually

PARTITION = partition_of(PROGRAMME, INDICATOR)


@pytest.fixture
async def alerts(empty_kafka: str, database: str) -> AsyncIterator[Supervised]:
    """The service on a broker with its topics, consuming."""
    admin = AIOKafkaAdminClient(bootstrap_servers=empty_kafka)
    await admin.start()
    await create(admin)
    await admin.close()
    async with supervised(database, kafka=empty_kafka) as found:
        await eventually(lambda: _ready(found))
        yield found


async def test_a_standing_becomes_a_message_on_the_topic(alerts: Supervised) -> None:
    """Two standings and a watermark in; early and first messages out, in order, as the feed shows them."""
    over = at("2023-07-01") + timedelta(microseconds=1)
    alerts.set_clock(over)
    reds = [coloured("2023-06", "red", district=district) for district in ("deqing", "anji")]
    await _announce(alerts, *reds, Watermark(partition=PARTITION, through=over, position=1))
    await eventually(lambda: _told(alerts, 2))
    alerts.set_clock(at("2023-07-06"))
    await _announce(alerts, Watermark(partition=PARTITION, through=at("2023-07-06"), position=2), *reds)
    await eventually(lambda: _told(alerts, 4))
    shown = items(await alerts.get("/v1/feed"))
    assert [m["notification_reason"] for m in shown] == ["early", "early", "first", "first"]
    sent = await _on_topic(alerts.settings.kafka, 4)
    assert [(m.seq, m.message_id) for m in sent] == [(m["seq"], m["message_id"]) for m in shown]
    through = (await alerts.get("/v1/watermarks")).json()["partitions"][str(PARTITION)]["through"]
    assert through == "2023-07-06T12:00:00+08:00"


async def _announce(alerts: Supervised, *events: Standing | Watermark) -> None:
    producer = Producer(alerts.settings.kafka, client_id="tests")
    async with running(producer):
        now = at("2023-07-01")
        await producer.publish_all(
            [Message(STANDING.name, e.key.encode(), encode(e, time=now), PARTITION) for e in events]
        )


async def _on_topic(kafka: str, count: int) -> list[FeedMessage]:
    """The first messages of progress.feed by their seq: its partitions keep no order among each other."""
    consumer = AIOKafkaConsumer(FEED.name, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        found: list[FeedMessage] = []
        async with asyncio.timeout(DEADLINE):
            while len(found) < count:
                raw = await consumer.getone()
                event = decode(Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, raw.timestamp))
                assert isinstance(event, FeedMessage)
                assert raw.key == event.message_id.encode()
                found.append(event)
        return sorted(found, key=lambda message: message.seq)
    finally:
        await consumer.stop()


async def _told(alerts: Supervised, count: int) -> bool:
    return len(items(await alerts.get("/v1/feed"))) == count


async def _ready(alerts: Supervised) -> bool:
    return (await alerts.operations.get("/readyz")).status_code == 200
