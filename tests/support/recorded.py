"""Reports as metrics consumes them, and recording on a real Postgres without Kafka.

async with bench(database) as recorded:
    await recorded.settle(reported("deqing", "2023-06", "3"))
"""

import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.acts import Act, ProgressActed, ReportName
from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.codec import Record
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import ProgressReported, Report
from contracts.operations.database import Pool, open_pool
from contracts.periods import SHANGHAI
from contracts.topics import REPORTED, partition_of
from services.metrics.act_entries import act_entries
from services.metrics.entries import entries
from services.metrics.settling import Settled, Settling
from services.metrics.store import ledgers
from tests.support.handclock import HandClock as HandClock

LOOKUP = load(SHIPPED)
CELLS = Cells(LOOKUP)
CATALOGUE = Catalogue(LOOKUP)
PROGRAMME = LOOKUP.programme.id
INDICATOR = "major_projects"  # a sum of six districts in pieces, monthly, 0 at the end of 2022
PARTITION = partition_of(PROGRAMME, INDICATOR)


def at(day: str, clock: str = "12:00") -> datetime:
    """A moment of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=SHANGHAI)


def event(
    district: str,
    period: str,
    value: str | None,
    received: datetime | None = None,
    *,
    indicator: str = INDICATOR,
    receipt: str = "receipt",
    size: int = 1,
    source: str = "/test",
    identity: str | None = None,
    **report: Any,
) -> ProgressReported:
    """A report that intake accepted, by default a few days after its period."""
    cell = CELLS.resolve(indicator, district, period)
    report.setdefault("unit", LOOKUP.indicators[indicator].unit if indicator in LOOKUP.indicators else "count")
    report.setdefault("programme", PROGRAMME)
    said = Report(indicator=indicator, district=district, period=period, value=value, **report)
    closed = cell.period.closes_at if cell else at("2023-01-01")
    return ProgressReported(
        source=source,
        id=identity or uuid.uuid4().hex,
        report=said,
        received_at=received or closed + timedelta(days=2),
        receipt=receipt,
        receipt_size=size,
        subject="test",
        department=district,
        kind="report",
    )


def received(said: ProgressReported, offset: int = 0) -> Received[ProgressReported]:
    """The event in its record."""
    partition = partition_of(said.report.programme, said.report.indicator)
    return Received(said, Record(REPORTED.name, partition, offset, said.key.encode(), b"", 0))


def reported(district: str, period: str, value: str | None, at: datetime | None = None, **said: Any) -> Any:
    """`event`, in a record."""
    return received(event(district, period, value, at, **said))


def acted(
    kind: Any, district: str, period: str, moment: datetime, about: str | None = None, **given: Any
) -> Received[Any]:
    """An act that intake accepted, in its record; `about` is the id of a report of /test."""
    identity, receipt = given.pop("identity", uuid.uuid4().hex), given.pop("receipt", "acts")
    act = Act(
        act=kind,
        programme=PROGRAMME,
        indicator=given.pop("indicator", INDICATOR),
        district=district,
        period=period,
        report=ReportName(source="/test", id=about) if about else None,
        reason=given.pop("reason", "核对无误"),
        **given,
    )
    said = ProgressActed(
        source="/office",
        id=identity,
        act=act,
        received_at=moment,
        receipt=receipt,
        receipt_size=1,
        subject="office",
        department="agri_rural_bureau",
    )
    partition = partition_of(act.programme, act.indicator)
    return Received(said, Record(REPORTED.name, partition, 0, said.key.encode(), b"", 0))


@dataclass
class Bench:
    """Recording and the database behind it."""

    pool: Pool
    clock: HandClock
    settling: Settling

    async def settle(self, *batch: Received[Any]) -> Settled:
        """One batch."""
        return await self.settling.settle(entries(CATALOGUE, batch), act_entries(CATALOGUE, batch))

    def afresh(self) -> "Bench":
        """The same database after a restart: nothing remembered."""
        return Bench(self.pool, self.clock, Settling(CATALOGUE, self.pool, self.clock))

    async def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """What a query finds."""
        return [dict(row) for row in await self.pool.fetch(query, *arguments)]

    async def dump(self, *names: str) -> dict[str, list[str]]:
        """Whole tables, in a fixed order, without real time."""
        found = {}
        for name in names:
            rows = await self.rows(f"SELECT * FROM metrics.{name}")
            found[name] = sorted(str({k: v for k, v in row.items() if k != "recorded_at"}) for row in rows)
        return found

    async def recount(self) -> None:
        """Every standing in the tables is the fold of the facts in the tables, every outcome too."""
        assert await mismatches(self.pool) == []


async def mismatches(pool: Pool, catalogue: Catalogue | None = None) -> list[str]:
    """Cells and outcomes that are not what a fold of all recorded facts says, by the versions that each partition
    knows where a catalogue is given."""
    catalogue = catalogue or Catalogue(LOOKUP)
    keys = await pool.fetch(
        "SELECT programme, indicator FROM metrics.report WHERE refused IS NULL"
        " UNION SELECT programme, indicator FROM metrics.act WHERE refused IS NULL"
    )
    async with pool.acquire() as connection:
        held = await ledgers.load(connection, {(row[0], row[1]): 0 for row in keys})
    wrong: list[str] = []
    for (_, indicator), ledger in held.items():
        editions = catalogue.at(partition_of(PROGRAMME, indicator))
        defined = editions.indicator(indicator)
        assert defined is not None
        folded = ledger.fold(editions, defined)
        stored = set(ledger.cells)
        wrong += [f"{indicator} {place} is stored and not folded" for place in stored - folded.standings.keys()]
        moved, decided, acted, rulings = ledger.settle(folded)
        wrong += [f"{indicator} {each.standing.district} {each.standing.period}" for each in moved]
        wrong += [f"{indicator} report {each.report}: {each.verdict}" for each in decided]
        wrong += [f"{indicator} act {each.act}: {each.verdict}" for each in acted]
        wrong += [f"{indicator} {place}: {each}" for place, each in rulings.items()]
    return wrong


@contextlib.asynccontextmanager
async def bench(database: str) -> AsyncIterator[Bench]:
    """Nothing is recorded; the database is a copy of the prepared one (tests/support/prepared.py)."""
    clock = HandClock()
    async with open_pool(database, application="test-metrics", size=4) as pool:
        yield Bench(pool, clock, Settling(CATALOGUE, pool, clock))


def batches_of(events: Sequence[Received[ProgressReported]], size: int) -> list[Sequence[Received[ProgressReported]]]:
    """The events in batches of that size."""
    return [events[start : start + size] for start in range(0, len(events), size)]
