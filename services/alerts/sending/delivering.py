"""The loop that hands the feed's messages on: to each webhook, to the topic progress.feed, one more receiver, and to
the people behind chat robots and mailboxes, at their pace (`notifying/`).

What is owed stands in alerts.delivery, written in the transaction that decided the message. Per receiver: in order of
`seq`, at least once, one replica at a time (a session's advisory lock), the head of the line holding back the rest.
Times here are real time (rule 1.4), asked of the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool, sorted_errors
from services.alerts.instruments import Instruments
from services.alerts.sending.answers import MAX_ATTEMPTS, Answer, pause

log = structlog.get_logger(__name__)

IDLE = 0.1  # seconds between two looks at an empty line
PATIENT = 0.5  # … at a line that moves by the minute
PEOPLE_AT_ONCE = 8  # of their lines so many are looked at together: each look takes a connection
TROUBLED = 2.0  # … after the database could not be asked
BATCH = 200
_LOCKS = 0x616C  # the class of this loop's advisory locks


@dataclass(frozen=True, slots=True)
class Owed:
    """One message a receiver has not had."""

    seq: int
    message_id: str
    document: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of the next `messages` of the line."""

    answer: Answer
    messages: int = 1


Hand = Callable[[Sequence[Owed]], AsyncIterator[Handed]]
Turn = Callable[[Any], Awaitable[Answer | None]]  # the connection that holds the lock; None: nothing to be done now
Try = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Line:
    """One receiver: where it is and how it is handed messages, one by one (`hand`) or at its pace (`turn`).

    `test` hands it one that is no message of the feed, outside the line."""

    receiver: str
    url: str
    hand: Hand | None = None
    turn: Turn | None = None
    test: Try | None = None
    channel: str = "webhook"
    groups: Sequence[str] | None = None


class Delivering:
    """All receivers' lines."""

    def __init__(self, pool: Pool, lines: Sequence[Line], told: Instruments) -> None:
        self._pool, self._lines, self._told = pool, lines, told
        self._people = asyncio.Semaphore(PEOPLE_AT_ONCE)
        for line in lines:
            told.receiver.labels(line.receiver, line.channel).set(1)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines:
                tasks.create_task(self._serve(line), name=f"delivering to {line.receiver}")
            tasks.create_task(self._counting(), name="counting what is owed")

    async def register(self) -> None:
        """Make the receivers known to whoever decides messages: these are owed them, others no more."""
        async with self._pool.acquire() as connection, connection.transaction():
            for line in self._lines:
                await connection.execute(_REGISTER, line.receiver, line.url, line.channel, line.groups)
            await connection.execute(_RETIRE, [line.receiver for line in self._lines])

    async def round(self, line: Line) -> int:
        """Hand over what is due to one receiver; how many messages left its line. 0 also when a replica is at it."""
        if line.turn is not None:
            return await self._turn(line.receiver, line.turn)
        assert line.hand is not None
        async with self._locked(line.receiver) as connection:
            if connection is None:
                return 0
            rows = await connection.fetch(_DUE, line.receiver, BATCH)
            owed = [Owed(r["seq"], str(r["message_id"]), r["document"].encode(), r["attempts"]) for r in rows]
            left = 0
            async for handed in line.hand(owed):
                left += await self._settle(
                    connection, line.receiver, owed[left : left + handed.messages], handed.answer
                )
                if handed.answer.verdict in ("retry", "gone"):
                    break  # the head of the line holds back the rest
            return left

    async def _turn(self, receiver: str, turn: Turn) -> int:
        """One part of a notification; 1 when it was told."""
        async with self._people, self._locked(receiver) as connection:
            answer = None if connection is None else await turn(connection)
            if answer is not None and answer.verdict == "gone":
                await self._disable(connection, receiver, 0, answer)
            return int(answer is not None and answer.verdict == "done")

    async def _settle(self, connection: Any, receiver: str, owed: Sequence[Owed], answer: Answer) -> int:
        """Write down what came of them; how many left the line."""
        self._told.deliveries.labels(receiver, answer.verdict).inc(len(owed))
        if answer.verdict == "gone":
            await self._disable(connection, receiver, owed[0].seq, answer)
            return 0
        attempts = owed[0].attempts + 1
        state = _state(answer, attempts)
        wait = pause(attempts, answer) if state == "pending" else None
        sequence = [each.seq for each in owed]
        await connection.execute(_SETTLE, receiver, sequence, state, wait, answer.status, answer.error)
        if state != "done":
            log.warning("not delivered", receiver=receiver, seq=owed[0].seq, attempts=attempts, error=answer.error)
        return 0 if state == "pending" else len(owed)

    async def _disable(self, connection: Any, receiver: str, seq: int, answer: Answer) -> None:
        """A receiver that is gone is sent nothing more, until the operator enables it again."""
        reason = answer.error or "410"
        await connection.execute(_DISABLE, receiver, reason, seq, answer.status)
        undo = f"python -m services.alerts enable {receiver}"
        log.error("receiver disabled", receiver=receiver, reason=reason, undo=undo)

    @asynccontextmanager
    async def _locked(self, receiver: str) -> AsyncIterator[Any]:
        """A connection that alone may hand messages to the receiver, or None while another one does."""
        async with self._pool.acquire() as connection:
            try:
                held = await connection.fetchval("SELECT pg_try_advisory_lock($1, hashtext($2))", _LOCKS, receiver)
                yield connection if held else None
                if held:
                    await connection.execute("SELECT pg_advisory_unlock($1, hashtext($2))", _LOCKS, receiver)
            except BaseException:
                connection.terminate()  # the session ends here and the lock with it, be that its answer never came
                raise

    async def _serve(self, line: Line) -> None:
        while True:
            try:
                with sorted_errors():
                    left = await self.round(line)
                await asyncio.sleep(0 if left else IDLE if line.turn is None else PATIENT)
            except Unavailable as error:
                log.warning("delivering waits", receiver=line.receiver, error=str(error))
                await asyncio.sleep(TROUBLED)

    async def _counting(self) -> None:
        """Keep the gauges of the lines."""
        while True:
            try:
                with sorted_errors():
                    await self.count()
            except Unavailable as error:
                log.warning("deliveries not counted", error=str(error))
            await asyncio.sleep(TROUBLED)

    async def count(self) -> None:
        """Bring the gauges of the lines up to date."""
        for row in await self._pool.fetch(_COUNT):
            self._told.receiver_disabled.labels(row["receiver"]).set(row["disabled"])
            self._told.deliveries_pending.labels(row["receiver"]).set(row["pending"])
            self._told.deliveries_held.labels(row["receiver"]).set(row["held"])
            self._told.deliveries_failed.labels(row["receiver"]).set(row["failed"])


def _state(answer: Answer, attempts: int) -> str:
    if answer.verdict == "done":
        return "done"
    return "pending" if answer.verdict == "retry" and attempts < MAX_ATTEMPTS else "failed"


async def enable(connection: Any, receiver: str) -> bool:
    """Take a disabled receiver back into service; what was sent meanwhile it finds in the feed."""
    return bool(await connection.fetchval(_ENABLE, receiver))


# A new address is a new receiver: it is enabled again.
_REGISTER = """
INSERT INTO alerts.receiver AS known (receiver, url, channel, groups) VALUES ($1, $2, $3, $4)
ON CONFLICT (receiver) DO UPDATE SET url = excluded.url, channel = excluded.channel, groups = excluded.groups,
  disabled_at = CASE WHEN known.url = excluded.url AND known.reason <> 'not listed' THEN known.disabled_at END,
  reason = CASE WHEN known.url = excluded.url AND known.reason <> 'not listed' THEN known.reason END
"""
_RETIRE = """
UPDATE alerts.receiver SET disabled_at = clock_timestamp(), reason = 'not listed'
WHERE disabled_at IS NULL AND receiver <> ALL ($1::text[])
"""
_DUE = """
SELECT d.seq, d.attempts, f.message_id, f.document::text AS document
FROM alerts.delivery d JOIN alerts.feed f USING (seq) JOIN alerts.receiver r USING (receiver)
WHERE d.receiver = $1 AND d.state = 'pending' AND r.disabled_at IS NULL AND NOT EXISTS (
  SELECT FROM alerts.delivery h WHERE h.receiver = $1 AND h.state = 'pending' AND h.seq <= d.seq
  AND h.next_attempt_at > clock_timestamp())
ORDER BY d.seq LIMIT $2
"""
_SETTLE = """
WITH tried AS (
  UPDATE alerts.delivery SET state = $3, attempts = attempts + 1, status = $5, error = $6,
    next_attempt_at = clock_timestamp() + coalesce($4::float8, 0) * interval '1 second'
  WHERE receiver = $1 AND seq = ANY ($2::bigint[]) RETURNING receiver, seq, attempts, status, error)
INSERT INTO alerts.attempt (receiver, seq, attempt, status, error) SELECT * FROM tried
"""
_DISABLE = """
WITH gone AS (UPDATE alerts.receiver SET disabled_at = clock_timestamp(), reason = $2 WHERE receiver = $1),
untold AS (
  UPDATE alerts.notification SET state = 'dropped', attempts = attempts + 1, status = $4, error = $2
  WHERE receiver = $1 AND state = 'pending'),
tried AS (
  UPDATE alerts.delivery SET state = 'dropped', error = $2, attempts = attempts + (seq = $3::bigint)::int,
    status = CASE WHEN seq = $3 THEN $4::int ELSE status END
  WHERE receiver = $1 AND state = 'pending' RETURNING receiver, seq, attempts, status, error)
INSERT INTO alerts.attempt (receiver, seq, attempt, status, error) SELECT * FROM tried WHERE seq = $3
"""
_ENABLE = "UPDATE alerts.receiver SET disabled_at = NULL, reason = NULL WHERE receiver = $1 RETURNING true"
_COUNT = """
SELECT receiver, (disabled_at IS NOT NULL)::int AS disabled,
  w.pending, w.held,
  (SELECT count(*) FROM alerts.delivery d WHERE d.receiver = r.receiver AND d.state = 'failed'
    AND d.next_attempt_at > clock_timestamp() - interval '1 day') AS failed
FROM alerts.receiver r CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE NOT held) AS pending, count(*) FILTER (WHERE held) AS held FROM (
    SELECT d.notification IS NULL AND r.channel NOT IN ('webhook', 'kafka') AS held
    FROM alerts.delivery d WHERE d.receiver = r.receiver AND d.state = 'pending') waiting) w
"""
