"""Consuming a topic for a group: FastStream fetches (subscription.py), delivery.py decides, and here the decision is
carried out: offsets committed and rewound batch by batch, pauses, the end at the limit of dead letters.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from faststream.kafka import KafkaBroker

from contracts.batch_log import BatchLog
from contracts.claim import Claim
from contracts.codec import Record
from contracts.delivery import (
    Aside,
    DeadLetters,
    Delivery,
    Disowned,
    Handle,
    Handled,
    Limit,
    Outcome,
    Postponed,
    Stopped,
)
from contracts.operations.connections import Offsets, Unavailable, settled
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.publishing import Producer
from contracts.positions import Positions
from contracts.stalling import Stalling
from contracts.subscription import Assignments, make_broker, subscribe
from contracts.topics import Topic

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_HANDOVER = 3.0  # how long a rebalance waits for the batch in hand

log = structlog.get_logger("delivery")


class Consumption:
    """One topic consumed by one group: `run()` it, ask it how far it is, `stop()` it."""

    def __init__(
        self,
        bootstrap: str,
        topic: Topic,
        group: str,
        handle: Handle,
        *,
        dead_letters: Producer,
        instruments: DeliveryInstruments | None = None,
        limit: Limit | None = None,
        aside: Aside | None = None,
        max_records: int = 500,
        session_timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        if topic.dead_letters is None:
            raise ValueError(f"{topic.name} names no dead letters")
        self.topic = topic
        self.group = group
        self.stopped: str | None = None  # why consuming ended at the limit of dead letters
        self._delivery = Delivery(handle, DeadLetters(dead_letters, topic.dead_letters, group), limit, aside)
        self._instruments = instruments
        self._offsets = Offsets(bootstrap, client_id=f"{group}-offsets")
        self._log = BatchLog(topic.name, group, instruments)
        self._positions = Positions(topic.name, self._offsets, self._committed)
        self._in_hand = asyncio.Lock()  # held while a batch is being delivered
        self._ending = asyncio.Event()
        self._ended = asyncio.Event()
        self._stalling = Stalling()
        self._postponements = 0
        self._leaving: set[asyncio.Task[None]] = set()  # clients that were replaced
        self._make = partial(self._subscribed, bootstrap, max_records, session_timeout)
        self._broker, self._subscriber = self._make()

    def _subscribed(self, bootstrap: str, max_records: int, session_timeout: timedelta) -> tuple[KafkaBroker, Any]:
        """A client of the group; once another has taken its place, what it brings and hears counts no more."""
        broker = make_broker(bootstrap, client_id=self.group)

        async def on_batch(raw: Sequence["ConsumerRecord[bytes, bytes]"]) -> None:
            if broker is self._broker:
                await self._on_batch(raw)

        async def assigned(partitions: frozenset[int]) -> None:
            if broker is self._broker:
                await self._assigned_now(partitions)

        async def revoked() -> None:
            if broker is self._broker:
                await self._revoked_now()

        subscriber = subscribe(
            broker,
            self.topic.name,
            self.group,
            on_batch,
            Assignments(assigned, revoked),
            max_records=max_records,
            session_timeout=session_timeout,
        )
        return broker, subscriber

    @property
    def name(self) -> str:
        """The topic's name."""
        return self.topic.name

    @property
    def positions(self) -> Mapping[int, int]:
        """The next offset not yet handled of each assigned partition."""
        return dict(self._positions.at)

    @property
    def epoch(self) -> int:
        """Moves with every change of the assignment."""
        return self._positions.epoch

    @property
    def handled_at(self) -> float | None:
        """`time.monotonic()` of the last acknowledged batch."""
        return self._positions.handled_at

    @property
    def lag(self) -> dict[int, int]:
        """The records not handled yet by partition, as last measured."""
        return self._positions.lag

    @property
    def joined(self) -> bool:
        """Whether the group has told this consumer its partitions, be they none."""
        return self._positions.assigned is not None and not self._ended.is_set()

    async def caught_up(self) -> dict[int, int]:
        """The positions of those partitions that held nothing unhandled when the broker was asked just now.

        `Unavailable` when it did not answer.
        """
        return await self._positions.caught_up()

    async def measure(self) -> dict[int, int]:
        """Ask for the ends and keep the lag by partition; `Unavailable` when the broker did not answer."""
        try:
            lag = await self._positions.measure()
        except Unavailable:
            self._stalling.heard()
            raise
        if not self._in_hand.locked():
            self._stalling.waits(lag)
        if self._instruments is not None:
            for number, records in lag.items():
                self._instruments.lag.labels(self.topic.name, str(number)).set(records)
        return lag

    async def run(self) -> None:
        """Consume until `stop()` or the limit of dead letters; connects again for as long as that takes."""
        try:
            while not self._ending.is_set():
                if await self._connected():
                    await self._ending_or_stalled()
                else:
                    await self._pause()
        finally:
            self._ending.set()
            await asyncio.gather(self._disconnect(self._broker), settled(*self._leaving))
            self._positions.let_go()  # from here on nobody asks for offsets
            await self._offsets.stop()
            self._ended.set()

    async def stop(self) -> None:
        """Take no further batch, let the one in hand end (15 s at most), leave the group."""
        self._ending.set()
        await self._ended.wait()

    async def _on_batch(self, raw: Sequence["ConsumerRecord[bytes, bytes]"]) -> None:
        """Nothing may leave here as an exception: FastStream would swallow it and go on behind it."""
        started = time.perf_counter()
        self._stalling.heard()
        records = [_record(item) for item in raw]
        async with self._in_hand:
            outcome = await self._delivered(records)
            if isinstance(outcome, Handled):
                self._positions.advance(records)
        if outcome is not None:
            self._log.note(records, outcome, time.perf_counter() - started)
            self._stalling.became(outcome)
            await self._follow(outcome)

    async def _delivered(self, records: Sequence[Record]) -> Outcome | None:
        claim = Claim(self.topic.name, self._positions, self._subscriber.consumer)
        if self._ending.is_set():
            claim.rewind({record.partition: record.offset for record in reversed(records)})
            return None
        try:
            return await self._delivery.deliver(records, claim)
        except Exception as error:
            log.exception("delivery failed", topic=self.topic.name)
            claim.rewind({record.partition: record.offset for record in reversed(records)})
            return Postponed(f"defect of delivery: {error!r}")

    async def _follow(self, outcome: Outcome) -> None:
        """What an outcome asks of the consumer itself."""
        match outcome:
            case Stopped(reason):
                self.stopped = reason
                self._ending.set()
            case Postponed():
                self._postponements += 1
                await self._pause()
            case Handled() | Disowned():
                self._postponements = 0

    async def _pause(self) -> None:
        """0.5 to 10 s, longer with each postponement in a row, with jitter, ended by `stop()`."""
        longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2 ** min(self._postponements, 6))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), random.uniform(_SHORTEST_PAUSE, longest))

    async def _connected(self) -> bool:
        starting = asyncio.create_task(self._broker.start())
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            await settled(starting)
        [failure] = await asyncio.gather(starting, return_exceptions=True)
        if failure is None:
            return True
        log.warning("not consuming yet", topic=self.topic.name, reason=repr(failure))
        self._postponements += 1
        await self._disconnect(self._broker)
        return False

    async def _ending_or_stalled(self) -> None:
        """Until `stop()`, or until the client has to be made anew."""
        waiting = [asyncio.create_task(each.wait()) for each in (self._ending, self._stalling.noticed)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if not self._ending.is_set():
            self._renew()

    def _renew(self) -> None:
        """Put another client in the place of the one that stalled, which may take for ever to stop."""
        log.error("the client has stalled: connecting anew", topic=self.topic.name, group=self.group)
        leaving = asyncio.create_task(self._disconnect(self._broker))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        self._broker, self._subscriber = self._make()
        self._positions.let_go()
        self._stalling.over()

    async def _disconnect(self, broker: KafkaBroker) -> None:
        try:
            await broker.stop()
        except Exception as error:  # the broker may be away; the group notices by the session timeout
            log.warning("left the group without a word", topic=self.topic.name, reason=repr(error))

    async def _committed(self, partitions: Collection[int]) -> dict[int, int]:
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer
        if consumer is None:
            raise Unavailable("kafka: not connected")
        numbers = sorted(partitions)
        try:
            offsets = await asyncio.gather(
                *(consumer.committed(TopicPartition(self.topic.name, number)) for number in numbers)
            )
        except (KafkaError, OSError) as error:
            raise Unavailable(f"kafka: {error!r}") from error
        return {number: offset for number, offset in zip(numbers, offsets, strict=True) if offset is not None}

    async def _assigned_now(self, partitions: frozenset[int]) -> None:
        log.info("assigned", topic=self.topic.name, group=self.group, partitions=sorted(partitions))
        await self._positions.take(partitions)

    async def _revoked_now(self) -> None:
        """The batch in hand may still be acknowledged, if it ends soon; what comes later is disowned."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HANDOVER), self._in_hand:
                pass
        self._positions.let_go()


def _record(raw: "ConsumerRecord[bytes, bytes]") -> Record:
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, raw.timestamp)
