"""Statements in SQL: each once by (source, id), its subject locked, its line in its receipt, its outcome read back.

All functions run in the caller's transaction. Locks are taken in key order: the watermarks (shared), then the subjects.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from contracts.periods import SHANGHAI
from contracts.project_events import ProjectOutcome
from services.metrics.projects.entries import Entry, Subject
from services.metrics.projects.facts import Identity
from services.metrics.store.arrays import Connection, transposed, unnest


@dataclass(frozen=True, slots=True)
class Known:
    """A statement that is in the database: recorded by this batch (`new`) or before it."""

    statement: int
    payload_hash: bytes
    receipt: str
    moved: int
    new: bool


async def lock(
    connection: Connection, partitions: Collection[int], subjects: Collection[Subject]
) -> dict[Subject, int]:
    """Hold the partitions' watermarks and the subjects' rows; the number of this batch in each subject."""
    await connection.execute(_HOLD_WATERMARKS, sorted(partitions))
    rows = await connection.fetch(_LOCK, *transposed(sorted(subjects)))
    return {(row["programme"], row["kind"], row["name"]): row["moved"] for row in rows}


async def insert(
    connection: Connection, entries: Sequence[Entry], moved: Mapping[Subject, int]
) -> dict[Identity, Known]:
    """Record what was not recorded before; where each of the entries' identities stands in the database."""
    firsts = {entry.identity: entry for entry in reversed(entries)}  # of a repeated identity the first is recorded
    rows = [_row(each, moved[each.key]) for _, each in sorted(firsts.items())]
    found = {_identity(row): _known(row, new=True) for row in await connection.fetch(_INSERT, *transposed(rows))}
    others = sorted(firsts.keys() - found.keys())
    if others:
        found |= {_identity(row): _known(row, new=False) for row in await connection.fetch(_KNOWN, *transposed(others))}
    return found


async def keep_items(
    connection: Connection, items: Iterable[tuple[Entry, int, str | None]], decided_at: datetime
) -> None:
    """Each entry's line in its receipt."""
    rows = [
        (
            *(each.event.receipt, each.event.receipt_size, each.event.source, each.event.id, each.payload_hash),
            *(statement, outcome, each.document.decode() if outcome == "id_conflict" else None, decided_at),
        )
        for each, statement, outcome in items
    ]
    await connection.executemany(_KEEP_ITEM, rows)


async def outcomes(
    connection: Connection, subjects: Collection[Subject], moved: Collection[int], known: Mapping[Identity, Known]
) -> list[ProjectOutcome]:
    """The present outcomes of what the batches of these statements moved, and of these statements."""
    statements = sorted(each.statement for each in known.values())
    rows = await connection.fetch(_OUTCOMES, *transposed(sorted(subjects)), sorted(moved), statements)
    return [ProjectOutcome(**{name: _local(value) for name, value in row.items()}) for row in rows]


def _row(entry: Entry, moved: int) -> tuple[Any, ...]:
    event = entry.event
    return (
        *(event.source, event.id, entry.payload_hash, event.receipt, *entry.key, type(event).__name__),
        *(entry.period, entry.revision, event.subject, event.department, event.received_at),
        *(entry.partition, entry.offset, moved, entry.document.decode()),
    )


def _identity(row: Record) -> Identity:
    return row["source"], row["id"]


def _known(row: Record, *, new: bool) -> Known:
    return Known(row["statement"], row["payload_hash"], row["receipt"], row["moved"], new)


def _local(value: Any) -> Any:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value


_SUBJECTS = "programme text, kind text, name text"

# A replica frozen in the middle of a batch must not hold its locks for ever: the server ends its session.
_HOLD_WATERMARKS = """
WITH held AS (SELECT FROM metrics.project_watermark WHERE partition = ANY($1::integer[]) ORDER BY partition FOR SHARE)
SELECT count(*), set_config('idle_in_transaction_session_timeout', '15s', true) FROM held"""

_LOCK = f"""
INSERT INTO metrics.project_subject AS s (programme, kind, name, moved)
SELECT programme, kind, name, 1 FROM {unnest(_SUBJECTS)}
ON CONFLICT (programme, kind, name) DO UPDATE SET moved = s.moved + 1
RETURNING programme, kind, name, moved"""

_COLUMNS = """source text, id text, payload_hash bytea, receipt text, programme text, kind text, name text, type text,
    period text, revision integer, subject text, department text, stamped_at timestamptz,
    partition integer, "offset" bigint, moved bigint, document text"""
_NAMES = ", ".join(column.split()[0] for column in _COLUMNS.split(",") if column.split()[0] != "document")

# What arrives behind an announced watermark counts as received at it (ARCHITECTURE.md, Time in the pipeline).
_INSERT = f"""
INSERT INTO metrics.project_statement ({_NAMES}, document, received_at)
SELECT {_NAMES}, document::json, greatest(stamped_at, through)
FROM {unnest(_COLUMNS)} LEFT JOIN metrics.project_watermark USING (partition)
ON CONFLICT (source, id) DO NOTHING
RETURNING source, id, statement, payload_hash, receipt, moved"""

_KNOWN = f"""
SELECT source, id, statement, payload_hash, receipt, moved
FROM {unnest("source text, id text")} JOIN metrics.project_statement USING (source, id)"""

_KEEP_ITEM = """
INSERT INTO metrics.project_receipt_item (receipt, expected, source, id, payload_hash, statement, outcome, document,
    decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9) ON CONFLICT DO NOTHING"""

_OUTCOMES = f"""
SELECT s.source, s.id, s.receipt, s.programme, s.kind, s.name, s.period, s.revision, o.version, o.outcome, o.code,
       o.decided_at
FROM {unnest(_SUBJECTS)} JOIN metrics.project_outcome AS o USING (programme, kind, name)
JOIN metrics.project_statement AS s USING (statement)
WHERE o.moved = ANY($4::bigint[]) OR o.statement = ANY($5::bigint[])
ORDER BY s.statement"""
