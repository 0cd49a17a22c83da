"""One demo on one directory: the real parts, the story told to them, and what the viewer sees meanwhile."""

import asyncio
from datetime import datetime
from pathlib import Path

import httpx
from rich.console import Console

from contracts.catalogue import load
from contracts.cells import Cells
from contracts.operations.clock import drive
from contracts.periods import midnight
from deploy.demo import screen, tokens
from deploy.demo.driver import Driver, Progress
from deploy.demo.story import read_published
from deploy.demo.telling import tell
from deploy.demo.wire import Urls, Wire
from deploy.local.ports import Ports
from deploy.local.programs import ROOT
from deploy.local.stack import Stack

CATALOGUE = ROOT / "contracts/catalogue/huzhou-2023-2027"
HASTY = ("-c", "synchronous_commit=off")  # a power cut may cost the demo its last second, and nothing else does


class Demo:
    """One demo on one directory: its stack, its story, its driver."""

    def __init__(self, directory: Path, until: datetime, seed: str, console: Console) -> None:
        self.directory, self.until, self.seed = directory, until, seed
        self.lookup = load(CATALOGUE)
        self.cells = Cells(self.lookup)
        self.clock = directory / "clock"
        self.hashed, self.tokens = tokens.ensure(self.lookup, directory / "tokens")
        self.ports = Ports.kept(directory / "ports.json")
        self.start = midnight(self.lookup.programme.first_day)
        self.screen = screen.Screen(console, self.start, until)
        environment = {"LIANGSHAI_SIMULATED": "1", "LIANGSHAI_DESK_DEMO": "1", "LIANGSHAI_CATALOGUE": str(CATALOGUE)}
        self.stack = Stack(
            directory, self.ports, self.clock, tokens=self.hashed, environment=environment, options=HASTY
        )

    @property
    def finished(self) -> bool:
        """An earlier run told the whole story: from then on the clock is the real one."""
        return (self.directory / "finished").exists()

    def up(self) -> None:
        if not self.finished:
            reached = self.directory / "reached"
            drive(self.clock, datetime.fromisoformat(reached.read_text()) if reached.exists() else self.start)
        self.stack.start(lambda step: self.screen.step(f"启动 {step}", "starting"))

    async def replay(self) -> Progress:
        """The time-lapse, from where it stopped; afterwards the clock is the real one."""
        tale = tell(self.lookup, self.seed, self.until, read_published(CATALOGUE / "published.csv"))
        urls = Urls(self.stack.ingest.url, self.stack.metrics.url, self.stack.alerts.url)
        wire = Wire(urls, self.tokens)
        driver = Driver(
            wire, self.clock, self.directory, tale.pushes, self.seed, self.start, self.until, self.screen.show,
            changes=tale.changes,
        )  # fmt: skip
        watching = asyncio.create_task(self._watch())
        try:
            with self.screen:
                progress = await driver.run()
        finally:
            watching.cancel()
            await wire.close()
        return progress

    def release(self) -> None:
        """From here on the platform's time is the real one."""
        drive(self.clock, None)
        (self.directory / "finished").touch()

    async def _watch(self) -> None:
        """Counts by light for the viewer, from the gauges."""
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    gauges = (await client.get(f"{self.stack.alerts.operations}/metrics")).text
                    self.screen.lights = screen.lights(gauges)
                except httpx.HTTPError:
                    pass  # it is only looked at; the driver says what is wrong
                await asyncio.sleep(0.7)
