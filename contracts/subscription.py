"""FastStream's part of consuming, with every setting it would lose records by (checked in 0.7.8 and aiokafka 0.14).

Its defaults commit before the handler runs, begin at the latest record, and decode headers and JSON ahead of us: a body
that is not JSON is passed over, a header that is null or not UTF-8 loses the whole batch. Here nothing is decoded
and nothing is acknowledged: consumption.py does both.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.structs import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage

GRACE = 15.0  # seconds for the batch in hand when the process stops
_POLL_MS = 5  # FastStream sleeps as long again after an empty poll
_FETCH_WAIT_MS = 100  # the longest that a fetch which left a partition out keeps it waiting
_HEARTBEAT_MS = 500  # how soon a member notices a rebalance
_REBALANCE_MS = 10_000

OnBatch = Callable[[Sequence["ConsumerRecord[bytes, bytes]"]], Awaitable[None]]


class Assignments(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """Passes on what the group decides; aiokafka logs and swallows what these raise."""

    def __init__(
        self, assigned: Callable[[frozenset[int]], Awaitable[None]], revoked: Callable[[], Awaitable[None]]
    ) -> None:
        self._assigned = assigned
        self._revoked = revoked

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._assigned(frozenset(item.partition for item in assigned))


def make_broker(bootstrap: str, *, client_id: str) -> KafkaBroker:
    """A broker that consumes and nothing else: what we publish needs its own settings (connections.py)."""
    return KafkaBroker(
        bootstrap,
        client_id=client_id,
        consumer_only=True,
        allow_auto_create_topics=False,
        metadata_max_age_ms=30_000,
        request_timeout_ms=20_000,
        graceful_timeout=GRACE,
        ack_policy=AckPolicy.MANUAL,
        apply_types=False,
        logger=logging.getLogger("liangshai.faststream"),  # "faststream" would bring a handler of its own
    )


def subscribe(
    broker: KafkaBroker,
    topic: str,
    group: str,
    on_batch: OnBatch,
    listener: Assignments,
    *,
    max_records: int,
    session_timeout: timedelta,
) -> Any:
    """Register the batch handler; the subscriber returned holds the `consumer` while it runs."""
    session_ms = int(session_timeout.total_seconds() * 1000)
    subscriber = broker.subscriber(
        topic,
        batch=True,
        group_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        parser=_parsed,
        decoder=_undecoded,
        listener=listener,
        max_records=max_records,
        batch_timeout_ms=_POLL_MS,
        fetch_max_wait_ms=_FETCH_WAIT_MS,
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=min(_HEARTBEAT_MS, session_ms // 3),
        rebalance_timeout_ms=max(session_ms, _REBALANCE_MS),
    )
    subscriber(on_batch)
    return subscriber


async def _parsed(message: Any) -> KafkaAckableMessage:
    """The records as they are, instead of FastStream's parser that decodes their headers."""
    return KafkaAckableMessage(body=b"", raw_message=message, consumer=FAKE_CONSUMER)


async def _undecoded(message: Any) -> Any:
    """The records as they are, instead of FastStream's decoder that reads JSON."""
    return message.raw_message
