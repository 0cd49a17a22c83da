"""The office reminds one unit of everything it owes (催报, rule 7.3), once a day; written like every reminder, in the
transaction that decided it. The same request again finds its message and says nothing new."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from contracts.editions import Catalogue
from contracts.feed_events import FeedMessage, RemindedCell, Reminder
from contracts.periods import SHANGHAI
from contracts.topics import PARTITIONS
from services.alerts import naming
from services.alerts.feed import Links
from services.alerts.reminders import store, words
from services.alerts.reminders.occasions import Duties, Duty, Occasion
from services.alerts.reminders.telling import Draft, feed_row, message
from services.alerts.settling import Settlement
from services.alerts.store import Store, Transaction


class NothingOwed(Exception):
    """The unit has reported everything that it may still report on its own."""


class RemindedToday(Exception):
    """Somebody has reminded the unit today; the message says who and when."""

    def __init__(self, message: FeedMessage) -> None:
        super().__init__(message.message_id)
        self.message = message


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants which unit reminded, and when; `request` names the wish, so that sending it twice asks once."""

    unit: str
    request: str
    actor: str
    at: datetime


class ByHand:
    """Reminds; NothingOwed and RemindedToday refuse."""

    def __init__(self, store_: Store, catalogue: Catalogue, links: Links) -> None:
        self._store, self._catalogue, self._links = store_, catalogue, links
        self._duties = Duties(catalogue)

    async def __call__(self, asked: Asked) -> FeedMessage:
        """The message; the one of before when the request was sent before."""
        programme = self._catalogue.programme
        name = naming.message(f"reminder|{programme}|{asked.unit}|{asked.request}", "by_hand")
        async with self._store.transaction() as transaction:
            connection = transaction.connection
            await store.hold(connection, programme, asked.at)
            if (before := await store.document(connection, name)) is not None:
                return before
            today = asked.at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
            if (earlier := await store.by_hand(connection, programme, asked.unit, today)) is not None:
                raise RemindedToday(earlier)
            await transaction.learn(range(PARTITIONS))
            told = await self._told(transaction, asked, await self._owed(transaction, asked), name)
            groups = self._catalogue.lookup.programme.routing.groups_of(told)
            await transaction.write(Settlement(feed=[feed_row(told, groups)]))
            return told

    async def _owed(self, transaction: Transaction, asked: Asked) -> list[Duty]:
        open_ = self._duties.open(asked.unit, asked.at)
        keys = [duty.key for duty in open_]
        settled = await store.settled(transaction.connection, self._catalogue.programme, keys, asked.at)
        owed = [duty for duty in open_ if duty.key not in settled]
        if not owed:
            raise NothingOwed(asked.unit)
        return owed

    async def _told(self, transaction: Transaction, asked: Asked, owed: list[Duty], name: str) -> FeedMessage:
        lookup, programme = self._catalogue.lookup, self._catalogue.programme
        draft = drafted(asked, owed, self._catalogue)
        through = min((await transaction.throughs()).values(), default=asked.at)
        seq = await transaction.numbers(1) + 1
        told = message(seq, draft, frozenset(), asked.at, programme, lookup, self._links)
        group = f"addressee={asked.unit},asked={asked.at.astimezone(SHANGHAI).date()}"
        return msgspec.structs.replace(told, message_id=name, group_key=group, data_cutoff=min(through, asked.at))


def drafted(asked: Asked, owed: list[Duty], catalogue: Catalogue) -> Draft:
    """What the message lists and says. Pure."""
    dues = [duty.cell.due_at for duty in owed if duty.cell.due_at is not None]
    occasion = Occasion(asked.at, min(dues), "by_hand")
    indicators = list(dict.fromkeys(duty.cell.indicator for duty in owed))
    overdue = sum(due <= asked.at for due in dues)
    said = words.by_hand(asked.unit, indicators, len(owed), overdue, catalogue.lookup)
    cells = tuple(RemindedCell(*duty.key) for duty in owed)
    listed = Reminder(due_on=occasion.due_on, cells=cells, asked_by=asked.actor)
    return Draft(occasion, asked.unit, False, listed, max(duty.cell.period for duty in owed), said)
