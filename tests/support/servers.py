"""The servers tests run against: the one given by the environment, else our own by the code of `make demo`.

Kafka: `kafka()` is one broker for the whole session, and topic names are fixed by topics.yaml, so whoever needs empty
topics either wipes it (`wipe`, about half a second) or starts a broker of its own (`fresh_kafka`, about 1.3 s).
Postgres: one server for the session, `new_database` gives an empty database of it or a copy of another one
(tests/support/prepared.py makes the one that most tests are given).
Nothing here skips: without the parts a test fails with the command that installs them.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from contracts import topics
from deploy.local.kafka import Kafka
from deploy.local.ports import free_ports
from deploy.local.postgres import FAST, Postgres
from deploy.local.prometheus import Prometheus

T = TypeVar("T")


@contextlib.contextmanager
def directory(name: str) -> Iterator[Path]:
    """A temporary directory that `nobody` can reach, as Postgres of a root needs it."""
    place = Path(tempfile.mkdtemp(prefix=f"liangshai-{name}-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def kafka() -> Iterator[str]:
    """The bootstrap address of LIANGSHAI_TEST_KAFKA or of a broker of our own."""
    given = os.environ.get("LIANGSHAI_TEST_KAFKA")
    if given:
        yield given
        return
    with fresh_kafka() as broker:
        yield broker.bootstrap


@contextlib.contextmanager
def fresh_kafka() -> Iterator[Kafka]:
    """A broker of one's own, to be filled, stopped and killed at will."""
    port, controller = free_ports(2)
    with directory("kafka") as place, Kafka(place, port, controller) as broker:
        yield broker


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a superuser on LIANGSHAI_TEST_DATABASE or on a server of our own."""
    given = os.environ.get("LIANGSHAI_TEST_DATABASE")
    if given:
        yield given
        return
    with fresh_postgres() as server:
        yield server.url()


@contextlib.contextmanager
def fresh_postgres() -> Iterator[Postgres]:
    """A server of one's own, to be stopped and killed at will."""
    (port,) = free_ports(1)
    with directory("postgres") as place, Postgres(place, port, options=FAST) as server:
        yield server


@contextlib.contextmanager
def new_database(server: str, like: str | None = None) -> Iterator[str]:
    """The URL of a copy of the database at the URL `like`, to which nobody is connected, else of an empty one; dropped
    afterwards whoever is still connected."""
    name, template = f"test_{uuid.uuid4().hex[:12]}", like.rpartition("/")[2] if like else "template1"
    in_thread(_execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        in_thread(_execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@contextlib.contextmanager
def prometheus(targets: dict[str, int], interval: str = "1s") -> Iterator[Prometheus]:
    """A real Prometheus that scrapes /metrics of each named port; the first sample takes up to 8 s."""
    (port,) = free_ports(1)
    jobs = "".join(
        f"  - job_name: {name}\n    static_configs: [{{targets: ['127.0.0.1:{at}']}}]\n" for name, at in targets.items()
    )
    configuration = f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}\nscrape_configs:\n{jobs}"
    with directory("prometheus") as place, Prometheus(place, port, configuration) as server:
        yield server


async def with_topics(broker: Kafka) -> Kafka:
    """That broker with all topics of the project, running whatever the test before did to it."""
    if not broker.alive:
        await asyncio.to_thread(broker.start)
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await topics.create(admin)
    finally:
        await admin.close()
    return broker


def wipe(bootstrap: str) -> None:
    """Delete all topics of a broker; the groups' offsets go with them."""
    in_thread(_wipe(bootstrap))


def in_thread(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it to its end on a loop of its own: fixtures may be called with or without one running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def _execute(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _wipe(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        ours = [name for name in await admin.list_topics() if not name.startswith("__")]
        if ours:
            await admin.delete_topics(ours)
        while set(await admin.list_topics()) & set(ours):  # noqa: ASYNC110 - the broker tells nobody when it has
            await asyncio.sleep(0.02)
    finally:
        await admin.close()
