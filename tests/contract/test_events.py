"""The examples of every event on a topic, read both ways: by the codec of the services and by the published schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest

from contracts.codec import Record, Unreadable, decode, encode
from contracts.kinds import TYPES
from contracts.topics import TOPICS
from tests.support.intake import EXAMPLES, NOW

TOPIC_OF = {event: topic.name for topic in TOPICS.values() for event in topic.events}
EVENTS = sorted(TYPES)
VALID = [path for event in EVENTS for path in sorted((EXAMPLES / event / "valid").glob("*.json"))]
INVALID = [path for event in EVENTS for path in sorted((EXAMPLES / event / "invalid").glob("*.json"))]


def _name(path: Path) -> str:
    return f"{path.parts[-3]}/{path.stem}"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _schema(event: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_read(EXAMPLES.parent / "schemas" / f"{event}.json"))


def _record(path: Path, document: Any) -> Record:
    value = json.dumps(document, ensure_ascii=False).encode()
    return Record(TOPIC_OF[path.parts[-3]], partition=0, offset=0, key=None, value=value, timestamp=0)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_examples(event: str) -> None:
    """Each event type has valid and invalid examples and a topic."""
    assert [path for path in VALID if path.parts[-3] == event]
    assert [path for path in INVALID if path.parts[-3] == event]
    assert event in TOPIC_OF


@pytest.mark.parametrize("path", VALID, ids=_name)
def test_valid_events_come_back_as_they_were(path: Path) -> None:
    """A valid example fits its schema, is decoded, and encoding it again says the same."""
    document = _read(path)
    _schema(path.parts[-3]).validate(document)
    event = decode(_record(path, document))
    assert type(event) is TYPES[path.parts[-3]]
    again = encode(event, time=NOW)
    assert json.loads(again)["data"] == document["data"]
    assert json.loads(again)["partitionkey"] == document["partitionkey"]


@pytest.mark.parametrize("path", INVALID, ids=_name)
def test_invalid_events_are_unreadable_for_their_reason(path: Path) -> None:
    """An invalid example fails the schema, and the codec names the code that the example names."""
    example = _read(path)
    assert not _schema(path.parts[-3]).is_valid(example["event"])
    with pytest.raises(Unreadable) as caught:
        decode(_record(path, example["event"]))
    assert caught.value.code == example["reason"]
