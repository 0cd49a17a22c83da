"""The part of alerts that is about projects, built in one place: consumption, acts, gauges, routes."""

from dataclasses import dataclass

from starlette.routing import BaseRoute

from contracts.consumption import Consumption
from contracts.editions import Catalogue
from contracts.operations.clock import Clock
from contracts.operations.database import Pool
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.leadership import Leadership
from contracts.operations.publishing import Producer
from services.alerts.api.access import Access
from services.alerts.api.acts import Act
from services.alerts.feed import Links
from services.alerts.moves import Moves
from services.alerts.projects.acting import Acting
from services.alerts.projects.api import routes
from services.alerts.projects.exposition import Exposition
from services.alerts.projects.inhibiting import RedProjects
from services.alerts.projects.judging import Judging, consume
from services.alerts.projects.reading import Reading
from services.alerts.projects.store import Store


@dataclass(frozen=True, slots=True)
class Part:
    """What the service runs."""

    consumption: Consumption
    exposition: Exposition
    reading: Reading
    acting: Acting
    inhibiting: RedProjects

    def routes(self, access: Access) -> list[BaseRoute]:
        """Its routes on the public port."""
        return routes(access, self.reading)


def build(
    bootstrap: str,
    catalogue: Catalogue,
    pool: Pool,
    producer: Producer,
    clock: Clock,
    leadership: Leadership,
    delivery: DeliveryInstruments,
    links: Links,
    moves: Moves,
    others: Act,
) -> Part:
    """All of it; nothing runs yet. `others` takes the acts on all other tickets."""
    store = Store(pool, catalogue)
    judging = Judging(store, catalogue, clock, links, moves)
    reading = Reading(pool)
    return Part(
        consumption=consume(bootstrap, judging, producer, delivery),
        exposition=Exposition(reading, leadership),
        reading=reading,
        acting=Acting(store, catalogue, links, others),
        inhibiting=RedProjects(reading, catalogue),
    )
