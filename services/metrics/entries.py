"""A reported event as it is about to be recorded: its cell, its value in the indicator's unit, the hash of its payload.

First step of recording. An event that this service's programme has no cell or unit for is recorded too, with the
reason why it is no fact: every accepted report has an outcome (rule 2.6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from hashlib import blake2b
from typing import Any

import msgspec

from contracts.acts import Act
from contracts.cells import Cell
from contracts.delivery import Received
from contracts.editions import Catalogue, Editions
from contracts.events import Outcome, OutcomeKind, ProgressReported, Report
from contracts.numbers import UnitMismatch, convert, exact, plain
from contracts.periods import SHANGHAI
from services.metrics.revisions import Fact

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of metrics.report before the database has numbered it."""

    event: ProgressReported
    partition: int
    offset: int
    document: bytes
    payload_hash: bytes
    period: str  # of the cell
    value_in_unit: str | None
    refused: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.event.report.programme, self.event.report.indicator

    @property
    def identity(self) -> tuple[str, str]:
        return self.event.source, self.event.id

    def fact(self, received_at: datetime) -> Fact:
        """As a fact received at `received_at`, once it is recorded."""
        report = self.event.report
        return Fact(
            source=self.event.source,
            id=self.event.id,
            district=report.district,
            period=self.period,
            revision=report.revision,
            value=None if self.value_in_unit is None else Fraction(self.value_in_unit),
            received_at=received_at.astimezone(SHANGHAI),
            reason=report.reason,
            confidence=report.confidence,
            status=report.status,
        )

    def outcome(self, outcome: OutcomeKind, decided_at: datetime) -> Outcome:
        """Of an item that is not the recorded report itself (duplicate, id_conflict): version 0."""
        report = self.event.report
        return Outcome(
            source=self.event.source,
            id=self.event.id,
            receipt=self.event.receipt,
            programme=report.programme,
            indicator=report.indicator,
            district=report.district,
            period=self.period,
            revision=report.revision,
            version=0,
            outcome=outcome,
            code=None,
            flags=(),
            decided_at=decided_at,
        )


def entries(catalogue: Catalogue, batch: Sequence[Received[Any]]) -> list[Entry]:
    """The reports of a batch as rows, in its order; each record by the versions that its partition knows."""
    return [
        _entry(catalogue.at(each.record.partition), each) for each in batch if isinstance(each.event, ProgressReported)
    ]


def _entry(editions: Editions, received: Received[ProgressReported]) -> Entry:
    report, record = received.event.report, received.record
    document = _encode(report)
    found = cell_of(editions, report)
    period = found.period.text if isinstance(found, Cell) else report.period
    value, refused = _value(editions, report) if isinstance(found, Cell) else (None, found)
    digest = blake2b(document, digest_size=16).digest()
    return Entry(received.event, record.partition, record.offset, document, digest, period, value, refused)


def cell_of(editions: Editions, report: Report | Act) -> Cell | str:
    """The cell a report or an act is about, or the code that says why there is none."""
    if report.programme != editions.lookup.programme.id:
        return "unknown_programme"
    if editions.indicator(report.indicator) is None:
        return "unknown_indicator"
    try:
        return editions.resolve(report.indicator, report.district, report.period) or "outside_life"
    except (KeyError, ValueError):
        return "outside_life"


def _value(editions: Editions, report: Report) -> tuple[str | None, str | None]:
    """The value in the indicator's unit (null withdraws), or the code that says why it has none."""
    if report.value is None:
        return None, None
    indicator = editions.indicator(report.indicator)
    assert indicator is not None  # it has a cell
    unit = indicator.unit_at(report.district)
    try:
        return plain(convert(exact(report.value), report.unit, unit)), None
    except UnitMismatch:
        return None, "unit_mismatch"
    except ValueError:
        return None, "invalid_value"
