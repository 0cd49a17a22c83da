"""How long a report is on its way: push → answer, push → gauge, push → its message in the feed.

`python -m tests.bench.bench_path`: the whole platform with Prometheus scraping it; its clock stays on a day when many
cells are open and none of them due, and leaves each request's instant once it is accepted, so that each report turns a
live light and brings or takes back an early warning (rule 6.5). One report at a time, through the public API. Beside
each push a bare record goes through the same Kafka and back: two cores are shared by all of them, so read the ratios.
"""

import asyncio
import contextlib
import itertools
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cell, Cells
from contracts.numbers import exact, published
from contracts.operations.clock import drive
from contracts.periods import SHANGHAI
from contracts.programme import Indicator, Lookup
from contracts.responsibility import writer
from deploy.demo import tokens
from deploy.demo.driver import STEP
from deploy.local.ports import Ports
from deploy.local.stack import Stack
from tests.support.servers import directory

PUSHES = int(os.environ.get("LIANGSHAI_BENCH_PUSHES", "240"))
TODAY = datetime(2024, 7, 3, 10, tzinfo=SHANGHAI)  # June's cells are closed, open, and due on the 5th
LIMIT = 1.0  # seconds in which the message must stand in the feed and the gauge show the value, at the 99th percentile
PATIENCE = 15.0
LEAST = 10  # a smaller target is green while one unit is missing
SERIES = 60  # at most: more only repeat
LOOK = 0.01  # seconds between two looks at the gauges and at the feed
PROGRAMME = "huzhou-2023-2027"
WARNED = {"good": "withdrawn", "bad": "early"}  # what the feed says of a value after the other one


@dataclass(frozen=True, slots=True)
class Open:
    """A cell that is open today, a value that is on plan and one that is far behind."""

    indicator: Indicator
    cell: Cell
    unit: str
    good: str
    bad: str

    @property
    def key(self) -> tuple[str, str]:
        return self.cell.indicator, self.cell.district

    def report(self, value: str, revision: int) -> dict[str, Any]:
        data = {
            "programme": PROGRAMME, "indicator": self.cell.indicator, "district": self.cell.district,
            "period": self.cell.period.text, "value": value, "unit": self.indicator.unit, "revision": revision,
            "reason": "bench",
        }  # fmt: skip
        name = f"bench-{self.cell.indicator}-{self.cell.district}-{revision}"
        return {
            "specversion": "1.0", "id": name, "source": "/simulated/bench",
            "type": "progress.reported.v1", "data": data,
        }  # fmt: skip


@dataclass(slots=True)
class Took:
    """Seconds, by what was waited for."""

    baseline: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    gauge: list[float] = field(default_factory=list)
    feed: list[float] = field(default_factory=list)


def open_cells(lookup: Lookup, now: datetime) -> Iterator[Open]:
    """Of each series that has a target to fall behind, its newest cell that is open and not yet due."""
    cells = Cells(lookup)
    for indicator, district in lookup.series:
        allocation = lookup.allocations.get((indicator.id, district))
        if indicator.goal != "reach" or allocation is None or not allocation.targets:
            continue
        target = exact(allocation.targets[max(allocation.targets)])
        if target < LEAST:
            continue
        for cell in reversed(cells.of(indicator.id, district)):
            if cell.due_at is not None and cell.applicable and cell.period.closes_at <= now < cell.due_at:
                unit = writer(lookup, indicator.id, district, cell.period)
                good, bad = (published(target * share, indicator.decimals) for share in (2, exact("0.1")))
                yield Open(indicator, cell, unit, good, bad)
                break


class Platform:
    """A running platform, as a sender and a reader see it."""

    def __init__(self, stack: Stack, clock: Path, plain: dict[str, str], client: httpx.AsyncClient) -> None:
        self.stack, self._clock, self._plain, self._client = stack, clock, plain, client
        self.cursor, self.now = 0, TODAY

    async def push(self, cells: Sequence[Open], value: str, revision: int) -> None:
        """One request: these cells of one unit, each with its `good` or its `bad` value."""
        headers = self._as(cells[0].unit) | {"Content-Type": "application/cloudevents-batch+json"}
        body = json.dumps([cell.report(getattr(cell, value), revision) for cell in cells])
        answer = await self._client.post(f"{self.stack.ingest.url}/v1/reports", content=body, headers=headers)
        assert answer.json()["counts"]["accepted"] == len(cells), answer.text
        self.now += STEP
        drive(self._clock, self.now)

    async def shows(self, cell: Open, value: str) -> bool:
        """Whether the gauge of the series shows this value, to whoever scrapes the replica that exports."""
        text = (await self._client.get(f"{self.stack.metrics.operations}/metrics")).content
        labels = f'programme="{PROGRAMME}",indicator="{cell.key[0]}",district="{cell.key[1]}"'
        _, _, behind = text.partition(f"liangshai_indicator_value{{{labels}}} ".encode())
        return bool(behind) and exact(behind.partition(b"\n")[0].decode()) == exact(value)

    async def warned(self, cell: Open, reason: str) -> bool:
        """Whether the feed says this of the series' warning since the last look."""
        return (*cell.key, reason) in await self.warnings()

    async def warnings(self) -> set[tuple[str, str, str]]:
        """What the feed said of warnings since the last look: indicator, district, reason."""
        told = [message for message in await self.messages() if message["kind"] == "warning"]
        return {(*(m["labels"][name] for name in ("indicator", "district")), m["notification_reason"]) for m in told}

    async def messages(self) -> list[dict[str, Any]]:
        """What came into the feed since the last look."""
        found: list[dict[str, Any]] = []
        while True:
            url = f"{self.stack.alerts.url}/v1/feed?limit=1000&after={self.cursor}"
            page = (await self._client.get(url, headers=self._as(tokens.READER))).json()
            self.cursor = page["next"]
            found += page["items"]
            if len(page["items"]) < 1000:
                return found

    async def settled(self) -> None:
        """Wait until the feed has said nothing new for a while."""
        quiet = 0
        while quiet < 4:
            quiet = 0 if await self.messages() else quiet + 1
            await asyncio.sleep(0.25)

    def _as(self, unit: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._plain[unit]}"}


async def eventually(holds: Callable[[], Awaitable[bool]], started: float) -> float:
    """The seconds since `started` after which it held."""
    while not await holds():
        if time.perf_counter() - started > PATIENCE:
            raise TimeoutError(f"not within {PATIENCE} s")
        await asyncio.sleep(LOOK)
    return time.perf_counter() - started


async def measured(platform: Platform, cells: Sequence[Open], bare: Callable[[], Awaitable[float]]) -> Took:
    """Reports far behind and reports on plan by turns, one at a time, until there are enough."""
    took, revisions = Took(), itertools.count()
    for _ in range(2):  # the second time round a start that moves with its correction has come to rest
        turned = set()
        for value in ("good", "bad"):
            await platform.settled()
            before = platform.cursor
            await _all(platform, cells, value, next(revisions))
            await platform.settled()
            platform.cursor = before
            turned = await platform.warnings()
    cells = [cell for cell in cells if (*cell.key, WARNED["bad"]) in turned][:SERIES]
    assert cells, "no report turned a light"
    for value in itertools.cycle(("good", "bad")):
        revision = next(revisions)
        for cell in cells:
            took.baseline.append(await bare())
            await _one(platform, cell, value, revision, took)
            if len(took.feed) >= PUSHES:
                return took
    raise AssertionError


async def _one(platform: Platform, cell: Open, value: str, revision: int, took: Took) -> None:
    started = time.perf_counter()
    await platform.push([cell], value, revision)
    took.answer.append(time.perf_counter() - started)
    gauge, feed = await asyncio.gather(
        eventually(lambda: platform.shows(cell, getattr(cell, value)), started),
        eventually(lambda: platform.warned(cell, WARNED[value]), started),
    )
    took.gauge.append(gauge)
    took.feed.append(feed)


async def _all(platform: Platform, cells: Sequence[Open], value: str, revision: int) -> None:
    """Push this value to all of them, a request a unit."""
    for _, mine in itertools.groupby(cells, key=lambda cell: cell.unit):
        await platform.push(list(mine), value, revision)


@contextlib.asynccontextmanager
async def bare_kafka(bootstrap: str) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """The baseline: a record to the same broker, acknowledged by it, and back; the seconds that took."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("bench", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with producer, consumer:
        consumer.assign([TopicPartition("bench", 0)])

        async def there_and_back() -> float:
            started = time.perf_counter()
            await producer.send_and_wait("bench", b"x" * 500)
            await consumer.getone()
            return time.perf_counter() - started

        await there_and_back()
        yield there_and_back


def told(took: Took) -> Iterator[str]:
    """One line for each way, with its ratio to the baseline."""
    ways = {
        "bare Kafka, produce and consume (the baseline)": took.baseline,
        "push → answer": took.answer,
        "push → gauge": took.gauge,
        "push → message in the feed": took.feed,
    }
    base = statistics.median(took.baseline)
    for name, seconds in ways.items():
        p50, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
        yield (
            f"{name:48}p50 {p50 * 1000:6.1f} ms  p99 {p99 * 1000:6.1f} ms  max {max(seconds) * 1000:6.1f} ms  "
            f"{p50 / base:5.1f} ×"
        )


async def run(stack: Stack, clock: Path, plain: dict[str, str], cells: Sequence[Open]) -> Took:
    """Measure, and say what the services spent on it."""
    limits = httpx.Limits(max_connections=8)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client,
        bare_kafka(stack.kafka.bootstrap) as bare,
    ):
        return await measured(Platform(stack, clock, plain, client), cells, bare)


def main() -> None:
    lookup = load(SHIPPED)
    cells = sorted(open_cells(lookup, TODAY), key=lambda cell: (cell.unit, cell.key))
    with directory("bench-path") as place:
        hashed, plain = tokens.ensure(lookup, place / "tokens")
        clock = place / "clock"
        drive(clock, TODAY)
        with Stack(place, Ports.free(), clock, tokens=hashed) as stack:
            took = asyncio.run(run(stack, clock, plain, cells))
    print(f"{len(took.feed)} reports, one at a time, each of which turns a light; the clock stays at {TODAY}")
    print("\n".join(told(took)))
    for name, seconds in (("message to stand in the feed", took.feed), ("gauge to show it", took.gauge)):
        if statistics.quantiles(seconds, n=100)[98] > LIMIT:
            raise SystemExit(f"a report took more than {LIMIT} s for its {name}")


if __name__ == "__main__":
    main()
