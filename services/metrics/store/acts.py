"""Acts in SQL: each once by (source, id), its line in its receipt, its outcome; what they leave of cells.

All functions run in the caller's transaction, behind the locks that ledgers.py takes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from asyncpg import Record

from contracts.acts import ActOutcome
from contracts.operations.connections import Unavailable
from contracts.periods import SHANGHAI
from services.metrics.act_entries import ActEntry
from services.metrics.acts import CellAct, Ruling
from services.metrics.ledger import ActDecided, Identity, Ledger, Place
from services.metrics.store.arrays import Connection, Key, transposed, unnest
from services.metrics.store.reports import Known


async def insert(connection: Connection, acts: Sequence[ActEntry], moved: Mapping[Key, int]) -> dict[Identity, Known]:
    """Record what was not recorded before; where each of the acts stands in the database."""
    if not acts:
        return {}
    rows = [_row(each, moved[each.key]) for each in sorted(acts, key=lambda each: each.identity)]
    found = {_identity(row): _known(row, new=True) for row in await connection.fetch(_INSERT, *transposed(rows))}
    others = sorted({each.identity for each in acts} - found.keys())
    if others:
        found |= {_identity(row): _known(row, new=False) for row in await connection.fetch(_KNOWN, *transposed(others))}
    return found


async def keep_items(
    connection: Connection, items: Sequence[tuple[ActEntry, int, str | None]], decided_at: datetime
) -> None:
    """Each act's line in its receipt, with its own outcome where it is not the recorded act itself."""
    rows = [
        (
            *(each.event.receipt, each.event.receipt_size, each.event.source, each.event.id, each.payload_hash, act),
            *(outcome, each.document.decode() if outcome == "id_conflict" else None),
        )
        for each, act, outcome in items
    ]
    if rows:
        await connection.execute(_KEEP_ITEMS, *transposed(rows), decided_at)


async def load(connection: Connection, ledgers: Mapping[Key, Ledger]) -> None:
    """Fill ledgers with the acts of their indicators and with what acts left of their cells."""
    for row in await connection.fetch(_ACTS, *transposed(list(ledgers))):
        act, verdict = _act(row), (row["outcome"], row["code"]) if row["outcome"] else None
        ledgers[row["programme"], row["indicator"]].add_act(act, ActDecided(row["act"], row["version"] or 0, verdict))
    for row in await connection.fetch(_RULINGS, *transposed(list(ledgers))):
        ruling = Ruling(row["excused"], *(_local(row[name]) for name in ("excused_until", "published_at")))
        ledgers[row["programme"], row["indicator"]].rulings[row["district"], row["period"]] = ruling


async def write(
    connection: Connection, decided: Mapping[Key, Sequence[ActDecided]], numbers: Mapping[Key, int], now: datetime
) -> None:
    """New versions of acts' outcomes."""
    rows = [
        (each.act, *key, each.version, *each.verdict, numbers[key])
        for key, changed in decided.items()
        for each in changed
        if each.verdict
    ]
    if rows:
        await connection.execute(_WRITE_OUTCOMES, *transposed(rows), now)


async def write_rulings(connection: Connection, rulings: Mapping[Key, Mapping[Place, Ruling]]) -> None:
    """The cells as acts leave them."""
    rows = [
        (*key, *place, each.excused, each.excused_until, each.published_at)
        for key, changed in rulings.items()
        for place, each in changed.items()
    ]
    if rows and await connection.fetchval(_WRITE_RULINGS, *transposed(rows)) != len(rows):
        raise Unavailable("the programme in the database is not the one of this service: load it")


async def moved(
    connection: Connection, batches: Collection[tuple[str, str, int]], acts: Collection[int]
) -> list[ActOutcome]:
    """The present outcomes of the acts that those batches moved, and of those acts."""
    rows = await connection.fetch(_MOVED, *transposed(sorted(batches)), sorted(acts))
    return [_outcome(row) for row in rows]


def _row(entry: ActEntry, moved: int) -> tuple[Any, ...]:
    event, act = entry.event, entry.event.act
    report = (act.report.source, act.report.id) if act.report else (None, None)
    return (
        *(event.source, event.id, entry.payload_hash, event.receipt, act.act),
        *(act.programme, act.indicator, act.district, entry.period, *report, act.reason, act.until),
        *(event.subject, event.department, event.time, event.received_at),
        *(entry.partition, entry.offset, moved, entry.refused, entry.document.decode()),
    )


def _act(row: Record) -> CellAct:
    report = (row["report_source"], row["report_id"]) if row["report_id"] is not None else None
    return CellAct(
        source=row["source"],
        id=row["id"],
        kind=row["kind"],
        district=row["district"],
        period=row["period"],
        received_at=row["received_at"].astimezone(SHANGHAI),
        report=report,
        reason=row["reason"],
        until=row["until"],
    )


def _outcome(row: Record) -> ActOutcome:
    return ActOutcome(**{**dict(row), "decided_at": row["decided_at"].astimezone(SHANGHAI)})


def _identity(row: Record) -> Identity:
    return row["source"], row["id"]


def _known(row: Record, *, new: bool) -> Known:
    key = row["programme"], row["indicator"]
    return Known(row["act"], key, row["payload_hash"], row["receipt"], row["received_at"], row["moved"], new)


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(SHANGHAI)


_COLUMNS = """source text, id text, payload_hash bytea, receipt text, kind text,
    programme text, indicator text, district text, period text, report_source text, report_id text, reason text,
    until date, subject text, department text, time timestamptz, stamped_at timestamptz,
    partition integer, "offset" bigint, moved bigint, refused text, document text"""
_NAMES = ", ".join(column.split()[0] for column in _COLUMNS.split(",")[:-1])

# As for reports: what arrives behind an announced watermark counts as received at it.
_INSERT = f"""
INSERT INTO metrics.act ({_NAMES}, document, received_at)
SELECT {_NAMES}, document::json, greatest(stamped_at, through)
FROM {unnest(_COLUMNS)} LEFT JOIN metrics.watermark USING (partition)
ON CONFLICT (source, id) DO NOTHING
RETURNING source, id, act, programme, indicator, payload_hash, receipt, received_at, moved"""

_KNOWN = f"""
SELECT source, id, act, programme, indicator, payload_hash, receipt, received_at, moved
FROM {unnest("source text, id text")} JOIN metrics.act USING (source, id)"""

_ITEM = """receipt text, expected integer, source text, id text, payload_hash bytea, act bigint,
    outcome text, document text"""
_KEEP_ITEMS = f"""
INSERT INTO metrics.act_item (receipt, expected, source, id, payload_hash, act, outcome, document, decided_at)
SELECT receipt, expected, source, id, payload_hash, act, outcome, document::json, $9 FROM {unnest(_ITEM)}
ON CONFLICT DO NOTHING"""

_KEYS = "programme text, indicator text"
_ACTS = f"""
SELECT a.programme, a.indicator, a.act, a.source, a.id, a.kind, a.district, a.period, a.report_source, a.report_id,
       a.reason, a.until, a.received_at, o.version, o.outcome, o.code
FROM {unnest(_KEYS)} JOIN metrics.act AS a USING (programme, indicator) LEFT JOIN metrics.act_outcome AS o USING (act)
WHERE a.refused IS NULL"""
_RULINGS = f"""
SELECT c.programme, c.indicator, c.district, c.period, c.excused, c.excused_until, c.published_at
FROM {unnest(_KEYS)} JOIN metrics.cell AS c USING (programme, indicator)
WHERE c.excused OR c.published_at IS NOT NULL"""

_OUTCOME = "act bigint, programme text, indicator text, version bigint, outcome text, code text, moved bigint"
_WRITE_OUTCOMES = f"""
WITH written AS (
    INSERT INTO metrics.act_outcome (act, programme, indicator, version, outcome, code, moved, decided_at)
    SELECT act, programme, indicator, version, outcome, code, moved, $8 FROM {unnest(_OUTCOME)}
    ON CONFLICT (act) DO UPDATE SET version = excluded.version, outcome = excluded.outcome, code = excluded.code,
        moved = excluded.moved, decided_at = excluded.decided_at
    RETURNING act, version, outcome, code, decided_at)
INSERT INTO metrics.act_outcome_history (act, version, outcome, code, decided_at) SELECT * FROM written"""

_RULING = """programme text, indicator text, district text, period text,
    excused boolean, excused_until timestamptz, published_at timestamptz"""
_WRITE_RULINGS = f"""
WITH written AS (
    UPDATE metrics.cell SET excused = new.excused, excused_until = new.excused_until, published_at = new.published_at
    FROM {unnest(_RULING)} WHERE (cell.programme, cell.indicator, cell.district, cell.period)
                               = (new.programme, new.indicator, new.district, new.period) RETURNING 1)
SELECT count(*) FROM written"""

_BATCHES = "programme text, indicator text, moved bigint"
_MOVED = f"""
SELECT a.source, a.id, a.receipt, a.programme, a.indicator, a.district, a.period, a.kind AS act,
       o.version, o.outcome, o.code, o.decided_at
FROM (SELECT act FROM {unnest(_BATCHES)} JOIN metrics.act_outcome USING (programme, indicator, moved)
      UNION SELECT unnest($4::bigint[])) AS wanted (act)
JOIN metrics.act_outcome AS o USING (act) JOIN metrics.act AS a USING (act)"""
