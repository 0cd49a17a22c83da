"""Every series at a glance: its light with the trend of three periods, its forecast, and the ticket it carries.

The desk's wall and its list of series are drawn from it: of all series in brief, which is enough to count and to order
them, and whole of those that a page shows; texts and what lies in a series' cells take most of the time.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import asyncpg
import msgspec

from contracts.events import Colour, Text
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from services.alerts.reading.scope import Scope, local
from services.alerts.reading.tickets import CARRIED_FIRST
from services.alerts.views import View
from services.alerts.words import LEVELS, TICKET_STATES, said


class Trend(View, frozen=True, kw_only=True):
    """One of the newest periods with a light: of record where it is fixed, else live."""

    period: str
    light: Colour
    lag: Decimal | None


class Carried(View, frozen=True, kw_only=True):
    """The ticket that a series carries; the highest level where there are two."""

    ticket: str
    rule: str
    level: int
    level_text: Text
    state_text: Text
    opened_at: datetime


class AtAGlance(View, frozen=True, kw_only=True):
    """One series. `due_at`: when the shown period's report was due; `forecast_value`: where its tempo leads (6.7)."""

    indicator: str
    district: str
    department: str
    light: Colour
    period: str | None
    stale: bool
    forecast: bool
    override: Colour | None
    lag: Decimal | None
    lag_text: Text
    due_at: datetime | None
    value: str | None
    expected: str | None
    forecast_value: str | None
    target: str | None
    trend: list[Trend]  # oldest first
    ticket: Carried | None


class Grave(View, frozen=True, kw_only=True):
    """Of the ticket that a series carries what orders it among others."""

    level: int
    opened_at: datetime


class InBrief(View, frozen=True, kw_only=True):
    """Of a series what counts and orders it."""

    indicator: str
    district: str
    department: str
    light: Colour
    lag: Decimal | None
    ticket: Grave | None


class Overview:
    """The reading on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, scope: Scope, only: Sequence[str] | None = None) -> list[AtAGlance]:
        """Every series that the caller may see, red first, then by how far behind; `only`: those of them
        (`indicator/district`)."""
        with sorted_errors():
            rows = await self._pool.fetch(_WHOLE, *scope.common, only)
        return [_glance(local(row)) for row in rows]

    async def brief(self, scope: Scope, only: Sequence[str] | None = None) -> list[InBrief]:
        """The same series in the same order."""
        with sorted_errors():
            rows = await self._pool.fetch(_BRIEF, *scope.common, only)
        return [_brief(row) for row in rows]


def _brief(row: asyncpg.Record) -> InBrief:
    indicator, district, department, light, lag, level, opened_at = row
    ticket = None if level is None else Grave(level=level, opened_at=opened_at.astimezone(SHANGHAI))
    return InBrief(
        indicator=indicator, district=district, department=department, light=light, lag=lag, ticket=ticket
    )  # fmt: skip


def _glance(row: dict[str, object]) -> AtAGlance:
    text = Text(str(row.pop("lag_text_zh") or ""), str(row.pop("lag_text_en") or ""))
    trend = msgspec.json.decode(str(row.pop("trend") or "[]"), type=list[Trend])
    carried = {name: row.pop(f"ticket_{name}") for name in ("id", "rule", "level", "state", "opened_at")}
    ticket = None
    if carried["id"] is not None:
        ticket = Carried(
            ticket=str(carried["id"]),
            rule=str(carried["rule"]),
            level=int(str(carried["level"])),
            level_text=LEVELS[int(str(carried["level"]))],
            state_text=said(TICKET_STATES, str(carried["state"])),
            opened_at=carried["opened_at"],  # type: ignore[arg-type]  # a row's moment
        )
    return AtAGlance(**row, lag_text=text, trend=trend, ticket=ticket)  # type: ignore[arg-type]  # the row's columns


_COMMON = """
SELECT {columns}
FROM alerts.series x
LEFT JOIN (
  SELECT DISTINCT ON (programme, indicator, district) * FROM alerts.ticket
  WHERE programme = $1 AND state IN ('OPEN', 'ACKED', 'ANSWERED', 'RECOVERED')
  ORDER BY programme, indicator, district, {carried}) k USING (programme, indicator, district)
{joined}
WHERE x.programme = $1 AND ($2::text[] IS NULL OR x.indicator || '/' || x.district = ANY ($2))
  AND ($3::text IS NULL OR x.indicator = $3) AND ($4::text IS NULL OR x.district = $4)
  AND ($5::text IS NULL OR x.department = $5)
  AND ($6::text[] IS NULL OR x.indicator || '/' || x.district = ANY ($6))
ORDER BY array_position(ARRAY['red', 'yellow', 'grey', 'green'], x.light), x.lag DESC NULLS LAST,
  x.indicator, x.district
"""
_BRIEF = _COMMON.format(
    columns="x.indicator, x.district, x.department, x.light, x.lag, k.level, k.opened_at", joined="",
    carried=CARRIED_FIRST,
)  # fmt: skip
_WHOLE = _COMMON.format(
    columns="""
  x.indicator, x.district, x.department, x.light, x.light_period AS period, x.stale, x.forecast, x.override, x.lag,
  x.lag_text_zh, x.lag_text_en, x.value, x.expected, x.target, k.ticket::text AS ticket_id, k.rule AS ticket_rule,
  k.level AS ticket_level, k.state AS ticket_state, k.opened_at AS ticket_opened_at, shown.due_at,
  s.document -> 'forecast' ->> 'value' AS forecast_value, trend.found AS trend""",
    joined="""
LEFT JOIN alerts.light shown ON (shown.programme, shown.indicator, shown.district, shown.period)
  = (x.programme, x.indicator, x.district, x.light_period)
LEFT JOIN alerts.standing s ON (s.programme, s.indicator, s.district, s.period)
  = (x.programme, x.indicator, x.district, x.light_period)
LEFT JOIN LATERAL (
  SELECT json_agg(
    json_build_object('period', t.period, 'light', t.light, 'lag', t.lag::text) ORDER BY t.period_end)::text AS found
  FROM (
    SELECT l.period, l.period_end, coalesce(l.record, l.live) AS light, l.lag FROM alerts.light l
    WHERE (l.programme, l.indicator, l.district) = (x.programme, x.indicator, x.district)
      AND coalesce(l.record, l.live) IS NOT NULL
    ORDER BY l.period_end DESC, l.period DESC LIMIT 3) t) trend ON true""",
    carried=CARRIED_FIRST,
)
