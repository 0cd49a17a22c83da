"""A whole platform under a driven clock that is told one small story, disturbed or not, and the end it comes to.

The proof of the fault tests: the same story, however disturbed, ends with the same facts, standings, lights, tickets
and messages as the undisturbed one. Versions, ids and the order within one instant may differ, nothing else.
"""

import asyncio
import atexit
import contextlib
import os
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from contracts.catalogue import load
from contracts.cells import Cells
from contracts.operations.clock import drive
from contracts.periods import midnight
from contracts.programme import Lookup
from deploy.demo import tokens
from deploy.demo.driver import Driver, Progress
from deploy.demo.story import Push, Story
from deploy.demo.wire import Urls, Wire
from deploy.local.process import Process
from deploy.local.programs import ROOT
from deploy.local.service import Service
from deploy.local.stack import Stack
from tests.support import audit
from tests.support.disks import Disk, disks
from tests.support.servers import directory
from tests.support.stacks import stacked
from tests.support.waiting import DEADLINE

CATALOGUE = ROOT / "contracts/catalogue/huzhou-2023-2027"
UNTIL = datetime.fromisoformat("2023-04-08T12:00:00+08:00")
STORY = "faults"
SMALL = 400  # megabytes of a small disk: more than a story takes
EVERY = 4  # of the indicators one in so many is reported: the others only turn grey

QUESTIONS = {
    "facts": "SELECT source, id, received_at FROM metrics.report",
    "outcomes": "SELECT source, id, outcome, outcome.code FROM metrics.report JOIN metrics.outcome USING (report)",
    "cells": "SELECT indicator, district, period, value, expected, lag, ratio, mode, reason, conflict, received_at"
    " FROM metrics.cell WHERE version > 0",
    "lights": "SELECT indicator, district, period, live, record, fixed_at FROM alerts.light",
    "tickets": "SELECT indicator, district, rule, episode, state, level, severity, run FROM alerts.ticket",
    "messages": "SELECT sent, kind, notification_reason, severity, indicator, district, period FROM alerts.feed",
}

End = dict[str, Counter[tuple[Any, ...]]]
Disturbance = Callable[["Trial"], Awaitable[None]]


@dataclass
class Trial:
    """One telling of the story on a stack of its own."""

    stack: Stack
    wire: Wire
    driver: Driver
    clock: Path
    random: random.Random
    items: int  # in all pushes of the story
    disks: Mapping[str, Disk]  # of the stores, by name, where they are small
    pushed: int = 0
    over: bool = False

    async def tell(self, disturb: Disturbance | None = None) -> End:
        """The whole story; the disturbance runs beside it. What they leave behind is audited."""
        async with asyncio.TaskGroup() as together:
            if disturb is not None:
                together.create_task(disturb(self))  # type: ignore[arg-type]
            together.create_task(self._run())
        # what the disturbance delayed may still be on its way: the clock stands, so this changes no verdict
        await self.driver.settled()
        return await self.end()

    async def _run(self) -> None:
        await self.driver.run()
        self.over = True

    def follow(self, progress: Progress) -> None:
        """How far the driver is."""
        self.pushed = progress.pushed

    async def moment(self, first: float = 0.1, last: float = 0.6) -> None:
        """A seeded random moment between two shares of the story: in the thick of it, in the middle of anything."""
        share = first + (last - first) * self.random.random()
        while self.pushed < share * self.items:  # noqa: ASYNC110 - the driver's progress is no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3 * self.random.random())  # the length is the test
        assert not self.over, "the story was over before it was disturbed"

    async def end(self) -> End:
        """What the platform holds, without what may differ from run to run; `audit` has looked at the rest."""
        log = self.driver.directory / "log.ndjson"
        await audit.passed(self.stack, await asyncio.to_thread(audit.recounted, *programme(), log))
        return await self.held()

    async def held(self) -> End:
        connection = await asyncpg.connect(self.stack.database)
        try:
            return {
                name: Counter(tuple(row) for row in await connection.fetch(question))
                for name, question in QUESTIONS.items()
            }
        finally:
            await connection.close()

    async def fetch(self, question: str) -> list[Any]:
        connection = await asyncpg.connect(self.stack.database)
        try:
            return await connection.fetch(question)
        finally:
            await connection.close()

    async def turn_red(self, services: Iterable[Service]) -> None:
        """Each of their /readyz is red; no answer counts as red."""
        await asyncio.gather(*(_ready(service, False) for service in services))

    async def turn_green(self) -> None:
        """All services are ready again."""
        await asyncio.gather(*(_ready(service, True) for service in self.stack.services))


async def _ready(service: Service, wanted: bool) -> None:
    deadline = asyncio.get_running_loop().time() + DEADLINE
    async with httpx.AsyncClient(trust_env=False, timeout=1) as client:
        while True:
            try:
                answer = await client.get(f"{service.operations}/readyz")
                ready, said = answer.status_code == 200, answer.text
            except httpx.HTTPError as error:
                ready, said = False, repr(error)
            if ready is wanted:
                return
            assert asyncio.get_running_loop().time() < deadline, f"{service.name}: ready is {ready}: {said}"
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def trial(seed: int, *, twice: bool = False, more: bool = False, small: bool = False) -> AsyncIterator[Trial]:
    """A fresh stack and a driver that is about to tell the story to it, its stores on `small` disks where that is asked
    for; `more` trials are to follow."""
    pushes = [push for push in story() for _ in range(2 if twice else 1)]
    ready = _ahead.pop() if _ahead and not small else _starting.submit(staged, small)
    stage = await asyncio.wrap_future(ready)
    if more and not _ahead:
        _ahead.append(_starting.submit(staged))  # starting it fills the time in which this one waits
    wire = Wire(Urls(stage.stack.ingest.url, stage.stack.metrics.url, stage.stack.alerts.url), stage.tokens)
    driver = Driver(wire, stage.clock, stage.place, pushes, STORY, start(), UNTIL, lambda progress: None)
    items = sum(len(push.items) for push in pushes)
    one = Trial(stage.stack, wire, driver, stage.clock, random.Random(seed), items, stage.disks)
    driver.show = one.follow
    try:
        yield one
    finally:
        await wire.close()
        await asyncio.to_thread(stage.clear)


@dataclass(frozen=True)
class Stage:
    """A stack of one's own that is up, at the first instant of the programme."""

    place: Path
    clock: Path
    stack: Stack
    tokens: dict[str, str]
    closing: contextlib.ExitStack
    disks: Mapping[str, Disk]

    def clear(self) -> None:
        """End all of it at once: nobody wants its data any more."""
        for part in self.stack.parts:
            part.kill()
        self.stack.stop()
        if kept := os.environ.get("LIANGSHAI_FAULT_LOGS"):
            shutil.copytree(self.place / "log", Path(kept) / self.place.name)
        self.closing.close()


def staged(small: bool = False) -> Stage:
    """A stack of its own, up at the first instant, on a copy of the prepared data; its stores on `small` disks."""
    closing = contextlib.ExitStack()
    place = closing.enter_context(directory("trial"))
    stores = ("kafka", "postgres") if small else ()
    own = closing.enter_context(disks([place / name for name in stores], SMALL))
    clock = place / "clock"
    drive(clock, start())
    hashed, plain = tokens.ensure(programme()[0], place / "tokens")
    stack = stacked(place, clock, hashed).start()
    return Stage(place, clock, stack, plain, closing, dict(zip(stores, own, strict=True)))


_starting = ThreadPoolExecutor(1, "starting")
_ahead: list[Future[Stage]] = []


@atexit.register
def _clear_ahead() -> None:
    """What was started for a test that did not come (Ctrl-C, -x)."""
    for future in _ahead:
        if future.exception() is None:
            future.result().clear()


def start() -> datetime:
    return midnight(programme()[0].programme.first_day)


@cache
def programme() -> tuple[Lookup, Cells]:
    lookup = load(CATALOGUE)
    return lookup, Cells(lookup)


@cache
def story() -> Sequence[Push]:
    """The pushes of the story, in order."""
    lookup, cells = programme()
    chosen = {indicator.id for indicator in lookup.programme.indicators[::EVERY]}
    told = Story(lookup, cells, STORY, UNTIL, {}).pushes()
    kept = [
        replace(push, items=tuple(item for item in push.items if item["data"]["indicator"] in chosen)) for push in told
    ]
    return [push for push in kept if push.items]


async def restart(part: Process) -> None:
    await asyncio.to_thread(part.start)


async def kill(part: Process) -> None:
    await asyncio.to_thread(part.kill)


def rounds() -> Iterator[int]:
    """The seeds of this run: one, or as many as `make faults N=…` asks for."""
    first = int(os.environ.get("LIANGSHAI_FAULT_SEED", "1"))
    yield from range(first, first + int(os.environ.get("LIANGSHAI_FAULT_ROUNDS", "1")))
