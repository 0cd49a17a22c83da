"""Delivery: what becomes of a batch of records, decided here and returned. Nothing is lost, nothing blocks for ever.

A batch of a consumer (consumption.py) comes in, the service's use case is called with its events, and one of five
outcomes goes out: `Handled`, `Postponed`, `Disowned`, `Stopped`; a record that is unreadable or that the use case
fails on twice ends in the dead letters and is part of `Handled`.
"""

import asyncio
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from contracts.codec import Record, Unreadable, decode
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import Message, Placed, TooLarge

__all__ = [
    "Claim",
    "DeadLetters",
    "Delivery",
    "Disowned",
    "Handled",
    "Limit",
    "Outcome",
    "Postponed",
    "Received",
    "Record",
    "Stopped",
    "Unavailable",
    "Unreadable",
]

E = TypeVar("E")
_COMMIT_TIMEOUT = 5.0  # aiokafka would try for ever
_KEPT = 512 * 1024  # of a record that is too large even for the dead letters
_DETAIL = 8000  # characters of a traceback

log = structlog.get_logger("delivery")


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """An event and the record it came in."""

    event: E
    record: Record


@dataclass(frozen=True, slots=True)
class Dead:
    """A record set aside, and why."""

    record: Record
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Handled:
    """All of the batch is done and acknowledged, the dead letters among it included."""

    records: int
    dead: tuple[Dead, ...] = ()


@dataclass(frozen=True, slots=True)
class Postponed:
    """Something needed does not answer; the batch was rewound and comes again. `unacknowledged`: all was done, but the
    group did not take the acknowledgement."""

    reason: str
    unacknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Disowned:
    """The group rebalanced meanwhile; the new owner repeats the work."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Too many dead letters: consuming must end, the batch was rewound and stays in the topic."""

    reason: str


Outcome = Handled | Postponed | Disowned | Stopped
Handle = Callable[[Sequence[Received[Any]]], Awaitable[None]]
Aside = Callable[[Sequence[Dead]], Awaitable[None]]  # hears of the dead letters of a batch


class Claim(Protocol):
    """A consumer's hold on the partitions of one batch."""

    async def commit(self, offsets: Mapping[int, int]) -> None:
        """Acknowledge up to, not including, these offsets by partition; CommitFailedError when no longer ours."""

    def rewind(self, offsets: Mapping[int, int]) -> None:
        """Let these partitions be read again from these offsets, where they are still ours."""


class Publisher(Protocol):
    """What dead letters are written with (`publishing.Producer`)."""

    async def publish(self, messages: Sequence[Message]) -> list[Placed | Unavailable | TooLarge]: ...


class Limit:
    """How many dead letters are taken for bad luck rather than for a defect of ours."""

    def __init__(self, in_a_row: int = 50, share: float = 0.1, window: int = 1000) -> None:
        self._in_a_row = in_a_row
        self._most = int(share * window)
        self._seen: deque[bool] = deque(maxlen=window)
        self._dead = 0
        self._row = 0

    def count(self, dead: bool) -> None:
        """Note one record."""
        if len(self._seen) == self._seen.maxlen:
            self._dead -= self._seen[0]
        self._seen.append(dead)
        self._dead += dead
        self._row = self._row + 1 if dead else 0

    @property
    def exceeded(self) -> str | None:
        """Why it is too much, or None."""
        if self._row > self._in_a_row:
            return f"more than {self._in_a_row} dead letters in a row"
        if self._dead > self._most:
            return f"more than {self._most} dead letters among {self._seen.maxlen} records"
        return None

    def copy(self) -> "Limit":
        """The same counts, to be thrown away when the batch comes again."""
        twin = Limit.__new__(Limit)
        twin.__dict__.update(self.__dict__, _seen=self._seen.copy())
        return twin


class DeadLetters:
    """The dead-letter topic of one consumer: raw bytes, key, origin and reason, on the partition of the original."""

    def __init__(self, publisher: Publisher, topic: str, consumer: str) -> None:
        self._publisher = publisher
        self._topic = topic
        self._consumer = consumer

    async def write(self, dead: Sequence[Dead]) -> None:
        """Return when the broker has them all; `Unavailable` otherwise."""
        results = await self._publisher.publish([self._message(letter) for letter in dead])
        large = [letter for letter, result in zip(dead, results, strict=True) if isinstance(result, TooLarge)]
        results += await self._publisher.publish([self._message(letter, _KEPT) for letter in large])
        for result in results:
            if isinstance(result, Unavailable):
                raise result

    def _message(self, letter: Dead, kept: int | None = None) -> Message:
        record = letter.record
        said = {
            "origin-topic": record.topic,
            "origin-partition": record.partition,
            "origin-offset": record.offset,
            "origin-timestamp": record.timestamp,
            "consumer": self._consumer,
            "reason": letter.reason,
            "detail": letter.detail[-_DETAIL:],
            "value": "null" if record.value is None else f"{len(record.value)} bytes",
        }
        if kept is not None:
            said["truncated"] = kept
        headers = tuple((name, str(value).encode("utf-8", "backslashreplace")) for name, value in said.items())
        value = (record.value or b"")[:kept]  # a client cannot send neither key nor value; the header tells null
        return Message(self._topic, record.key, value, record.partition, headers)


class _TooMany(Exception):
    """The limit is passed."""


class Delivery:
    """Runs the use case `handle` on batches and decides their outcomes."""

    def __init__(
        self, handle: Handle, dead_letters: DeadLetters, limit: Limit | None = None, aside: Aside | None = None
    ) -> None:
        self._handle = handle
        self._dead_letters = dead_letters
        self._limit = limit or Limit()
        self._aside = aside

    async def deliver(self, records: Sequence[Record], claim: Claim) -> Outcome:
        """1. decode 2. handle 3. write dead letters and tell of them 4. acknowledge; an interruption repeats it all."""
        limit = self._limit.copy()
        try:
            dead = await self._handled([_decoded(record) for record in records], limit)
            await self._dead_letters.write(dead)
            if dead and self._aside is not None:
                await self._aside(dead)
        except Unavailable as error:
            claim.rewind(_first(records))
            return Postponed(str(error))
        except _TooMany as error:
            claim.rewind(_first(records))
            return Stopped(str(error))
        except asyncio.CancelledError:
            claim.rewind(_first(records))
            raise
        return await self._acknowledged(records, tuple(dead), limit, claim)

    async def _handled(self, batch: Sequence[Received[Any] | Dead], limit: Limit) -> list[Dead]:
        """Call the use case with all events at once, and after a defect with one at a time."""
        received = [item for item in batch if isinstance(item, Received)]
        try:
            if received:
                await self._handle(received)
        except Unavailable:
            raise
        except Exception:
            log.exception("defect", records=len(received), first=_place(received[0].record))
            return await self._one_by_one(batch, limit)
        for item in batch:
            _count(item, limit)
        return [item for item in batch if isinstance(item, Dead)]

    async def _one_by_one(self, batch: Sequence[Received[Any] | Dead], limit: Limit) -> list[Dead]:
        dead = []
        for item in batch:
            verdict = await self._alone(item) if isinstance(item, Received) else item
            _count(verdict, limit)
            if isinstance(verdict, Dead):
                dead.append(verdict)
        return dead

    async def _alone(self, received: Received[Any]) -> Received[Any] | Dead:
        try:
            await self._handle([received])
        except Unavailable:
            raise
        except Exception:
            return Dead(received.record, "defect", traceback.format_exc())
        return received

    async def _acknowledged(
        self, records: Sequence[Record], dead: tuple[Dead, ...], limit: Limit, claim: Claim
    ) -> Outcome:
        try:
            async with asyncio.timeout(_COMMIT_TIMEOUT):
                await claim.commit(_next(records))
        except (CommitFailedError, IllegalStateError) as error:
            return Disowned(repr(error))
        except (KafkaError, OSError, TimeoutError) as error:
            claim.rewind(_first(records))
            return Postponed(f"commit: {error!r}", unacknowledged=True)
        self._limit = limit
        return Handled(len(records), dead)


def _decoded(record: Record) -> Received[Any] | Dead:
    try:
        return Received(decode(record), record)
    except Unreadable as error:
        return Dead(record, error.code, error.detail)


def _count(item: Received[Any] | Dead, limit: Limit) -> None:
    limit.count(isinstance(item, Dead))
    if limit.exceeded:
        raise _TooMany(limit.exceeded)


def _first(records: Sequence[Record]) -> dict[int, int]:
    """The lowest offset of each partition."""
    first: dict[int, int] = {}
    for record in records:
        first[record.partition] = min(record.offset, first.get(record.partition, record.offset))
    return first


def _next(records: Sequence[Record]) -> dict[int, int]:
    """The offset after the highest of each partition."""
    following: dict[int, int] = {}
    for record in records:
        following[record.partition] = max(record.offset + 1, following.get(record.partition, 0))
    return following


def _place(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"
