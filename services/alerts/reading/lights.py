"""Lights, now or as they were shown: of series, of their cells, and how they changed (rules 2.10, 6.1 and 6.4)."""

import json
from typing import Any

import asyncpg

from contracts.events import Text
from contracts.operations.database import Pool
from services.alerts import redlines
from services.alerts.reading.scope import VISIBLE, Scope, ask, local
from services.alerts.views import CellLight, SeriesLight


class LightReading:
    """The questions, on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def series(self, scope: Scope, after: str, limit: int) -> list[SeriesLight]:
        """The light of each series: the one shown now, or the one of a day as known at a moment (rule 2.10)."""
        then = scope.as_of is not None or scope.known_at is not None
        if not then:
            rows = await ask(self._pool, _LIGHTS, *scope.common, after, limit, scope.extra.get("light"))
        else:
            told = (scope.as_of, scope.known_at, scope.extra.get("light"))
            led = None if scope.department is None else scope.led_by(scope.department)
            rows = await ask(self._pool, _LIGHTS_THEN, *scope.common[:4], led, after, limit, *told)
        return [_then(row, scope) for row in rows] if then else [series_light(row) for row in rows]

    async def cells(self, scope: Scope) -> list[CellLight]:
        """Every cell of a series that has a light, in the order of periods, as known at `known_at`."""
        asked = (_CELLS, *scope.one[:4]) if scope.known_at is None else (_CELLS_THEN, *scope.one)
        return [CellLight(**local(row)) for row in await ask(self._pool, *asked)]

    async def derived(self, scope: Scope) -> dict[str, Any] | None:
        """What the city's figure is made of, the lead's figure beside it, in the newest period of which anything is
        known (rule 3.2); None where the figure is not derived."""
        asked = (_DERIVED, *scope.one[:4]) if scope.known_at is None else (_DERIVED_THEN, *scope.one)
        rows = await ask(self._pool, *asked)
        return {"period": rows[0]["period"], **json.loads(rows[0]["derived"])} if rows else None

    async def changes(self, scope: Scope, after: int, limit: int) -> list[dict[str, Any]]:
        """The changes of the stored lights of a series, in the order in which they were decided."""
        return [local(row) for row in await ask(self._pool, _CHANGES, *scope.one, after, limit)]


def _then(row: asyncpg.Record, scope: Scope) -> SeriesLight:
    """A row of an earlier day: the words about the lag are those of the version known then, behind the red lines that
    were open; the lead is the one of the catalogue known then."""
    told = local(row)
    zh, en, lines = told.pop("said_zh"), told.pop("said_en"), told.pop("lines")
    said = redlines.said(lines, None if zh is None else Text(zh, en)) or Text("", "")
    department = scope.leads.get(row["indicator"], row["department"])
    return SeriesLight(**told | {"red_lines": len(lines), "department": department}, lag_text=said)


def series_light(row: asyncpg.Record) -> SeriesLight:
    """A row of series with its texts."""
    told = local(row)
    text = Text(told.pop("lag_text_zh") or "", told.pop("lag_text_en") or "")
    return SeriesLight(**told, lag_text=text)


_SHOWN = """
  x.programme, x.indicator, x.district, x.department, x.light, x.light_period AS period, x.stale, x.forecast,
  x.override, x.override_until, x.red_lines, x.since, x.lag, x.lag_text_zh, x.lag_text_en, x.value, x.expected, x.target
"""
_LIGHTS = f"""
SELECT {_SHOWN} FROM alerts.series x
WHERE {VISIBLE} AND ($5::text IS NULL OR x.department = $5) AND ($8::text IS NULL OR x.light = $8)
  AND (x.indicator || '/' || x.district) COLLATE "C" > $6
ORDER BY (x.indicator || '/' || x.district) COLLATE "C" LIMIT $7
"""
# Of each series its newest period that had a value by then, and its live light, as rule 6.1 shows it; marked stale,
# then grey, by the due dates that had passed without a value since (rule 6.4; a quota year begins without a light).
_LIGHTS_THEN = f"""
SELECT x.programme, x.indicator, x.district, x.department,
  CASE WHEN lines.kinds <> '{{}}' THEN 'red' ELSE coalesce(was.light, 'grey') END AS light, was.period,
  coalesce(was.stale, false) AS stale, coalesce(was.forecast, false) AS forecast, hand.colour AS override,
  hand.until AS override_until, lines.kinds AS lines, was.said_zh, was.said_en, was.lag, was.value, was.expected,
  was.target, CASE WHEN $9::timestamptz IS NULL OR $8::date IS NOT NULL THEN was.at ELSE (
    SELECT t.at FROM alerts.shown_change t
    WHERE (t.programme, t.indicator, t.district) = (x.programme, x.indicator, x.district) AND t.at <= $9
    ORDER BY t.change DESC LIMIT 1) END AS since
FROM alerts.series x LEFT JOIN LATERAL (
  WITH told AS (
    SELECT DISTINCT ON (c.period) c.period, c.after, c.at FROM alerts.light_change c
    WHERE (c.programme, c.indicator, c.district) = (x.programme, x.indicator, x.district) AND c.kind = 'live'
      AND ($9::timestamptz IS NULL OR c.at <= $9)
    ORDER BY c.period, c.change DESC),
  cells AS (
    SELECT l.period, l.period_end, l.fixed_at <= coalesce($9, 'infinity') AS fixed, told.after, told.at
    FROM alerts.light l LEFT JOIN told USING (period)
    WHERE (l.programme, l.indicator, l.district) = (x.programme, x.indicator, x.district)
      AND ($8::date IS NULL OR l.period_end <= $8)),
  newest AS (SELECT * FROM cells WHERE after IS NOT NULL ORDER BY period_end DESC, period DESC LIMIT 1),
  since AS (
    SELECT count(*) AS missed, bool_or(extract(year FROM m.period_end) <> extract(year FROM n.period_end)) AS next_year
    FROM cells m JOIN newest n ON m.period_end > n.period_end WHERE m.fixed)
  SELECT n.period, n.at,
    CASE WHEN over THEN 'grey' WHEN n.after = 'green' AND k.misses THEN 'yellow' ELSE n.after END AS light,
    coalesce(n.after = 'green' AND k.misses AND over IS NOT TRUE, false) AS forecast,
    missed = 1 AND n.after <> 'grey' AND NOT (next_year AND s.document ->> 'schedule' = 'quota') AS stale,
    k.lag, k.value, k.expected, k.target, k.said_zh, k.said_en
  FROM newest n CROSS JOIN since LEFT JOIN alerts.standing s
    ON (s.programme, s.indicator, s.district, s.period) = (x.programme, x.indicator, x.district, n.period)
  LEFT JOIN LATERAL (
    SELECT p.* FROM alerts.light_past p
    WHERE (p.programme, p.indicator, p.district, p.period) = (x.programme, x.indicator, x.district, n.period)
      AND ($9::timestamptz IS NULL OR p.known_at <= $9)
    ORDER BY p.version DESC LIMIT 1) k ON true
  CROSS JOIN LATERAL (SELECT missed > 1 OR next_year AND s.document ->> 'schedule' = 'quota' AS over) gone
) was ON true
LEFT JOIN LATERAL (
  SELECT o.colour, o.until FROM alerts.override o
  WHERE (o.programme, o.indicator, o.district) = (x.programme, x.indicator, x.district)
    AND o.at <= coalesce($9::timestamptz, ($8::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
    AND least(o.until, o.ended_at) > coalesce($9::timestamptz, ($8::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
  ORDER BY o.at DESC LIMIT 1) hand ON true
CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(r.red_line ORDER BY r.raised_at, r.red_line), '{{}}') AS kinds
  FROM alerts.project_red_line r
  WHERE (r.programme, r.kind, r.name, r.district) = (x.programme, 'indicator', x.indicator, x.district)
    AND r.raised_at <= coalesce($9::timestamptz, ($8::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
    AND (r.closed_at IS NULL
      OR r.closed_at > coalesce($9::timestamptz, ($8::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))) lines
WHERE {VISIBLE} AND ($5::text[] IS NULL OR x.indicator = ANY ($5))
  AND ($10::text IS NULL OR CASE WHEN lines.kinds <> '{{}}' THEN 'red' ELSE coalesce(was.light, 'grey') END = $10)
  AND (x.indicator || '/' || x.district) COLLATE "C" > $6
ORDER BY (x.indicator || '/' || x.district) COLLATE "C" LIMIT $7
"""
_CELLS = """
SELECT x.programme, x.indicator, x.district, x.period, x.period_end, x.due_at, x.lock_at, x.live, x.record, x.fixed_at,
  x.caught_up, coalesce(x.live = 'green' AND x.misses, false) AS forecast, x.override, x.inhibited, x.excused, x.lag,
  x.version
FROM alerts.light x
WHERE x.programme = $1 AND x.indicator = $2 AND x.district = $3 AND ($4::date IS NULL OR x.period_end <= $4)
ORDER BY x.period_end, x.period
"""
# The same at a moment: each cell's lights from their changes, the rest from the version known then. An override counts
# for a cell from when it was set, if its light was the newest of record, or from when the light was fixed under it; a
# light opened no ticket from the change on that says so.
_CELLS_THEN = """
WITH told AS (
  SELECT DISTINCT ON (c.period, c.kind) c.period, c.kind, c.after FROM alerts.light_change c
  WHERE (c.programme, c.indicator, c.district) = ($1, $2, $3) AND c.kind IN ('live', 'record') AND c.at <= $5
  ORDER BY c.period, c.kind, c.change DESC),
known AS (
  SELECT DISTINCT ON (p.period) p.* FROM alerts.light_past p
  WHERE (p.programme, p.indicator, p.district) = ($1, $2, $3) AND p.known_at <= $5
  ORDER BY p.period, p.version DESC),
cells AS (
  SELECT x.programme, x.indicator, x.district, x.period, x.period_end, x.fixed_at, x.override, x.inhibited,
    CASE WHEN first.version IS NULL THEN x.due_at ELSE first.due_at END AS due_at,
    least(coalesce(first.lock_at, x.lock_at), k.published_at) AS lock_at, live.after AS live, record.after AS record,
    k.stretch, coalesce(k.excused, false) AS excused, coalesce(k.misses, false) AS misses, k.lag, k.version
  FROM alerts.light x
  LEFT JOIN known k USING (period)
  LEFT JOIN alerts.light_past first ON (first.programme, first.indicator, first.district, first.period, first.version)
    = ($1, $2, $3, x.period, coalesce(k.version, (SELECT min(p.version) FROM alerts.light_past p
      WHERE (p.programme, p.indicator, p.district, p.period) = ($1, $2, $3, x.period))))
  LEFT JOIN told live ON live.period = x.period AND live.kind = 'live'
  LEFT JOIN told record ON record.period = x.period AND record.kind = 'record'
  WHERE x.programme = $1 AND x.indicator = $2 AND x.district = $3
    AND (k.version IS NOT NULL OR live.after IS NOT NULL OR record.after IS NOT NULL))
SELECT x.programme, x.indicator, x.district, x.period, x.period_end, x.due_at, x.lock_at, x.live, x.record,
  CASE WHEN x.fixed_at <= $5 THEN x.fixed_at END AS fixed_at,
  coalesce(x.record = 'red' AND x.version IS NOT NULL AND EXISTS (
    SELECT FROM cells g WHERE g.period_end > x.period_end AND g.record = 'green' AND g.version IS NOT NULL
      AND g.stretch IS NOT DISTINCT FROM x.stretch), false) AS caught_up,
  coalesce(x.live = 'green' AND x.misses, false) AS forecast,
  CASE WHEN x.override IS NOT NULL THEN (
    SELECT o.colour FROM alerts.override o
    WHERE (o.programme, o.indicator, o.district) = ($1, $2, $3)
      AND (o.period = x.period AND o.at <= $5
        OR x.fixed_at <= $5 AND o.at <= x.due_at AND x.due_at < o.until
          AND (o.ended_at IS NULL OR o.ended_at > x.fixed_at))
    ORDER BY o.at DESC LIMIT 1) END AS override,
  CASE WHEN coalesce((
    SELECT min(c.at) FROM alerts.light_change c
    WHERE (c.programme, c.indicator, c.district, c.period) = ($1, $2, $3, x.period) AND c.reason = 'inhibited'),
    x.fixed_at) <= $5 THEN x.inhibited END AS inhibited,
  x.excused, x.lag, coalesce(x.version, 0) AS version
FROM cells x
WHERE $4::date IS NULL OR x.period_end <= $4
ORDER BY x.period_end, x.period
"""
_DERIVED = """
SELECT s.period, (s.document -> 'derived')::text AS derived
FROM alerts.standing s JOIN alerts.light l USING (programme, indicator, district, period)
WHERE s.programme = $1 AND s.indicator = $2 AND s.district = $3 AND s.document -> 'derived' ->> 'missing' IS NOT NULL
  AND ($4::date IS NULL OR l.period_end <= $4)
ORDER BY l.period_end DESC LIMIT 1
"""
_DERIVED_THEN = """
SELECT k.period, k.derived::text AS derived
FROM alerts.light l CROSS JOIN LATERAL (
  SELECT p.period, p.derived FROM alerts.light_past p
  WHERE (p.programme, p.indicator, p.district, p.period) = (l.programme, l.indicator, l.district, l.period)
    AND p.known_at <= $5
  ORDER BY p.version DESC LIMIT 1) k
WHERE l.programme = $1 AND l.indicator = $2 AND l.district = $3 AND k.derived ->> 'missing' IS NOT NULL
  AND ($4::date IS NULL OR l.period_end <= $4)
ORDER BY l.period_end DESC LIMIT 1
"""
_CHANGES = """
SELECT c.change, c.period, c.kind, c.before, c.after, c.said, c.worse, c.at, c.seq, c.reason
FROM alerts.light_change c JOIN alerts.light l USING (programme, indicator, district, period)
WHERE c.programme = $1 AND c.indicator = $2 AND c.district = $3 AND ($4::date IS NULL OR l.period_end <= $4)
  AND ($5::timestamptz IS NULL OR c.at <= $5) AND c.change > $6 ORDER BY c.change LIMIT $7
"""
