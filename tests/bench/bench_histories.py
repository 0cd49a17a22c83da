"""What the histories behind `known_at` cost (rule 2.10): written while judging, and read over all cells.

`python -m tests.bench.bench_histories [DATABASE]`: a year of a thousand series judged on a fresh Postgres; the named
baseline is the same judging with the rows of the histories left out. With a database (the demonstration's, while it is
up) the calendar and completeness of all cells as known in the middle of its history; the baseline is the same question
of today. Two cores may be shared by others, so read the ratios.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from contracts.catalogue import SHIPPED, load
from contracts.catalogue_events import CatalogueApplied
from contracts.codec import Record
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Standing, Watermark
from contracts.operations.database import Connection, Pool, open_pool
from contracts.operations.migrations import Migrations
from contracts.periods import SHANGHAI, parse
from contracts.topics import PARTITIONS, STANDING
from services.alerts import store
from services.alerts.app import MIGRATIONS
from services.alerts.judging import Judging
from services.alerts.settling import Settlement
from services.alerts.store import Store
from services.alerts.writing import write
from services.metrics.store.office import OfficeReading, Stretch
from services.metrics.store.reading import Reading
from services.metrics.store.scope import Scope
from tests.bench.bench_tick import catalogue, quick
from tests.support.judging import LINKS, HandClock
from tests.support.servers import fresh_postgres
from tests.support.standings import coloured

Event = Standing | Watermark | CatalogueApplied
HISTORIES = ("light_past", "shown_change", "standing_past")
COLOURS = ("green", "yellow", "red", "green")
MONTHS = range(1, 5)
ASKED = 5  # times each question
LIMIT = 2.0  # times the baseline: beyond it a history costs more than what it is the history of


async def judged(database: str) -> tuple[float, float]:
    """Milliseconds for a batch of a thousand standings, and for the tick that fixes their lights; each month's
    standings come twice, so that each has a version that is replaced."""
    clock, programme = HandClock(), catalogue()
    async with open_pool(database, application="bench-histories", size=2) as pool:
        await Migrations(MIGRATIONS, "alerts").apply(pool)
        kept = Store(pool, programme)
        await kept.ensure_series()
        judging, told, fixed = Judging(kept, programme, clock, LINKS), [], []
        for month in MONTHS:
            clock.instant = datetime(2023, month + 1, 2, 12, tzinfo=SHANGHAI)
            for version in (1, 2):
                told.append(await spent(judging.judge(standings(programme, month, version))))
            clock.instant = datetime(2023, month + 1, 6, tzinfo=SHANGHAI)
            marks = [Watermark(partition=p, through=clock.instant, position=1) for p in range(PARTITIONS)]
            fixed.append(await spent(judging.judge([received(mark, mark.partition) for mark in marks])))
    return quick(told), quick(fixed)


def received(event: Event, partition: int = 0) -> Received[Event]:
    return Received(event, Record(STANDING.name, partition, 1, b"", b"", 0))


def standings(of: Catalogue, month: int, version: int) -> Sequence[Received[Event]]:
    """A version of the month of every series, its colour another than the one before."""
    period = f"2023-{month:02d}"
    found = []
    for n, indicator in enumerate(of.lookup.programme.indicators):
        known_at = parse(period).closes_at + timedelta(hours=version)
        event = coloured(
            period, COLOURS[(month + version + n) % 4], indicator=indicator.id, district="huzhou",
            programme=of.programme, version=10 * month + version, known_at=known_at,
        )  # fmt: skip
        found.append(received(event))
    return found


async def without_histories(connection: Connection, settlement: Settlement) -> None:
    """What is written of a settlement but its histories."""
    for name in HISTORIES:
        setattr(settlement, name, [])
    for row in settlement.ticket_event:
        row["after"] = None
    await write(connection, settlement)


async def spent(work: Awaitable[object]) -> float:
    """Milliseconds of what is awaited here first."""
    began = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - began)


async def asked(pool: Pool) -> list[tuple[str, float, float]]:
    """Of all cells: today, and as known in the middle of what is recorded."""
    programme = load(SHIPPED).programme.id
    first = await pool.fetchval("SELECT min(received_at) FROM metrics.report")
    last = await pool.fetchval("SELECT max(received_at) FROM metrics.report")
    middle, found = (first + (last - first) / 2).astimezone(SHANGHAI), []
    office, reading = OfficeReading(pool), Reading(pool)

    async def costs(work: Callable[[Scope], Awaitable[object]], known_at: datetime | None) -> float:
        scope = Scope(programme=programme, as_of=middle.date(), known_at=known_at)
        return statistics.median([await spent(work(scope)) for _ in range(ASKED)])

    def calendar(scope: Scope) -> Awaitable[object]:
        return office.calendar(scope, Stretch(None, None, None, None), middle)

    def completeness(scope: Scope) -> Awaitable[object]:
        return reading.completeness(scope, middle)

    for name, work in (("calendar of all cells", calendar), ("completeness of all units", completeness)):
        found.append((name, await costs(work, None), await costs(work, middle)))
    return found


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    costs = []
    for writing in (without_histories, write):
        vars(store).update(write=writing)
        with fresh_postgres() as server:  # nothing of one run is in the other's memory
            costs.append(await judged(server.url()))
    lines = [
        (name, bare, whole)
        for name, bare, whole in zip(("a thousand standings", "a thousand lights fixed"), *costs, strict=True)
    ]
    print(f"{'lower quartiles of this run':34}{'without histories':>20}{'with':>14}{'ratio':>8}")
    show(lines)
    if len(sys.argv) > 1:
        async with open_pool(sys.argv[1], application="bench-histories", size=2) as pool:
            questions = await asked(pool)
        print(f"{'medians of this run':34}{'as known today':>20}{'as known then':>14}{'ratio':>8}")
        show(questions)
    if any(whole > LIMIT * bare for _, bare, whole in lines):
        raise SystemExit("the histories cost more than the judging itself")


def show(lines: Sequence[tuple[str, float, float]]) -> None:
    for name, one, other in lines:
        print(f"{name:34}{one:>17.1f} ms{other:>11.1f} ms{other / one:>7.2f}×")


if __name__ == "__main__":
    asyncio.run(main())
