"""SQL of reminders: how far they are decided, which of some cells are still to come, which messages there are.

Their row is locked after series and before feed_head (`services/alerts/store.py`): of two replicas the second to pass
an occasion sees the watermarks that the first has written.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from contracts.feed_events import FeedMessage
from contracts.operations.database import Connection
from contracts.periods import SHANGHAI


async def hold(connection: Connection, programme: str, now: datetime) -> datetime:
    """Lock the row; through when reminders are decided. The first time from now on: nobody is reminded of the past."""
    found = await connection.fetchval(_HOLD, programme, now)
    return found.astimezone(SHANGHAI)  # type: ignore[no-any-return] # a moment


async def advance(connection: Connection, programme: str, through: datetime, next_at: datetime | None) -> None:
    await connection.execute(_ADVANCE, programme, through, next_at)


async def received(
    connection: Connection, programme: str, cells: Sequence[tuple[str, str, str]], at: datetime
) -> set[tuple[str, str, str]]:
    """Those of the cells with a report in force, or that are excused at that moment."""
    columns = [list(column) for column in zip(*cells, strict=True)]
    rows = await connection.fetch(_RECEIVED, programme, *columns, at)
    return {(row["indicator"], row["district"], row["period"]) for row in rows}


async def settled(
    connection: Connection, programme: str, cells: Sequence[tuple[str, str, str]], at: datetime
) -> set[tuple[str, str, str]]:
    """Those of the cells that nobody waits for at that moment: received, excused, or locked by a publication."""
    columns = [list(column) for column in zip(*cells, strict=True)] or [[], [], []]
    rows = await connection.fetch(f"{_RECEIVED} OR programme = $1 AND published_at <= $5", programme, *columns, at)
    return {(row["indicator"], row["district"], row["period"]) for row in rows}


async def document(connection: Connection, message: str) -> FeedMessage | None:
    """A message of the feed by its id."""
    return _message(await connection.fetchval(f"{_DOCUMENT} message_id = $1", message))


async def by_hand(connection: Connection, programme: str, unit: str, since: datetime) -> FeedMessage | None:
    """The newest reminder that was asked for by hand and sent to a unit since a moment."""
    return _message(await connection.fetchval(_BY_HAND, programme, unit, since))


def _message(document: str | None) -> FeedMessage | None:
    return None if document is None else msgspec.json.decode(document, type=FeedMessage)


async def said(connection: Connection, messages: Collection[str]) -> set[str]:
    """Those of the messages that are in the feed."""
    return {str(row["message_id"]) for row in await connection.fetch(_SAID, sorted(messages))}


_HOLD = """
INSERT INTO alerts.reminding AS r (programme, through) VALUES ($1, $2)
ON CONFLICT (programme) DO UPDATE SET through = r.through RETURNING through
"""
_ADVANCE = """
UPDATE alerts.reminding SET through = greatest(through, $2), next_at = $3 WHERE programme = $1
"""
_RECEIVED = """
SELECT indicator, district, period FROM alerts.light
JOIN unnest($2::text[], $3::text[], $4::text[]) AS t (indicator, district, period) USING (indicator, district, period)
WHERE programme = $1 AND (received OR excused AND coalesce(excused_until > $5, true))
"""
_DOCUMENT = "SELECT document::text FROM alerts.feed WHERE"
_BY_HAND = f"""
{_DOCUMENT} kind = 'reminder' AND document -> 'labels' ->> 'addressee' = $2 AND document ->> 'reason_code' = 'by_hand'
  AND programme = $1 AND sent >= $3 ORDER BY seq DESC LIMIT 1
"""
_SAID = "SELECT message_id FROM alerts.feed WHERE message_id = ANY ($1::uuid[])"
