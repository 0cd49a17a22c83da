"""Decides reminders behind the watermarks (rule 7.3): an occasion is told once every partition has passed it.

A unit's cells lie in many partitions, so the watermark that passes it last decides, in its own transaction: whoever
sees that watermark judged sees the reminders too. A due date that has passed on the platform's clock is not announced
as coming: what alerts slept through is told by the reminder of the day after alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.operations.clock import Clock
from contracts.periods import SHANGHAI
from contracts.topics import PARTITIONS
from services.alerts.feed import Links
from services.alerts.reminders import store
from services.alerts.reminders.occasions import Duties, Occasion
from services.alerts.reminders.telling import Draft, drafts, feed_row, message
from services.alerts.settling import Settlement
from services.alerts.store import Transaction

_NEVER = datetime.min.replace(tzinfo=SHANGHAI)
_NO_MORE = datetime.max.replace(tzinfo=SHANGHAI)


@dataclass(slots=True)
class Held:
    """The occasions that a transaction has to decide, how far that brings it, and when the next one is."""

    occasions: Sequence[Occasion]
    through: datetime
    next_at: datetime | None


class Reminding:
    """Knows the next occasion; asked with each batch."""

    def __init__(self, catalogue: Catalogue, clock: Clock, links: Links) -> None:
        self._catalogue, self._clock, self._links = catalogue, clock, links
        self._duties = Duties(catalogue)
        self._next: datetime | None = None  # not before it is there anything to decide; None: not known yet

    def changed(self) -> None:
        """A partition knows another catalogue: other cells may be due."""
        self._next = None

    def passed(self, marks: Sequence[Watermark]) -> bool:
        """Whether an occasion may be over with these watermarks: then `hold` has to be asked."""
        return any(self._next is None or mark.through >= self._next for mark in marks)

    async def hold(self, transaction: Transaction, marks: Sequence[Watermark]) -> Held:
        """Let no other replica pass an occasion until this transaction is over."""
        now, connection = self._clock.now(), transaction.connection
        after = await store.hold(connection, self._catalogue.programme, now)
        await transaction.learn(range(PARTITIONS))
        through = await transaction.throughs()
        for mark in marks:
            through[mark.partition] = max(through.get(mark.partition, _NEVER), mark.through.astimezone(SHANGHAI))
        low = max(after, min(through.values())) if len(through) == PARTITIONS else after
        return Held(self._duties.between(after, low), low, self._duties.next_after(low))

    async def remind(self, transaction: Transaction, held: Held) -> None:
        """Write what is to be told, behind everything else of the transaction."""
        said: list[Draft] = []
        for occasion in held.occasions:
            said += await self._drafts(transaction, occasion)
        await transaction.write(Settlement(feed=await self._rows(transaction, said, held.through)))
        await store.advance(transaction.connection, self._catalogue.programme, held.through, held.next_at)

    def reminded(self, held: Held) -> None:
        """It is committed."""
        self._next = held.next_at or _NO_MORE

    async def _drafts(self, transaction: Transaction, occasion: Occasion) -> list[Draft]:
        if occasion.kind == "due_soon" and occasion.due_at <= self._clock.now():
            return []
        due = self._duties.of(occasion.due_at)
        keys = [duty.key for duty in due]
        here = await store.received(transaction.connection, self._catalogue.programme, keys, occasion.at)
        return list(drafts(occasion, [duty for duty in due if duty.key not in here], self._catalogue.lookup))

    async def _rows(
        self, transaction: Transaction, said: Sequence[Draft], through: datetime
    ) -> list[dict[str, object]]:
        if not said:
            return []
        programme, sent = self._catalogue.programme, max(self._clock.now(), through)
        earlier = await store.said(transaction.connection, {each.message_id(programme, "due_soon") for each in said})
        seq = await transaction.numbers(len(said))
        lookup = self._catalogue.lookup
        told = [
            message(number, each, earlier, sent, programme, lookup, self._links)
            for number, each in enumerate(said, seq + 1)
        ]
        return [feed_row(each, lookup.programme.routing.groups_of(each)) for each in told]
