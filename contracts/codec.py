"""Bytes to event and back: CloudEvents 1.0 in structured JSON, the form of every record on every topic.

What cannot be read raises `Unreadable` with a stable code; nothing else leaves this module. A caller decides what
becomes of it (delivery.py: the dead letters).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

import msgspec

from contracts.acts import ActOutcome, ProgressActed
from contracts.catalogue_events import CatalogueApplied, CatalogueVersion, RulesRepaired
from contracts.events import Outcome, ProgressReported, Standing, Watermark
from contracts.feed_events import FeedMessage
from contracts.kinds import TYPES
from contracts.project_events import ProjectOutcome, ProjectStanding, RedLineState, Stamped, Stated
from contracts.topics import MAX_RECORD_BYTES, TOPICS

Event = (
    ProgressReported
    | ProgressActed
    | Outcome
    | ActOutcome
    | Standing
    | Watermark
    | FeedMessage
    | Stated
    | ProjectOutcome
    | ProjectStanding
    | RedLineState
    | CatalogueVersion
    | CatalogueApplied
    | RulesRepaired
)
_NAMES = {kind: name for name, kind in TYPES.items()}


class Unreadable(Exception):
    """A record that no repetition will make readable: why, as a stable code and a detail."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the broker holds it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int  # milliseconds, the broker's or the producer's


class _Envelope(msgspec.Struct, frozen=True):
    specversion: str
    id: str
    source: str
    type: str
    data: msgspec.Raw


class _Written(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope in the order in which people read it."""

    specversion: str = "1.0"
    id: str
    source: str
    type: str
    time: datetime
    datacontenttype: str = "application/json"
    partitionkey: str
    data: Event


def encode(event: Event, *, time: datetime) -> bytes:
    """The record value that says `event`, told at platform time `time`."""
    source, identity = _identity(event)
    written = _Written(
        id=identity, source=source, type=_NAMES[type(event)], time=time, partitionkey=event.key, data=event
    )
    return _ENCODER.encode(written)


def decode(record: Record) -> Event:
    """The event a record says; `Unreadable` when it says none that its topic may carry."""
    envelope = _envelope(record.value)
    decoder = _DECODERS.get(envelope.type)
    topic = TOPICS.get(record.topic)
    if decoder is None or (topic is not None and envelope.type not in topic.events):
        raise Unreadable("unknown_type", f"{envelope.type!r} is not an event of {record.topic}")
    event = _parsed(decoder, envelope.data, "invalid_data")
    naive = [name for name in _MOMENTS[envelope.type] if _is_naive(getattr(event, name))]
    if naive:
        raise Unreadable("invalid_data", f"without an offset from UTC: {', '.join(naive)}")
    return event  # type: ignore[no-any-return]


def _envelope(value: bytes | None) -> _Envelope:
    if value is None:
        raise Unreadable("null_value", "the record has no value")
    if len(value) > MAX_RECORD_BYTES:
        raise Unreadable("oversize", f"{len(value)} bytes, at most {MAX_RECORD_BYTES}")
    envelope: _Envelope = _parsed(_ENVELOPES, value, "not_cloudevent")
    if envelope.specversion != "1.0":
        raise Unreadable("not_cloudevent", f"specversion {envelope.specversion!r}")
    return envelope


def _parsed(decoder: msgspec.json.Decoder[Any], content: bytes | msgspec.Raw, code: str) -> Any:
    """What the decoder makes of it; the order of the clauses sorts the errors, the broadest last."""
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        raise Unreadable(code, str(error)) from error
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8", str(error)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable("not_json", str(error)) from error


def _identity(event: Event) -> tuple[str, str]:
    """`source` and `id`: together they name the event, whoever repeats it."""
    match event:
        case ProgressReported() | ProgressActed() | Stamped():
            return event.source, event.id
        case Outcome() | ActOutcome() | Standing() | ProjectOutcome() | ProjectStanding() | RedLineState():
            return "/liangshai/metrics", f"{event.key}@{event.version}"
        case Watermark():
            return "/liangshai/metrics", f"{event.key}@{event.through.isoformat()}"
        case CatalogueVersion() | CatalogueApplied():
            return "/liangshai/ingest", f"{event.key}@{event.sha256}"
        case RulesRepaired():
            return "/liangshai/ingest", f"{event.key}@{event.applied_at.isoformat()}"
        case FeedMessage():
            return "/liangshai/alerts", event.message_id


def _moments(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    fields = msgspec.structs.fields(kind)
    return tuple(f.name for f in fields if f.type is datetime or datetime in get_args(f.type))


def _is_naive(moment: datetime | msgspec.UnsetType | None) -> bool:
    return isinstance(moment, datetime) and moment.tzinfo is None


_ENCODER = msgspec.json.Encoder()
_ENVELOPES = msgspec.json.Decoder(_Envelope)
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}
_MOMENTS = {name: _moments(kind) for name, kind in TYPES.items()}
