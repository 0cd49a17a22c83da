"""SQL of objections: the light of record that one is about, those that wait, and what is read of all of them."""

from datetime import datetime
from typing import Any

from contracts.operations.database import Connection, Pool
from contracts.periods import SHANGHAI
from services.alerts.objecting.telling import Objection, Reply, message_id
from services.alerts.reading.scope import VISIBLE, Scope, ask, local
from services.alerts.views import ObjectionView


async def record(connection: Connection, programme: str, indicator: str, district: str, period: str) -> str | None:
    """The light of record of a cell; None before it is fixed."""
    found: str | None = await connection.fetchval(
        "SELECT record FROM alerts.light WHERE (programme, indicator, district, period) = ($1, $2, $3, $4)",
        programme, indicator, district, period,
    )  # fmt: skip
    return found


async def earlier(connection: Connection, programme: str, of: Objection) -> tuple[int, bool]:
    """How many there are to the same thing, and whether one of them waits for its answer."""
    row = await connection.fetchrow(
        "SELECT count(*) AS count, bool_or(answer IS NULL) IS TRUE AS waits FROM alerts.objection"
        " WHERE (programme, indicator, district, about, which) = ($1, $2, $3, $4, $5)",
        programme, of.indicator, of.district, of.about, of.which,
    )  # fmt: skip
    assert row is not None
    return row["count"], row["waits"]


async def keep(connection: Connection, programme: str, of: Objection) -> None:
    """Write one down."""
    await connection.execute(
        "INSERT INTO alerts.objection (objection, programme, indicator, district, about, which, unit, author, reason,"
        " at, message_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        of.id, programme, of.indicator, of.district, of.about, of.which, of.unit, of.author, of.reason, of.at,
        message_id(of.id, "objected"),
    )  # fmt: skip


async def answer(connection: Connection, objection: str, reply: Reply) -> None:
    """Write its answer beside it."""
    await connection.execute(
        "UPDATE alerts.objection SET answer = $2, answered_by = $3, answered_at = $4, answer_reason = $5"
        " WHERE objection = $1",
        objection, reply.ruling, reply.author, reply.at, reply.reason,
    )  # fmt: skip


async def find(connection: Connection, programme: str, objection: str) -> tuple[Objection, bool] | None:
    """One with its light of record, and whether it is answered."""
    row = await connection.fetchrow(_FIND, programme, objection)
    if row is None:
        return None
    said = {
        name: row[name] for name in ("indicator", "district", "about", "which", "unit", "author", "reason", "light")
    }
    return Objection(id=objection, at=row["at"].astimezone(SHANGHAI), **said), row["answer"] is not None


class ObjectionReading:
    """The read queries on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def listed(self, scope: Scope, after: tuple[datetime, str] | None, limit: int) -> list[ObjectionView]:
        """Oldest first; `state` open: those that wait, answered: the others; at `known_at` as they stood."""
        state, key = scope.extra.get("state"), after or (None, None)
        rows = await ask(self._pool, _LISTED, *scope.common, *key, limit, state, scope.known_at)
        return [ObjectionView(**local(row)) for row in rows]

    async def one(self, programme: str, objection: str) -> ObjectionView | None:
        """By its id."""
        rows = await ask(self._pool, f"{_COLUMNS} WHERE programme = $1 AND objection = $2", programme, objection)
        found: list[dict[str, Any]] = [local(row) for row in rows]
        return ObjectionView(**found[0]) if found else None


_FIND = """
SELECT o.*, l.record AS light FROM alerts.objection o LEFT JOIN alerts.light l ON o.about = 'light'
  AND (l.programme, l.indicator, l.district, l.period) = (o.programme, o.indicator, o.district, o.which)
WHERE o.programme = $1 AND o.objection = $2
"""
_COLUMNS = """
SELECT objection::text AS objection, programme, indicator, district, about, which, unit, author, reason, at, answer,
  answered_by, answered_at, answer_reason FROM alerts.objection
"""
_LISTED = f"""
WITH x AS (
  SELECT objection::text AS objection, programme, indicator, district, about, which, unit, author, reason, at,
    CASE WHEN answered_at > $10 THEN NULL ELSE answer END AS answer,
    CASE WHEN answered_at > $10 THEN NULL ELSE answered_by END AS answered_by,
    CASE WHEN answered_at > $10 THEN NULL ELSE answered_at END AS answered_at,
    CASE WHEN answered_at > $10 THEN NULL ELSE answer_reason END AS answer_reason
  FROM alerts.objection WHERE $10::timestamptz IS NULL OR at <= $10)
SELECT x.* FROM x JOIN alerts.series s USING (programme, indicator, district)
WHERE {VISIBLE} AND ($5::text IS NULL OR $5 IN (s.department, x.unit))
  AND ($6::timestamptz IS NULL OR (x.at, x.objection) > ($6, $7::text))
  AND ($9::text IS NULL OR (x.answer IS NULL) = ($9 = 'open'))
ORDER BY x.at, x.objection LIMIT $8
"""
