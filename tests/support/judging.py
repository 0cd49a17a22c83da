"""Judging on a real Postgres: a platform without Kafka, fed with standings and watermarks."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from contracts.catalogue import SHIPPED, load
from contracts.catalogue_events import CatalogueApplied
from contracts.cells import Cells
from contracts.codec import Record
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Standing, Watermark
from contracts.feed_events import FeedMessage
from contracts.operations.database import Pool, open_pool
from contracts.topics import STANDING, partition_of
from services.alerts.acting import Acting
from services.alerts.feed import Links
from services.alerts.judging import Judging
from services.alerts.store import Store
from tests.support.handclock import HandClock as HandClock
from tests.support.standings import INDICATOR, PROGRAMME, standing

LOOKUP = load(SHIPPED)
CELLS = Cells(LOOKUP)
PARTITION = partition_of(PROGRAMME, INDICATOR)
STEP = timedelta(microseconds=1)
LINKS = Links("http://metrics", "http://alerts", "http://boards")


@dataclass
class Bench:
    """Judging, acting and the database behind them."""

    pool: Pool
    clock: HandClock
    judging: Judging
    acting: Acting
    position: int = 0
    batches: list[Sequence[Received[Any]]] = field(default_factory=list)

    async def judge(self, *events: Standing | Watermark | CatalogueApplied | datetime) -> None:
        """One batch; an instant stands for the watermark of the usual partition, and is the clock's from then on. The
        moment of a standing that nothing comes after is over when it has been told."""
        await self.hear(*events)
        last = [*itertools.takewhile(lambda event: isinstance(event, Standing), reversed(events))]
        partitions = {partition_of(PROGRAMME, each.indicator) for each in last if isinstance(each, Standing)}
        if partitions:
            self.clock.instant += STEP
            await self.hear(
                *(
                    Watermark(partition=n, through=self.clock.instant, position=self.position)
                    for n in sorted(partitions)
                )
            )

    async def hear(self, *events: Standing | Watermark | CatalogueApplied | datetime) -> None:
        """One batch, and no more."""
        batch = [self.received(event) for event in events]
        self.batches.append(batch)
        await self.judging.judge(batch)

    def received(
        self, event: Standing | Watermark | CatalogueApplied | datetime, *, moves: bool = True
    ) -> Received[Any]:
        """The record of an event; it moves the clock to its time."""
        if moves and isinstance(event, datetime | Standing):
            self.clock.instant = max(event if isinstance(event, datetime) else event.known_at, self.clock.instant)
        if isinstance(event, datetime):
            event = Watermark(partition=PARTITION, through=event, position=self.position)
        self.position += 1
        partition = partition_of(PROGRAMME, event.indicator) if isinstance(event, Standing) else event.partition
        return Received(event, Record(STANDING.name, partition, self.position, b"", b"", 0))

    def afresh(self) -> "Bench":
        """The same database after a restart."""
        return made(self.pool, self.clock)

    async def feed(self, rule: str | None = "lag") -> list[FeedMessage]:
        """The messages about lights, or those under another rule; None: all of them."""
        rows = await self.pool.fetch("SELECT document::text AS document FROM alerts.feed ORDER BY seq")
        found = [msgspec.json.decode(row["document"], type=FeedMessage) for row in rows]
        return [message for message in found if rule is None or message.rule == rule]

    async def said(self, rule: str | None = "lag") -> list[tuple[str, str]]:
        """(reason, period) of each message."""
        return [(message.notification_reason, message.period) for message in await self.feed(rule)]

    async def dump(self, *tables: str) -> dict[str, list[dict[str, Any]]]:
        """Whole tables, in a fixed order, without what identity columns count."""
        found = {}
        for table in tables:
            rows = [dict(row) for row in await self.pool.fetch(f"SELECT * FROM alerts.{table}")]
            found[table] = sorted(({k: v for k, v in row.items() if k != "change"} for row in rows), key=str)
        return found


async def excused(pool: Pool, cells: Cells) -> None:
    """Every cell of the first two years is excused until something is told of it: few tests are about silence."""
    rows = [
        (cell.indicator, cell.district, cell.period.text, cell.period.end, cell.due_at, cell.lock_at)
        for cell in cells
        if cell.due_at is not None and cell.period.year <= 2024
    ]
    await pool.execute(
        "INSERT INTO alerts.light (programme, indicator, district, period, period_end, due_at, lock_at, known_at,"
        " excused, version) SELECT $1, *, '2023-01-01 00:00+08', true, -1"  # older than any version
        " FROM unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::timestamptz[], $7::timestamptz[])"
        " AS t (indicator, district, period, period_end, due_at, lock_at)",
        PROGRAMME,
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def documented(pool: Pool) -> None:
    """What was excused by hand as a standing says it: a trial replays standings, not lights."""
    document = standing("2023-01", None, reason="excused", version=-1)
    await pool.execute(
        "INSERT INTO alerts.standing (programme, indicator, district, period, version, document)"
        " SELECT programme, indicator, district, period, version, ($1::jsonb || jsonb_build_object('indicator',"
        " indicator, 'district', district, 'period', period, 'known_at', known_at))::json"
        " FROM alerts.light WHERE excused AND version = -1 ON CONFLICT DO NOTHING",
        msgspec.json.encode(document).decode(),
    )


@contextlib.asynccontextmanager
async def bench(database: str, *, silent: bool = False) -> AsyncIterator[Bench]:
    """On a copy of the prepared database, every series in place; `silent`: nothing is excused."""
    clock = HandClock()
    async with open_pool(database, application="test-alerts", size=4) as pool:
        if silent:
            await pool.execute("DELETE FROM alerts.light")
        yield made(pool, clock)


def made(pool: Pool, clock: HandClock) -> Bench:
    """A process that remembers nothing."""
    catalogue = Catalogue(LOOKUP)
    store = Store(pool, catalogue)
    return Bench(pool, clock, Judging(store, catalogue, clock, LINKS), Acting(store, catalogue, LINKS))
