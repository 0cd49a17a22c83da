"""What intake answers: one verdict an item, equal errors grouped, and where to follow the receipt (rule 2.6).

Spoken by ingest, read by `liangshai push`. The words of each code stand in `objections.py`.
"""

from datetime import datetime
from typing import Literal

import msgspec

Status = Literal["accepted", "duplicate", "rejected", "failed", "aborted"]
Step = Literal["decoding", "validating", "authorising", "publishing"]


class Understood(msgspec.Struct, frozen=True):
    """What intake made of a row of a table: the names and the number as they are sent on. Of a row that was refused:
    as far as it was understood, the rest as it was written."""

    indicator: str
    district: str
    period: str
    value: str | None
    unit: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item's verdict. `step` is how far it got; `row`, `column` and `address` stand for `pointer` where a
    table was sent."""

    index: int
    id: str | None
    source: str | None
    status: Status
    step: Step
    retryable: bool
    code: str | None = None
    pointer: str | None = None
    row: int | None = None
    column: str | None = None
    sheet: str | None = None
    address: str | None = None  # the cell it is about, as a spreadsheet names it: 表1!D17
    understood: Understood | None = None  # of a row of a table
    detail: str | None = None
    detail_zh: str | None = None
    related: tuple[int, ...] = ()  # the other items it is about
    period: str | None = None  # the cell's period, where another form was sent (rule 2.1)
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Equal errors said once: what they are about, and the items that have them."""

    code: str
    status: Status
    step: Step
    retryable: bool
    pointer: str | None
    objects: dict[str, str]
    detail: str
    detail_zh: str
    indexes: tuple[int, ...]
    count: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    failed: int = 0
    aborted: int = 0


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go on: `receipt` for what became of all of them, `report` (a URI template, RFC 6570) for one of them by
    its source and id. Null when nothing was sent on."""

    receipt: str | None
    report: str | None


class UnreadColumn(msgspec.Struct, frozen=True):
    """A column of a table that is none of a report's."""

    address: str
    heading: str


class PassedOver(msgspec.Struct, frozen=True):
    """A row of a table that is no report."""

    address: str
    sheet: str | None
    row: int
    why: str  # heading_again, total, note, not_filled_in


class Reading(msgspec.Struct, frozen=True):
    """How a table was understood: the sheets that were read, and what was passed over (1000 of each at most)."""

    sheets: tuple[str, ...]
    columns: tuple[UnreadColumn, ...]
    rows: tuple[PassedOver, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The document of every 207. `receipt` is null when nothing was sent on (a dry run, nothing acceptable).

    `atomic` covers everything up to publishing: one rejected item and nothing is sent. It does not cover the broker:
    should that fail midway, what it took is accepted and the rest failed, item by item, to be sent again unchanged.
    The receipt's `expected` counts the items handed to the broker, failed ones among them (one of those may have
    arrived all the same): what was accepted is recorded when each accepted item has its outcome there.
    """

    receipt: str | None
    received_at: datetime  # platform time
    dry_run: bool
    atomic: bool
    counts: Counts
    items: tuple[Verdict, ...]
    conflicts: tuple[Conflict, ...]
    links: Links
    reading: Reading | None = None  # of a table
