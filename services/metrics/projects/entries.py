"""A statement as it is about to be recorded: its subject, its document, the hash of what was said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

import msgspec

from contracts.delivery import Received
from contracts.events import OutcomeKind
from contracts.project_events import ProjectOutcome, Stated
from contracts.projects import Listed, Progress, Statement, subject_of
from services.metrics.projects.facts import Identity

Subject = tuple[str, Literal["project", "indicator"], str]  # programme, kind, name

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of metrics.project_statement before the database has numbered it."""

    event: Stated
    partition: int
    offset: int
    document: bytes
    payload_hash: bytes

    @property
    def key(self) -> Subject:
        return self.event.said.programme, *subject_of(self.event.said)

    @property
    def identity(self) -> Identity:
        return self.event.source, self.event.id

    @property
    def period(self) -> str | None:
        return self.event.said.period if isinstance(self.event.said, Progress) else None

    @property
    def revision(self) -> int:
        return revision_of(self.event.said)

    def outcome(self, outcome: OutcomeKind, decided_at: datetime) -> ProjectOutcome:
        """Of an item that is not the recorded statement itself (duplicate, id_conflict): version 0."""
        programme, kind, name = self.key
        return ProjectOutcome(
            source=self.event.source,
            id=self.event.id,
            receipt=self.event.receipt,
            programme=programme,
            kind=kind,
            name=name,
            period=self.period,
            revision=self.revision,
            version=0,
            outcome=outcome,
            code=None,
            decided_at=decided_at,
        )


def entries(batch: Sequence[Received[Stated]]) -> list[Entry]:
    """The batch as rows, in its order."""
    return [_entry(each) for each in batch]


def revision_of(said: Statement) -> int:
    return said.revision if isinstance(said, Listed | Progress) else 0


def _entry(received: Received[Stated]) -> Entry:
    event, record = received.event, received.record
    told = (type(event).__name__, event.said, event.time)
    digest = blake2b(_encode(told), digest_size=16).digest()
    return Entry(event, record.partition, record.offset, _encode(event), digest)
