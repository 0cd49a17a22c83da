"""Connections to Kafka: how a client is made, and those that ask: the health check of the broker, the ends of
partitions. Publishing has its own module.

Drivers' own errors stop here: what passes by itself becomes `Unavailable`. Postgres has its own module, database.py.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any, Generic, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

_ASKING = 2.0  # seconds
_PATIENCE = 5.0  # seconds that an end gives to what is still being made or left

C = TypeVar("C")


class Unavailable(Exception):
    """Something this service needs does not answer just now; the same step may succeed later."""


class Connecting(Generic[C]):
    """The one client that `connect` makes: one attempt for all who wait for it, and none is ended in the middle.

    aiokafka leaves a connection open for good when it is cancelled while it asks its first question there (0.14). So
    whoever has no time left leaves, and the attempt goes on; each of its steps has the client's request timeout.
    """

    def __init__(self, connect: Callable[[], Awaitable[C]]) -> None:
        self._connect = connect
        self._client: C | None = None
        self._attempt: asyncio.Task[C] | None = None

    async def client(self) -> C:
        """The client; made if there is none. What `connect` raises is told to everybody who waits."""
        if self._client is not None:
            return self._client
        if self._attempt is None or self._attempt.done():
            self._attempt = asyncio.create_task(self._made())
            self._attempt.add_done_callback(_seen)
        attempt = self._attempt
        try:
            return await asyncio.shield(attempt)
        except asyncio.CancelledError:
            if not attempt.cancelled():
                raise  # it is the caller who has no time left
            raise Unavailable("kafka: the service is stopping") from None

    def forget(self, client: C) -> bool:
        """Make another one for the next who asks; whether it was this one that was kept."""
        kept = self._client is client
        if kept:
            self._client = None
        return kept

    async def end(self) -> C | None:
        """The client, to be closed; from here on there is none."""
        if self._attempt is not None:
            await settled(self._attempt)
        client, self._client = self._client, None
        return client

    async def _made(self) -> C:
        self._client = await self._connect()
        return self._client


async def settled(*tasks: "asyncio.Task[Any]") -> None:
    """Wait for these to end, five seconds at most, then cancel them; what they raise is not this caller's."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_PATIENCE)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _seen(attempt: "asyncio.Task[Any]") -> None:
    """Its error is told to those who still wait, be that nobody."""
    if not attempt.cancelled():
        attempt.exception()


class Metadata:
    """Asks the cluster who it is: the health check of the broker."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._connecting = Connecting(self._connect)

    async def check(self) -> None:
        """Return when a broker answered; `Unavailable` otherwise. The caller sets the time limit."""
        try:
            client = await self._connecting.client()
            await client.fetch_all_metadata()
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable(f"kafka: {error!r}") from error

    async def _connect(self) -> AIOKafkaClient:
        client = AIOKafkaClient(bootstrap_servers=self._bootstrap, client_id=self._client_id, request_timeout_ms=2000)
        try:
            await client.bootstrap()
        except BaseException:
            await client.close()
            raise
        return client

    async def stop(self) -> None:
        client = await self._connecting.end()
        if client is not None:
            await client.close()


class Offsets:
    """Asks a topic's partitions for their ends, on a connection of its own: on a consumer's the broker would answer
    only after the long poll that waits there."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._connecting = Connecting(self._connect)
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
                client = await self._connecting.client()
                answer = await getattr(client, question)([TopicPartition(topic, number) for number in partitions])
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable(f"kafka: {error!r}") from error
        finally:
            self._asking -= 1
            if not self._asking:
                self._answered.set()
        return {partition.partition: offset for partition, offset in answer.items()}

    async def _connect(self) -> AIOKafkaConsumer:
        client = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            metadata_max_age_ms=30_000,
            request_timeout_ms=5000,
        )
        try:
            await client.start()
        except BaseException:
            await client.stop()
            raise
        return client

    async def stop(self) -> None:
        """Close the connection, behind the last question: the client would open another for one in hand, for good."""
        await self._answered.wait()
        client = await self._connecting.end()
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
