"""The questions the API asks Postgres: read only, and apart from `store.py`, which settles what was judged.

Lists come in pages by key: the caller gives the last key it has seen and gets at most `limit` items after it.
"""

from contracts.operations.database import Pool
from services.alerts.reading.feed import FeedReading
from services.alerts.reading.lights import LightReading
from services.alerts.reading.tickets import TicketReading


class Reading:
    """The read queries on one pool, by what they are about."""

    def __init__(self, pool: Pool) -> None:
        self.feed, self.lights, self.tickets = FeedReading(pool), LightReading(pool), TicketReading(pool)
