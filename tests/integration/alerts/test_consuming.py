"""From progress.standing on a real broker to lights, tickets and the feed in Postgres, with poison in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client import CollectorRegistry

from contracts import topics
from contracts.codec import encode
from contracts.events import Standing, Watermark
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.publishing import Message, Producer
from contracts.topics import PARTITIONS, STANDING, partition_of
from services.alerts.consumer import consume
from tests.support.judging import PARTITION, STEP, Bench, bench
from tests.support.standings import at, coloured
from tests.support.waiting import eventually


class Way:
    """Publishes as metrics does, and a running consumer behind it."""

    def __init__(self, alerts: Bench, producer: Producer) -> None:
        self.alerts, self._producer = alerts, producer

    async def announce(self, *events: Standing) -> None:
        """Standings into their partitions."""
        records = [
            Message(STANDING.name, e.key.encode(), encode(e, time=e.known_at), partition_of(e.programme, e.indicator))
            for e in events
        ]
        await self._producer.publish_all(records)

    async def pass_time(self, to: datetime) -> None:
        """A watermark in every partition, and wait until all are judged."""
        self.alerts.clock.instant = to
        marks = [Watermark(partition=p, through=to, position=0) for p in range(PARTITIONS)]
        await self._producer.publish_all(
            [Message(STANDING.name, m.key.encode(), encode(m, time=to), m.partition) for m in marks]
        )
        query = "SELECT count(*) = $1 FROM alerts.watermark WHERE through >= $2"
        await eventually(lambda: self.alerts.pool.fetchval(query, PARTITIONS, to))


@pytest.fixture
async def way(empty_kafka: str, database: str) -> AsyncIterator[Way]:
    """Topics, tables, a producer and the consumer."""
    admin = AIOKafkaAdminClient(bootstrap_servers=empty_kafka)
    await admin.start()
    await topics.create(admin)
    await admin.close()
    producer = Producer(empty_kafka, client_id="test")
    async with bench(database) as alerts:
        consumption = consume(empty_kafka, alerts.judging, producer, DeliveryInstruments(CollectorRegistry()))
        running = asyncio.create_task(consumption.run())
        yield Way(alerts, producer)
        await consumption.stop()
        await running
        await producer.stop()


async def test_from_the_broker_to_the_feed(way: Way) -> None:
    """Early warning, light of record, ticket; a poison record and a cell that does not exist stop nothing."""
    way.alerts.clock.instant = at("2023-06-01")
    await way.announce(coloured("2023-05", "red"), coloured("2023-05", "green", district="anji"))
    await way.pass_time(at("2023-06-01") + STEP)
    assert await way.alerts.said() == [("early", "2023-05")]
    await way._producer.publish_all([Message(STANDING.name, b"poison", b"not JSON", PARTITION)])
    await way.announce(coloured("2029-05", "red"))
    await way.pass_time(at("2023-06-06", 0))
    assert await way.alerts.said() == [("early", "2023-05"), ("first", "2023-05")]
    lights = await way.alerts.pool.fetch(
        "SELECT district, record FROM alerts.light WHERE period = '2023-05' AND record <> 'grey' "
        "AND indicator = 'major_projects_investment' ORDER BY district"
    )
    assert [tuple(row) for row in lights] == [("anji", "green"), ("deqing", "red")]
    assert not await way.alerts.pool.fetch("SELECT * FROM alerts.unmatched")
