"""Acceptable statements → records of progress.project, key and partition by programme/project."""

from collections.abc import Mapping, Sequence

from contracts.codec import encode
from contracts.operations.publishing import Message
from contracts.programme import OFFICE
from contracts.project_events import (
    ProjectContacted,
    ProjectListed,
    ProjectReported,
    ProjectRuled,
    RedLineClosed,
    RedLineRaised,
    Stamped,
    Stated,
)
from contracts.projects import Closed, Contacted, Listed, Progress, Raised, Ruled, Statement, subject_of
from contracts.topics import PROJECT, partition_of
from contracts.verdicts import Links
from services.ingest.projects.acceptance import Acceptable
from services.ingest.publishing import Stamp

_EVENTS: Mapping[type[Statement], type[Stamped]] = {
    Listed: ProjectListed,
    Progress: ProjectReported,
    Contacted: ProjectContacted,
    Ruled: ProjectRuled,
    Raised: RedLineRaised,
    Closed: RedLineClosed,
}


def stamped(acceptable: Acceptable, stamp: Stamp, size: int) -> Stated:
    """The event as it goes on."""
    submitted = acceptable.submitted
    event: Stated = _EVENTS[type(submitted.said)](  # type: ignore[call-arg, assignment]  # each takes its own `said`
        source=submitted.source,
        id=submitted.id,
        said=submitted.said,
        received_at=stamp.received_at,
        receipt=stamp.receipt,
        receipt_size=size,
        subject=stamp.grant.subject,
        department=stamp.grant.unit or (OFFICE if "approve" in stamp.grant.acts else None),
        time=submitted.time,
    )
    return event


def messages(statements: Sequence[Acceptable], stamp: Stamp) -> list[Message]:
    """The records of the statements of one request."""
    return [_message(stamped(each, stamp, len(statements))) for each in statements]


def links(metrics_url: str, receipt: str) -> Links:
    """Where metrics tells what became of statements."""
    return Links(receipt=f"{metrics_url}/v1/project-receipts/{receipt}", report=None)


def _message(event: Stated) -> Message:
    programme, (_, name) = event.said.programme, subject_of(event.said)
    value = encode(event, time=event.received_at)
    return Message(PROJECT.name, event.key.encode(), value, partition_of(programme, name))
