"""Fixtures of all tiers; what they do is in tests/support, which tests import, never this file."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
import structlog
from hypothesis import settings

from deploy.local import process
from deploy.local.kafka import Kafka
from deploy.local.prometheus import Prometheus
from tests.support import places, servers
from tests.support.prepared import prepared

settings.register_profile("liangshai", deadline=None)  # on a busy machine a slow example says nothing
settings.load_profile("liangshai")
# a traceback as Python prints it: structlog's own shows all local variables, a catalogue among them, for seconds
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_configure(config: pytest.Config) -> None:
    """All files of the session lie where they cost least; the processes of xdist lay theirs beside them."""
    place = places.settle()
    if place is not None:
        config.add_cleanup(partial(shutil.rmtree, place, ignore_errors=True))
        config.add_cleanup(
            process.stop_all
        )  # comes first, as the last one added: nobody's files are taken while it runs


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The bootstrap address of the session's broker; topics and records of other tests may be in it."""
    with servers.kafka() as bootstrap:
        yield bootstrap


@pytest.fixture(scope="module")
def empty_kafka(kafka: str) -> str:
    """The session's broker without any topic: for a module that creates them all by `contracts.topics`."""
    servers.wipe(kafka)
    return kafka


@pytest.fixture(scope="module")
def own_kafka() -> Iterator[Kafka]:
    """A broker of one module, to be stopped at will."""
    with servers.fresh_kafka() as broker:
        yield broker


@pytest.fixture
async def broker(own_kafka: Kafka) -> Kafka:
    """The module's broker with all topics, running whatever the test before did."""
    return await servers.with_topics(own_kafka)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of the session's server."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def prepared_database(postgres: str) -> Iterator[str]:
    """The URL of a migrated database with the shipped catalogue, to be copied and not to be connected to."""
    with prepared(postgres) as url:
        yield url


@pytest.fixture
def database(postgres: str, prepared_database: str) -> Iterator[str]:
    """The URL of a migrated database with the shipped catalogue for one test."""
    with servers.new_database(postgres, like=prepared_database) as url:
        yield url


@pytest.fixture
def empty_database(postgres: str) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    with servers.new_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
def module_database(postgres: str, prepared_database: str) -> Iterator[str]:
    """The URL of a migrated database with the shipped catalogue for one module."""
    with servers.new_database(postgres, like=prepared_database) as url:
        yield url


@pytest.fixture
def prometheus() -> Callable[..., AbstractContextManager[Prometheus]]:
    """`with prometheus({"metrics": port}) as server:` a real Prometheus that scrapes these ports each second."""
    return servers.prometheus
