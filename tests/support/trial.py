"""A whole platform under a driven clock that is told one small story, disturbed or not, and the end it comes to.

The proof of the fault tests: the same story, however disturbed, ends with the same facts, standings, lights, tickets
and messages as the undisturbed one. Versions, ids and the order within one instant may differ, nothing else.
"""

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from contracts.catalogue import load
from contracts.cells import Cells
from contracts.operations.clock import drive
from contracts.periods import midnight
from deploy.demo import tokens
from deploy.demo.driver import Driver
from deploy.demo.story import Push, Story
from deploy.demo.wire import Urls, Wire
from deploy.local.ports import Ports
from deploy.local.process import Process
from deploy.local.programs import ROOT
from deploy.local.service import Service
from deploy.local.stack import Stack
from tests.support.servers import directory

CATALOGUE = ROOT / "contracts/catalogue/huzhou-2023-2027"
UNTIL = datetime.fromisoformat("2023-04-08T12:00:00+08:00")
STORY = "faults"

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
    red: dict[str, list[bool]] = field(default_factory=dict)

    async def tell(self, disturb: Disturbance | None = None) -> End:
        """The whole story; the disturbance runs beside it and must be over when the story is."""
        if disturb is None:
            await self.driver.run()
        else:
            async with asyncio.TaskGroup() as together:
                together.create_task(disturb(self))
                together.create_task(self.driver.run())
            # what the disturbance delayed may still be on its way: the clock stands, so this changes no verdict
            await self.driver.settled()
        return await self.end()

    async def moment(self, longest: float = 1.5) -> None:
        """A seeded random moment of real time, in the thick of the story."""
        await asyncio.sleep(0.3 + self.random.random() * longest)  # the length is the test

    async def end(self) -> End:
        """What the platform holds, without what may differ from run to run."""
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

    async def stays_red(self, service: Service, seconds: float) -> bool:
        """Whether /readyz was red (no answer counts as red) when looked at after `seconds` at the latest."""
        deadline = asyncio.get_running_loop().time() + seconds
        async with httpx.AsyncClient(trust_env=False, timeout=1) as client:
            while asyncio.get_running_loop().time() < deadline:
                try:
                    if (await client.get(f"{service.operations}/readyz")).status_code != 200:
                        return True
                except httpx.HTTPError:
                    return True
                await asyncio.sleep(0.2)
        return False


@contextlib.asynccontextmanager
async def trial(seed: int, *, until: datetime = UNTIL, twice: bool = False) -> AsyncIterator[Trial]:
    """A fresh stack and a driver that is about to tell the story to it."""
    lookup = load(CATALOGUE)
    story = Story(lookup, Cells(lookup), STORY, until, {})
    with directory("trial") as place:
        clock = place / "clock"
        start = midnight(lookup.programme.first_day)
        drive(clock, start)
        hashed, plain = tokens.ensure(lookup, place / "tokens")
        stack = Stack(place, Ports.free(), clock, tokens=hashed, monitored=False, fast=True)
        await asyncio.to_thread(stack.start)
        wire = Wire(Urls(stack.ingest.url, stack.metrics.url, stack.alerts.url), plain)
        pushes = doubled(story.pushes()) if twice else story.pushes()
        driver = Driver(wire, clock, place, pushes, STORY, start, until, lambda progress: None)
        try:
            yield Trial(stack, wire, driver, clock, random.Random(seed))
        finally:
            await wire.close()
            await asyncio.to_thread(stack.stop)


def doubled(pushes: Sequence[Push]) -> list[Push]:
    """Every request sent twice at its instant."""
    return [push for push in pushes for _ in range(2)]


async def restart(part: Process) -> None:
    await asyncio.to_thread(part.start)


async def kill(part: Process) -> None:
    await asyncio.to_thread(part.kill)


def rounds() -> Iterator[int]:
    """The seeds of this run: one, or as many as `make faults N=…` asks for."""
    first = int(os.environ.get("LIANGSHAI_FAULT_SEED", "1"))
    yield from range(first, first + int(os.environ.get("LIANGSHAI_FAULT_ROUNDS", "1")))
