"""One receiver's turn: go on with the notification that was begun, else decide the next one and begin it.

At least once, as little more as can be: a notification is written down before its first part is sent, and each part is
noted as soon as it was taken. Only a part whose answer was not noted, because the process or the connection to
Postgres died in between, is sent again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from contracts.calendar import Calendar
from contracts.operations.clock import Clock
from services.alerts.channels.channel import Channel, Part
from services.alerts.channels.splitting import split
from services.alerts.instruments import Instruments
from services.alerts.notifying import wording
from services.alerts.notifying.grouping import Next, following
from services.alerts.notifying.log import Log, Owed, Pending
from services.alerts.notifying.pace import Pace
from services.alerts.sending.answers import MAX_ATTEMPTS, Answer, pause

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told: a name, a way, a pace and a language."""

    receiver: str
    channel: Channel
    pace: Pace
    english: bool = False


class Telling:
    """One receiver. What it remembers between turns saves questions and decides nothing."""

    def __init__(self, reader: Reader, clock: Clock, calendar: Callable[[], Calendar], told: Instruments) -> None:
        self.reader = reader
        self._clock, self._calendar, self._told = clock, calendar, told
        self._seen: tuple[Owed, datetime | None] | None = None  # what was owed, and when the next one is due

    async def turn(self, connection: Any) -> Answer | None:
        """One part sent, with its answer; None: nothing to be done now."""
        kept = Log(connection, self.reader.receiver)
        pending = await kept.pending()
        if pending is None and await self._decided(kept):
            pending = await kept.pending()
        if pending is None or not pending.due:
            return None
        return await self._tell(kept, pending)

    async def _decided(self, kept: Log) -> bool:
        """Whether another notification was written down."""
        owed = await kept.owed()
        if self._seen is not None and self._seen[0] == owed and not await self._is_ready(kept, self._seen[1]):
            return False
        repeats = self.reader.pace.repeat is not None
        standing = await kept.standing() if repeats else []
        messages, last = await kept.messages(), await kept.last()
        found = following(messages, last, standing, self.reader.pace, self._calendar())
        self._seen = owed, found.at if found is not None else None
        if found is None or not await self._is_ready(kept, found.at):
            return False
        titles, parts = self._said(found)
        await kept.decide(found, titles, parts)
        self._seen = None
        log.info(
            "notification", receiver=self.reader.receiver, reason=found.reason, grouping=found.grouping,
            messages=len(found.owed), entries=len(found.told), parts=len(parts),
        )  # fmt: skip
        return True

    async def _is_ready(self, kept: Log, at: datetime | None) -> bool:
        """Whether it is time. Under a driven clock a notification waits until everything that was sent before it is
        known, so that the same story is told in the same notifications. The real clock waits for nobody: what comes
        late is told next."""
        if at is None or at > self._clock.now():
            return False
        if not self._clock.driven:
            return True
        through = await kept.judged_through()
        return through is None or through >= at

    def _said(self, found: Next) -> tuple[list[str], list[str]]:
        """Titles and texts of its parts; none where everything was taken back in between."""
        if not found.told:
            return [], []
        reader = self.reader
        entries = wording.entries(found.told, english=reader.english, markdown=reader.channel.markdown)
        parts = split(wording.title(found), entries, reader.channel.fits)
        return [title for title, _ in parts], [text for _, text in parts]

    async def _tell(self, kept: Log, pending: Pending) -> Answer:
        """Send the next part and note what came of it."""
        receiver, n = self.reader.receiver, pending.parts_done
        name = f"liangshai.{receiver}.{pending.number}.{n + 1}"
        answer = await self.reader.channel.send(Part(name, pending.titles[n], pending.parts[n]))
        self._told.notifications.labels(receiver, pending.reason, answer.verdict).inc()
        if answer.verdict == "gone":
            return answer
        done = n + (answer.verdict == "done")
        attempts = pending.attempts + 1
        state = _state(answer, attempts, complete=done == len(pending.parts))
        wait = pause(attempts, answer) if answer.verdict == "retry" else None
        await kept.settle(pending.number, state, done, wait, answer)
        if answer.verdict != "done":
            log.warning("not told", receiver=receiver, number=pending.number, part=n + 1, error=answer.error)
        return answer


def _state(answer: Answer, attempts: int, *, complete: bool) -> str:
    match answer.verdict:
        case "done":
            return "done" if complete else "pending"
        case "retry" if attempts < MAX_ATTEMPTS:
            return "pending"
    return "failed"
