"""What an edition is made from, read from alerts' own tables in one snapshot: standings, lights of record, how far
everything is judged."""

from datetime import date, datetime

import msgspec

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI, Period
from services.alerts.scores.items import Facts, Key, Lights, Told
from services.alerts.scores.periods import looked_at

_DECODE = msgspec.json.Decoder(Told)
Mark = tuple[int, int]  # what was handled and what changed: the same mark, the same edition


class Reading:
    """The questions, on one pool."""

    def __init__(self, pool: Pool, programme: str) -> None:
        self._pool, self._programme = pool, programme

    async def mark(self) -> tuple[Mark, datetime | None]:
        """Whether anything moved since another mark, and the watermark behind which everything is judged."""
        with sorted_errors():
            row = await self._pool.fetchrow(_MARK)
        assert row is not None
        through = row["through"]
        return (int(row["position"] or 0), int(row["change"] or 0)), through and through.astimezone(SHANGHAI)

    async def facts(self, period: Period, through: datetime) -> Facts:
        """Everything of one edition."""
        with sorted_errors():
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                told = await connection.fetch(_TOLD, self._programme, list(looked_at(period)))
                lights = await connection.fetch(_LIGHTS, self._programme, date(period.year, 1, 1), period.end)
        found: dict[Key, Told] = {(r["indicator"], r["district"]): _DECODE.decode(r["document"]) for r in told}
        counted = {
            (r["indicator"], r["district"]): Lights(r["yellow"], r["red"], r["measured"], r["december"]) for r in lights
        }
        return Facts(period, through, found, counted)


_MARK = """
SELECT (SELECT sum(position) FROM alerts.watermark) AS position, (SELECT min(through) FROM alerts.watermark) AS through,
  (SELECT max(change) FROM alerts.light_change) AS change
"""
_TOLD = """
SELECT indicator, district, document::text AS document FROM alerts.standing
WHERE programme = $1 AND period = ANY ($2)
"""
_LIGHTS = """
SELECT indicator, district, count(*) FILTER (WHERE record = 'yellow') AS yellow,
  count(*) FILTER (WHERE record = 'red') AS red, count(*) AS measured,
  count(*) FILTER (WHERE record = 'red' AND extract(month FROM period_end) = 12) AS december
FROM alerts.light
WHERE programme = $1 AND period_end BETWEEN $2 AND $3 AND binding AND record IN ('green', 'yellow', 'red')
GROUP BY indicator, district
"""
