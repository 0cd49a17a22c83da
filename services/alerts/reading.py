"""The questions the API asks Postgres: read only, and apart from `store.py`, which settles what was judged.

Lists come in pages by key: the caller gives the last key it has seen and gets at most `limit` items after it.
`Scope` holds what the caller's token lets it see and what it asked for.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

from contracts.events import Text
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from services.alerts.next_steps import next_step
from services.alerts.views import CellLight, SeriesLight, TicketEvent, TicketView, WarningView
from services.alerts.words import LEVELS


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a caller gets. `series`: `indicator/district` pairs of its token (`*/district`: the projects there),
    None for all of them."""

    programme: str
    series: Sequence[str] | None = None
    indicator: str | None = None
    district: str | None = None
    department: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def one(self) -> tuple[Any, ...]:
        """The first parameters of what is asked of one series: $1 … $5."""
        return self.programme, self.indicator, self.district, self.as_of, self.known_at

    @property
    def common(self) -> tuple[Any, ...]:
        """The first parameters of every list: $1 … $5."""
        return self.programme, self.series, self.indicator, self.district, self.department


class Reading:
    """The read queries on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def _rows(self, question: str, *given: Any) -> list[asyncpg.Record]:
        """The answer; `Unavailable` while Postgres is away (the API says 503)."""
        with sorted_errors():
            return await self._pool.fetch(question, *given)

    async def feed(
        self, programme: str, series: Sequence[str] | None, unit: str | None, after: int, limit: int
    ) -> tuple[list[msgspec.Raw], int]:
        """Messages after a seq, as they were written, in commit order; and the seq behind which to go on.

        Of reminders those to `unit`, or all of them where all series may be read.

        A page that is not full has looked at everything there was: the next one begins behind the feed's head.
        """
        if series is None:
            rows = await self._rows(_FEED, after, limit)
        else:
            pairs = [each.split("/") for each in series]
            rows = await self._rows(
                _FEED_OF, after, limit, programme, [p[0] for p in pairs], [p[1] for p in pairs], unit
            )
        found = [row for row in rows if row["seq"] is not None]
        cursor = found[-1]["seq"] if len(found) == limit else max(after, rows[0]["head"])
        return [msgspec.Raw(row["document"].encode()) for row in found], cursor

    async def newest(
        self, programme: str, series: Sequence[str] | None, unit: str | None, limit: int
    ) -> list[msgspec.Raw]:
        """The feed's newest messages, newest first, with the same bounds."""
        if series is None:
            rows = await self._rows(_NEWEST, limit)
        else:
            pairs = [each.split("/") for each in series]
            rows = await self._rows(_NEWEST_OF, 0, limit, programme, [p[0] for p in pairs], [p[1] for p in pairs], unit)
        return [msgspec.Raw(row["document"].encode()) for row in rows]

    async def watermarks(self) -> tuple[dict[int, tuple[datetime, int]], datetime | None]:
        """How far each partition has been judged, and the next due date, ticket timer or reminder: until then time
        alone changes nothing."""
        rows = await self._rows(_WATERMARKS)
        found = {r["partition"]: (r["through"], r["position"]) for r in rows if r["partition"] is not None}
        return found, rows[0]["next_at"] if rows else None

    async def project_watermarks(self) -> tuple[dict[int, tuple[datetime, int]], datetime | None]:
        """The same of the projects' partitions."""
        rows = await self._rows(_PROJECT_WATERMARKS)
        found = {r["partition"]: (r["through"], r["position"]) for r in rows if r["partition"] is not None}
        return found, rows[0]["next_at"] if rows else None

    async def lights(self, scope: Scope, after: str, limit: int) -> list[SeriesLight]:
        """The light of each series: the one shown now, or the one of a day as known at a moment (rule 2.10)."""
        if scope.as_of is None and scope.known_at is None:
            rows = await self._rows(_LIGHTS, *scope.common, after, limit, scope.extra.get("light"))
        else:
            told = (scope.as_of, scope.known_at, scope.extra.get("light"))
            rows = await self._rows(_LIGHTS_THEN, *scope.common, after, limit, *told)
        return [series_light(row) for row in rows]

    async def cells(self, scope: Scope) -> list[CellLight]:
        """Every cell of a series that has a light, in the order of periods, as known at `known_at`."""
        return [CellLight(**local(row)) for row in await self._rows(_CELLS, *scope.one)]

    async def derived(self, scope: Scope) -> dict[str, Any] | None:
        """What the city's figure is made of, the lead's figure beside it, in the newest period of which anything is
        known (rule 3.2); None where the figure is not derived."""
        rows = await self._rows(_DERIVED, *scope.one)
        return {"period": rows[0]["period"], **json.loads(rows[0]["derived"])} if rows else None

    async def changes(self, scope: Scope, after: int, limit: int) -> list[dict[str, Any]]:
        """The changes of the stored lights of a series, in the order in which they were decided."""
        return [local(row) for row in await self._rows(_CHANGES, *scope.one, after, limit)]

    async def warnings(self, scope: Scope, after: tuple[datetime, str] | None, limit: int) -> list[WarningView]:
        """Warnings about periods that ended by `as_of`, oldest first, as they stood at `known_at`."""
        key = after or (None, None)
        told = (scope.known_at, scope.extra.get("state"), scope.extra.get("colour"), scope.as_of)
        rows = await self._rows(_WARNINGS, *scope.common, *key, limit, *told)
        return [WarningView(**local(row)) for row in rows]

    async def tickets(self, scope: Scope, after: tuple[datetime, str] | None, limit: int) -> list[TicketView]:
        """Tickets whose first period ended by `as_of`, oldest first, as they stood at `known_at`."""
        key = after or (None, None)
        told = (scope.known_at, scope.extra.get("state"), scope.extra.get("level"), scope.as_of)
        rows = await self._rows(_TICKETS, *scope.common, *key, limit, *told, scope.extra.get("rule"))
        return [_ticket(row) for row in rows]

    async def ticket(self, ticket: str) -> TicketView | None:
        """One ticket."""
        rows = await self._rows(_ONE_TICKET, ticket)
        return _ticket(rows[0]) if rows else None

    async def events(self, ticket: str) -> list[TicketEvent]:
        """What happened to a ticket, in order."""
        rows = await self._rows(_EVENTS, ticket)
        return [
            TicketEvent(**{**local(row), "detail": json.loads(row["detail"]) if row["detail"] else None})
            for row in rows
        ]


def local(row: asyncpg.Record) -> dict[str, Any]:
    """A row with its moments in the programme's time zone."""
    return {k: v.astimezone(SHANGHAI) if isinstance(v, datetime) else v for k, v in row.items()}


def series_light(row: asyncpg.Record) -> SeriesLight:
    """A row of series with its texts."""
    told = local(row)
    text = Text(told.pop("lag_text_zh") or "", told.pop("lag_text_en") or "")
    return SeriesLight(**told, lag_text=text)


def _ticket(row: asyncpg.Record) -> TicketView:
    shown = local(row)
    step = next_step(
        row["rule"], row["state"], row["level"],
        timer_at=row["timer_at"], promised_on=row["promised_on"], suppressed_until=row["suppressed_until"],
    )  # fmt: skip
    return TicketView(**shown, level_text=LEVELS[row["level"]], next_step=step)


# What the caller may see and asks for: $1 programme, $2 series of its token, $3 … $5 its filters.
_VISIBLE = """
  x.programme = $1 AND ($2::text[] IS NULL OR x.indicator || '/' || x.district = ANY ($2))
  AND ($3::text IS NULL OR x.indicator = $3) AND ($4::text IS NULL OR x.district = $4)
"""
# The head is read in the same snapshot: numbers are given in commit order, so nothing below it is still to come.
_FEED_PAGE = """
SELECT h.seq AS head, f.seq, f.document::text AS document FROM alerts.feed_head h
LEFT JOIN ({page} ORDER BY seq LIMIT $2) f ON true ORDER BY f.seq
"""
_FEED = _FEED_PAGE.format(page="SELECT seq, document FROM alerts.feed WHERE seq > $1")
_OF = """
  SELECT said.* FROM unnest($4::text[], $5::text[]) AS t (indicator, district) CROSS JOIN LATERAL (
    SELECT seq, document FROM alerts.feed m
    WHERE m.programme = $3 AND m.indicator = t.indicator AND m.district = t.district AND m.seq > $1
    ORDER BY seq LIMIT $2) said
  UNION ALL (
    SELECT seq, document FROM alerts.feed m
    WHERE m.programme = $3 AND m.rule = 'project' AND m.seq > $1
      AND ('*', m.district) IN (SELECT * FROM unnest($4::text[], $5::text[]))
      AND (m.indicator, m.district) NOT IN (SELECT * FROM unnest($4::text[], $5::text[]))
    ORDER BY seq LIMIT $2)
  UNION ALL (
    SELECT seq, document FROM alerts.feed m
    WHERE m.kind = 'reminder' AND m.document -> 'labels' ->> 'addressee' = $6 AND m.programme = $3 AND m.seq > $1
    ORDER BY seq LIMIT $2)"""
_FEED_OF = _FEED_PAGE.format(page=_OF)
_NEWEST = "SELECT document::text AS document FROM alerts.feed ORDER BY seq DESC LIMIT $1"
_NEWEST_OF = (
    f"SELECT document::text AS document FROM ({_OF.replace('ORDER BY seq', 'ORDER BY seq DESC')}) m "
    "ORDER BY seq DESC LIMIT $2"
)
_SHOWN = """
  x.programme, x.indicator, x.district, x.department, x.light, x.light_period AS period, x.stale, x.forecast,
  x.override, x.override_until, x.red_lines, x.since, x.lag, x.lag_text_zh, x.lag_text_en, x.value, x.expected, x.target
"""
_LIGHTS = f"""
SELECT {_SHOWN} FROM alerts.series x
WHERE {_VISIBLE} AND ($5::text IS NULL OR x.department = $5) AND ($8::text IS NULL OR x.light = $8)
  AND (x.indicator || '/' || x.district) COLLATE "C" > $6
ORDER BY (x.indicator || '/' || x.district) COLLATE "C" LIMIT $7
"""
# Of each series its newest period that had a value by then, and its live light, as rule 6.1 shows it; marked stale,
# then grey, by the due dates that had passed without a value since (rule 6.4; a quota year begins without a light).
# Figures that became known later are left out: metrics holds their history.
_LIGHTS_THEN = f"""
SELECT x.programme, x.indicator, x.district, x.department,
  CASE WHEN lines.open > 0 THEN 'red' ELSE coalesce(was.light, 'grey') END AS light, was.period,
  coalesce(was.stale, false) AS stale, coalesce(was.forecast, false) AS forecast, NULL AS override,
  NULL::timestamptz AS override_until, lines.open AS red_lines, was.at AS since, was.lag,
  NULL AS lag_text_zh, NULL AS lag_text_en, was.value, was.expected, was.target
FROM alerts.series x LEFT JOIN LATERAL (
  WITH told AS (
    SELECT DISTINCT ON (c.period) c.period, c.after, c.at FROM alerts.light_change c
    WHERE (c.programme, c.indicator, c.district) = (x.programme, x.indicator, x.district) AND c.kind = 'live'
      AND ($9::timestamptz IS NULL OR c.at <= $9)
    ORDER BY c.period, c.change DESC),
  cells AS (
    SELECT l.period, l.period_end, l.fixed_at <= coalesce($9, 'infinity') AS fixed, l.known_at, l.lag,
      l.misses, told.after, told.at
    FROM alerts.light l LEFT JOIN told USING (period)
    WHERE (l.programme, l.indicator, l.district) = (x.programme, x.indicator, x.district)
      AND ($8::date IS NULL OR l.period_end <= $8)),
  newest AS (SELECT * FROM cells WHERE after IS NOT NULL ORDER BY period_end DESC, period DESC LIMIT 1),
  since AS (
    SELECT count(*) AS missed, bool_or(extract(year FROM m.period_end) <> extract(year FROM n.period_end)) AS next_year
    FROM cells m JOIN newest n ON m.period_end > n.period_end WHERE m.fixed)
  SELECT n.period, n.at,
    CASE WHEN over THEN 'grey' WHEN n.after = 'green' AND n.misses AND told THEN 'yellow' ELSE n.after END AS light,
    n.after = 'green' AND n.misses AND told AND over IS NOT TRUE AS forecast,
    missed = 1 AND n.after <> 'grey' AND NOT (next_year AND s.document ->> 'schedule' = 'quota') AS stale,
    CASE WHEN told THEN n.lag END AS lag, CASE WHEN told THEN s.document ->> 'value' END AS value,
    CASE WHEN told THEN s.document ->> 'expected' END AS expected,
    CASE WHEN told THEN s.document ->> 'target' END AS target
  FROM newest n CROSS JOIN since LEFT JOIN alerts.standing s
    ON (s.programme, s.indicator, s.district, s.period) = (x.programme, x.indicator, x.district, n.period)
  CROSS JOIN LATERAL (SELECT $9::timestamptz IS NULL OR n.known_at <= $9 AS told,
    missed > 1 OR next_year AND s.document ->> 'schedule' = 'quota' AS over) known) was ON true
CROSS JOIN LATERAL (
  SELECT count(*)::integer AS open FROM alerts.project_red_line r
  WHERE (r.programme, r.kind, r.name, r.district) = (x.programme, 'indicator', x.indicator, x.district)
    AND r.raised_at <= coalesce($9::timestamptz, ($8::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
    AND (r.closed_at IS NULL
      OR r.closed_at > coalesce($9::timestamptz, ($8::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))) lines
WHERE {_VISIBLE} AND ($5::text IS NULL OR x.department = $5)
  AND ($10::text IS NULL OR CASE WHEN lines.open > 0 THEN 'red' ELSE coalesce(was.light, 'grey') END = $10)
  AND (x.indicator || '/' || x.district) COLLATE "C" > $6
ORDER BY (x.indicator || '/' || x.district) COLLATE "C" LIMIT $7
"""
_THEN = """
  (SELECT c.after FROM alerts.light_change c WHERE c.programme = x.programme AND c.indicator = x.indicator
    AND c.district = x.district AND c.period = x.period AND c.kind = '{kind}' AND c.at <= $5
  ORDER BY c.change DESC LIMIT 1)
"""
_CELLS = f"""
SELECT * FROM (
  SELECT x.programme, x.indicator, x.district, x.period, x.period_end, x.due_at, x.lock_at,
    CASE WHEN $5::timestamptz IS NULL THEN x.live ELSE {_THEN.format(kind="live")} END AS live,
    CASE WHEN $5 IS NULL THEN x.record ELSE {_THEN.format(kind="record")} END AS record,
    CASE WHEN $5 IS NULL OR x.fixed_at <= $5 THEN x.fixed_at END AS fixed_at,
    x.caught_up AND $5 IS NULL AS caught_up, x.live = 'green' AND x.misses AND $5 IS NULL AS forecast,
    CASE WHEN $5 IS NULL THEN x.override END AS override, CASE WHEN $5 IS NULL THEN x.inhibited END AS inhibited,
    x.excused AND $5 IS NULL AS excused,
    CASE WHEN $5 IS NULL OR x.known_at <= $5 THEN x.lag END AS lag,
    CASE WHEN $5 IS NULL OR x.known_at <= $5 THEN x.version END AS version
  FROM alerts.light x
  WHERE x.programme = $1 AND x.indicator = $2 AND x.district = $3 AND ($4::date IS NULL OR x.period_end <= $4)) found
WHERE $5 IS NULL OR live IS NOT NULL OR record IS NOT NULL
ORDER BY period_end, period
"""
_DERIVED = """
SELECT s.period, (s.document -> 'derived')::text AS derived
FROM alerts.standing s JOIN alerts.light l USING (programme, indicator, district, period)
WHERE s.programme = $1 AND s.indicator = $2 AND s.district = $3 AND s.document -> 'derived' ->> 'missing' IS NOT NULL
  AND ($4::date IS NULL OR l.period_end <= $4) AND ($5::timestamptz IS NULL OR l.known_at <= $5)
ORDER BY l.period_end DESC LIMIT 1
"""
_CHANGES = """
SELECT c.change, c.period, c.kind, c.before, c.after, c.said, c.worse, c.at, c.seq, c.reason
FROM alerts.light_change c JOIN alerts.light l USING (programme, indicator, district, period)
WHERE c.programme = $1 AND c.indicator = $2 AND c.district = $3 AND ($4::date IS NULL OR l.period_end <= $4)
  AND ($5::timestamptz IS NULL OR c.at <= $5) AND c.change > $6 ORDER BY c.change LIMIT $7
"""
_WARNINGS = f"""
WITH x AS (
  SELECT warning::text, programme, indicator, district, period, colour,
    CASE WHEN closed_at > $9 THEN 'open' ELSE state END AS state, opened_at,
    CASE WHEN closed_at > $9 THEN NULL ELSE closed_at END AS closed_at, message_id::text
  FROM alerts.warning WHERE $9::timestamptz IS NULL OR opened_at <= $9)
SELECT x.* FROM x JOIN alerts.series s USING (programme, indicator, district)
WHERE {_VISIBLE} AND ($5::text IS NULL OR s.department = $5)
  AND ($6::timestamptz IS NULL OR (x.opened_at, x.warning) > ($6, $7::text))
  AND ($10::text IS NULL OR x.state = $10) AND ($11::text IS NULL OR x.colour = $11)
  AND ($12::date IS NULL OR EXISTS (
    SELECT FROM alerts.light l WHERE l.programme = x.programme AND l.indicator = x.indicator
      AND l.district = x.district AND l.period = x.period AND l.period_end <= $12))
ORDER BY x.opened_at, x.warning LIMIT $8
"""
# A project's ticket is seen by whoever sees its district's projects ("*/district").
_VISIBLE_TICKET = _VISIBLE.replace("= ANY ($2))", "= ANY ($2) OR x.rule = 'project' AND '*/' || x.district = ANY ($2))")
_SHOWN_TICKET = """
  x.programme, x.ticket::text AS ticket, x.rule, x.indicator, x.district, x.department, x.addressee, x.episode,
  x.severity, x.run, x.opened_at, x.promised_on, x.cause, x.plan,
  x.suppressed, x.suppressed_until
"""
_TICKETS = f"""
WITH was AS (
  SELECT DISTINCT ON (ticket) ticket, to_state, level FROM alerts.ticket_event
  WHERE at <= $9 ORDER BY ticket, position DESC),
found AS (
  SELECT {_SHOWN_TICKET}, coalesce(was.to_state, x.state) AS state, coalesce(was.level, x.level) AS level,
    CASE WHEN x.closed_at <= $9 OR $9 IS NULL THEN x.closed_at END AS closed_at,
    CASE WHEN $9 IS NULL THEN x.timer END AS timer, CASE WHEN $9 IS NULL THEN x.timer_at END AS timer_at,
    CASE WHEN x.closed_at <= $9 OR $9 IS NULL THEN x.close_code END AS close_code
  FROM alerts.ticket x LEFT JOIN was USING (ticket)
  WHERE {_VISIBLE_TICKET} AND ($5::text IS NULL OR x.department = $5)
    AND ($9::timestamptz IS NULL OR x.opened_at <= $9)
    AND ($13::text IS NULL OR x.rule = $13)
    AND ($12::date IS NULL OR EXISTS (
      SELECT FROM alerts.light l WHERE l.programme = x.programme AND l.indicator = x.indicator
        AND l.district = x.district AND l.period = x.first_period AND l.period_end <= $12)
      OR x.rule = 'project' AND EXISTS (
      SELECT FROM alerts.project_light p WHERE p.programme = x.programme AND p.project = x.indicator
        AND p.period = x.first_period AND p.period_end <= $12)))
SELECT * FROM found
WHERE ($6::timestamptz IS NULL OR (opened_at, ticket) > ($6, $7::text))
  AND ($10::text IS NULL OR state = $10) AND ($11::text IS NULL OR level::text = $11)
ORDER BY opened_at, ticket LIMIT $8
"""
_ONE_TICKET = f"""
SELECT {_SHOWN_TICKET}, x.state, x.level, x.closed_at, x.timer, x.timer_at, x.close_code
FROM alerts.ticket x WHERE x.ticket = $1
"""
_EVENTS = """
SELECT position, at, event, actor, from_state, to_state, level, detail::text AS detail
FROM alerts.ticket_event WHERE ticket = $1 ORDER BY position
"""
_WATERMARKS = """
SELECT w.partition, w.through, w.position, n.next_at FROM (
  SELECT least(min(next_at), (SELECT min(next_at) FROM alerts.reminding)) AS next_at FROM alerts.series) n
LEFT JOIN alerts.watermark w ON true ORDER BY w.partition
"""
_PROJECT_WATERMARKS = """
SELECT w.partition, w.through, w.position, n.next_at FROM (SELECT min(next_at) AS next_at FROM alerts.project) n
LEFT JOIN alerts.project_watermark w ON true ORDER BY w.partition
"""
