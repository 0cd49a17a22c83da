"""Replicas of metrics as they run: processes on a real broker and database, a driven clock, and what they announce."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts import topics
from contracts.acts import ProgressActed
from contracts.authority import hashed
from contracts.codec import Event, Record, decode, encode
from contracts.events import Outcome, ProgressReported, Standing, Watermark
from contracts.operations.clock import drive
from contracts.operations.database import Pool, open_pool
from contracts.operations.publishing import Message, Placed, Producer
from deploy.local.ports import free_ports
from deploy.local.service import Service
from services.metrics.consumer import Mark
from tests.support.recorded import at
from tests.support.servers import directory
from tests.support.waiting import eventually

TOKEN = "reader-token"
GAUGE = "liangshai_indicator_value{"


@dataclass
class Measured:
    """The running replicas and everything around them."""

    bootstrap: str
    pool: Pool
    producer: Producer
    place: Path
    environment: dict[str, str]
    started: dict[str, dict[int, int]]  # where each topic ended before the test
    replicas: list[Service] = field(default_factory=list)

    def replica(self, module: str | None = None) -> Service:
        """One more replica, started; `module` runs in place of the service."""
        name = f"metrics-{len(self.replicas)}"
        port, operations = free_ports(2)
        service = Service("metrics", self.place / f"{name}.log", self.environment, port, operations, name)
        if module is not None:
            service.command = (sys.executable, "-m", module)
        self.replicas.append(service)
        service.start(wait=False)
        return service

    def drive(self, instant: datetime) -> None:
        """Move the clock of all replicas."""
        drive(self.place / "clock", instant)

    async def push(self, *events: ProgressReported | ProgressActed | Mark) -> list[Placed]:
        """Publish what intake would, all at once."""
        return await self.producer.publish_all([_message(event) for event in events])

    async def handled(self, placed: Sequence[Placed]) -> bool:
        """Whether the watermarks tell that all of these were handled."""
        rows = await self.pool.fetch("SELECT partition, position FROM metrics.watermark")
        positions = {row["partition"]: row["position"] for row in rows}
        return all(positions.get(each.partition, -1) > each.offset for each in placed)

    async def said(self, topic: topics.Topic = topics.STANDING) -> list[tuple[int, Event]]:
        """Everything announced on a topic since the test began, partition by partition in order."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            parts = [TopicPartition(topic.name, number) for number in range(topics.PARTITIONS)]
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            found = []
            for part in parts:
                consumer.seek(part, self.started[topic.name].get(part.partition, 0))
            while [part for part in parts if await consumer.position(part) < ends[part]]:
                for part, records in (await consumer.getmany(timeout_ms=50)).items():
                    found += [(part.partition, _event(record)) for record in records]
            return sorted(found, key=lambda each: each[0])
        finally:
            await consumer.stop()

    async def standings(self) -> list[Standing]:
        """The standings announced."""
        return [event for _, event in await self.said() if isinstance(event, Standing)]

    async def outcomes(self) -> list[Outcome]:
        """The outcomes announced."""
        return [event for _, event in await self.said(topics.OUTCOME) if isinstance(event, Outcome)]

    async def watermarks(self) -> dict[int, list[Watermark]]:
        """The watermarks announced, by partition in order."""
        found: dict[int, list[Watermark]] = {number: [] for number in range(topics.PARTITIONS)}
        for number, event in await self.said():
            if isinstance(event, Watermark):
                found[number].append(event)
        return found

    async def reached(self, instant: datetime) -> bool:
        """Whether every partition has come so far."""
        rows = await self.pool.fetch("SELECT FROM metrics.watermark WHERE through >= $1", instant)
        return len(rows) == topics.PARTITIONS

    async def recorded(self) -> int:
        """How many reports are in the table."""
        number: int = await self.pool.fetchval("SELECT count(*) FROM metrics.report")
        return number

    async def get(self, path: str, replica: int = 0) -> httpx.Response:
        """Ask the public API of a replica."""
        async with httpx.AsyncClient(base_url=self.replicas[replica].url, timeout=30) as client:
            return await client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})

    async def gauges(self, service: Service) -> list[str]:
        """The samples of the value gauge that a replica exports; none when it does not answer."""
        try:
            async with httpx.AsyncClient(timeout=1) as client:
                text = (await client.get(f"{service.operations}/metrics")).text
        except httpx.TransportError:
            return []
        return [line for line in text.splitlines() if line.startswith(GAUGE)]

    async def ready(self) -> None:
        """Until every replica answers."""
        for service in self.replicas:
            await eventually(service.answers)


def _message(event: ProgressReported | ProgressActed | Mark) -> Message:
    match event:
        case ProgressReported() | ProgressActed():
            said = event.report if isinstance(event, ProgressReported) else event.act
            time, partition = event.received_at, topics.partition_of(said.programme, said.indicator)
        case mark:
            time, partition = mark.applied_at, mark.partition
    return Message(topics.REPORTED.name, event.key.encode(), encode(event, time=time), partition)


def _event(record: Any) -> Event:
    return decode(Record(record.topic, record.partition, record.offset, record.key, record.value, record.timestamp))


@contextlib.asynccontextmanager
async def measured(
    bootstrap: str, database: str, replicas: int = 1, *, prepared: bool = True
) -> AsyncIterator[Measured]:
    """So many replicas at 2023-07-03, ready unless the database is not `prepared`; stopped at the end."""
    with directory("metrics") as place:
        grant = {"subject": "reader", "sha256": hashed(TOKEN), "indicators": "*", "districts": "*", "kinds": ["read"]}
        (place / "tokens.yaml").write_text(yaml.safe_dump([grant]))
        drive(place / "clock", at("2023-07-03"))
        environment = {
            "LIANGSHAI_KAFKA": bootstrap,
            "LIANGSHAI_DATABASE": database,
            "LIANGSHAI_TOKENS": str(place / "tokens.yaml"),
            "LIANGSHAI_CLOCK": str(place / "clock"),
        }
        started = await _ends(bootstrap)
        producer = Producer(bootstrap, client_id="test", deadline=timedelta(seconds=10))
        async with open_pool(database, application="test", size=4) as pool:
            found = Measured(bootstrap, pool, producer, place, environment, started)
            try:
                for _ in range(replicas):
                    found.replica()
                if prepared:
                    await found.ready()
                yield found
            finally:
                await producer.stop()
                stopping = (asyncio.to_thread(service.stop) for service in found.replicas)
                await asyncio.gather(*stopping)  # told to leave the group: the next test's replicas join at once


async def _ends(bootstrap: str) -> dict[str, dict[int, int]]:
    """Make the topics that are missing; where each of ours ends."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await topics.create(admin)
    finally:
        await admin.close()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return {name: await _end(consumer, name) for name in (topics.STANDING.name, topics.OUTCOME.name)}
    finally:
        await consumer.stop()


async def _end(consumer: AIOKafkaConsumer, name: str) -> dict[int, int]:
    parts: Sequence[TopicPartition] = [TopicPartition(name, number) for number in range(topics.PARTITIONS)]
    return {part.partition: end for part, end in (await consumer.end_offsets(parts)).items()}
