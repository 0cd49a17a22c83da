"""The questions of what is shown without a token, the wall and the gauges: read only, whole programmes at a time."""

from dataclasses import dataclass

import msgspec

from contracts.events import Colour
from contracts.feed_events import FeedMessage
from contracts.operations.database import Pool
from services.alerts.pages.shapes import Facts, OpenTicket
from services.alerts.projects.reading import RED_LINES_SAID
from services.alerts.reading.lights import series_light
from services.alerts.reading.tickets import CARRIED_FIRST

LAST_MESSAGES = 30


@dataclass(frozen=True, slots=True)
class Present:
    """What the gauges say."""

    lights: list[tuple[str, str, str, Colour]]  # programme, indicator, district, light
    tickets: list[tuple[str, str, str, str, int, int]]  # programme, district, rule, state, level, how many
    suppressed: list[tuple[str, str, int]]  # programme, district, how many
    overrides: list[tuple[str, str, str, Colour]]  # programme, indicator, district, the colour by hand
    forecasts: list[tuple[str, str, str]]  # programme, indicator, district: yellow by forecast
    warnings: list[tuple[str, str, int]]  # programme, district, how many are open


class Showing:
    """The read queries of the wall and of the gauges on one pool."""

    def __init__(self, pool: Pool, *, simulated: bool) -> None:
        self._pool, self._simulated = pool, simulated

    async def wall(self, programme: str) -> Facts:
        """Everything the wall is drawn from, of one instant."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            series = [series_light(row) for row in await connection.fetch(_SERIES, programme)]
            tickets = [OpenTicket(**row) for row in await connection.fetch(_OPEN_TICKETS, programme)]
            feed = await connection.fetch(_LAST_MESSAGES, programme, LAST_MESSAGES)
            lines = await connection.fetch(RED_LINES_SAID, programme)
            as_of = await connection.fetchval(_AS_OF, programme)
            through = await connection.fetchval("SELECT min(through) FROM alerts.watermark")
        messages = [msgspec.json.decode(row["document"], type=FeedMessage) for row in feed]
        red_lines = [msgspec.json.decode(row["document"], type=FeedMessage) for row in lines]
        return Facts(series, tickets, messages, as_of, through, self._simulated, red_lines)

    async def present(self) -> Present:
        """Everything the gauges say, of one instant."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            series = await connection.fetch(_SERIES_NOW)
            tickets = await connection.fetch(_TICKETS)
            warnings = await connection.fetch(_WARNINGS)
            suppressed = await connection.fetch(_SUPPRESSED)
        return Present(
            lights=[(*key, light) for *key, light, _, _ in series],
            tickets=[tuple(row) for row in tickets],
            suppressed=[tuple(row) for row in suppressed],
            overrides=[(*key, by_hand) for *key, _, by_hand, _ in series if by_hand is not None],
            forecasts=[tuple(key) for *key, _, _, foreseen in series if foreseen],
            warnings=[tuple(row) for row in warnings],
        )


_SERIES = """
SELECT programme, indicator, district, department, light, light_period AS period, stale, forecast, override,
  override_until, red_lines, since, lag, lag_text_zh, lag_text_en, value, expected, target
FROM alerts.series WHERE programme = $1
"""
_OPEN_TICKETS = f"""
SELECT DISTINCT ON (indicator, district) indicator, district, rule, state, level, suppressed FROM alerts.ticket
WHERE programme = $1 AND state NOT IN ('CLOSED', 'CANCELLED')
ORDER BY indicator, district, {CARRIED_FIRST}
"""
_LAST_MESSAGES = "SELECT document::text AS document FROM alerts.feed WHERE programme = $1 ORDER BY seq DESC LIMIT $2"
_AS_OF = """
SELECT max(period_end) FROM alerts.light WHERE programme = $1 AND live IN ('green', 'yellow', 'red')
"""
_SERIES_NOW = "SELECT programme, indicator, district, light, override, forecast FROM alerts.series"
_TICKETS = """
SELECT programme, district, rule, state, level, count(*) FROM alerts.ticket
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
_SUPPRESSED = "SELECT programme, district, count(*) FROM alerts.ticket WHERE suppressed GROUP BY 1, 2 ORDER BY 1, 2"
_WARNINGS = "SELECT programme, district, count(*) FROM alerts.warning WHERE state = 'open' GROUP BY 1, 2 ORDER BY 1, 2"
