"""All of ingest, built from plain settings: POST /v1/reports on the public port, health and /metrics on the other."""

from prometheus_client import CollectorRegistry

from contracts.authority import Tokens
from contracts.catalogue import load
from contracts.cells import Cells
from contracts.operations.clock import open_clock
from contracts.operations.connections import Metadata, Producer, running
from contracts.operations.health import Health
from contracts.operations.http import application
from contracts.operations.instruments import ProcessInstruments, RequestInstruments
from contracts.operations.process import Listener, Service, operations_app
from services.ingest.acceptance import Acceptance
from services.ingest.api import Intake
from services.ingest.instruments import IntakeInstruments
from services.ingest.projects.acceptance import Acceptance as ProjectAcceptance
from services.ingest.settings import Settings


def build_app(settings: Settings) -> Service:
    """The service, ready to be run. It starts while the broker is away, and is not ready until it answers."""
    lookup = load(settings.catalogue)
    registry = CollectorRegistry()
    process = ProcessInstruments(registry)
    producer = Producer(settings.kafka, client_id="liangshai-ingest", deadline=settings.send_deadline)
    metadata = Metadata(settings.kafka, client_id="liangshai-ingest-health")
    health = Health({"kafka": metadata.check}, instruments=process)
    intake = Intake(
        acceptance=Acceptance(lookup, Cells(lookup)),
        project_acceptance=ProjectAcceptance(lookup),
        programme=lookup.programme.id,
        tokens=Tokens(settings.tokens, lookup),
        clock=open_clock(settings.clock),
        publisher=producer,
        limits=settings.limits,
        instruments=IntakeInstruments(registry),
        metrics_url=settings.metrics_url,
    )
    return Service(
        name="ingest",
        operations=Listener(operations_app(health, registry), settings.operations_host, settings.operations_port),
        public=Listener(application(intake.routes(), RequestInstruments(registry)), settings.host, settings.port),
        health=health,
        resources=[running(producer, metadata)],
        instruments=process,
    )
