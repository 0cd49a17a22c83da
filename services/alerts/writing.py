"""The SQL that writes a settlement: one statement a table, all its rows at once, handed over as JSON."""

import msgspec

from contracts.operations.database import Connection
from services.alerts.settling import Rows, Settlement


async def write(connection: Connection, settlement: Settlement) -> None:
    """Every table that has rows, the feed before what refers to it."""
    for table, statement in _WRITES.items():
        rows: Rows = getattr(settlement, table)
        if rows:
            await connection.execute(statement, msgspec.json.encode(rows).decode())


def _upsert(table: str, key: str, columns: str, where: str = "", special: dict[str, str] | None = None) -> str:
    """Rows of a table from JSON, the new values winning."""
    names = [name.strip() for name in columns.split(",")]
    sets = ", ".join(f"{name} = {(special or {}).get(name, f'EXCLUDED.{name}')}" for name in names)
    return (
        f"INSERT INTO alerts.{table} AS t ({key}, {columns}) SELECT {key}, {columns} "
        f"FROM json_populate_recordset(NULL::alerts.{table}, $1) ON CONFLICT ({key}) DO UPDATE SET {sets} {where}"
    )


def _insert(table: str, columns: str) -> str:
    return (
        f"INSERT INTO alerts.{table} ({columns}) SELECT {columns} "
        f"FROM json_populate_recordset(NULL::alerts.{table}, $1)"
    )


def _update(table: str, key: str, columns: str) -> str:
    sets = ", ".join(f"{name.strip()} = n.{name.strip()}" for name in columns.split(","))
    match = " AND ".join(f"t.{name.strip()} = n.{name.strip()}" for name in key.split(","))
    return f"UPDATE alerts.{table} t SET {sets} FROM json_populate_recordset(NULL::alerts.{table}, $1) n WHERE {match}"


NOTE = """
INSERT INTO alerts.watermark AS w (partition, through, position)
SELECT partition, through, position FROM marks
{where} ON CONFLICT (partition) DO UPDATE SET through = greatest(w.through, EXCLUDED.through),
  position = greatest(w.position, EXCLUDED.position)
"""
_SERIES = "programme, indicator, district"
# A version that is replaced is kept where something was judged by it: it had a value, an excuse, or came after one.
_STANDING = f"""
WITH new AS (SELECT * FROM json_populate_recordset(NULL::alerts.standing, $1)),
replaced AS (
  INSERT INTO alerts.standing_past ({_SERIES}, period, version, document)
  SELECT {_SERIES}, period, t.version, t.document FROM alerts.standing t JOIN new USING ({_SERIES}, period)
  WHERE new.version > t.version AND (
    t.document->>'value' IS NOT NULL OR t.document->>'reason' = 'excused' OR EXISTS (
      SELECT FROM alerts.standing_past p WHERE (p.programme, p.indicator, p.district, p.period)
        = (t.programme, t.indicator, t.district, t.period)))
  ON CONFLICT DO NOTHING)
INSERT INTO alerts.standing AS t ({_SERIES}, period, version, document)
SELECT {_SERIES}, period, version, document FROM new
ON CONFLICT ({_SERIES}, period) DO UPDATE SET version = EXCLUDED.version, document = EXCLUDED.document
WHERE EXCLUDED.version > t.version
"""
_WRITES = {
    "standing_past": _insert("standing_past", f"{_SERIES}, period, version, document") + " ON CONFLICT DO NOTHING",
    "standing": _STANDING,
    "light": _upsert(
        "light",
        f"{_SERIES}, period",
        "period_end, due_at, lock_at, live, record, fixed_at, caught_up, lag, version, after, owed_period, stretch, "
        "quota, binding, known_at, excused, excused_until, received, published_at, misses, override, inhibited",
        special={
            "fixed_at": "coalesce(t.fixed_at, EXCLUDED.fixed_at)",
            "lag": "CASE WHEN EXCLUDED.version > t.version THEN EXCLUDED.lag ELSE t.lag END",
        },
    ),
    "light_past": _insert(
        "light_past",
        f"{_SERIES}, period, version, known_at, lock_at, published_at, stretch, excused, misses, lag, value, expected, "
        "target, received, said_zh, said_en, derived, due_at",
    )
    + " ON CONFLICT DO NOTHING",
    "series": _update(
        "series",
        _SERIES,
        "light, computed, red_lines, light_period, stale, forecast, override, override_until, since, next_at, warned",
    ),
    "shown": _update("series", _SERIES, "mode, lag, lag_text_zh, lag_text_en, value, expected, target"),
    "shown_change": _insert("shown_change", f"{_SERIES}, at"),
    "override": _upsert(
        "override", "override", f"{_SERIES}, colour, author, reason, at, until, period, ended_at, ended_by, end_reason"
    ),
    "inhibition": _insert("inhibition", "programme, district, period, due_at, due, overdue")
    + " ON CONFLICT DO NOTHING",
    "ticket": _upsert(
        "ticket",
        "ticket",
        f"rule, {_SERIES}, department, addressee, episode, state, level, severity, run, opened_at, closed_at, timer, "
        "timer_at, promised_on, cause, plan, first_period, last_period, last_message_id, message_ids, close_code, "
        "suppressed, suppressed_until, objected",
    ),
    "ticket_event": _insert(
        "ticket_event", "ticket, position, at, event, actor, from_state, to_state, level, detail, after"
    ),
    "warning": _upsert("warning", "warning", f"{_SERIES}, period, colour, state, opened_at, closed_at, message_id"),
    "feed": "WITH said AS ("
    + _insert(
        "feed",
        f"seq, message_id, sent, rule, kind, notification_reason, severity, {_SERIES}, period, ticket, warning, "
        "groups, document",
    )
    + " RETURNING seq, groups) INSERT INTO alerts.delivery (receiver, seq) SELECT receiver, seq "
    "FROM alerts.receiver r CROSS JOIN said "
    "WHERE disabled_at IS NULL AND (r.groups IS NULL OR r.groups && said.groups)",
    "light_change": _insert("light_change", f"{_SERIES}, period, kind, before, after, said, worse, at, seq, reason"),
    "watermark": "WITH marks AS (SELECT * FROM json_populate_recordset(NULL::alerts.watermark, $1)) "
    + NOTE.format(where="WHERE true"),
}
