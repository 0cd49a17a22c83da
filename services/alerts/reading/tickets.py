"""Warnings and tickets, now or as they stood, and what happened to them (rules 6.5 and 8)."""

import json
from collections import Counter
from datetime import datetime
from itertools import groupby

import asyncpg

from contracts.operations.database import Pool
from services.alerts.next_steps import next_step
from services.alerts.promises import Fate, Happened, promises
from services.alerts.reading.scope import VISIBLE, Scope, ask, local
from services.alerts.views import PromisesOf, TicketEvent, TicketView, WarningView
from services.alerts.words import LEVELS


class TicketReading:
    """The questions, on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def warnings(self, scope: Scope, after: tuple[datetime, str] | None, limit: int) -> list[WarningView]:
        """Warnings about periods that ended by `as_of`, oldest first, as they stood at `known_at`."""
        key = after or (None, None)
        told = (scope.known_at, scope.extra.get("state"), scope.extra.get("colour"), scope.as_of)
        rows = await ask(self._pool, _WARNINGS, *scope.common, *key, limit, *told)
        return [WarningView(**local(row)) for row in rows]

    async def tickets(self, scope: Scope, after: tuple[datetime, str] | None, limit: int) -> list[TicketView]:
        """Tickets whose first period ended by `as_of`, oldest first, as they stood at `known_at`."""
        key = after or (None, None)
        told = (scope.known_at, scope.extra.get("state"), scope.extra.get("level"), scope.as_of)
        rows = await ask(self._pool, _TICKETS, *scope.common, *key, limit, *told, scope.extra.get("rule"))
        return [_ticket(row) for row in rows]

    async def ticket(self, ticket: str) -> TicketView | None:
        """One ticket."""
        rows = await ask(self._pool, _ONE_TICKET, ticket)
        return _ticket(rows[0]) if rows else None

    async def events(self, ticket: str) -> list[TicketEvent]:
        """What happened to a ticket, in order."""
        rows = await ask(self._pool, _EVENTS, ticket)
        return [
            TicketEvent(**{**local(row), "detail": json.loads(row["detail"]) if row["detail"] else None})
            for row in rows
        ]

    async def promises(self, scope: Scope) -> list[PromisesOf]:
        """Of each unit how many promised dates were kept, broken, are still to come, or void; most broken first."""
        rows = await ask(self._pool, _PROMISED, *scope.common)
        fates: dict[str, Counter[Fate]] = {}
        for (addressee, _), events in groupby(rows, lambda row: (row["addressee"], row["ticket"])):
            told = [Happened(row["event"], row["period"], row["promised_on"]) for row in events]
            fates.setdefault(addressee, Counter()).update(each.fate for each in promises(told))
        found = [
            PromisesOf(unit=unit, kept=n["kept"], broken=n["broken"], open=n["open"], void=n["void"])
            for unit, n in fates.items()
        ]
        return sorted(found, key=lambda each: (-each.broken, -each.kept, each.unit))


def _ticket(row: asyncpg.Record) -> TicketView:
    shown = local(row)
    step = next_step(
        row["rule"], row["state"], row["level"],
        timer_at=row["timer_at"], promised_on=row["promised_on"], suppressed_until=row["suppressed_until"],
    )  # fmt: skip
    return TicketView(**shown, level_text=LEVELS[row["level"]], next_step=step)


_WARNINGS = f"""
WITH x AS (
  SELECT warning::text, programme, indicator, district, period, colour,
    CASE WHEN closed_at > $9 THEN 'open' ELSE state END AS state, opened_at,
    CASE WHEN closed_at > $9 THEN NULL ELSE closed_at END AS closed_at, message_id::text
  FROM alerts.warning WHERE $9::timestamptz IS NULL OR opened_at <= $9)
SELECT x.* FROM x JOIN alerts.series s USING (programme, indicator, district)
WHERE {VISIBLE} AND ($5::text IS NULL OR s.department = $5)
  AND ($6::timestamptz IS NULL OR (x.opened_at, x.warning) > ($6, $7::text))
  AND ($10::text IS NULL OR x.state = $10) AND ($11::text IS NULL OR x.colour = $11)
  AND ($12::date IS NULL OR EXISTS (
    SELECT FROM alerts.light l WHERE l.programme = x.programme AND l.indicator = x.indicator
      AND l.district = x.district AND l.period = x.period AND l.period_end <= $12))
ORDER BY x.opened_at, x.warning LIMIT $8
"""
# A project's ticket is seen by whoever sees its district's projects ("*/district").
_VISIBLE_TICKET = VISIBLE.replace("= ANY ($2))", "= ANY ($2) OR x.rule = 'project' AND '*/' || x.district = ANY ($2))")
_SHOWN_TICKET = """
  x.programme, x.ticket::text AS ticket, x.rule, x.indicator, x.district, x.department, x.addressee, x.episode,
  x.severity, x.run, x.opened_at, x.promised_on, x.cause, x.plan,
  x.suppressed, x.suppressed_until, x.objected
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
_PROMISED = f"""
SELECT x.addressee, x.ticket, e.event, nullif(e.detail ->> 'period', '') AS period,
  (e.detail ->> 'promised_on')::date AS promised_on
FROM alerts.ticket x JOIN alerts.ticket_event e USING (ticket)
WHERE {_VISIBLE_TICKET} AND ($5::text IS NULL OR x.department = $5)
  AND EXISTS (SELECT FROM alerts.ticket_event a WHERE a.ticket = x.ticket AND a.event = 'answer')
ORDER BY x.addressee, x.ticket, e.position
"""
_EVENTS = """
SELECT position, at, event, actor, from_state, to_state, level, detail::text AS detail
FROM alerts.ticket_event WHERE ticket = $1 ORDER BY position
"""
