"""A service of nothing but a process: run as `python -m tests.support.small_service`, it shows how one starts and ends.

It consumes nothing real: its consumer needs a second to end its batch and says so.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.operations.health import Health
from contracts.operations.http import application, json_response
from contracts.operations.instruments import ProcessInstruments
from contracts.operations.process import Listener, Service, operations_app, run

log = structlog.get_logger("small")


class Consuming:
    """A consumer with a batch in hand that takes a second."""

    def __init__(self) -> None:
        self._ending = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        await self._ending.wait()
        await asyncio.sleep(1)
        log.info("batch ended")
        self._ended.set()

    async def stop(self) -> None:
        self._ending.set()
        await self._ended.wait()


@contextlib.asynccontextmanager
async def resource() -> AsyncIterator[None]:
    """A connection."""
    log.info("opened")
    yield
    log.info("closed")


async def slow(_: Request) -> Response:
    """A request that takes a while."""
    log.info("in hand")
    await asyncio.sleep(1)
    return json_response({"slow": True})


async def failing() -> None:
    """A loop that fails at once."""
    raise ZeroDivisionError("loop")


async def well() -> None:
    """A check that has nothing to complain of."""


def build() -> Service:
    """All of it."""
    registry = CollectorRegistry()
    instruments = ProcessInstruments(registry)
    health = Health({"well": well}, instruments=instruments)
    operations = operations_app(health, registry, expositions=[lambda: b"domain_gauge 1\n"])
    return Service(
        name="small",
        operations=Listener(operations, "127.0.0.1", 0),
        public=Listener(application([Route("/slow", slow)]), "127.0.0.1", 0),
        health=health,
        resources=[resource()],
        consumers=[Consuming()],
        loops={"failing": failing},
        instruments=instruments,
    )


if __name__ == "__main__":
    run(build, "small")
