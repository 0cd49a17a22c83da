"""One partition of a compacted topic, read whole by each process for itself: without a group, from the beginning on.

What was read before a broker went away is not read again; `check` is red until the end found at the start was reached.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.codec import Record, Unreadable, decode
from contracts.operations.connections import Unavailable, settled
from contracts.topics import Topic

_AGAIN = 1.0  # seconds until a broker that is away is asked again
_POLL_MS = 500

log = structlog.get_logger("following")


class Following:
    """Hands every event of the partition to `take`, in order; `run()` it as a loop of the service."""

    def __init__(
        self, bootstrap: str, topic: Topic, partition: int, *, client_id: str, take: Callable[[Any], None]
    ) -> None:
        self._bootstrap, self._client_id, self._take = bootstrap, client_id, take
        self._topic, self._at = topic, TopicPartition(topic.name, partition)
        self._position: int | None = None
        self._caught_up = False
        self._error = "not read yet"

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self._follow()
            except (KafkaError, OSError, TimeoutError) as error:
                self._error = f"kafka: {error!r}"
                log.warning("cannot follow", topic=self._topic.name, error=self._error)
                await asyncio.sleep(_AGAIN)

    async def check(self) -> None:
        """The health check: whether all that was there at the start is known."""
        if not self._caught_up:
            raise Unavailable(f"{self._topic.name}: {self._error}")

    async def _follow(self) -> None:
        client = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, client_id=self._client_id, enable_auto_commit=False,
            auto_offset_reset="earliest", metadata_max_age_ms=30_000,
        )  # fmt: skip
        starting = asyncio.create_task(client.start())
        try:
            await asyncio.shield(starting)
            client.assign([self._at])
            if self._position is None:
                await client.seek_to_beginning(self._at)
            else:
                client.seek(self._at, self._position)
            end = (await client.end_offsets([self._at]))[self._at]
            while True:
                found = await client.getmany(self._at, timeout_ms=_POLL_MS)
                for record in found.get(self._at, ()):
                    self._read(Record(record.topic, record.partition, record.offset, record.key, record.value, 0))
                self._position = await client.position(self._at)
                self._caught_up = self._caught_up or self._position >= end
        finally:
            await settled(starting)  # a start that is cancelled leaves its connection open
            with contextlib.suppress(KafkaError, OSError):
                await client.stop()

    def _read(self, record: Record) -> None:
        try:
            self._take(decode(record))
        except Unreadable as error:  # nobody can repair what stands there: say so and read on
            log.error("unreadable", topic=record.topic, offset=record.offset, error=str(error))
