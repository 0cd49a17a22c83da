"""The use case of the API's acts: one act on one ticket, decided and said in one transaction on its series."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from contracts.cells import Cell
from contracts.editions import Catalogue
from contracts.periods import SHANGHAI, ending, following
from services.alerts import naming
from services.alerts.feed import Links
from services.alerts.judging import settle
from services.alerts.overrides import Override
from services.alerts.store import Key, Store
from services.alerts.supervision import Series
from services.alerts.tickets import Event, Lane, PromiseOutOfReach, UntilPassed, lane_of
from services.alerts.views import TicketView

PERIODS_AHEAD = 3  # how far a promise may reach (rule 8)


@dataclass(frozen=True, slots=True)
class Acting:
    """Applies acts. LookupError for a ticket that does not exist; NotApplicable, PromiseOutOfReach and UntilPassed
    refuse."""

    store: Store
    catalogue: Catalogue
    links: Links

    async def __call__(self, ticket: str, event: Event, seen: TicketView | None = None) -> None:
        async with self.store.transaction() as transaction:
            found = await transaction.series_of(ticket) if seen is None else _series_of(seen)
            if found is None:
                raise LookupError(ticket)
            key, lane, episode = found
            loaded = (await transaction.load([key], []))[key]
            series = loaded.series
            _promise(series.cells[-1], event)
            if event.until is not None and event.until <= event.at:
                raise UntilPassed(event.at)
            series.act(event, series.tickets.find(lane, episode))
            said = [(loaded, message) for message in series.messages]
            await transaction.write(await settle(transaction, [loaded], said, self.catalogue.lookup, self.links))

    async def overrule(self, indicator: str, district: str, override: Override) -> None:
        """Worsen the light of a series (rule 6.6); NotWorse refuses."""
        name = naming.override(self.catalogue.programme, indicator, district, override.at.isoformat())

        def done(series: Series) -> None:
            series.overrule(replace(override, id=name))

        await self._on((indicator, district), done)

    async def lift(self, indicator: str, district: str, at: datetime, actor: str, reason: str) -> None:
        """Take the override of a series back; NotOverridden refuses."""
        await self._on((indicator, district), lambda series: series.lift(at, actor, reason))

    async def _on(self, key: Key, act: Callable[[Series], None]) -> None:
        async with self.store.transaction() as transaction:
            loaded = (await transaction.load([key], []))[key]
            act(loaded.series)
            said = [(loaded, message) for message in loaded.series.messages]
            await transaction.write(await settle(transaction, [loaded], said, self.catalogue.lookup, self.links))


def _series_of(ticket: TicketView) -> tuple[Key, Lane, int]:
    """Which series, lane and episode a ticket is."""
    return (ticket.indicator, ticket.district), lane_of(ticket.rule), ticket.episode


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
