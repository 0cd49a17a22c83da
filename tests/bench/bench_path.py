"""How long a report is on its way: push → answer, push → gauge, push → its message in the feed.

`python -m tests.bench.bench_path`: the whole platform under the real clock with Prometheus scraping it; one report at a
time to a cell that is open today, through the public API. Beside each push a bare record goes through the same Kafka
and back: two cores are shared by all of them, so read the ratios.
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
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.authority import writer
from contracts.catalogue import SHIPPED, load
from contracts.cells import Cell, Cells
from contracts.numbers import exact, published
from contracts.periods import SHANGHAI
from contracts.programme import Indicator, Lookup
from deploy.demo import tokens
from deploy.local.ports import Ports
from deploy.local.stack import Stack
from tests.support.servers import directory

PUSHES = int(os.environ.get("LIANGSHAI_BENCH_PUSHES", "240"))
LIMIT = 1.0  # seconds in which the message must stand in the feed, at the 99th percentile
PATIENCE = 15.0
LEAST = 10  # a smaller target is green while one unit is missing
LOOK = 0.004  # seconds between two looks at the gauges and at the feed
PROGRAMME = "huzhou-2023-2027"


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
    """Of each series that has a target to fall behind, its newest open cell."""
    cells = Cells(lookup)
    for indicator, district in lookup.series:
        allocation = lookup.allocations.get((indicator.id, district))
        if indicator.goal != "reach" or allocation is None or not allocation.targets:
            continue
        target = exact(allocation.targets[max(allocation.targets)])
        if target < LEAST:
            continue
        for cell in reversed(cells.of(indicator.id, district)):
            if cell.due_at is not None and cell.applicable and cell.period.closes_at <= now < cell.lock_at:
                unit = writer(lookup, indicator.id, district, cell.period)
                good, bad = (published(target * share, indicator.decimals) for share in (2, exact("0.1")))
                yield Open(indicator, cell, unit, good, bad)
                break


class Platform:
    """A running platform, as a sender and a reader see it."""

    def __init__(self, stack: Stack, plain: dict[str, str], client: httpx.AsyncClient) -> None:
        self.stack, self._plain, self._client = stack, plain, client
        self._cursor = 0

    async def push(self, cells: Sequence[Open], value: str, revision: int) -> None:
        """One request: these cells of one unit, each with its `good` or its `bad` value."""
        headers = self._as(cells[0].unit) | {"Content-Type": "application/cloudevents-batch+json"}
        body = json.dumps([cell.report(getattr(cell, value), revision) for cell in cells])
        answer = await self._client.post(f"{self.stack.ingest.url}/v1/reports", content=body, headers=headers)
        assert answer.json()["counts"]["accepted"] == len(cells), answer.text

    async def shows(self, cell: Open, value: str) -> bool:
        """Whether the gauge of the series shows this value."""
        text = (await self._client.get(f"{self.stack.metrics.operations}/metrics")).text
        labels = f'programme="{PROGRAMME}",indicator="{cell.key[0]}",district="{cell.key[1]}"'
        _, _, behind = text.partition(f"liangshai_indicator_value{{{labels}}} ")
        return bool(behind) and exact(behind.partition("\n")[0]) == exact(value)

    async def spoken_of(self, cell: Open) -> bool:
        """Whether a message about the series came into the feed since the last look: the warning, or the ticket's where
        the cell is past its due date (a late value makes no early warning, rule 6.5)."""
        labels = [each["labels"] for each in await self.messages()]
        return any((each["indicator"], each["district"]) == cell.key for each in labels)

    async def messages(self) -> list[dict[str, Any]]:
        """What came into the feed since the last look."""
        found: list[dict[str, Any]] = []
        while True:
            url = f"{self.stack.alerts.url}/v1/feed?limit=1000&after={self._cursor}"
            page = (await self._client.get(url, headers=self._as(tokens.READER))).json()
            self._cursor = page["next"]
            found += page["items"]
            if len(page["items"]) < 1000:
                return found

    async def lights(self, *colours: str) -> set[tuple[str, str]]:
        """The series that show a light of these colours."""
        url = f"{self.stack.alerts.url}/v1/programmes/{PROGRAMME}/lights?limit=1000&light="
        pages = [(await self._client.get(url + colour, headers=self._as(tokens.READER))).json() for colour in colours]
        items = [each for page in pages for each in page["items"]]
        return {(each["indicator"], each["district"]) for each in items}

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
    """Reports far behind, one at a time, to series that are on plan; round after round until there are enough."""
    took, revision = Took(), itertools.count()
    await _all(platform, cells, "good", next(revision))
    cells = await _all(platform, cells, "bad", next(revision))  # a start that moves with its correction stays green
    while True:
        cells = await _all(platform, cells, "good", next(revision))
        this = next(revision)
        for cell in cells:
            took.baseline.append(await bare())
            await _one(platform, cell, this, took)
            if len(took.feed) >= PUSHES:
                return took


async def _one(platform: Platform, cell: Open, revision: int, took: Took) -> None:
    started = time.perf_counter()
    await platform.push([cell], "bad", revision)
    took.answer.append(time.perf_counter() - started)
    gauge, feed = await asyncio.gather(
        eventually(lambda: platform.shows(cell, cell.bad), started),
        eventually(lambda: platform.spoken_of(cell), started),
    )
    took.gauge.append(gauge)
    took.feed.append(feed)


async def _all(platform: Platform, cells: Sequence[Open], value: str, revision: int) -> list[Open]:
    """Push this value to all; those whose light it turned, once nothing turns any more and all has been said."""
    for _, mine in itertools.groupby(cells, key=lambda cell: cell.unit):
        await platform.push(list(mine), value, revision)
    colours = ("green",) if value == "good" else ("yellow", "red")
    found: set[tuple[str, str]] = set()
    same = 0
    while same < 4:
        await asyncio.sleep(0.5)
        before, found = found, await platform.lights(*colours)
        same = same + 1 if found and found == before else 0
    await platform.messages()
    return [cell for cell in cells if cell.key in found]


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


async def run(stack: Stack, plain: dict[str, str], cells: Sequence[Open]) -> Took:
    """Measure, and say what the services spent on it."""
    limits = httpx.Limits(max_connections=8)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client,
        bare_kafka(stack.kafka.bootstrap) as bare,
    ):
        return await measured(Platform(stack, plain, client), cells, bare)


def main() -> None:
    lookup = load(SHIPPED)
    cells = sorted(open_cells(lookup, datetime.now(SHANGHAI)), key=lambda cell: (cell.unit, cell.key))
    with directory("bench-path") as place:
        hashed, plain = tokens.ensure(lookup, place / "tokens")
        with Stack(place, Ports.free(), tokens=hashed) as stack:
            took = asyncio.run(run(stack, plain, cells))
    print(f"{len(took.feed)} reports, one at a time, to {len(cells)} series with a cell that is open today; real clock")
    print("\n".join(told(took)))
    if statistics.quantiles(took.feed, n=100)[98] > LIMIT:
        raise SystemExit(f"a message took more than {LIMIT} s to stand in the feed")


if __name__ == "__main__":
    main()
