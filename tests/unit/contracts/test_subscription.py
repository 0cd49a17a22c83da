"""FastStream's settings: each default that loses records is set otherwise, and its decoding is out of the way."""

from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from faststream import AckPolicy

from contracts.consumption import Consumption
from contracts.operations.publishing import Producer
from contracts.subscription import Assignments, make_broker, subscribe
from contracts.topics import OUTCOME


async def _nothing(*_: Any) -> None:
    """Takes whatever comes."""


def subscriber(session_seconds: float = 10) -> Any:
    """A subscriber as every consumption makes it."""
    return subscribe(
        make_broker("127.0.0.1:1", client_id="t"), "topic", "group", _nothing, Assignments(_nothing, _nothing),
        max_records=77, session_timeout=timedelta(seconds=session_seconds),
    )  # fmt: skip


def raw(offset: int, value: bytes | None, headers: Sequence[Any]) -> "ConsumerRecord[bytes, bytes]":
    """A record as aiokafka returns it."""
    return ConsumerRecord("topic", 0, offset, 0, 0, None, value, None, 0, 0, tuple(headers))


def test_nothing_is_committed_but_by_us() -> None:
    """Manual acknowledgement, no auto-commit, and a new group begins at the first record, not at the latest."""
    made = subscriber()
    assert made.ack_policy is AckPolicy.MANUAL
    assert made._connection_args["enable_auto_commit"] is False
    assert made._connection_args["auto_offset_reset"] == "earliest"
    assert made.max_records == 77


def test_the_session_is_as_long_as_told_and_its_heart_beats_within() -> None:
    """A short session needs a quicker heartbeat than a third of it."""
    for seconds in (1, 6, 30):
        arguments = subscriber(seconds)._connection_args
        assert arguments["session_timeout_ms"] == seconds * 1000
        assert arguments["heartbeat_interval_ms"] <= seconds * 1000 // 3


def test_nack_of_several_partitions_has_its_floor() -> None:
    """House fact 4: before 0.7.8 a rewind loses all partitions but one; our own rewind was checked against 0.7.8."""
    assert tuple(map(int, version("faststream").split(".")[:3])) >= (0, 7, 8)


async def test_records_reach_us_as_they_are() -> None:
    """Null values, null headers and bytes that are neither JSON nor UTF-8 pass FastStream untouched."""
    seen: list[Any] = []

    async def on_batch(records: Sequence[Any]) -> None:
        seen.extend(records)

    broker = make_broker("127.0.0.1:1", client_id="t")
    made = subscribe(
        broker, "topic", "group", on_batch, Assignments(_nothing, _nothing),
        max_records=1, session_timeout=timedelta(seconds=10),
    )  # fmt: skip
    broker._setup_logger()
    made._build_fastdepends_model()
    batch = (
        raw(0, None, []),
        raw(1, b"\xff", [("content-type", b"application/json")]),
        raw(2, b"{", [("trace", None), ("other", b"\xff\xfe")]),
    )
    await made.process_message(batch)
    assert seen == list(batch)


def test_a_topic_without_dead_letters_is_not_consumed() -> None:
    """Poison would have nowhere to go."""
    with pytest.raises(ValueError, match="dead letters"):
        Consumption("127.0.0.1:1", OUTCOME, "group", _nothing, dead_letters=Producer("127.0.0.1:1", client_id="t"))
