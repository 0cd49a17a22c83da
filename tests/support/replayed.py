"""A real stack after a short time-lapse of the demo's story, for tests that need a programme with a history."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from contracts.catalogue import SHIPPED, load
from contracts.operations.clock import drive
from contracts.periods import midnight
from deploy.demo import tokens
from deploy.demo.driver import Driver, Progress
from deploy.demo.story import read_published
from deploy.demo.telling import tell
from deploy.demo.wire import Urls, Wire
from deploy.local.stack import Stack
from tests.support.servers import directory
from tests.support.stacks import stacked

SEED = "boards"


@dataclass(frozen=True, slots=True)
class Replayed:
    """The running stack and what its driver did; its clock stands at `until`."""

    stack: Stack
    progress: Progress
    until: datetime

    @property
    def prometheus(self) -> str:
        """Where Prometheus answers."""
        return self.stack.prometheus.url


@contextlib.asynccontextmanager
async def replayed(until: datetime) -> AsyncIterator[Replayed]:
    """Kafka, Postgres, Prometheus and the services, and the story from the programme's first day to `until`."""
    lookup = load(SHIPPED)
    with directory("replay") as place:
        clock = place / "clock"
        start = midnight(lookup.programme.first_day)
        drive(clock, start)
        hashed, plain = tokens.ensure(lookup, place / "tokens")
        said = {"LIANGSHAI_SIMULATED": "1", "LIANGSHAI_CATALOGUE": str(SHIPPED)}
        stack = stacked(place, clock, hashed, environment=said, monitored=True, officials=True)
        await asyncio.to_thread(stack.start)
        try:
            tale = tell(lookup, SEED, until, read_published(SHIPPED / "published.csv"))
            wire = Wire(Urls(stack.ingest.url, stack.metrics.url, stack.alerts.url), plain)
            try:
                driver = Driver(wire, clock, place, tale.pushes, SEED, start, until, _unseen)
                yield Replayed(stack, await driver.run(), until)
            finally:
                await wire.close()
        finally:
            await asyncio.to_thread(stack.stop)


def _unseen(_: Progress) -> None:
    """Nobody watches a test."""
