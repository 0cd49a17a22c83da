"""What a sender may say to intake: one CloudEvent with a report or an act in it, and how large it may be.

Ingest reads it, `liangshai push` writes it, the schemas and the OpenAPI document print it.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from contracts.acts import Act
from contracts.events import Report

TYPE: Final = "progress.reported.v1"
ACT_TYPE: Final = "progress.acted.v1"
MAX_EVENT_BYTES = 64 * 1024  # what every CloudEvents intermediary must forward
MAX_NAME = 256  # characters of an id or a source
MAX_TEXT = 2000  # characters of a reason, a comment, one piece of evidence
MAX_REVISION = 2**31 - 1

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Submitted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CloudEvent with a report, as its sender may write it: what the platform sets has no place in it."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: Literal["progress.reported.v1"]
    data: Report
    time: Moment | None = None
    recordedtime: Moment | None = None
    datacontenttype: str = "application/json"
    dataschema: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None


class SubmittedAct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CloudEvent with an act on a cell, as its sender may write it: who acted is read from the token."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: Literal["progress.acted.v1"]
    data: Act
    time: Moment | None = None
    recordedtime: Moment | None = None
    datacontenttype: str = "application/json"
    dataschema: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None


ATTRIBUTES = tuple(field.name for field in msgspec.structs.fields(Submitted))
FIELDS = tuple(field.name for field in msgspec.structs.fields(Report))
ACT_FIELDS = tuple(field.name for field in msgspec.structs.fields(Act))
SERVER_SET = frozenset(
    {"subject", "received_at", "receivedat", "receipt", "receipt_size", "receiptsize", "partitionkey", "department"}
    | {"kind", "published_by", "publishedby", "approved_at", "outcome", "version", "actor"}
)
