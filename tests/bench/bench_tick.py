"""What a tick costs beside a million series: a watermark with nothing due, and one with a thousand series due.

`python -m tests.bench.bench_tick`: judging on a real Postgres, each batch a watermark for every partition. The named
baseline is the same work with no other series in the tables. Two cores may be shared by others, so read the ratios, and
the pages that the statements touch: these do not depend on who else is running.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import structlog

from contracts.catalogue import SHIPPED, load
from contracts.catalogue_events import CatalogueApplied
from contracts.codec import Record
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Standing, Watermark
from contracts.operations.database import Pool, open_pool
from contracts.operations.migrations import Migrations
from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from contracts.topics import PARTITIONS, STANDING
from services.alerts import settling, store
from services.alerts.app import MIGRATIONS
from services.alerts.judging import Judging
from services.alerts.store import Store
from tests.support.judging import LINKS, HandClock
from tests.support.servers import fresh_postgres

OTHERS = int(os.environ.get("LIANGSHAI_BENCH_SERIES", "1000000"))
DUE = 1000
IDLE_ROUNDS = 60
MONTHS = range(2, 11)
PATIENCE = 1800.0  # seconds for a million rows on a busy machine
LIMIT = 3.0  # times the baseline, in pages and for what is due: beyond it a tick pays for series it does not concern


@dataclass
class Cost:
    """Milliseconds a batch, and pages touched by the statement that asks what is due."""

    idle: float
    due: float
    pages: int
    plan: str


def catalogue() -> Catalogue:
    """A thousand monthly series of the city, all due on the same days."""
    shipped = load(SHIPPED)
    model = next(i for i in shipped.programme.indicators if i.frequency == "monthly" and i.aggregate == "none")
    year = {"valid_from": date(2023, 1, 1), "valid_to": date(2023, 12, 31), "applicable": ()}
    made = tuple(msgspec.structs.replace(model, id=f"due_{n:04d}", **year) for n in range(DUE))
    return Catalogue(Lookup(msgspec.structs.replace(shipped.programme, indicators=made, decomposition=())))


async def fill(pool: Pool, programme: str, rows: int) -> None:
    """Other series, in every partition: one in three looks ahead to a due date, the others wait for nothing."""
    later = datetime(2027, 1, 6, tzinfo=SHANGHAI)
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(_OTHERS, programme, rows, PARTITIONS, later, timeout=PATIENCE)
        await connection.execute("ANALYZE alerts.series", timeout=PATIENCE)


def batch(through: datetime) -> Sequence[Received[Standing | Watermark | CatalogueApplied]]:
    """A watermark for every partition."""
    marks = (Watermark(partition=p, through=through, position=1) for p in range(PARTITIONS))
    return [Received(mark, Record(STANDING.name, mark.partition, 1, b"", b"", 0)) for mark in marks]


async def measured(database: str, others: int) -> Cost:
    """The same year beside so many other series."""
    clock, programme = HandClock(), catalogue()
    async with open_pool(database, application="bench-tick", size=2) as pool:
        await Migrations(MIGRATIONS, "alerts").apply(pool)
        kept = Store(pool, programme)
        await kept.ensure_series()
        await fill(pool, programme.programme, others)
        judging = Judging(kept, programme, clock, LINKS)

        async def tick(through: datetime) -> float:
            clock.instant = through
            began = time.perf_counter()
            await judging.judge(batch(through))
            return 1000 * (time.perf_counter() - began)

        due, idle = [], []
        for month in MONTHS:
            due.append(await tick(datetime(2023, month, 6, 0, tzinfo=SHANGHAI)))
            for n in range(IDLE_ROUNDS // len(MONTHS)):
                idle.append(await tick(datetime(2023, month, 10, n, tzinfo=SHANGHAI)))
        pages, plan = await asked(pool, programme.programme, datetime(2023, 10, 20, tzinfo=SHANGHAI))
    return Cost(quick(idle), quick(due), pages, plan)


def quick(spent: Sequence[float]) -> float:
    """The lower quartile: what others do on this machine is in the slower rounds."""
    return statistics.quantiles(spent, n=4)[0]


async def asked(pool: Pool, programme: str, through: datetime) -> tuple[int, str]:
    """Pages touched by the statement of an idle tick, and how Postgres looks for what is due."""
    marks = [each.event for each in batch(through) if isinstance(each.event, Watermark)]
    text = msgspec.json.encode(settling.watermarks(marks)).decode()
    async with pool.acquire() as connection:
        question = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {store._NOTE_IF_IDLE}"
        answer = await connection.fetchval(question, text, programme)
    found = json.loads(answer)[0]["Plan"]
    return found["Shared Hit Blocks"] + found["Shared Read Blocks"], ", ".join(sorted(set(scans(found))))


def scans(node: dict[str, object]) -> list[str]:
    """How the series are looked at."""
    here = [f"{node['Node Type']} on series"] if node.get("Relation Name") == "series" else []
    below = node.get("Plans", [])
    assert isinstance(below, list)
    return here + [found for each in below for found in scans(each)]


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    costs = []
    for others in (0, OTHERS):
        with fresh_postgres() as server:  # nothing of one run is in the other's memory
            costs.append(await measured(server.url(), others))
    alone, beside = costs
    print(f"a watermark for each of {PARTITIONS} partitions; lower quartiles of this run, baseline: no other series")
    print(f"{'':34}{'alone':>12}{f'beside {OTHERS:,}':>20}{'ratio':>8}")
    for name, one, other in (
        ("nothing due", alone.idle, beside.idle),
        (f"{DUE:,} series due", alone.due, beside.due),
    ):
        print(f"{name:34}{one:>9.2f} ms{other:>17.2f} ms{other / one:>7.1f}×")
    print(f"{'pages touched, nothing due':34}{alone.pages:>12}{beside.pages:>20}{beside.pages / alone.pages:>7.1f}×")
    print(f"a tick with {DUE:,} due beside one with nothing due: {beside.due / beside.idle:.0f}×")
    print(f"how it looks for what is due: {beside.plan}")
    dear = beside.pages > LIMIT * alone.pages or beside.due > LIMIT * alone.due
    if dear or "Seq Scan" in beside.plan:
        raise SystemExit("a tick costs something because of series that it does not concern")


_OTHERS = """
INSERT INTO alerts.series (programme, indicator, district, partition, department, next_at)
SELECT $1, 'other_' || n / 7, 'd' || n % 7, n % $3, 'office', CASE WHEN n % 3 = 0 THEN $4::timestamptz END
FROM generate_series(1, $2::int) AS n
"""

if __name__ == "__main__":
    asyncio.run(main())
