"""The one way to publish to Kafka: acks=all, idempotent, zstd, and yes only after the broker's yes."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from contracts.operations.clock import SEND_DEADLINE
from contracts.operations.connections import Connecting, Unavailable
from contracts.topics import TOPICS

_BATCH_BYTES = 256 * 1024
_FLUSH = 3.0
_REQUEST_BYTES = 8 * 1024 * 1024  # above what any topic takes
_USUAL = 1024 * 1024  # what a topic takes that we did not declare


@dataclass(frozen=True, slots=True)
class Message:
    """A record to be published; without a partition Kafka's own partitioner chooses by the key."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def too_large(self) -> bool:
        """Whether the broker would refuse it. Asked before sending: a refusal would leave a gap in the sequence of an
        idempotent client, which then can publish nothing more to that partition."""
        parts = [self.key, self.value, *(part for name, said in self.headers for part in (name.encode(), said))]
        topic = TOPICS.get(self.topic)
        return sum(len(part) + 8 for part in parts if part is not None) > (topic.largest if topic else _USUAL) - 1024


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the broker put a message when it acknowledged it."""

    partition: int
    offset: int


class TooLarge(Exception):
    """The broker will never take this message."""


class Producer:
    """Publishes, and tells of each message what became of it. A client that missed its deadline is replaced, so that
    what was told as failed does not arrive minutes later; the next `publish` connects anew."""

    def __init__(self, bootstrap: str, *, client_id: str, deadline: timedelta = SEND_DEADLINE) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._deadline = deadline.total_seconds()
        self._connecting = Connecting(self._connect)
        self._abandoned: set[asyncio.Task[None]] = set()

    async def publish(
        self, messages: Sequence[Message], *, since: float | None = None
    ) -> list[Placed | Unavailable | TooLarge]:
        """Send all at once and say per message what became of it, at the latest when the deadline is over, which
        counts from `since` (the loop's time) where the messages are older than this call."""
        if not messages:
            return []
        end = (asyncio.get_running_loop().time() if since is None else since) + self._deadline
        try:
            async with asyncio.timeout_at(end):  # others may be connecting already
                client = await self._connecting.client()
        except Unavailable as error:
            return [error] * len(messages)
        except TimeoutError:
            return [Unavailable("kafka: no connection before the deadline")] * len(messages)
        if asyncio.get_running_loop().time() >= end:
            return [Unavailable("kafka: too late to be sent")] * len(messages)
        results = await self._sent(client, messages, end)
        if any(isinstance(result, Unavailable) for result in results):
            self._discard(client)
        return results

    async def publish_all(self, messages: Sequence[Message]) -> list[Placed]:
        """As `publish`, all or an exception: `Unavailable` or `TooLarge`."""
        placed = []
        for result in await self.publish(messages):
            if isinstance(result, Exception):
                raise result
            placed.append(result)
        return placed

    async def start(self) -> None:
        """Connect before the first message; `Unavailable` when the broker does not answer."""
        await self._connecting.client()

    async def stop(self) -> None:
        """Let what is in flight arrive, for three seconds at most, and disconnect."""
        client = await self._connecting.end()
        if client is not None:
            flushed = asyncio.create_task(client.stop())
            await asyncio.wait([flushed], timeout=_FLUSH)
            await _abandon(client, flushed)
        await asyncio.gather(*self._abandoned)

    async def _connect(self) -> AIOKafkaProducer:
        """Whoever waits has a deadline of his own; bound to it, connecting would begin again and again while a slow
        broker comes back."""
        client = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            max_batch_size=_BATCH_BYTES,
            max_request_size=_REQUEST_BYTES,
            request_timeout_ms=int(self._deadline * 1000),
            metadata_max_age_ms=30_000,
        )
        try:
            await client.start()
        except (KafkaError, OSError, TimeoutError) as error:
            self._end_aside(client)
            raise Unavailable(f"kafka: {error!r}") from error
        except BaseException:
            self._end_aside(client)
            raise
        return client

    async def _sent(
        self, client: AIOKafkaProducer, messages: Sequence[Message], end: float
    ) -> list[Placed | Unavailable | TooLarge]:
        """One after the other into the client's buffers, then all acknowledgements at once."""
        sent: list[asyncio.Future[object] | TooLarge] = []
        failure = Unavailable("kafka: not taken before the deadline")
        try:
            async with asyncio.timeout_at(end):
                for message in messages:
                    sent.append(await _buffered(client, message))
        except (KafkaError, OSError) as error:
            failure = Unavailable(f"kafka: {error!r}")
        except TimeoutError:
            pass
        pending = [item for item in sent if isinstance(item, asyncio.Future)]
        if pending:
            await asyncio.wait(pending, timeout=max(0.0, end - asyncio.get_running_loop().time()))
        told = [_outcome(item) if isinstance(item, asyncio.Future) else item for item in sent]
        return told + [failure] * (len(messages) - len(sent))

    def _discard(self, client: AIOKafkaProducer) -> None:
        """Go on without this client."""
        if self._connecting.forget(client):  # else another caller has done so already
            self._end_aside(client)

    def _end_aside(self, client: AIOKafkaProducer) -> None:
        """Nobody should wait for a broker that is frozen."""
        ending = asyncio.create_task(_abandon(client, asyncio.create_task(client.stop())))
        self._abandoned.add(ending)
        ending.add_done_callback(self._abandoned.discard)


async def _buffered(client: AIOKafkaProducer, message: Message) -> "asyncio.Future[object] | TooLarge":
    """The future acknowledgement; waits while the client's buffers are full."""
    if message.too_large:
        return TooLarge(f"a record of {message.topic} cannot be so large")
    future: asyncio.Future[object] = await client.send(
        message.topic, message.value, key=message.key, partition=message.partition, headers=list(message.headers)
    )
    return future


def _outcome(acknowledged: "asyncio.Future[object]") -> Placed | Unavailable | TooLarge:
    if not acknowledged.done() or acknowledged.cancelled():
        return Unavailable("kafka: not acknowledged before the deadline")
    error = acknowledged.exception()
    if isinstance(error, MessageSizeTooLargeError):
        return TooLarge(str(error))
    if error is not None:
        return Unavailable(f"kafka: {error!r}")
    metadata = acknowledged.result()
    return Placed(metadata.partition, metadata.offset)  # type: ignore[attr-defined]


async def _abandon(client: AIOKafkaProducer, stopping: "asyncio.Task[None]") -> None:
    """End a client whatever it still holds: an idempotent producer never gives up by itself, its stop() would wait."""
    sender: asyncio.Task[None] | None = client._sender.sender_task if client._sender is not None else None
    if sender is not None and not stopping.done():
        sender.cancel()
    with contextlib.suppress(KafkaError, OSError, asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(stopping, timeout=5)
