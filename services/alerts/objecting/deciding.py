"""Raises and answers objections: one transaction each, with its message in the feed (rule 9); done or refused."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.editions import Catalogue
from contracts.targets import aims_of
from services.alerts import naming
from services.alerts.feed import Links
from services.alerts.objecting import store
from services.alerts.objecting.telling import Objection, Reply, message
from services.alerts.reminders.telling import feed_row
from services.alerts.settling import Settlement
from services.alerts.store import Store, Transaction


class NothingToObjectTo(Exception):
    """There is no light of record of that period, or no target of that year."""


class Waits(Exception):
    """An objection to the same thing waits for its answer already."""


class Answered(Exception):
    """It is answered or taken back already."""


@dataclass(frozen=True, slots=True)
class Objecting:
    """The three acts: to raise one, to answer it, to take it back."""

    store: Store
    catalogue: Catalogue
    links: Links

    async def raise_(self, asked: Objection) -> str:
        """Write it down and say it; its id. NothingToObjectTo and Waits refuse."""
        programme, objection = self.catalogue.programme, asked
        async with self.store.transaction() as transaction:
            connection = transaction.connection
            if asked.about == "light":
                light = await store.record(connection, programme, asked.indicator, asked.district, asked.which)
                objection = replace(asked, light=light)  # type: ignore[arg-type] # a colour, by the table's check
            if not self._there(objection):
                raise NothingToObjectTo
            seq = await transaction.numbers(1) + 1  # whoever objects next waits here
            count, waits = await store.earlier(connection, programme, objection)
            if waits:
                raise Waits
            named = asked.indicator, asked.district, asked.about, asked.which
            objection = replace(objection, id=naming.objection(programme, *named, count + 1))
            await store.keep(connection, programme, objection)
            await self._say(transaction, seq, objection, None)
        return objection.id

    async def answer(self, objection: str, reply: Reply) -> None:
        """Write beside it how it ended, answered or taken back, and say it; LookupError for one that does not exist,
        Answered refuses."""
        programme = self.catalogue.programme
        async with self.store.transaction() as transaction:
            seq = await transaction.numbers(1) + 1
            found = await store.find(transaction.connection, programme, objection)
            if found is None:
                raise LookupError(objection)
            if found[1]:
                raise Answered
            await store.answer(transaction.connection, objection, reply)
            await self._say(transaction, seq, found[0], reply)

    def _there(self, objection: Objection) -> bool:
        if objection.about == "light":
            return objection.light is not None
        lookup = self.catalogue.lookup
        aims = aims_of(lookup, lookup.indicators[objection.indicator], objection.district)
        return objection.which in {str(aim.on.year) for aim in aims}

    async def _say(self, transaction: Transaction, seq: int, objection: Objection, reply: Reply | None) -> None:
        lookup = self.catalogue.lookup
        at: datetime = objection.at if reply is None else reply.at
        through = min((await transaction.throughs()).values(), default=at)
        told = message(seq, objection, reply, through, lookup, self.links)
        row = feed_row(told, lookup.programme.routing.groups_of(told)) | {"indicator": objection.indicator}
        await transaction.write(Settlement(feed=[row]))
