"""The judging of lights and of projects over one real database (rule 12), for one indicator that projects may feed."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.project_events import Stated
from contracts.topics import PARTITIONS, partition_of
from services.alerts.moves import Moves
from services.alerts.projects.acting import Acting
from services.alerts.projects.inhibiting import RedProjects
from services.alerts.projects.judging import Judging
from services.alerts.projects.reading import Reading
from services.alerts.projects.store import Store
from services.alerts.reading.lights import LightReading
from services.alerts.reading.scope import Scope
from tests.support import judged_projects, judging
from tests.support.judging import LINKS, LOOKUP
from tests.support.projects import PROGRAMME, listed, plan, progress
from tests.support.recorded import at
from tests.support.standings import coloured

FED = "county_hospital_investment"
PLACE = partition_of(PROGRAMME, FED)
LATE = (listed(plan=plan(feeds=(FED,), starts_in="2023-09")), progress("2023-04"))  # 30 days behind: red


@dataclass
class Both:
    """The judging of lights and of projects over one database."""

    lights: judging.Bench
    projects: judged_projects.Bench

    async def tell(self, day: str, *said: Stated) -> None:
        """Statements of a project, recorded at noon of a day."""
        await self.projects.tell(day, *said)

    async def pass_projects(self, moment: datetime, partitions: range = range(PARTITIONS)) -> None:
        """The watermarks of projects."""
        await self.projects.judge([Watermark(partition=n, through=moment, position=0) for n in partitions])

    async def pass_lights(self, moment: datetime) -> None:
        """The watermark of the indicator."""
        self.lights.clock.instant = max(moment, self.lights.clock.instant)
        await self.lights.judge(Watermark(partition=PLACE, through=moment, position=self.lights.position))

    async def red(self, period: str, day: str) -> None:
        """The indicator's cell is red, known on a day."""
        await self.lights.judge(coloured(period, "red", indicator=FED, known_at=at(day)))

    async def tickets(self) -> list[str]:
        """The lag tickets of the indicator, by their first period."""
        rows = await self.lights.pool.fetch(
            "SELECT first_period FROM alerts.ticket WHERE rule = 'lag' AND indicator = $1 ORDER BY episode", FED
        )
        return [row["first_period"] for row in rows]

    async def shown(self) -> Any:
        """The series' row."""
        return await self.lights.pool.fetchrow(
            "SELECT * FROM alerts.series WHERE (indicator, district) = ($1, 'deqing')", FED
        )

    async def light_then(self, day: str) -> str:
        """Its light as it was known at noon of a day."""
        scope = Scope(PROGRAMME, indicator=FED, district="deqing", known_at=at(day))
        [light] = await LightReading(self.lights.pool).series(scope, "", 10)
        return light.light

    async def inhibited(self) -> dict[str, str]:
        """Why lights opened no ticket, by period."""
        rows = await self.lights.pool.fetch(
            "SELECT period, inhibited FROM alerts.light WHERE indicator = $1 AND inhibited IS NOT NULL", FED
        )
        return {row["period"]: row["inhibited"] for row in rows}


@contextlib.asynccontextmanager
async def both(database: str) -> AsyncIterator[Both]:
    async with judging.bench(database) as lights:
        catalogue, pool, clock = Catalogue(LOOKUP), lights.pool, lights.clock
        reading, store = Reading(pool), Store(pool, catalogue)
        lights.judging.inhibiting.others = RedProjects(reading, catalogue)
        acting = Acting(store, catalogue, LINKS, lights.acting)
        judged = Judging(store, catalogue, clock, LINKS, Moves())
        yield Both(lights, judged_projects.Bench(pool, clock, judged, acting, reading))
