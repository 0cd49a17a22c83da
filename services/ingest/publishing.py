"""Acceptable reports → the topic: the whole batch in flight at once, and accepted only after the broker's yes.

Key programme/indicator, partition by the same: the districts of an indicator meet in one partition.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from contracts.authority import Grant
from contracts.codec import encode
from contracts.events import ProgressReported
from contracts.objections import Objection
from contracts.operations.clock import SEND_DEADLINE
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import Message, Placed, TooLarge
from contracts.submission import MAX_EVENT_BYTES
from contracts.topics import REPORTED, partition_of
from services.ingest.acceptance import Acceptable, kind_of


class Publisher(Protocol):
    """What is asked of the producer (contracts/operations/publishing.py keeps the promise)."""

    async def publish(
        self, messages: Sequence[Message], *, since: float | None = None
    ) -> list[Placed | Unavailable | TooLarge]: ...


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says about every report of one request."""

    receipt: str
    received_at: datetime  # platform time
    since: float  # the same moment by the loop's time: the send deadline counts from it
    grant: Grant


def stamped(acceptable: Acceptable, stamp: Stamp, size: int) -> ProgressReported:
    """The event as it goes on; its period is the cell's, whatever form was sent (rule 2.1)."""
    submitted, period = acceptable.submitted, acceptable.cell.period.text
    report = submitted.data
    return ProgressReported(
        source=submitted.source,
        id=submitted.id,
        report=report if report.period == period else msgspec.structs.replace(report, period=period),
        received_at=stamp.received_at,
        receipt=stamp.receipt,
        receipt_size=size,
        subject=stamp.grant.subject,
        department=stamp.grant.department,
        kind=kind_of(report),
        time=submitted.time,
        recordedtime=submitted.recordedtime,
    )


def messages(reports: Sequence[Acceptable], stamp: Stamp) -> list[Message]:
    """The records of the reports of one request."""
    return [_message(stamped(acceptable, stamp, len(reports))) for acceptable in reports]


async def publish(publisher: Publisher, messages: Sequence[Message], stamp: Stamp) -> list[Placed | Objection]:
    """Where each record stands on its topic, or why it cannot be said to stand there."""
    return [_outcome(each) for each in await publisher.publish(messages, since=stamp.since)]


def _message(event: ProgressReported) -> Message:
    report = event.report
    return Message(
        topic=REPORTED.name,
        key=event.key.encode(),
        value=encode(event, time=event.received_at),
        partition=partition_of(report.programme, report.indicator),
    )


def _outcome(result: Placed | Unavailable | TooLarge) -> Placed | Objection:
    match result:
        case Placed():
            return result
        case TooLarge():
            return Objection("event_too_large", None, {"limit": str(MAX_EVENT_BYTES)})
        case Unavailable():
            return Objection("broker_unavailable", None, {"seconds": str(int(SEND_DEADLINE.total_seconds()))})
