"""All of the desk, built from plain settings: the pages of officials, who opens them, and the trail of what was done.

It owns people, sessions, views and the trail; what it shows and does passes through the public APIs of the other three.
"""

from functools import partial
from pathlib import Path

import httpx
import structlog
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute, Mount, Route

from contracts.catalogue import load
from contracts.editions import Catalogue
from contracts.operations.clock import open_clock
from contracts.operations.connections import Unavailable
from contracts.operations.database import check, make_pool, opened
from contracts.operations.health import Check, Health
from contracts.operations.http import application
from contracts.operations.instruments import ProcessInstruments, RequestInstruments
from contracts.operations.migrations import Migrations
from contracts.operations.process import Listener, Service, operations_app
from contracts.passes import Minter
from services.desk.apis import Apis
from services.desk.arriving import BACK, Arriving
from services.desk.audit import Audit
from services.desk.doors import Doors
from services.desk.files import Files
from services.desk.flows import Flows
from services.desk.instruments import Instruments
from services.desk.pages import PAGES
from services.desk.people import People
from services.desk.provider import IdentityProvider
from services.desk.security import Attempts, Hardened
from services.desk.sessions import Sessions
from services.desk.settings import Settings
from services.desk.showing import Showing
from services.desk.signing_in import SigningIn
from services.desk.versions import Versions

_PROVIDER_SECONDS = 5.0
MIGRATIONS = Path(__file__).with_name("migrations")

log = structlog.get_logger(__name__)


def build_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Service:
    """The service, ready to be run on the present loop. It starts while Postgres and the other services are away.

    `transport` stands in for the other services in tests.
    """
    log.info("settings", settings=repr(settings))
    catalogue, clock = Catalogue(load(settings.catalogue)), open_clock(settings.clock)
    registry = CollectorRegistry()
    process, instruments = ProcessInstruments(registry), Instruments(registry)
    pool = make_pool(settings.database, application="desk")
    migrations = Migrations(MIGRATIONS, "desk")
    apis, audit, sessions = Apis(settings, Minter(settings.key), transport), Audit(pool, clock), Sessions(pool)

    routes: list[BaseRoute] = [Mount("/static", Files())]
    paths: set[str] = set()
    showing = Showing(catalogue, clock, paths, simulated=settings.simulated)
    versions = Versions(catalogue, apis)
    doors = Doors(sessions, People(pool), apis, audit, showing, versions, settings.url, settings.secure)
    signing_in = SigningIn(
        doors,
        Attempts(),
        instruments,
        provided=settings.provider is not None,
        people=People(pool) if settings.demo else None,
    )
    routes += signing_in.routes()
    out = httpx.AsyncClient(timeout=_PROVIDER_SECONDS, trust_env=False)
    if settings.provider is not None:
        provider = IdentityProvider(settings.provider, settings.url + BACK, out)
        routes += Arriving(provider, Flows(pool), People(pool), signing_in).routes()
    for page in PAGES:
        routes += page(doors)
    paths |= {route.path for route in routes if isinstance(route, Route)}

    async def migrated() -> None:
        if behind := await migrations.behind(pool):
            raise Unavailable(f"not migrated: {', '.join(behind)}")

    checks: dict[str, Check] = {"postgres": partial(check, pool), "migrations": migrated}
    health = Health(checks, instruments=process)
    pages = Hardened(application(routes, RequestInstruments(registry), answer=showing.problem), secure=settings.secure)
    return Service(
        name="desk",
        operations=Listener(operations_app(health, registry), settings.operations_host, settings.operations_port),
        public=Listener(pages, settings.host, settings.port),
        health=health,
        resources=[opened(pool), apis, out],
        instruments=process,
    )
