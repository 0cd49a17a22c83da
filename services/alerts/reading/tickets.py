"""Warnings and tickets, now or as they stood, and what happened to them (rules 6.5 and 8)."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import asyncpg

from contracts.operations.database import Pool
from services.alerts.next_steps import Today, next_step
from services.alerts.promises import CONCERNED, Fate, Happened, promises
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
        led = None if scope.department is None else scope.led_by(scope.department)
        rows = await ask(self._pool, _WARNINGS, *scope.common[:4], led, *key, limit, *told)
        return [WarningView(**local(row)) for row in rows]

    async def tickets(
        self, scope: Scope, after: tuple[datetime, str] | None, limit: int, today: Today
    ) -> list[TicketView]:
        """Tickets whose first period ended by `as_of`, oldest first, as they stood at `known_at`, which `today` is."""
        key = after or (None, None)
        asked = _TICKETS if scope.known_at is None else _TICKETS_THEN
        told = (scope.extra.get("state"), scope.extra.get("level"), scope.as_of, scope.extra.get("rule"))
        known = () if scope.known_at is None else (scope.known_at,)
        rows = await ask(self._pool, asked, *scope.common, *key, limit, *told, *known)
        return [_ticket(row, today) for row in rows]

    async def pressing(
        self, scope: Scope, states: Sequence[str] | None, due_by: datetime | None, skip: int, limit: int, today: Today
    ) -> tuple[list[TicketView], int]:
        """A stretch of the tickets in these states, the most pressing first, and how many there are in all. `due_by`:
        only those of which something ends by then: the timer, or the promised day."""
        told = [
            scope.extra.get(name) for name in ("level", "rule", "ticket_light", "addressee", "suppressed", "objected")
        ]
        rows = await ask(self._pool, _PRESSING, *scope.common, states, due_by, limit, skip, *told)
        found = [_ticket(row, today) for row in rows if row["ticket"] is not None]
        return found, rows[0]["total"]

    async def ticket(self, ticket: str, today: Today) -> TicketView | None:
        """One ticket."""
        rows = await ask(self._pool, _ONE_TICKET, ticket)
        return _ticket(rows[0], today) if rows else None

    async def events(self, ticket: str) -> list[TicketEvent]:
        """What happened to a ticket, in order."""
        rows = await ask(self._pool, _EVENTS, ticket)
        return [
            TicketEvent(**{**local(row), "detail": json.loads(row["detail"]) if row["detail"] else None})
            for row in rows
        ]

    async def promises(self, scope: Scope) -> list[PromisesOf]:
        """Of each unit how many promised dates were kept, broken, are still to come, or void; most broken first."""
        rows = await ask(self._pool, _PROMISED, *scope.common, CONCERNED)
        fates: dict[str, Counter[Fate]] = {}
        for (addressee, _), events in groupby(rows, lambda row: (row["addressee"], row["ticket"])):
            told = [Happened(row["event"], row["period"], row["promised_on"]) for row in events]
            fates.setdefault(addressee, Counter()).update(each.fate for each in promises(told))
        found = [
            PromisesOf(unit=unit, kept=n["kept"], broken=n["broken"], open=n["open"], void=n["void"])
            for unit, n in fates.items()
        ]
        return sorted(found, key=lambda each: (-each.broken, -each.kept, each.unit))


def _ticket(row: asyncpg.Record, today: Today) -> TicketView:
    shown = {name: value for name, value in local(row).items() if name not in _ORDERING}
    step = next_step(
        row["rule"], row["state"], row["level"], today,
        timer_at=row["timer_at"], promised_on=row["promised_on"], suppressed_until=row["suppressed_until"],
    )  # fmt: skip
    return TicketView(**shown, level_text=LEVELS[row["level"]], next_step=step)


_ORDERING = ("total", "lives", "ends")  # columns that no ticket shows

_WARNINGS = f"""
WITH x AS (
  SELECT warning::text, programme, indicator, district, period, colour,
    CASE WHEN closed_at > $9 THEN 'open' ELSE state END AS state, opened_at,
    CASE WHEN closed_at > $9 THEN NULL ELSE closed_at END AS closed_at, message_id::text
  FROM alerts.warning WHERE $9::timestamptz IS NULL OR opened_at <= $9)
SELECT x.* FROM x
WHERE {VISIBLE} AND ($5::text[] IS NULL OR x.indicator = ANY ($5))
  AND ($6::timestamptz IS NULL OR (x.opened_at, x.warning) > ($6, $7::text))
  AND ($10::text IS NULL OR x.state = $10) AND ($11::text IS NULL OR x.colour = $11)
  AND ($12::date IS NULL OR EXISTS (
    SELECT FROM alerts.light l WHERE l.programme = x.programme AND l.indicator = x.indicator
      AND l.district = x.district AND l.period = x.period AND l.period_end <= $12))
ORDER BY x.opened_at, x.warning LIMIT $8
"""
# Of a series' living tickets the one that stands for them on every page: what is owed before what awaits its review,
# then the gravest, what lags before what is missing, then the oldest.
CARRIED_FIRST = "state = 'RECOVERED', level DESC, rule = 'reporting', opened_at"
# A project's ticket is seen by whoever sees its district's projects ("*/district").
_VISIBLE_TICKET = VISIBLE.replace("= ANY ($2))", "= ANY ($2) OR x.rule = 'project' AND '*/' || x.district = ANY ($2))")
_SHOWN_TICKET = """
  x.programme, x.ticket::text AS ticket, x.rule, x.indicator, x.district, x.department, x.addressee, x.episode,
  x.severity, x.run, x.opened_at, x.promised_on, x.cause, x.plan, x.suppressed, x.suppressed_until, x.objected,
  x.state, x.level, x.closed_at, x.timer, x.timer_at, x.close_code
"""
_LISTED = f"""
SELECT {_SHOWN_TICKET} FROM {{tickets}} AS x
WHERE {_VISIBLE_TICKET} AND ($5::text IS NULL OR $5 IN (x.department, x.addressee))
  AND ($6::timestamptz IS NULL OR (x.opened_at, x.ticket::text) > ($6, $7::text))
  AND ($9::text IS NULL OR x.state = $9) AND ($10::text IS NULL OR x.level::text = $10)
  AND ($12::text IS NULL OR x.rule = $12)
  AND ($11::date IS NULL OR EXISTS (
    SELECT FROM alerts.light l WHERE l.programme = x.programme AND l.indicator = x.indicator
      AND l.district = x.district AND l.period = x.first_period AND l.period_end <= $11)
    OR x.rule = 'project' AND EXISTS (
    SELECT FROM alerts.project_light p WHERE p.programme = x.programme AND p.project = x.indicator
      AND p.period = x.first_period AND p.period_end <= $11))
ORDER BY x.opened_at, x.ticket::text LIMIT $8
"""
_TICKETS = _LISTED.format(tickets="alerts.ticket")
# Each as its newest event by then left it.
_TICKETS_THEN = _LISTED.format(
    tickets="""(
  SELECT was.* FROM alerts.ticket y
  JOIN LATERAL (
    SELECT e.after FROM alerts.ticket_event e WHERE e.ticket = y.ticket AND e.at <= $13
    ORDER BY e.position DESC LIMIT 1) AS told ON true
  CROSS JOIN LATERAL json_populate_record(y, told.after) AS was
  WHERE y.programme = $1)"""
)
# What lives before what has ended; of that the gravest, then what ends first, then the newest.
_PRESSING = f"""
WITH wanted AS (
  SELECT x.*, x.state IN ('OPEN', 'ACKED', 'ANSWERED', 'RECOVERED') AS lives FROM (
    SELECT x.*, CASE WHEN NOT x.suppressed THEN coalesce(
      CASE WHEN x.state IN ('OPEN', 'ACKED', 'ANSWERED', 'RECOVERED') THEN x.timer_at END,
      CASE WHEN x.state = 'ANSWERED' THEN (x.promised_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' END) END AS ends
    FROM alerts.ticket x) AS x
  WHERE {_VISIBLE_TICKET} AND ($5::text IS NULL OR $5 IN (x.department, x.addressee))
    AND ($6::text[] IS NULL OR x.state = ANY ($6)) AND ($7::timestamptz IS NULL OR x.ends <= $7)
    AND ($10::text IS NULL OR x.level::text = $10) AND ($11::text IS NULL OR x.rule = $11)
    AND ($12::text IS NULL OR x.severity = $12) AND ($13::text IS NULL OR x.addressee = $13)
    AND ($14::text IS NULL OR x.suppressed = $14::boolean)
    AND ($15::text IS NULL OR x.objected = $15::boolean))
SELECT counted.total, page.* FROM (SELECT count(*)::int AS total FROM wanted) AS counted LEFT JOIN (
  SELECT {_SHOWN_TICKET}, x.lives, x.ends FROM wanted AS x ORDER BY {{order}} LIMIT $8 OFFSET $9) AS page ON true
ORDER BY {{order}}
""".format(order="lives DESC, CASE WHEN lives THEN level END DESC, ends, opened_at DESC, ticket::text")
_ONE_TICKET = f"""
SELECT {_SHOWN_TICKET} FROM alerts.ticket x WHERE x.ticket = $1
"""
_PROMISED = f"""
SELECT x.addressee, x.ticket, e.event, nullif(e.detail ->> 'period', '') AS period,
  (e.detail ->> 'promised_on')::date AS promised_on
FROM alerts.ticket x
JOIN (SELECT ticket, min(position) AS first FROM alerts.ticket_event WHERE event = 'answer' GROUP BY ticket) AS given
  USING (ticket)
JOIN alerts.ticket_event e ON e.ticket = x.ticket AND e.position >= given.first AND e.event = ANY ($6)
WHERE {_VISIBLE_TICKET} AND ($5::text IS NULL OR x.department = $5)
ORDER BY x.addressee, x.ticket, e.position
"""
_EVENTS = """
SELECT position, at, event, actor, from_state, to_state, level, detail::text AS detail
FROM alerts.ticket_event WHERE ticket = $1 ORDER BY position
"""
