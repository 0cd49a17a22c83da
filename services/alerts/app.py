"""All of alerts, built from plain settings: judging, the API, the wall, the gauges, and the feed's way out."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from contracts.authority import Tokens
from contracts.catalogue import load
from contracts.codec import encode
from contracts.editions import Catalogue
from contracts.feed_events import FeedMessage
from contracts.operations.callers import Callers
from contracts.operations.clock import open_clock
from contracts.operations.connections import Metadata, Unavailable, running
from contracts.operations.database import check, make_pool, opened, sorted_errors
from contracts.operations.health import Check, Health
from contracts.operations.http import application
from contracts.operations.instruments import DeliveryInstruments, ProcessInstruments, RequestInstruments
from contracts.operations.leadership import Leadership
from contracts.operations.migrations import Migrations
from contracts.operations.preparation import Prepared
from contracts.operations.process import Listener, Service, operations_app
from contracts.operations.publishing import Message, Producer
from contracts.topics import FEED
from services.alerts.acting import Acting
from services.alerts.api import routes
from services.alerts.api.access import Access
from services.alerts.api.overview import routes as overview_routes
from services.alerts.api.receivers import routes as receivers_routes
from services.alerts.api.subscriptions import routes as subscriptions_routes
from services.alerts.consumer import consume
from services.alerts.exposition import Exposition
from services.alerts.instruments import Instruments
from services.alerts.interventions import Interventions
from services.alerts.judging import Judging
from services.alerts.lives import Lives
from services.alerts.objecting.deciding import Objecting
from services.alerts.objecting.store import ObjectionReading
from services.alerts.overview import Overview
from services.alerts.pages.routes import Wall
from services.alerts.projects import part as projects
from services.alerts.reading import Reading
from services.alerts.reminders.by_hand import ByHand
from services.alerts.scores.computing import Editions
from services.alerts.scores.gauges import ScoreGauges
from services.alerts.scores.reading import Reading as ScoreReading
from services.alerts.sending.deliveries import Deliveries
from services.alerts.sending.delivering import PEOPLE_AT_ONCE, Delivering
from services.alerts.sending.receivers import Receivers, Webhook, read, strangers
from services.alerts.sending.receiving import Lines
from services.alerts.sending.webhooks import client
from services.alerts.settings import Settings
from services.alerts.showing import Showing
from services.alerts.store import Store
from services.alerts.subscriptions import Subscriptions
from services.alerts.trial.trials import Trials

MIGRATIONS = Path(__file__).with_name("migrations")
CONNECTIONS = 12  # judging (two), acts, the wall, the gauges (two), the leadership; one a webhook and some for people

log = structlog.get_logger(__name__)


def build_app(settings: Settings) -> Service:
    """The service, ready to be run on the present loop. It starts while Kafka or Postgres is away."""
    log.info("settings", settings=repr(settings))
    catalogue, clock = Catalogue(load(settings.catalogue)), open_clock(settings.clock)
    registry = CollectorRegistry()
    instruments, process = Instruments(registry), ProcessInstruments(registry)
    listed = read(settings.receivers)
    for receiver, groups in strangers(listed, catalogue.lookup).items():
        log.warning("no such groups in the catalogue", receiver=receiver, groups=groups)
    pool = make_pool(settings.database, application="alerts", size=CONNECTIONS + _at_once(listed))
    lists = make_pool(settings.database, application="alerts-lists", planned_each_time=True)  # what people read
    producer = Producer(settings.kafka, client_id="liangshai-alerts")
    metadata = Metadata(settings.kafka, client_id="liangshai-alerts-health")
    migrations = Migrations(MIGRATIONS, "alerts")

    store, tokens = Store(pool, catalogue), Tokens(settings.tokens, catalogue.lookup, passes=settings.passes)
    catalogue.told.append(tokens.follow)
    judging = Judging(store, catalogue, clock, settings.links)
    delivery = DeliveryInstruments(registry)
    consumption = consume(settings.kafka, judging, producer, delivery)
    out = client()
    lines = Lines(listed, out, clock, lambda: catalogue.cells.calendar, instruments)
    all_lines = lines.all(partial(publish, producer), Unavailable)
    delivering = Delivering(pool, all_lines, instruments)

    lives = Lives(catalogue)
    showing = Showing(pool, simulated=settings.simulated)
    leadership = Leadership(pool, "alerts exposition")
    exposition = Exposition(showing, leadership, instruments, lambda: lives.ended(clock.now()))

    major = projects.build(
        settings.kafka, catalogue, pool, producer, clock, leadership, delivery, settings.links, judging.moves,
        Acting(store, catalogue, settings.links),
    )  # fmt: skip

    judging.inhibiting.others = major.inhibiting
    editions = Editions(ScoreReading(pool, catalogue.programme), catalogue, clock.now)
    scores = ScoreGauges(editions, catalogue.programme, leadership)
    judging.moves.told += [exposition.pace.moved, major.exposition.pace.moved]
    wall = Wall(showing.wall, catalogue, clock, lives, instruments)

    async def migrated() -> None:
        if behind := await migrations.behind(pool):
            raise Unavailable(f"not migrated: {', '.join(behind)}")

    async def prepare() -> None:
        await migrated()
        await store.versions.start(pool)
        await store.ensure_series()
        with sorted_errors():
            await delivering.register()

    async def versions_known() -> None:
        await migrated()
        await store.versions.start(pool)

    async def follow() -> None:
        await store.versions.follow(pool)

    checks: dict[str, Check] = {"kafka": metadata.check, "postgres": partial(check, pool), "migrations": migrated}
    health = Health(checks, [consumption, major.consumption], instruments=process)
    access = Access(Callers(tokens, clock), catalogue)
    public = [
        *routes(
            access,
            Reading(lists),
            editions,
            major.acting,
            Trials(pool, catalogue),
            instruments,
            judging.moves,
            Interventions(pool),
            Acting(store, catalogue, settings.links),
            ByHand(store, catalogue, settings.links),
            ObjectionReading(lists),
            Objecting(store, catalogue, settings.links),
        ),
        *overview_routes(access, Overview(lists)),
        *major.routes(access),
        *subscriptions_routes(access, Reading(pool).feed, Subscriptions(pool), settings.links.alerts),
        *receivers_routes(access, Deliveries(pool), {line.receiver: line for line in all_lines}),
    ]
    return Service(
        name="alerts",
        operations=Listener(
            operations_app(
                health,
                registry,
                expositions=[exposition.rendered, major.exposition.rendered, scores.rendered],
                routes=wall.routes(),
            ),
            settings.operations_host,
            settings.operations_port,
        ),
        public=Listener(application(public, RequestInstruments(registry)), settings.host, settings.port),
        health=health,
        resources=[opened(pool), opened(lists), out, running(producer, metadata)],
        consumers=[Prepared(prepare, consumption), Prepared(versions_known, major.consumption)],
        loops={
            "leadership": leadership.run,
            "gauges": exposition.run,
            "scores": scores.run,
            "delivering": delivering.run,
            "wall": wall.run,
            "project_gauges": major.exposition.run,
            "catalogue": follow,
        },
        instruments=process,
    )


def _at_once(listed: Receivers) -> int:
    """The connections that their lines hold at once."""
    webhooks = sum(isinstance(each, Webhook) for each in listed.receivers)
    return webhooks + min(len(listed.receivers) - webhooks, PEOPLE_AT_ONCE)


async def publish(producer: Producer, messages: Sequence[FeedMessage]) -> None:
    """Put feed messages on their topic; `Unavailable` unless the broker acknowledged all of them."""
    await producer.publish_all([Message(FEED.name, m.key.encode(), encode(m, time=m.sent)) for m in messages])
