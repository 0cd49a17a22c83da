"""What projects and red lines do to the lights and tickets of indicators (rule 12), on a real Postgres."""

import asyncio

import pytest

from contracts.events import Watermark
from contracts.operations.connections import Unavailable
from contracts.topics import PARTITIONS, partition_of
from tests.support.judged_together import FED, LATE, PLACE, both
from tests.support.judging import STEP
from tests.support.projects import PROGRAMME, closed, progress, raised
from tests.support.recorded import at
from tests.support.servers import new_database
from tests.support.standings import coloured

UNFED = "agri_service_stations"


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


async def test_a_red_line_comes_before_the_numbers_of_its_moment(postgres: str, prepared_database: str) -> None:
    """Raised when a correction turns its task's series green, whichever consumption passes the moment first: the ticket
    goes on, for its light is red still."""
    moment, said = at("2023-05-20"), []
    for lights_first in (True, False):
        with new_database(postgres, like=prepared_database) as database:
            async with both(database) as judged:
                await judged.red("2023-04", "2023-05-03")
                await judged.pass_lights(at("2023-05-06", "00:00"))
                await judged.pass_lights(moment)
                better = coloured("2023-04", "green", indicator=FED, version=2, known_at=moment)
                await judged.lights.hear(better)
                line = judged.projects.announced(raised(indicator=FED))
                await judged.projects.judge(line)
                over = asyncio.create_task(judged.pass_lights(moment + STEP)) if lights_first else None
                await asyncio.sleep(0)
                await judged.projects.leave()
                await (over or judged.pass_lights(moment + STEP))
                assert not await judged.lights.pool.fetch("SELECT * FROM alerts.waiting")
                said.append([(m.notification_reason, m.reason_code, m.sent) for m in await judged.lights.feed()])
                assert await judged.tickets() == ["2023-04"]
    assert said[0] == said[1]
    assert "cancelled" not in {reason for reason, _, _ in said[0]}


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
        await judged.pass_projects(at("2023-06-06", "00:00"))
        await judged.pass_lights(at("2023-06-06", "00:00"))
        assert (await judged.shown())["light"] == "red"
        assert await judged.tickets() == ["2023-05"]
