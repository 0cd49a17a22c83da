"""Acts on the tickets of projects: the same acts, decided and said in one transaction on the project (rule 8)."""

from dataclasses import dataclass
from datetime import date

from contracts.editions import Catalogue
from contracts.periods import SHANGHAI, Frequency, ending, following
from services.alerts.api.acts import Act
from services.alerts.feed import Links
from services.alerts.projects.judging import Said, write
from services.alerts.projects.loading import RULE
from services.alerts.projects.store import Store, Written
from services.alerts.tickets import Event, NotApplicable, PromiseOutOfReach, UntilPassed
from services.alerts.views import TicketView

PERIODS_AHEAD = 3  # how far a promise may reach (rule 8)


@dataclass(frozen=True, slots=True)
class Acting:
    """Applies acts on tickets of rule `project`, and hands all others on. It refuses as they do."""

    store: Store
    catalogue: Catalogue
    links: Links
    others: Act

    async def __call__(self, ticket: str, event: Event, seen: TicketView | None = None) -> None:
        found = await self.store.rule_of(ticket) if seen is None else (seen.rule, seen.indicator, seen.episode)
        if found is None or found[0] != RULE:
            await self.others(ticket, event, seen)
            return
        _, project, episode = found
        async with self.store.transaction() as transaction:
            loaded = (await transaction.load([project], []))[project]
            if loaded.project.ticket.episode != episode:
                raise NotApplicable(event.kind, loaded.project.episodes[episode - 1].state)
            _promise(event)
            if event.until is not None and event.until <= event.at:
                raise UntilPassed(event.at)
            loaded.project.act(event)
            said: Said = [(loaded, message) for message in loaded.project.messages]
            await write(transaction, [loaded], said, Written(), [], self.catalogue.lookup, self.links)


def _promise(event: Event) -> None:
    """A promised date lies between today and the end of the third month after the present one."""
    if event.promised_on is None:
        return
    today = event.at.astimezone(SHANGHAI).date()
    latest = _last(today)
    if not today <= event.promised_on <= latest:
        raise PromiseOutOfReach(today, latest)


def _last(today: date) -> date:
    period = ending(Frequency.MONTHLY, today)
    for _ in range(PERIODS_AHEAD):
        period = following(period)
    return period.end
