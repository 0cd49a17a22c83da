"""The part of metrics that is about projects, built in one place: consumption, watermarks, gauges, routes."""

import asyncio
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute

from contracts.consumption import Consumption
from contracts.editions import Catalogue
from contracts.operations.clock import Clock
from contracts.operations.database import Pool
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.leadership import Leadership
from contracts.operations.publishing import Producer
from contracts.topics import PROJECT_STANDING
from services.metrics.announcing import Announcing
from services.metrics.api.access import Access
from services.metrics.instruments import WatermarkInstruments
from services.metrics.projects.api import routes
from services.metrics.projects.exposition import Exposition
from services.metrics.projects.fed import Telling
from services.metrics.projects.reading import Reading
from services.metrics.projects.recording import Recording, consume
from services.metrics.projects.settling import Settling
from services.metrics.store.watermarks import Marks
from services.metrics.watermarks import Stamps, Watermarks


@dataclass(frozen=True, slots=True)
class Part:
    """What the service runs."""

    consumption: Consumption
    watermarks: Watermarks
    exposition: Exposition
    reading: Reading

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
    registry: CollectorRegistry,
) -> Part:
    """All of it; nothing runs yet."""
    turn, stamps = asyncio.Lock(), Stamps()
    announcing = Announcing(producer, clock, PROJECT_STANDING)
    recording = Recording(Settling(catalogue, pool, clock), Telling(pool, producer), announcing, turn)
    reading = Reading(pool)
    exposition = Exposition(reading, leadership, catalogue)

    def moved() -> None:
        if not clock.driven:  # a time-lapse moves all the time: once a second will do
            exposition.pace.moved()

    consumption = consume(bootstrap, recording, stamps, producer, delivery, moved)
    instruments = WatermarkInstruments(registry, "liangshai_project_watermark_timestamp_seconds")
    marks = Marks(pool, "metrics.project_watermark")
    watermarks = Watermarks(clock, consumption, stamps, marks, announcing, turn, instruments)
    return Part(consumption, watermarks, exposition, reading)
