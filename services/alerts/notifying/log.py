"""The log of one receiver's notifications in Postgres: what is owed, what was decided, how far each has come.

Whoever calls holds the receiver's lock. Times of attempts are real (rule 1.4), asked of the database; `at` and `sent`
are the platform's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI
from services.alerts.notifying.grouping import Next
from services.alerts.sending.answers import Answer

_MESSAGE = msgspec.json.Decoder(FeedMessage)


@dataclass(frozen=True, slots=True)
class Pending:
    """A notification that was decided and not told to its end. `due`: the next attempt may be made."""

    number: int
    reason: str
    titles: Sequence[str]
    parts: Sequence[str]
    parts_done: int
    attempts: int
    due: bool


@dataclass(frozen=True, slots=True)
class Owed:
    """What stands in the line and no notification has taken up yet: equal as long as there is nothing new."""

    messages: int
    newest: int


class Log:
    """The log of `receiver` on the connection that holds its lock."""

    def __init__(self, connection: Any, receiver: str) -> None:
        self._connection, self._receiver = connection, receiver

    async def pending(self) -> Pending | None:
        """The notification that holds back the others."""
        row = await self._connection.fetchrow(_PENDING, self._receiver)
        return None if row is None else Pending(**row)

    async def owed(self) -> Owed:
        """How much waits, cheaply; nothing of a receiver that is disabled."""
        return Owed(**await self._connection.fetchrow(_OWED, self._receiver))

    async def messages(self) -> list[FeedMessage]:
        """All that waits, in the feed's order."""
        return _messages(await self._connection.fetch(_MESSAGES, self._receiver))

    async def last(self) -> dict[str, datetime]:
        """When each grouping was told something, by the platform's clock."""
        rows = await self._connection.fetch(_LAST, self._receiver)
        return {row["grouping"]: row["at"].astimezone(SHANGHAI) for row in rows}

    async def standing(self) -> list[FeedMessage]:
        """The newest message that it was told of each thing."""
        return _messages(await self._connection.fetch(_STANDING, self._receiver))

    async def judged_through(self) -> datetime | None:
        """Every message sent before it stands in the feed; None before the first watermark."""
        through: datetime | None = await self._connection.fetchval(_THROUGH)
        return through

    async def decide(self, found: Next, titles: Sequence[str], parts: Sequence[str]) -> None:
        """Write down the notification with what it takes up, in one transaction."""
        taken = [each.seq for each in found.owed]
        async with self._connection.transaction():
            await self._connection.execute(
                _DECIDE, self._receiver, found.grouping, found.reason, found.at, list(titles), list(parts), taken
            )

    async def settle(self, number: int, state: str, done: int, wait: float | None, answer: Answer) -> None:
        """Note an attempt: `done` parts are told, `state` is what the whole has become; counted are the attempts
        in vain since the last part that was told."""
        await self._connection.execute(_SETTLE, self._receiver, number, state, done, wait, answer.status, answer.error)


def _messages(rows: Sequence[Any]) -> list[FeedMessage]:
    return [_MESSAGE.decode(row["document"]) for row in rows]


_PENDING = """
SELECT n.number, n.reason, n.titles, n.parts, n.parts_done, n.attempts,
  coalesce(n.next_attempt_at <= clock_timestamp(), true) AS due
FROM alerts.notification n JOIN alerts.receiver r USING (receiver)
WHERE n.receiver = $1 AND n.state = 'pending' AND r.disabled_at IS NULL ORDER BY n.number LIMIT 1
"""
_WAITING = """
FROM alerts.delivery d JOIN alerts.receiver r USING (receiver)
WHERE d.receiver = $1 AND d.state = 'pending' AND d.notification IS NULL AND r.disabled_at IS NULL
"""
_OWED = f"SELECT count(*)::int AS messages, coalesce(max(seq), 0) AS newest {_WAITING}"
_MESSAGES = f"""
SELECT f.document::text AS document FROM alerts.feed f
JOIN (SELECT d.seq {_WAITING}) waiting USING (seq) ORDER BY f.seq
"""
_LAST = """
SELECT DISTINCT ON (grouping) grouping, at FROM alerts.notification
WHERE receiver = $1 AND parts <> '{}' ORDER BY grouping, number DESC
"""
_STANDING = """
SELECT DISTINCT ON (f.document->>'fingerprint') f.document::text AS document
FROM alerts.delivery d JOIN alerts.feed f USING (seq)
WHERE d.receiver = $1 AND d.state = 'done' ORDER BY f.document->>'fingerprint', f.seq DESC
"""
_THROUGH = """
SELECT min(through) FROM (SELECT through FROM alerts.watermark UNION ALL SELECT through FROM alerts.project_watermark) m
"""
_DECIDE = """
WITH told AS (
  INSERT INTO alerts.notification (receiver, number, grouping, reason, at, titles, parts, state)
  SELECT $1, 1 + coalesce(max(number), 0), $2, $3, $4, $5, $6, CASE $6::text[] WHEN '{}' THEN 'done' ELSE 'pending' END
  FROM alerts.notification WHERE receiver = $1 RETURNING number, state)
UPDATE alerts.delivery d SET notification = told.number, state = told.state FROM told
WHERE d.receiver = $1 AND d.seq = ANY ($7::bigint[])
"""
_SETTLE = """
WITH tried AS (
  UPDATE alerts.notification SET state = $3, parts_done = $4, status = $6, error = $7,
    attempts = CASE WHEN $4 > parts_done THEN 0 ELSE attempts + 1 END,
    next_attempt_at = clock_timestamp() + coalesce($5::float8, 0) * interval '1 second'
  WHERE receiver = $1 AND number = $2 RETURNING attempts, next_attempt_at)
UPDATE alerts.delivery d SET state = $3, attempts = tried.attempts, next_attempt_at = tried.next_attempt_at,
  status = $6, error = $7
FROM tried WHERE d.receiver = $1 AND d.notification = $2
"""
