"""The use case of the API's acts: one act on one ticket, decided and said in one transaction on its series."""

from dataclasses import dataclass
from datetime import date

from contracts.cells import Cell
from contracts.editions import Catalogue
from contracts.periods import SHANGHAI, ending, following
from services.alerts.feed import Links
from services.alerts.judging import settle
from services.alerts.store import Store
from services.alerts.tickets import Event, NotApplicable, PromiseOutOfReach, UntilPassed

PERIODS_AHEAD = 3  # how far a promise may reach (rule 8)


@dataclass(frozen=True, slots=True)
class Acting:
    """Applies acts. LookupError for a ticket that does not exist; NotApplicable, PromiseOutOfReach and UntilPassed
    refuse."""

    store: Store
    catalogue: Catalogue
    links: Links

    async def __call__(self, ticket: str, event: Event) -> None:
        async with self.store.transaction() as transaction:
            found = await transaction.series_of(ticket)
            if found is None:
                raise LookupError(ticket)
            key, episode = found
            loaded = (await transaction.load([key], []))[key]
            series = loaded.series
            if series.ticket.episode != episode:
                raise NotApplicable(event.kind, series.episodes[episode - 1].state)
            _promise(series.cells[-1], event)
            if event.until is not None and event.until <= event.at:
                raise UntilPassed(event.at)
            series.act(event)
            said = [(loaded, message) for message in series.messages]
            await transaction.write(await settle(transaction, [loaded], said, self.catalogue.lookup, self.links))


def _promise(cell: Cell, event: Event) -> None:
    """A promised date lies between today and the end of the third period after the present one."""
    if event.promised_on is None:
        return
    today = event.at.astimezone(SHANGHAI).date()
    latest = _last(cell, today)
    if not today <= event.promised_on <= latest:
        raise PromiseOutOfReach(today, latest)


def _last(cell: Cell, today: date) -> date:
    period = ending(cell.period.frequency, today)
    for _ in range(PERIODS_AHEAD):
        period = following(period)
    return period.end
