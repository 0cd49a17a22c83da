"""Connections to Kafka that ask: the health check of the broker, the ends of partitions. Publishing has its own module.

Drivers' own errors stop here: what passes by itself becomes `Unavailable`. Postgres has its own module, database.py.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

_ASKING = 2.0  # seconds


class Unavailable(Exception):
    """Something this service needs does not answer just now; the same step may succeed later."""


class Metadata:
    """Asks the cluster who it is: the health check of the broker."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._client: AIOKafkaClient | None = None

    async def check(self) -> None:
        """Return when a broker answered; `Unavailable` otherwise. The caller sets the time limit."""
        try:
            if self._client is None:
                await self._connect()
            else:
                await self._client.fetch_all_metadata()
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable(f"kafka: {error!r}") from error

    async def _connect(self) -> None:
        client = AIOKafkaClient(bootstrap_servers=self._bootstrap, client_id=self._client_id, request_timeout_ms=2000)
        try:
            await client.bootstrap()
        except BaseException:
            await client.close()
            raise
        self._client = client

    async def stop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()


class Offsets:
    """Asks a topic's partitions for their ends, on a connection of its own: on a consumer's the broker would answer
    only after the long poll that waits there."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._client: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()
        self._asking = 0
        self._answered = asyncio.Event()  # while nobody is asking
        self._answered.set()

    async def end(self, topic: str, partitions: Collection[int]) -> dict[int, int]:
        """The offset after the last record of each partition; `Unavailable` when the broker does not answer."""
        return await self._ask("end_offsets", topic, partitions)

    async def beginning(self, topic: str, partitions: Collection[int]) -> dict[int, int]:
        """The first offset that each partition still holds."""
        return await self._ask("beginning_offsets", topic, partitions)

    async def _ask(self, question: str, topic: str, partitions: Collection[int]) -> dict[int, int]:
        self._asking += 1
        self._answered.clear()
        try:
            async with asyncio.timeout(_ASKING):
                client = await self._started()
                answer = await getattr(client, question)([TopicPartition(topic, number) for number in partitions])
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable(f"kafka: {error!r}") from error
        finally:
            self._asking -= 1
            if not self._asking:
                self._answered.set()
        return {partition.partition: offset for partition, offset in answer.items()}

    async def _started(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._client is None:
                client = AIOKafkaConsumer(
                    bootstrap_servers=self._bootstrap, client_id=self._client_id, metadata_max_age_ms=30_000
                )
                try:
                    await client.start()
                except BaseException:
                    await client.stop()
                    raise
                self._client = client
            return self._client

    async def stop(self) -> None:
        """Close the connection, behind the last question: the client would open another for one in hand, for good."""
        await self._answered.wait()
        client, self._client = self._client, None
        if client is not None:
            await client.stop()


class Part(Protocol):
    """Something that holds a connection."""

    async def stop(self) -> None: ...


@contextlib.asynccontextmanager
async def running(*parts: Part) -> AsyncIterator[None]:
    """Stop these parts at the end; they connect by themselves when first used."""
    try:
        yield
    finally:
        for part in reversed(parts):
            await part.stop()
