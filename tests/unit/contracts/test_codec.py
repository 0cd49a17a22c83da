"""The codec: every event survives the way, and whatever cannot be read says why."""

from datetime import timedelta

import msgspec
import pytest

from contracts import topics
from contracts.codec import Record, Unreadable, decode, encode
from contracts.events import ProgressReported, Report
from tests.support.delivering import NOON, POISON, TOPIC, event, record

REPORT = Report(programme="p", indicator="i", district="d", period="2025-06", value="1.50", unit="1")
REPORTED = ProgressReported(
    source="/simulated/x", id="7", report=REPORT, received_at=NOON, receipt="r", receipt_size=1, subject="s",
    department=None, kind="report",
)  # fmt: skip


def test_an_event_survives_the_way() -> None:
    """Encoded and decoded, an event is itself, its moment and its decimal string included."""
    value = encode(REPORTED, time=NOON)
    assert decode(Record(topics.REPORTED.name, 0, 0, None, value, 0)) == REPORTED


def test_the_bytes_are_a_cloud_event() -> None:
    """CloudEvents 1.0, structured: the reported event keeps its sender's source and id."""
    envelope = msgspec.json.decode(encode(REPORTED, time=NOON))
    assert envelope["data"].pop("report")["value"] == "1.50"
    assert {name: envelope[name] for name in envelope if name != "data"} == {
        "specversion": "1.0",
        "id": "7",
        "source": "/simulated/x",
        "type": "progress.reported.v1",
        "time": "2025-06-30T12:00:00+08:00",
        "datacontenttype": "application/json",
        "partitionkey": "p/i",
    }


def test_two_versions_of_a_cell_are_two_events() -> None:
    """Source and id name an event: another watermark of the same partition is another event."""
    later = msgspec.structs.replace(event(1), through=NOON + timedelta(seconds=1))
    ids = {msgspec.json.decode(encode(said, time=NOON))["id"] for said in (event(1), later)}
    assert len(ids) == 2


@pytest.mark.parametrize("code", POISON)
def test_poison_is_unreadable_and_says_why(code: str) -> None:
    """Each kind of poison ends in its own stable code, never in another exception."""
    with pytest.raises(Unreadable) as caught:
        decode(record(0, content=POISON[code]))
    assert caught.value.code == code
    assert caught.value.detail


def test_an_event_of_another_topic_is_unreadable() -> None:
    """A topic carries the events topics.yaml says and no others."""
    with pytest.raises(Unreadable, match="unknown_type"):
        decode(Record(TOPIC.name, 0, 0, None, encode(REPORTED, time=NOON), 0))


def test_a_moment_without_offset_is_unreadable() -> None:
    """A naive time would be compared with aware ones somewhere down the path."""
    value = encode(event(1), time=NOON).replace(b"2025-06-30T12:00:00+08:00", b"2025-06-30T12:00:00")
    with pytest.raises(Unreadable, match="offset"):
        decode(record(0, content=value))


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"1", b"[" * 100_000, b'{"specversion":"1.0"}'])
def test_no_bytes_whatever_raise_anything_else(content: bytes) -> None:
    """Empty, nested without end, or JSON of another shape: always `Unreadable`."""
    with pytest.raises(Unreadable):
        decode(Record(TOPIC.name, 0, 0, None, content, 0))
