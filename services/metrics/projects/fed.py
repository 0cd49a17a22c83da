"""Sums for indicators in SQL: what differs from the sums told so far is written, and told until the broker has it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Record

from contracts.codec import encode
from contracts.events import ProgressReported
from contracts.operations.database import Pool, sorted_errors
from contracts.operations.publishing import Message, Producer
from contracts.periods import SHANGHAI
from contracts.programme import Indicator
from contracts.project_events import ProjectStanding
from contracts.topics import REPORTED, partition_of
from services.metrics.projects.feeding import CellKey, Sum, report, sums
from services.metrics.store.arrays import Connection, transposed, unnest

_decode = msgspec.json.Decoder(ProjectStanding).decode


async def summed(
    connection: Connection, indicators: Mapping[str, Indicator], touched: Sequence[ProjectStanding]
) -> None:
    """Sum anew what these projects feed or fed, in the transaction that wrote their standings."""
    links = [
        (each.programme, name, each.project)
        for each in touched
        for name in sorted({name for planned in each.plans for name in planned.plan.feeds})
    ]
    if links:
        await connection.execute(_LINK, *transposed(links))
    for programme in sorted({each.programme for each in touched}):
        projects = [each.project for each in touched if each.programme == programme]
        names = [row["indicator"] for row in await connection.fetch(_FED_BY, programme, projects)]
        if names:
            await connection.execute(_HOLD)  # from here on nobody else sums
            rows = await connection.fetch(_LINKED, programme, names)
            standings = [_decode(row["standing"]) for row in rows]
            known = {name: indicators[name] for name in names if name in indicators}
            await _write(connection, programme, names, sums(known, standings), max(s.known_at for s in standings))


async def _write(
    connection: Connection, programme: str, names: Sequence[str], found: Mapping[CellKey, Sum], at: datetime
) -> None:
    """The next revision of each sum that is another one; a cell that nothing feeds any more has no sum."""
    held = {_key(row): row for row in await connection.fetch(_HELD, programme, names)}
    gone = {key: Sum(None, row["unit"], None, row["reason"]) for key, row in held.items() if key not in found}
    rows: list[tuple[Any, ...]] = []
    for key, told in sorted({**found, **gone}.items()):
        row = held.get(key)
        if row is None and told.value is not None:
            rows.append((programme, *key, 1, told.value, told.unit, told.confidence, told.reason, at))
        elif row is not None and _sum(row) != told:
            known = max(at, row["received_at"])
            rows.append(
                (programme, *key, row["revision"] + 1, told.value, told.unit, told.confidence, told.reason, known)
            )
    if rows:
        await connection.execute(_UPSERT, *transposed(rows))


class Telling:
    """Puts derived reports on progress.reported; a crash in between tells one twice, which is a duplicate."""

    def __init__(self, pool: Pool, producer: Producer) -> None:
        self._pool, self._producer = pool, producer

    async def tell(self) -> None:
        """All that are not there yet; `Unavailable` unless the broker acknowledged them."""
        with sorted_errors():
            rows = await self._pool.fetch(_UNPLACED)
        if not rows:
            return
        placed = await self._producer.publish_all([_message(_report(row)) for row in rows])
        noted = [
            (row["programme"], *_key(row), row["revision"], where.offset)
            for row, where in zip(rows, placed, strict=True)
        ]
        with sorted_errors():
            await self._pool.execute(_PLACED, *transposed(noted))


def _report(row: Record) -> ProgressReported:
    return report(row["programme"], _key(row), _sum(row), row["revision"], row["received_at"].astimezone(SHANGHAI))


def _sum(row: Record) -> Sum:
    return Sum(row["value"], row["unit"], row["confidence"], row["reason"])


def _key(row: Record) -> CellKey:
    return row["indicator"], row["district"], row["period"]


def _message(event: ProgressReported) -> Message:
    partition = partition_of(event.report.programme, event.report.indicator)
    return Message(REPORTED.name, event.key.encode(), encode(event, time=event.received_at), partition)


_HOLD = "SELECT one FROM metrics.fed_head FOR UPDATE"

_LINK = f"""
INSERT INTO metrics.fed_link (programme, indicator, project)
SELECT programme, indicator, project FROM {unnest("programme text, indicator text, project text")}
ORDER BY programme, indicator, project ON CONFLICT DO NOTHING"""

_FED_BY = """
SELECT DISTINCT indicator FROM metrics.fed_link WHERE programme = $1 AND project = ANY ($2::text[])
ORDER BY indicator"""

_LINKED = """
SELECT p.standing::text AS standing FROM metrics.project p
WHERE p.programme = $1 AND p.project IN (
    SELECT project FROM metrics.fed_link WHERE programme = $1 AND indicator = ANY ($2::text[]))
ORDER BY p.project"""

_COLUMNS = "programme, indicator, district, period, revision, value, unit, confidence, reason, received_at"
_HELD = f"SELECT {_COLUMNS} FROM metrics.fed WHERE programme = $1 AND indicator = ANY ($2::text[])"
_UNPLACED = f"""
SELECT {_COLUMNS} FROM metrics.fed WHERE placed_at IS NULL ORDER BY programme, indicator, district, period"""

_ROW = """programme text, indicator text, district text, period text, revision integer, value text, unit text,
    confidence text, reason text, received_at timestamptz"""
_UPSERT = f"""
INSERT INTO metrics.fed ({_COLUMNS}) SELECT {_COLUMNS} FROM {unnest(_ROW)}
ON CONFLICT (programme, indicator, district, period) DO UPDATE SET revision = excluded.revision,
    value = excluded.value, unit = excluded.unit, confidence = excluded.confidence, reason = excluded.reason,
    received_at = excluded.received_at, placed_at = NULL"""

_PLACED = f"""
UPDATE metrics.fed SET placed_at = new.placed_at
FROM {unnest("programme text, indicator text, district text, period text, revision integer, placed_at bigint")}
WHERE (fed.programme, fed.indicator, fed.district, fed.period, fed.revision)
    = (new.programme, new.indicator, new.district, new.period, new.revision)"""
