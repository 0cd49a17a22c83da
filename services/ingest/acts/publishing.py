"""Acceptable acts → records of progress.reported, in the partition of their cell's reports (rule 2.9)."""

from collections.abc import Sequence

import msgspec

from contracts.acts import ProgressActed
from contracts.codec import encode
from contracts.operations.publishing import Message
from contracts.topics import REPORTED, partition_of
from contracts.verdicts import Links
from services.ingest.acts.acceptance import Acceptable
from services.ingest.publishing import Stamp


def stamped(acceptable: Acceptable, stamp: Stamp, size: int) -> ProgressActed:
    """The act as it goes on, in its cell's period; who acted is the token's subject."""
    submitted = acceptable.submitted
    return ProgressActed(
        source=submitted.source,
        id=submitted.id,
        act=msgspec.structs.replace(submitted.data, period=acceptable.cell.period.text),
        received_at=stamp.received_at,
        receipt=stamp.receipt,
        receipt_size=size,
        subject=stamp.grant.subject,
        department=stamp.grant.department,
        time=submitted.time,
        recordedtime=submitted.recordedtime,
    )


def messages(acts: Sequence[Acceptable], stamp: Stamp) -> list[Message]:
    """The records of the acts of one request."""
    return [_message(stamped(each, stamp, len(acts))) for each in acts]


def links(metrics_url: str, receipt: str) -> Links:
    """Where metrics tells what became of acts."""
    return Links(receipt=f"{metrics_url}/v1/receipts/{receipt}", report=f"{metrics_url}/v1/acts{{?source,id}}")


def _message(event: ProgressActed) -> Message:
    partition = partition_of(event.act.programme, event.act.indicator)
    return Message(REPORTED.name, event.key.encode(), encode(event, time=event.received_at), partition)
