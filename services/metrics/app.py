"""All of metrics, built from plain settings: recording, the watermarks, the gauges and the API."""

import asyncio
from functools import partial
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from contracts.authority import Tokens
from contracts.catalogue import load
from contracts.editions import Catalogue
from contracts.operations.callers import Callers
from contracts.operations.clock import open_clock
from contracts.operations.connections import Metadata, Unavailable, running
from contracts.operations.database import check, make_pool, opened
from contracts.operations.health import Check, Health
from contracts.operations.http import application
from contracts.operations.instruments import DeliveryInstruments, ProcessInstruments, RequestInstruments
from contracts.operations.leadership import Leadership
from contracts.operations.migrations import Migrations
from contracts.operations.preparation import Prepared
from contracts.operations.process import Listener, Service, operations_app
from contracts.operations.publishing import Producer
from contracts.operations.versions import Versions
from services.metrics.announcing import Announcing
from services.metrics.api import previews, routes
from services.metrics.api.access import Access
from services.metrics.aside import Aside
from services.metrics.consumer import consume
from services.metrics.exposition import Exposition
from services.metrics.instruments import ExpositionInstruments, RecordingInstruments, WatermarkInstruments
from services.metrics.memory import Memory
from services.metrics.previewing import Previewing
from services.metrics.projects import part as projects
from services.metrics.recomputing import Recomputing
from services.metrics.recording import Recording
from services.metrics.settings import Settings
from services.metrics.settling import Settling
from services.metrics.store import programme
from services.metrics.store.reading import Reading
from services.metrics.store.watermarks import Marks
from services.metrics.succeeding import Succeeding
from services.metrics.watermarks import Stamps, Watermarks

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).with_name("migrations")


def build_app(settings: Settings) -> Service:
    """The service, ready to be run on the present loop. It starts while Kafka or Postgres is away."""
    log.info("settings", settings=repr(settings))
    catalogue, clock = Catalogue(load(settings.catalogue)), open_clock(settings.clock)
    registry = CollectorRegistry()
    process = ProcessInstruments(registry)
    pool = make_pool(settings.database, application="metrics")
    lists = make_pool(settings.database, application="metrics-lists", planned_each_time=True)  # what people read
    producer = Producer(settings.kafka, client_id="liangshai-metrics")
    metadata = Metadata(settings.kafka, client_id="liangshai-metrics-health")
    migrations = Migrations(MIGRATIONS, "metrics")

    turn, stamps, announcing = asyncio.Lock(), Stamps(), Announcing(producer, clock)
    versions, tokens = Versions("metrics", catalogue), Tokens(settings.tokens, catalogue.lookup, passes=settings.passes)
    catalogue.told.append(tokens.follow)
    memory = Memory()
    settling = Settling(catalogue, pool, clock, memory)
    succeeding = Succeeding(catalogue, versions, pool, clock, memory)
    recomputing = Recomputing(catalogue, pool, clock)
    recording = Recording(
        catalogue, settling, succeeding, recomputing, announcing, turn, RecordingInstruments(registry)
    )
    leadership = Leadership(pool, "metrics exposition")
    exposition = Exposition(pool, leadership, ExpositionInstruments(registry))

    delivery = DeliveryInstruments(registry)
    consumption = consume(settings.kafka, recording, stamps, producer, delivery, exposition.pace.moved, Aside(pool))
    watermarks = Watermarks(clock, consumption, stamps, Marks(pool), announcing, turn, WatermarkInstruments(registry))

    major = projects.build(settings.kafka, catalogue, pool, producer, clock, leadership, delivery, registry)

    async def migrated() -> None:
        if behind := await migrations.behind(pool):
            raise Unavailable(f"not migrated: {', '.join(behind)}")

    async def loaded() -> None:
        wanted, found = catalogue.first.version, await programme.loaded(pool, catalogue.programme)
        if found != wanted and not await programme.applied(pool, catalogue.programme):
            raise Unavailable(f"the catalogue in the database is {found}, this service's {wanted}: load it")

    async def ready() -> None:
        await migrated()
        await loaded()
        await versions.start(pool)

    async def follow() -> None:
        await versions.follow(pool)

    checks: dict[str, Check] = {
        "kafka": metadata.check,
        "postgres": partial(check, pool),
        "migrations": migrated,
        "catalogue": loaded,
        "watermarks": watermarks.check,
        "project_watermarks": major.watermarks.check,
    }
    health = Health(checks, [consumption, major.consumption], instruments=process)
    access = Access(Callers(tokens, clock), catalogue)
    public = application(
        [
            *routes(access, Reading(lists)),
            *major.routes(access),
            *previews.routes(access, Previewing(catalogue, pool, clock)),
        ],
        RequestInstruments(registry),
    )
    operations = operations_app(health, registry, expositions=[exposition.rendered, major.exposition.rendered])
    return Service(
        name="metrics",
        operations=Listener(operations, settings.operations_host, settings.operations_port),
        public=Listener(public, settings.host, settings.port),
        health=health,
        resources=[opened(pool), opened(lists), running(producer, metadata)],
        consumers=[Prepared(ready, consumption), Prepared(ready, major.consumption)],
        loops={
            "leadership": leadership.run,
            "gauges": exposition.run,
            "catalogue": follow,
            "watermarks": watermarks.run,
            "project_gauges": major.exposition.run,
            "project_watermarks": major.watermarks.run,
        },
        instruments=process,
    )
