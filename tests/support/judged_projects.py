"""Projects on a real alerts database, fed with standings, red lines and watermarks as its consumer would."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from contracts.codec import Record
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.operations.database import Pool, open_pool
from contracts.project_events import ProjectStanding, RedLineState, Stated
from contracts.terms import Terms
from contracts.topics import PARTITIONS, PROJECT_STANDING, partition_of
from services.alerts.feed import Links
from services.alerts.moves import Moves
from services.alerts.projects.acting import Acting
from services.alerts.projects.judging import Judging
from services.alerts.projects.reading import Reading
from services.alerts.projects.store import Store
from services.alerts.tickets import Event
from services.alerts.views import TicketView
from services.metrics.projects.fold import fold
from tests.support.intake import catalogue, lookup
from tests.support.projects import PROGRAMME, PROJECT_ID, facts
from tests.support.recorded import HandClock, at

PARTITION = partition_of(PROGRAMME, PROJECT_ID)
TERMS = Terms(catalogue().editions)
LINKS = Links("http://metrics", "http://alerts", "http://boards")


@dataclass
class Bench:
    """Judging and the database behind it; `told` is all that was said of the project so far."""

    pool: Pool
    clock: HandClock
    judging: Judging
    acting: Acting
    reading: Reading
    catalogue: Catalogue = field(default_factory=catalogue)
    told: list[Stated] = field(default_factory=list)
    versions: int = 0
    lines: dict[str, RedLineState] = field(default_factory=dict)

    async def tell(self, day: str, *events: Stated) -> list[ProjectStanding | RedLineState]:
        """Statements are recorded at noon of a day, and what metrics makes of them is announced; then noon is over."""
        self.clock.instant = at(day)
        announced = self.announced(*events)
        await self.judge(announced)
        await self.leave()
        return announced

    async def leave(self) -> None:
        """The present moment is over: every partition's watermark passes it."""
        self.clock.instant += timedelta(microseconds=1)
        await self.judge([Watermark(partition=n, through=self.clock.instant, position=0) for n in range(PARTITIONS)])

    def announced(self, *events: Stated) -> list[ProjectStanding | RedLineState]:
        """What metrics would announce now: what was stamped later than that is stamped now."""
        self.told += events
        self.versions += 1
        folded = fold(TERMS, facts(*self.told))
        announced: list[ProjectStanding | RedLineState] = []
        now, new = self.clock.instant, {"version": self.versions}
        if folded.standing is not None:
            known_at = min(folded.standing.known_at, now)
            announced.append(msgspec.structs.replace(folded.standing, known_at=known_at, **new))
        for line in folded.red_lines:
            closed_at = None if line.closed_at is None else min(line.closed_at, now)
            raised_at = min(line.raised_at, now)
            announced.append(msgspec.structs.replace(line, raised_at=raised_at, closed_at=closed_at, **new))
        return announced

    async def judge(self, events: Sequence[Any]) -> None:
        """One batch."""
        await self.judging.judge(
            [Received(e, Record(PROJECT_STANDING.name, PARTITION, n, None, b"", 0)) for n, e in enumerate(events)]
        )

    async def pass_time(self, day: str, clock: str = "12:00") -> None:
        """The watermark of the project's partition reaches a moment."""
        self.clock.instant = at(day, clock)
        await self.judge([Watermark(partition=PARTITION, through=at(day, clock), position=0)])

    async def act(self, day: str, **event: Any) -> None:
        """An act on the project's newest ticket."""
        self.clock.instant = at(day)
        ticket = await self.pool.fetchval("SELECT ticket::text FROM alerts.ticket ORDER BY episode DESC LIMIT 1")
        await self.acting(ticket, Event(at=at(day), **event))

    async def feed(self) -> list[dict[str, Any]]:
        """Everything that was said, in order."""
        rows = await self.pool.fetch("SELECT document::text AS document FROM alerts.feed ORDER BY seq")
        return [msgspec.json.decode(row["document"]) for row in rows]

    async def dump(self, *names: str) -> dict[str, list[str]]:
        """Whole tables, in a fixed order."""
        return {name: sorted(map(str, await self.pool.fetch(f"SELECT * FROM alerts.{name}"))) for name in names}


@contextlib.asynccontextmanager
async def bench(database: str) -> AsyncIterator[Bench]:
    """On a copy of the prepared database, with nothing judged yet."""
    clock = HandClock()
    async with open_pool(database, application="test-projects", size=4) as pool:
        held = Catalogue(lookup())
        store = Store(pool, held)
        judging = Judging(store, held, clock, LINKS, Moves())
        acting = Acting(store, held, LINKS, _nobody)
        yield Bench(pool, clock, judging, acting, Reading(pool), held)


async def _nobody(ticket: str, event: Event, seen: TicketView | None = None) -> None:
    raise LookupError(ticket)
