"""Recording's second half in SQL: the ledgers of the touched indicators, locked, loaded and moved on.

All functions run in the caller's transaction. Locks are taken in key order, so that two writers cannot wait for each
other: the watermarks (shared), then the ledgers.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import msgspec
from asyncpg import Record

from contracts.events import Outcome, Standing
from contracts.operations.connections import Unavailable
from contracts.periods import SHANGHAI
from services.metrics.ledger import Decided, Held, Ledger, Moved
from services.metrics.revisions import Fact
from services.metrics.store import acts
from services.metrics.store.arrays import Connection, Key, transposed, unnest

Batch = tuple[str, str, int]  # programme, indicator, its number in that ledger
_standing = msgspec.json.Decoder(Standing).decode


async def lock(connection: Connection, partitions: Collection[int], keys: Collection[Key]) -> dict[Key, int]:
    """Hold the partitions' watermarks and the ledgers' rows; the number of this batch in each ledger."""
    await connection.execute(_HOLD_WATERMARKS, sorted(partitions))
    if not keys:
        return {}
    rows = await connection.fetch(_LOCK, *transposed(sorted(keys)))
    return {(row["programme"], row["indicator"]): row["moved"] for row in rows}


async def load(connection: Connection, keys: Mapping[Key, int]) -> dict[Key, Ledger]:
    """The ledgers as the database has them, with this batch's number; its new reports are already in."""
    ledgers = {key: Ledger(moved) for key, moved in keys.items()}
    if not ledgers:
        return {}
    for row in await connection.fetch(_FACTS, *transposed(list(keys))):
        _take(ledgers[row["programme"], row["indicator"]], row)
    for row in await connection.fetch(_CELLS, *transposed(list(keys))):
        held = Held(row["version"], row["known_at"].astimezone(SHANGHAI), row["digest"], row["rules"])
        ledgers[row["programme"], row["indicator"]].cells[row["district"], row["period"]] = held
    await acts.load(connection, ledgers)
    return ledgers


async def write_standings(
    connection: Connection, standings: Mapping[Key, Sequence[Moved]], numbers: Mapping[Key, int]
) -> None:
    """New versions of standings: into each cell and into history."""
    rows = [
        (*_plain(each.standing), each.digest, each.document.decode(), numbers[key])
        for key, moved in standings.items()
        for each in moved
    ]
    if not rows:
        return
    written = await connection.fetchval(_WRITE_STANDINGS, *transposed(rows))
    if written != len(rows):
        raise Unavailable("the programme in the database is not the one of this service: load it")


async def write_outcomes(
    connection: Connection, decided: Mapping[Key, Sequence[Decided]], numbers: Mapping[Key, int], decided_at: datetime
) -> None:
    """New versions of outcomes."""
    rows = [
        (each.report, *key, each.version, each.verdict[0], each.verdict[1], ",".join(each.verdict[2]), numbers[key])
        for key, changed in decided.items()
        for each in changed
        if each.verdict
    ]
    if rows:
        await connection.execute(_WRITE_OUTCOMES, *transposed(rows), decided_at)


async def moved_standings(connection: Connection, batches: Collection[Batch]) -> list[Standing]:
    """The present standings of the cells that those batches moved."""
    rows = await connection.fetch(_MOVED_STANDINGS, *transposed(sorted(batches)))
    return [_standing(row["standing"]) for row in rows]


async def held_to(connection: Connection, keys: Collection[Key], version: str) -> list[Standing]:
    """The present standings of these indicators' cells that are held to a version of the catalogue."""
    if not keys:
        return []
    rows = await connection.fetch(_HELD_TO, *transposed(sorted(keys)), version)
    return [_standing(row["standing"]) for row in rows]


async def standings(connection: Connection, key: Key) -> list[Standing]:
    """The present standings of an indicator."""
    return [_standing(row["standing"]) for row in await connection.fetch(_STANDINGS, *key)]


async def computed_by(connection: Connection, keys: Collection[Key], rules: str) -> list[Standing]:
    """The present standings of these indicators' cells that were computed by a version of the rules."""
    if not keys:
        return []
    rows = await connection.fetch(_COMPUTED_BY, *transposed(sorted(keys)), rules)
    return [_standing(row["standing"]) for row in rows]


async def moved_outcomes(connection: Connection, batches: Collection[Batch], reports: Collection[int]) -> list[Outcome]:
    """The present outcomes of what those batches moved, and of those reports."""
    if not batches:
        return []
    rows = await connection.fetch(_MOVED_OUTCOMES, *transposed(sorted(batches)), sorted(reports))
    return [_outcome(row) for row in rows]


def _take(ledger: Ledger, row: Record) -> None:
    """One joined row of report and outcome into its ledger."""
    value = row["value_in_unit"]
    fact = Fact(
        source=row["source"],
        id=row["id"],
        district=row["district"],
        period=row["period"],
        revision=row["revision"],
        value=None if value is None else Fraction(value),
        received_at=row["received_at"].astimezone(SHANGHAI),
        reason=row["reason"],
        confidence=row["confidence"],
        status=row["status"],
    )
    verdict = (row["outcome"], row["code"], tuple(row["flags"])) if row["outcome"] else None
    ledger.add(fact, Decided(row["report"], row["version"] or 0, verdict))


def _plain(standing: Standing) -> tuple[Any, ...]:
    """A standing as the plain columns of metrics.cell."""
    flags = standing.flags
    return (
        *(standing.programme, standing.indicator, standing.district, standing.period, standing.version),
        *(standing.value, standing.expected, standing.target, standing.lag, standing.ratio, standing.short),
        *(standing.attainment, standing.mode, standing.reason, standing.received_at),
        *("withdrawn" in flags, "revision_conflict" in flags, ",".join(flags), standing.known_at),
    )


def _outcome(row: Record) -> Outcome:
    return Outcome(
        source=row["source"],
        id=row["id"],
        receipt=row["receipt"],
        programme=row["programme"],
        indicator=row["indicator"],
        district=row["district"],
        period=row["period"],
        revision=row["revision"],
        version=row["version"],
        outcome=row["outcome"],
        code=row["code"],
        flags=tuple(row["flags"]),
        decided_at=row["decided_at"].astimezone(SHANGHAI),
    )


_KEYS = "programme text, indicator text"

# A replica frozen in the middle of a batch must not hold its locks for ever: the server ends its session.
_HOLD_WATERMARKS = """
WITH held AS (SELECT FROM metrics.watermark WHERE partition = ANY($1::integer[]) ORDER BY partition FOR SHARE)
SELECT count(*), set_config('idle_in_transaction_session_timeout', '15s', true) FROM held"""

_LOCK = f"""
INSERT INTO metrics.ledger AS ledger (programme, indicator, moved) SELECT programme, indicator, 1 FROM {unnest(_KEYS)}
ON CONFLICT (programme, indicator) DO UPDATE SET moved = ledger.moved + 1
RETURNING programme, indicator, moved"""

_FACTS = f"""
SELECT r.programme, r.indicator, r.report, r.source, r.id, r.district, r.period, r.revision, r.value_in_unit::text,
       r.received_at, r.reason, r.confidence, r.status, o.version, o.outcome, o.code, o.flags
FROM {unnest(_KEYS)} JOIN metrics.report AS r USING (programme, indicator) LEFT JOIN metrics.outcome AS o USING (report)
WHERE r.refused IS NULL"""

_CELLS = f"""
SELECT c.programme, c.indicator, c.district, c.period, c.version, c.known_at, c.digest,
       c.standing ->> 'rule_version' AS rules
FROM {unnest(_KEYS)} JOIN metrics.cell AS c USING (programme, indicator)
WHERE c.version > 0"""

_CELL = """programme text, indicator text, district text, period text, version bigint,
    value text, expected text, target text, lag text, ratio text, short text,
    attainment text, mode text, reason text, received_at timestamptz,
    withdrawn boolean, conflict boolean, flags text, known_at timestamptz, digest bytea, document text, moved bigint"""
_WRITE_STANDINGS = f"""
WITH new AS (SELECT * FROM {unnest(_CELL)}), written AS (
    UPDATE metrics.cell SET version = new.version, value = new.value::numeric, expected = new.expected::numeric,
        target = new.target::numeric, lag = new.lag::numeric, ratio = new.ratio::numeric, short = new.short::numeric,
        attainment = new.attainment::numeric, mode = new.mode, reason = new.reason, received_at = new.received_at,
        withdrawn = new.withdrawn, conflict = new.conflict, flags = string_to_array(new.flags, ','),
        known_at = new.known_at, digest = new.digest, standing = new.document::json
    FROM new WHERE (cell.programme, cell.indicator, cell.district, cell.period)
                 = (new.programme, new.indicator, new.district, new.period)
    RETURNING new.*), history AS (
    INSERT INTO metrics.standing (programme, indicator, district, period, version, known_at, moved, document)
    SELECT programme, indicator, district, period, version, known_at, moved, document::json FROM written)
SELECT count(*) FROM written"""

_HELD_TO = f"""
SELECT c.standing FROM {unnest(_KEYS)} JOIN metrics.cell AS c USING (programme, indicator)
WHERE c.version > 0 AND c.standing ->> 'catalogue_version' = $3
ORDER BY c.indicator, c.district, c.period_end, c.period"""

_STANDINGS = """
SELECT standing FROM metrics.cell WHERE programme = $1 AND indicator = $2 AND version > 0"""

_COMPUTED_BY = _HELD_TO.replace("catalogue_version", "rule_version")

_OUTCOME = """report bigint, programme text, indicator text, version bigint,
    outcome text, code text, flags text, moved bigint"""
_WRITE_OUTCOMES = f"""
WITH written AS (
    INSERT INTO metrics.outcome (report, programme, indicator, version, outcome, code, flags, moved, decided_at)
    SELECT report, programme, indicator, version, outcome, code, string_to_array(flags, ','), moved, $9
    FROM {unnest(_OUTCOME)}
    ON CONFLICT (report) DO UPDATE SET version = excluded.version, outcome = excluded.outcome, code = excluded.code,
        flags = excluded.flags, moved = excluded.moved, decided_at = excluded.decided_at
    RETURNING report, version, outcome, code, flags, decided_at)
INSERT INTO metrics.outcome_history (report, version, outcome, code, flags, decided_at) SELECT * FROM written"""

_BATCHES = "programme text, indicator text, moved bigint"
_MOVED_STANDINGS = f"""
SELECT DISTINCT ON (programme, indicator, district, period) cell.standing
FROM {unnest(_BATCHES)} JOIN metrics.standing AS history USING (programme, indicator, moved)
JOIN metrics.cell AS cell USING (programme, indicator, district, period)"""

_MOVED_OUTCOMES = f"""
SELECT r.source, r.id, r.receipt, r.programme, r.indicator, r.district, r.period, r.revision,
       o.version, o.outcome, o.code, o.flags, o.decided_at
FROM (SELECT report FROM {unnest(_BATCHES)} JOIN metrics.outcome USING (programme, indicator, moved)
      UNION SELECT unnest($4::bigint[])) AS wanted (report)
JOIN metrics.outcome AS o USING (report) JOIN metrics.report AS r USING (report)"""
