"""What came between lights and tickets, to be read: overrides (rule 6.6) and inhibitions (rule 8)."""

from datetime import datetime
from typing import Any

from contracts.operations.database import Pool, sorted_errors
from services.alerts.reading.scope import Scope, local
from services.alerts.views import InhibitionView, OverrideView


class Interventions:
    """The read queries on one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def _rows(self, question: str, *given: Any) -> list[dict[str, Any]]:
        with sorted_errors():
            return [local(row) for row in await self._pool.fetch(question, *given)]

    async def overrides(self, programme: str, indicator: str, district: str) -> list[OverrideView]:
        """Every override of a series, oldest first; the last one is in force while it has not ended."""
        return [OverrideView(**row) for row in await self._rows(_OVERRIDES, programme, indicator, district)]

    async def inhibitions(self, scope: Scope, after: tuple[datetime, str] | None, limit: int) -> list[InhibitionView]:
        """The districts that did not report, by due date, with the lights that therefore opened no ticket."""
        given = (scope.programme, scope.series, scope.district, *(after or (None, None)), limit)
        rows = await self._rows(_INHIBITIONS, *given)
        return [InhibitionView(**row) for row in rows]


_OVERRIDES = """
SELECT override::text AS override, colour, author, reason, at, until, period, ended_at, ended_by, end_reason
FROM alerts.override WHERE programme = $1 AND indicator = $2 AND district = $3 ORDER BY at, override
"""
_INHIBITIONS = """
SELECT i.district, i.period, i.due_at, i.due, i.overdue, coalesce(s.indicators, '{}') AS indicators
FROM alerts.inhibition i LEFT JOIN LATERAL (
  SELECT array_agg(l.indicator ORDER BY l.indicator) AS indicators FROM alerts.light l
  WHERE l.programme = i.programme AND l.district = i.district AND l.period = i.period AND l.due_at = i.due_at
    AND l.inhibited IS NOT NULL AND ($2::text[] IS NULL OR l.indicator || '/' || l.district = ANY ($2))) s ON true
WHERE i.programme = $1 AND ($3::text IS NULL OR i.district = $3)
  AND ($2::text[] IS NULL OR i.district IN (SELECT split_part(t, '/', 2) FROM unnest($2) t))
  AND ($4::timestamptz IS NULL OR (i.due_at, i.district || '/' || i.period) > ($4, $5::text))
ORDER BY i.due_at, i.district || '/' || i.period LIMIT $6
"""
