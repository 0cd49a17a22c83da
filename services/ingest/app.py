"""All of ingest, built from plain settings: POST /v1/reports on the public port, health and /metrics on the other."""

from prometheus_client import CollectorRegistry

from contracts.authority import Tokens
from contracts.catalogue import load
from contracts.editions import Catalogue
from contracts.following import Following
from contracts.operations.callers import Callers
from contracts.operations.clock import open_clock
from contracts.operations.connections import Metadata, running
from contracts.operations.health import Health
from contracts.operations.http import application
from contracts.operations.instruments import ProcessInstruments, RequestInstruments
from contracts.operations.process import Listener, Service, operations_app
from contracts.operations.publishing import Producer
from contracts.topics import CATALOGUE
from services.ingest import catalogues, returning
from services.ingest.acceptance import Acceptance
from services.ingest.api import Intake
from services.ingest.instruments import IntakeInstruments
from services.ingest.projects.acceptance import Acceptance as ProjectAcceptance
from services.ingest.settings import Settings
from services.ingest.versions import Versions


def build_app(settings: Settings) -> Service:
    """The service, ready to be run. It starts while the broker is away, and is not ready until it answers."""
    catalogue = Catalogue(load(settings.catalogue))
    registry = CollectorRegistry()
    process = ProcessInstruments(registry)
    producer = Producer(settings.kafka, client_id="liangshai-ingest", deadline=settings.send_deadline)
    metadata = Metadata(settings.kafka, client_id="liangshai-ingest-health")
    clock, tokens = open_clock(settings.clock), Tokens(settings.tokens, catalogue.lookup, passes=settings.passes)
    catalogue.told.append(tokens.follow)
    versions = Versions(catalogue, producer, clock)
    following = Following(settings.kafka, CATALOGUE, 0, client_id="liangshai-ingest-catalogue", take=versions.take)
    health = Health({"kafka": metadata.check, "catalogue": following.check}, instruments=process)
    intake = Intake(
        acceptance=Acceptance(catalogue),
        project_acceptance=ProjectAcceptance(catalogue),
        tokens=tokens,
        clock=clock,
        publisher=producer,
        limits=settings.limits,
        instruments=IntakeInstruments(registry),
        metrics_url=settings.metrics_url,
    )
    callers = Callers(tokens, clock)
    routes = [
        *intake.routes(),
        *catalogues.routes(callers, versions),
        *returning.routes(callers, settings.limits),
    ]
    return Service(
        name="ingest",
        operations=Listener(operations_app(health, registry), settings.operations_host, settings.operations_port),
        public=Listener(application(routes, RequestInstruments(registry)), settings.host, settings.port),
        health=health,
        resources=[running(producer, metadata)],
        loops={"catalogue": following.run},
        instruments=process,
    )
