"""What the API tells of receivers: how each stands, and of each message every attempt to hand it over.

Read only, and apart from `delivering.py`, which makes the attempts. Times here are real time (rule 1.4).
"""

from datetime import datetime

import msgspec

from contracts.operations.database import Pool, sorted_errors
from services.alerts.reading.scope import local
from services.alerts.views import View

STATES = ("pending", "done", "failed", "dropped")


class ReceiverView(View, frozen=True, kw_only=True):
    """One receiver of the feed: `url` without what may be secret in it, how far its line has come."""

    receiver: str
    channel: str
    url: str
    groups: list[str] | None  # of the catalogue's routing; null: it gets everything
    disabled_at: datetime | None
    reason: str | None
    pending: int
    failed: int
    dropped: int
    done_through: int | None  # the last message it has had, by seq
    next_attempt_at: datetime | None


class AttemptView(View, frozen=True, kw_only=True):
    """One try: the receiver's HTTP status, or what went wrong before there was one."""

    attempt: int
    at: datetime
    status: int | None
    error: str | None


class DeliveryView(View, frozen=True, kw_only=True):
    """One message on its way to one receiver."""

    receiver: str
    seq: int
    message_id: str
    state: str
    notification: int | None  # of a person: with which of its notifications it is told; attempts are counted there
    next_attempt_at: datetime | None
    attempts: list[AttemptView]


class NotificationView(View, frozen=True, kw_only=True):
    """What a person is told at once: `messages` of the feed in `titles`.length parts; `at` is platform time, `attempts`
    those in vain since the last part that was told."""

    receiver: str
    number: int
    reason: str
    grouping: str
    at: datetime
    messages: int
    titles: list[str]
    parts_done: int
    state: str
    attempts: int
    next_attempt_at: datetime | None
    status: int | None
    error: str | None


class Deliveries:
    """The three questions, on one pool; `Unavailable` while Postgres is away."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def receivers(self) -> list[ReceiverView]:
        """All there are or were, by name."""
        with sorted_errors():
            rows = await self._pool.fetch(_RECEIVERS)
        return [ReceiverView(**local(row)) for row in rows]

    async def of(self, receiver: str, state: str | None, after: int, limit: int) -> list[DeliveryView] | None:
        """A page of a receiver's deliveries by seq, each with its attempts; None when there is no such receiver."""
        with sorted_errors():
            if not await self._pool.fetchval("SELECT true FROM alerts.receiver WHERE receiver = $1", receiver):
                return None
            rows = await self._pool.fetch(_DELIVERIES, receiver, state, after, limit)
        return [DeliveryView(**{**local(row), "attempts": _attempts(row["attempts"])}) for row in rows]

    async def notifications(self, receiver: str, after: int, limit: int) -> list[NotificationView] | None:
        """A page of a person's notifications by number; None when there is no such receiver."""
        with sorted_errors():
            if not await self._pool.fetchval("SELECT true FROM alerts.receiver WHERE receiver = $1", receiver):
                return None
            rows = await self._pool.fetch(_NOTIFICATIONS, receiver, after, limit)
        return [NotificationView(**local(row)) for row in rows]


def _attempts(document: str) -> list[AttemptView]:
    return msgspec.json.decode(document, type=list[AttemptView])


# Of the address nothing behind the path is told, nor who logs in there.
_RECEIVERS = r"""
SELECT r.receiver, r.channel, r.groups,
  regexp_replace(regexp_replace(r.url, '[?#].*$', ''), '//[^/@]*@', '//') AS url, r.disabled_at, r.reason,
  count(*) FILTER (WHERE d.state = 'pending') AS pending,
  count(*) FILTER (WHERE d.state = 'failed') AS failed,
  count(*) FILTER (WHERE d.state = 'dropped') AS dropped, max(d.seq) FILTER (WHERE d.state = 'done') AS done_through,
  min(d.next_attempt_at) FILTER (WHERE d.state = 'pending' AND d.attempts > 0) AS next_attempt_at
FROM alerts.receiver r LEFT JOIN alerts.delivery d USING (receiver)
GROUP BY r.receiver, r.channel, r.groups, r.url, r.disabled_at, r.reason ORDER BY r.receiver
"""
_NOTIFICATIONS = """
SELECT n.receiver, n.number, n.reason, n.grouping, n.at, (SELECT count(*) FROM alerts.delivery d
  WHERE d.receiver = n.receiver AND d.notification = n.number) AS messages, n.titles, n.parts_done, n.state,
  n.attempts, CASE WHEN n.state = 'pending' THEN n.next_attempt_at END AS next_attempt_at, n.status, n.error
FROM alerts.notification n WHERE n.receiver = $1 AND n.number > $2 ORDER BY n.number LIMIT $3
"""
_DELIVERIES = """
SELECT d.receiver, d.seq, f.message_id::text AS message_id, d.state, d.notification,
  CASE WHEN d.state = 'pending' THEN d.next_attempt_at END AS next_attempt_at,
  (SELECT coalesce(json_agg(json_build_object('attempt', a.attempt, 'at', a.at, 'status', a.status, 'error', a.error)
    ORDER BY a.attempt), '[]') FROM alerts.attempt a WHERE a.receiver = d.receiver AND a.seq = d.seq)::text AS attempts
FROM alerts.delivery d JOIN alerts.feed f USING (seq)
WHERE d.receiver = $1 AND ($2::text IS NULL OR d.state = $2) AND d.seq > $3 ORDER BY d.seq LIMIT $4
"""
