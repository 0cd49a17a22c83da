"""Recording's first half in SQL: each report once by (source, id), each accepted item in its receipt.

All functions run in the caller's transaction. Rows go as UNNEST arrays: one round trip whatever the batch's size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from services.metrics.entries import Entry
from services.metrics.ledger import Identity
from services.metrics.store.arrays import Connection, Key, transposed, unnest


@dataclass(frozen=True, slots=True)
class Known:
    """A report or an act that is in the database: recorded by this batch (`new`) or before it."""

    report: int  # its number among the reports, or among the acts
    key: Key
    payload_hash: bytes
    receipt: str
    received_at: datetime
    moved: int
    new: bool


async def insert(connection: Connection, entries: Sequence[Entry], moved: Mapping[Key, int]) -> dict[Identity, Known]:
    """Record what was not recorded before; where each of the entries' identities stands in the database."""
    if not entries:
        return {}
    rows = [_row(each, moved[each.key]) for each in sorted(entries, key=lambda each: each.identity)]
    found = {_identity(row): _known(row, new=True) for row in await connection.fetch(_INSERT, *transposed(rows))}
    others = sorted({each.identity for each in entries} - found.keys())
    if others:
        found |= {_identity(row): _known(row, new=False) for row in await connection.fetch(_KNOWN, *transposed(others))}
    return found


async def keep_items(
    connection: Connection, items: Sequence[tuple[Entry, int, str | None]], decided_at: datetime
) -> None:
    """Each entry's line in its receipt: its report, and its own outcome where it is not the recorded report itself."""
    rows = [
        (
            *(each.event.receipt, each.event.receipt_size, each.event.source, each.event.id, each.payload_hash, report),
            *(outcome, each.document.decode() if outcome == "id_conflict" else None),
        )
        for each, report, outcome in items
    ]
    if rows:
        await connection.execute(_KEEP_ITEMS, *transposed(rows), decided_at)


def _row(entry: Entry, moved: int) -> tuple[Any, ...]:
    event, report = entry.event, entry.event.report
    return (
        *(event.source, event.id, entry.payload_hash, event.receipt),
        *(report.programme, report.indicator, report.district, entry.period, report.revision),
        *(report.value, report.unit, entry.value_in_unit, report.reason, report.confidence, report.status),
        *(event.kind, event.subject, event.department, event.time, event.recordedtime, event.received_at),
        *(entry.partition, entry.offset, moved, entry.refused, entry.document.decode()),
    )


def _identity(row: Record) -> Identity:
    return row["source"], row["id"]


def _known(row: Record, *, new: bool) -> Known:
    key = row["programme"], row["indicator"]
    return Known(row["report"], key, row["payload_hash"], row["receipt"], row["received_at"], row["moved"], new)


_COLUMNS = """source text, id text, payload_hash bytea, receipt text,
    programme text, indicator text, district text, period text, revision integer,
    value text, unit text, value_in_unit text, reason text, confidence text, status text,
    kind text, subject text, department text, time timestamptz, recordedtime timestamptz, stamped_at timestamptz,
    partition integer, "offset" bigint, moved bigint, refused text, document text"""

# What arrives behind an announced watermark counts as received at it (ARCHITECTURE.md, Time in the pipeline).
_INSERT = f"""
INSERT INTO metrics.report (
    source, id, payload_hash, receipt, programme, indicator, district, period, revision,
    value, unit, value_in_unit, reason, confidence, status,
    kind, subject, department, time, recordedtime, stamped_at,
    partition, "offset", moved, refused, document, received_at)
SELECT source, id, payload_hash, receipt, programme, indicator, district, period, revision,
    value, unit, value_in_unit::numeric, reason, confidence, status,
    kind, subject, department, time, recordedtime, stamped_at,
    partition, "offset", moved, refused, document::json, greatest(stamped_at, through)
FROM {unnest(_COLUMNS)} LEFT JOIN metrics.watermark USING (partition)
ON CONFLICT (source, id) DO NOTHING
RETURNING source, id, report, programme, indicator, payload_hash, receipt, received_at, moved"""

_KNOWN = f"""
SELECT source, id, report, programme, indicator, payload_hash, receipt, received_at, moved
FROM {unnest("source text, id text")} JOIN metrics.report USING (source, id)"""

_ITEM = """receipt text, expected integer, source text, id text, payload_hash bytea, report bigint,
    outcome text, document text"""
_KEEP_ITEMS = f"""
INSERT INTO metrics.receipt_item (
    receipt, expected, source, id, payload_hash, report, outcome, document, decided_at)
SELECT receipt, expected, source, id, payload_hash, report, outcome, document::json, $9
FROM {unnest(_ITEM)}
ON CONFLICT DO NOTHING"""
