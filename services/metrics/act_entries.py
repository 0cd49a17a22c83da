"""An act as it is about to be recorded: its cell and the hash of its payload; what `entries.py` is to reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from contracts.acts import ActOutcome, ActOutcomeKind, ProgressActed
from contracts.cells import Cell
from contracts.delivery import Received
from contracts.editions import Catalogue, Editions
from contracts.periods import SHANGHAI
from services.metrics.acts import CellAct
from services.metrics.entries import cell_of

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class ActEntry:
    """One row of metrics.act before the database has numbered it; `refused`: this service's programme has no cell."""

    event: ProgressActed
    partition: int
    offset: int
    document: bytes
    payload_hash: bytes
    period: str  # of the cell
    refused: str | None

    @property
    def key(self) -> tuple[str, str]:
        return self.event.act.programme, self.event.act.indicator

    @property
    def identity(self) -> tuple[str, str]:
        return self.event.source, self.event.id

    def cell_act(self, received_at: datetime) -> CellAct:
        """As an act received at `received_at`, once it is recorded."""
        act = self.event.act
        return CellAct(
            source=self.event.source,
            id=self.event.id,
            kind=act.act,
            district=act.district,
            period=self.period,
            received_at=received_at.astimezone(SHANGHAI),
            report=(act.report.source, act.report.id) if act.report else None,
            reason=act.reason,
            until=act.until,
        )

    def outcome(self, outcome: ActOutcomeKind, decided_at: datetime) -> ActOutcome:
        """Of an item that is not the recorded act itself (duplicate, id_conflict): version 0."""
        act = self.event.act
        return ActOutcome(
            source=self.event.source,
            id=self.event.id,
            receipt=self.event.receipt,
            programme=act.programme,
            indicator=act.indicator,
            district=act.district,
            period=self.period,
            act=act.act,
            version=0,
            outcome=outcome,
            code=None,
            decided_at=decided_at,
        )


def act_entries(catalogue: Catalogue, batch: Sequence[Received[Any]]) -> list[ActEntry]:
    """The acts of a batch as rows, in its order; each record by the versions that its partition knows."""
    return [
        _entry(catalogue.at(each.record.partition), each) for each in batch if isinstance(each.event, ProgressActed)
    ]


def _entry(editions: Editions, received: Received[ProgressActed]) -> ActEntry:
    act, record = received.event.act, received.record
    document = _encode(act)
    found = cell_of(editions, act)
    period, refused = (found.period.text, None) if isinstance(found, Cell) else (act.period, found)
    digest = blake2b(document, digest_size=16).digest()
    return ActEntry(received.event, record.partition, record.offset, document, digest, period, refused)
