"""Records, events and stand-ins for the tests of delivery: what a broker and a use case may do to each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts import topics
from contracts.codec import Record, encode
from contracts.delivery import Received
from contracts.events import Watermark
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import Message, Placed, TooLarge
from contracts.periods import SHANGHAI

NOON = datetime(2025, 6, 30, 12, tzinfo=SHANGHAI)
TOPIC = topics.STANDING

_ODD = b'{"specversion":"1.0","id":"1","source":"s","type":"progress.%s.v1","data":{}}'
POISON: dict[str, bytes | None] = {
    "null_value": None,
    "not_json": b"\x00 this is not JSON",
    "not_utf8": b'{"specversion":"1.0","id":"\xff\xfe","source":"s","type":"t","data":{}}',
    "not_cloudevent": b'{"specversion":"0.3","id":"1","source":"s","type":"progress.watermark.v1","data":{}}',
    "unknown_type": _ODD % b"unheard",
    "invalid_data": _ODD % b"watermark",
    "oversize": b"[" + b"1," * (topics.MAX_RECORD_BYTES // 2) + b"1]",
}


def event(number: int) -> Watermark:
    """An event that can be told from others by its position."""
    return Watermark(partition=0, through=NOON, position=number)


def value(number: int) -> bytes:
    """The bytes of `event(number)`."""
    return encode(event(number), time=NOON)


def record(number: int, *, partition: int = 0, content: bytes | None = b"", offset: int | None = None) -> Record:
    """The record of `event(number)` at that offset, or one with another content."""
    said = value(number) if content == b"" else content
    return Record(TOPIC.name, partition, number if offset is None else offset, b"key", said, 0)


def numbers(received: Sequence[Received[Any]]) -> list[int]:
    """Which events these are."""
    return [item.event.position for item in received]


class StubClaim:
    """A consumer's hold on its partitions that notes what it is told and fails when asked to."""

    def __init__(self, *failures: Exception) -> None:
        self.committed: list[dict[int, int]] = []
        self.rewound: list[dict[int, int]] = []
        self._failures = list(failures)

    async def commit(self, offsets: Mapping[int, int]) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.committed.append(dict(offsets))

    def rewind(self, offsets: Mapping[int, int]) -> None:
        self.rewound.append(dict(offsets))


class StubPublisher:
    """A broker's end that takes all, or answers with what it is given."""

    def __init__(self, *answers: Unavailable | TooLarge) -> None:
        self.messages: list[Message] = []
        self._answers = list(answers)

    async def publish(self, messages: Sequence[Message]) -> list[Placed | Unavailable | TooLarge]:
        return [self._answer(message) for message in messages]

    def _answer(self, message: Message) -> Placed | Unavailable | TooLarge:
        if self._answers:
            return self._answers.pop(0)
        self.messages.append(message)
        return Placed(message.partition or 0, len(self.messages) - 1)
