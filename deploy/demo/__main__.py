"""`python -m deploy.demo`: the time-lapse in front of a viewer; with --check, a recount of every figure instead."""

import argparse
import asyncio
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path

import httpx
from rich.console import Console

from contracts.catalogue import load
from contracts.cells import Cells
from contracts.operations.clock import drive
from contracts.periods import SHANGHAI, midnight
from deploy.demo import closing, screen, tokens
from deploy.demo.driver import Driver, Progress
from deploy.demo.story import read_published
from deploy.demo.telling import tell
from deploy.demo.wire import Urls, Wire
from deploy.local.clean import CHECK, DEMO, clean
from deploy.local.ports import Ports
from deploy.local.process import StartFailed
from deploy.local.programs import ROOT
from deploy.local.stack import Stack

CATALOGUE = ROOT / "contracts/catalogue/huzhou-2023-2027"
SEED = "huzhou"
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
                    self.screen.lights = closing.lights(gauges)
                except httpx.HTTPError:
                    pass  # it is only looked at; the driver says what is wrong
                await asyncio.sleep(0.7)

    def closing(self) -> None:
        wall = httpx.get(f"{self.stack.alerts.operations}/wall.json", trust_env=False).json()
        closing.show(self.screen.console, self)
        screen.closing(self.screen.console, wall, self.stack, self.directory)


def main() -> int:
    arguments = _arguments()
    console = Console(highlight=False)
    directory = arguments.directory or (CHECK if arguments.check else DEMO)
    if arguments.check and clean(directory):
        return 1  # another check is running on it
    until = datetime.fromisoformat(arguments.until) if arguments.until else datetime.now(SHANGHAI)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    demo = Demo(directory, until, arguments.seed, console)
    try:
        demo.up()
        return _check(demo) if arguments.check else _show(demo, stay=not arguments.end)
    except KeyboardInterrupt:
        console.print("\n停止中,数据保留 / stopping, the data stays")
        return 130 if arguments.check else 0
    except StartFailed as failed:
        console.print(f"[red]启动失败 start failed[/] {failed}")
        return 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C must not leave parts behind
        demo.stack.stop()
        if arguments.check and not arguments.keep:
            shutil.rmtree(directory / "kafka", ignore_errors=True)


def _show(demo: Demo, stay: bool) -> int:
    demo.stack.run(f"services.desk people {Path(__file__).with_name('people.yaml')}")
    if not demo.finished:
        asyncio.run(demo.replay())
        demo.release()
    demo.closing()
    if stay:
        signal.pause()
    return 0


def _check(demo: Demo) -> int:
    from deploy.demo import check  # the recount needs a database driver, the show does not

    progress = asyncio.run(demo.replay())
    return asyncio.run(check.run(demo, progress))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="recount every figure, stop, exit 0 only if all agree")
    parser.add_argument("--seed", default=SEED, help="another seed tells another story")
    parser.add_argument("--until", help="end date of the story (ISO, with offset); default: now")
    parser.add_argument("--directory", type=Path, help="where the data is kept; default: in .local")
    parser.add_argument("--end", action="store_true", help="stop at the end of the story instead of staying up")
    parser.add_argument("--keep", action="store_true", help="with --check: keep Kafka's data too")
    arguments = parser.parse_args()
    if arguments.check and arguments.directory and arguments.directory.exists():
        parser.error("--check begins with an empty directory: name one that does not exist")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
