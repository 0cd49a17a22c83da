"""What projects and red lines do to the lights and tickets of indicators (rule 12), on a real Postgres."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.operations.connections import Unavailable
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
from tests.support.projects import PROGRAMME, closed, listed, plan, progress, raised
from tests.support.recorded import at
from tests.support.standings import coloured

FED = "county_hospital_investment"
UNFED = "agri_service_stations"
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
        acting = Acting(store, catalogue, LINKS, clock, lights.acting)
        judged = Judging(store, catalogue, clock, LINKS, Moves())
        yield Both(lights, judged_projects.Bench(pool, clock, judged, acting, reading))


async def test_one_ticket_is_enough_until_the_project_has_caught_up(database: str) -> None:
    """April red by the project alone: no ticket of the indicator, the reason kept; May, the project green: one."""
    async with both(database) as judged:
        await judged.tell("2023-05-02", *LATE)
        await judged.red("2023-04", "2023-05-03")
        await judged.pass_projects(at("2023-05-06", "00:00"))
        await judged.pass_lights(at("2023-05-06", "00:00"))
        assert (await judged.tickets(), await judged.inhibited()) == ([], {"2023-04": "red_project"})
        light = await judged.lights.pool.fetchval(
            "SELECT record FROM alerts.light WHERE (indicator, district, period) = ($1, 'deqing', '2023-04')", FED
        )
        assert light == "red"  # shown, and that is all
        await judged.tell("2023-06-02", progress("2023-05", {"permit": "2023-05-20"}))
        await judged.red("2023-05", "2023-06-03")
        await judged.pass_projects(at("2023-06-06", "00:00"))
        await judged.pass_lights(at("2023-06-06", "00:00"))
        assert (await judged.tickets(), await judged.inhibited()) == (["2023-05"], {"2023-04": "red_project"})


async def test_a_light_waits_until_projects_are_judged_as_far(database: str) -> None:
    """The lights' batch comes first: it is not judged before every partition of projects has come to its due moment."""
    async with both(database) as judged:
        due = at("2023-05-06", "00:00")
        await judged.pass_projects(at("2023-05-01"))
        await judged.red("2023-04", "2023-05-03")
        waiting = asyncio.create_task(judged.pass_lights(due))
        await judged.tell("2023-05-02", *LATE)
        await judged.pass_projects(due, range(1, PARTITIONS))
        assert not waiting.done()
        await judged.pass_projects(due, range(1))
        await waiting
        assert (await judged.tickets(), await judged.inhibited()) == ([], {"2023-04": "red_project"})


async def test_projects_that_stay_behind_postpone_the_batch(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their consumption is away: the batch comes again; an indicator that no project may feed does not wait."""
    monkeypatch.setattr("services.alerts.inhibiting._TIMES", 2)
    async with both(database) as judged:
        await judged.pass_projects(at("2023-05-01"))
        await judged.red("2023-04", "2023-05-03")
        with pytest.raises(Unavailable, match="projects are not judged"):
            await judged.pass_lights(at("2023-05-06", "00:00"))
        assert await judged.tickets() == []
        partition = partition_of(PROGRAMME, UNFED)
        assert partition != PLACE
        await judged.lights.judge(
            coloured("2023-05", "red", indicator=UNFED, known_at=at("2023-06-03")),
            Watermark(partition=partition, through=at("2023-06-06", "00:00"), position=9),
        )
        assert [each.period for each in await judged.lights.feed() if each.kind == "ticket"] == ["2023-05"]


async def test_what_projects_show_later_changes_nothing(database: str) -> None:
    """Lights first and projects first end alike: a value that comes late is held against the moment it was due."""
    async with both(database) as judged:
        await judged.tell("2023-05-02", *LATE)
        await judged.pass_projects(at("2023-05-06", "00:00"))
        await judged.pass_lights(at("2023-05-06", "00:00"))
        await judged.tell("2023-05-20", progress("2023-04", {"permit": "2023-03-30"}, at("2023-05-20"), revision=1))
        await judged.pass_projects(at("2023-05-21"))
        await judged.red("2023-04", "2023-05-22")
        assert (await judged.tickets(), await judged.inhibited()) == ([], {"2023-04": "red_project"})


async def test_a_red_line_on_a_task_turns_its_series_red_until_the_office_closes_it(database: str) -> None:
    """Green by its numbers: shown red with the reason, a ticket at level 2; closed: green again, the ticket decided by
    the next light; earlier days are told as they were; the same batch again changes nothing."""
    async with both(database) as judged:
        await judged.lights.judge(coloured("2023-04", "green", indicator=FED, known_at=at("2023-05-03")))
        await judged.pass_lights(at("2023-05-06", "00:00"))
        announced = await judged.projects.tell("2023-05-20", raised(indicator=FED))
        shown = await judged.shown()
        assert (shown["light"], shown["computed"], shown["red_lines"]) == ("red", "green", 1)
        assert shown["lag_text_zh"].startswith("触碰红线（耕地红线），销号前一律红灯；")
        tickets = await judged.lights.pool.fetch("SELECT state, level, severity FROM alerts.ticket WHERE rule = 'lag'")
        assert [tuple(ticket) for ticket in tickets] == [("OPEN", 2, "red")]
        [alert] = await judged.lights.feed("project")
        [first] = await judged.lights.feed()
        assert (alert.reason_code, first.reason_code, first.seq) == ("red_line", "red_line", alert.seq + 1)
        assert "触碰红线，亮红灯，立督办单" in first.annotations["summary_zh"]
        before = await judged.lights.dump("series", "ticket", "ticket_event", "feed", "light_change")
        await judged.projects.judge(announced)
        assert await judged.lights.dump("series", "ticket", "ticket_event", "feed", "light_change") == before
        await judged.projects.tell("2023-06-20", closed(indicator=FED))
        shown = await judged.shown()
        assert (shown["light"], shown["computed"], shown["red_lines"]) == ("green", "green", 0)
        assert "红线" not in shown["lag_text_zh"]
        then = {day: await judged.light_then(day) for day in ("2023-05-19", "2023-06-01", "2023-06-21")}
        assert then == {"2023-05-19": "green", "2023-06-01": "red", "2023-06-21": "green"}
        assert not await judged.lights.pool.fetch("SELECT * FROM alerts.unmatched")


async def test_a_red_line_on_a_task_holds_for_lights_that_are_fixed_while_it_is_open(database: str) -> None:
    """After a restart too: the lights' own judging finds it in the database."""
    async with both(database) as judged:
        await judged.projects.tell("2023-05-20", raised(indicator=FED))
        assert (await judged.shown())["light"] == "red"  # grey by its numbers
        assert await judged.tickets() == []
        await judged.lights.judge(coloured("2023-05", "green", indicator=FED, known_at=at("2023-06-03")))
        await judged.pass_lights(at("2023-06-06", "00:00"))
        assert (await judged.shown())["light"] == "red"
        assert await judged.tickets() == ["2023-05"]
