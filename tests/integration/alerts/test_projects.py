"""Projects judged on a real Postgres: lights, tickets, the feed, red lines, acts; the same batch twice is nothing."""

import random
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec
import pytest

from contracts.calendar import Calendar
from contracts.editions import Edition
from contracts.programme import Lookup
from contracts.project_events import RedLineRaised, RedLineState, Stated
from contracts.projects import Contact
from services.alerts.next_steps import Today
from services.alerts.reading.scope import Scope
from services.alerts.reading.tickets import TicketReading
from services.alerts.showing import Showing
from services.alerts.tickets import Event, NotApplicable, PromiseOutOfReach
from tests.support.intake import lookup
from tests.support.judged_projects import bench
from tests.support.projects import PROGRAMME, PROJECT_ID, closed, listed, plan, progress, raised
from tests.support.recorded import at
from tests.support.servers import new_database

TABLES = (
    *("project", "project_light", "project_light_change", "project_red_line", "project_watermark"),
    *("ticket", "ticket_event", "feed"),
)
OTHER = Contact(name="李某", role="副市长", unit="health_commission")
STARTED = listed(plan=plan(starts_in="2023-09"))


async def test_a_late_project_is_red_has_a_ticket_and_is_said(database: str) -> None:
    """List, report, light, ticket, message: with the days, the contact, and where to look."""
    async with bench(database) as judged:
        await judged.tell("2023-05-02", STARTED, progress("2023-04"))
        [light] = await judged.reading.lights(PROGRAMME, None, None)
        assert (light.light, light.shown, light.lag_days) == ("red", "red", 30)
        assert light.lag_text.zh == "落后30天（施工许可）"
        await judged.pass_time("2023-05-06")
        [message] = await judged.feed()
        assert (message["rule"], message["kind"], message["notification_reason"]) == ("project", "ticket", "first")
        assert (message["severity"], message["ticket_level"], message["period"]) == ("red", 2, "2023-04")
        assert message["labels"]["project"] == PROJECT_ID
        assert "落后30天" in message["annotations"]["summary_zh"]
        assert "张某" in message["annotations"]["summary_zh"]
        assert message["inputs"] == {"expected": "30", "actual": "0", "target": "100"}
        row = await judged.pool.fetchrow("SELECT rule, indicator, addressee, state, level FROM alerts.ticket")
        assert row is not None
        assert tuple(row) == ("project", PROJECT_ID, "deqing", "OPEN", 2)


async def test_a_moment_is_told_alike_however_it_comes(postgres: str, prepared_database: str) -> None:
    """Rules 8 and 12: a correction, another one, a red line raised and closed at one moment, in any order and any
    batches, are told by the same messages: of the ticket that the first correction would have cancelled none."""
    moment = at("2023-05-20")
    of_it: list[Stated] = [
        progress("2023-04", {"permit": "2023-03-30"}, moment, revision=1),
        progress("2023-04", {}, moment, revision=2),
        raised("2023-05-20"),
        closed("2023-05-20"),
        raised("2023-05-20", kind="ecological_line"),
    ]
    chance, said = random.Random(1), []
    for n in range(4):
        with new_database(postgres, like=prepared_database) as database:
            async with bench(database) as judged:
                await judged.tell("2023-05-02", STARTED, progress("2023-04"))
                await judged.pass_time("2023-05-06")
                await judged.pass_time("2023-05-20")
                rest = of_it if not n else chance.sample(of_it, len(of_it))
                while rest:
                    size = chance.randint(1, 2) if n else len(rest)
                    await judged.judge(judged.announced(*rest[:size]))
                    rest = rest[size:]
                await judged.leave()
                assert not await judged.pool.fetch("SELECT * FROM alerts.waiting")
                messages = await judged.feed()
                said.append(sorted(str(each | dict.fromkeys(("seq", "references"))) for each in messages))
    assert said[0] == said[1] == said[2] == said[3]
    assert len(messages) > 3
    assert "cancelled" not in {message["notification_reason"] for message in messages}


async def test_the_same_batch_twice_changes_nothing(database: str) -> None:
    """Versions and watermarks make a replay harmless."""
    async with bench(database) as judged:
        announced = await judged.tell("2023-05-02", STARTED, progress("2023-04"), raised("2023-05-01"))
        await judged.pass_time("2023-05-06")
        before = await judged.dump(*TABLES)
        await judged.judge(announced)
        await judged.pass_time("2023-05-06")
        assert await judged.dump(*TABLES) == before


async def test_a_month_without_a_report_turns_the_light_behind_the_watermark(database: str) -> None:
    """Nothing is reported: yellow when the planned month's record is fixed, red with the third (rule 12)."""
    async with bench(database) as judged:
        await judged.tell("2023-01-10", listed())
        seen = []
        for day in ("2023-03-05", "2023-03-06", "2023-05-06", "2023-06-01"):
            await judged.pass_time(day, "00:00")
            [light] = await judged.reading.lights(PROGRAMME, None, None)
            seen.append(light.light)
        assert seen == ["grey", "yellow", "red", "red"]
        next_at = await judged.pool.fetchval("SELECT next_at FROM alerts.project")
        assert next_at > at("2023-06-01", "00:00")


async def test_a_red_line_is_said_at_once_and_shown_above_a_green_schedule(database: str) -> None:
    """Raised: one Alert, shown red; raised again: nothing; closed by the office: one Update that names the Alert."""
    async with bench(database) as judged:
        await judged.tell("2023-04-02", STARTED, progress("2023-03", {"permit": "2023-03-20"}))
        await judged.tell("2023-04-10", raised("2023-04-10"))
        [light] = await judged.reading.lights(PROGRAMME, None, None)
        assert (light.light, light.shown, light.red_lines) == ("green", "red", 1)
        wall = await Showing(judged.pool, simulated=True).wall(PROGRAMME)
        assert [message.reason_code for message in wall.red_lines] == ["red_line"]
        [alert] = await judged.feed()
        assert (alert["msg_type"], alert["severity"], alert["reason_code"]) == ("Alert", "red", "red_line")
        assert "耕地红线" in alert["annotations"]["summary_zh"]
        assert alert["labels"]["red_line"] == "cultivated_land"
        await judged.tell("2023-04-11", raised("2023-04-11", unit="health_commission"))
        assert len(await judged.feed()) == 1
        await judged.tell("2023-04-20", closed("2023-04-20"))
        [_, update] = await judged.feed()
        assert (update["msg_type"], update["references"]) == ("Update", [alert["message_id"]])
        [light] = await judged.reading.lights(PROGRAMME, None, None)
        assert (light.shown, light.red_lines) == ("green", 0)
        then = await judged.reading.lights(PROGRAMME, None, at("2023-04-15"))
        assert [(each.shown, each.red_lines) for each in then] == [("red", 1)]


async def test_a_red_line_on_a_task_is_said_without_a_project(database: str) -> None:
    """The four flags can be raised on any indicator's task."""
    async with bench(database) as judged:
        await judged.tell("2023-05-20", raised(indicator="grain_output", kind="farmers_interests"))
        [alert] = await judged.feed()
        assert (alert["labels"]["indicator"], alert["labels"]["red_line"]) == ("grain_output", "farmers_interests")
        assert await judged.reading.lights(PROGRAMME, None, None) == []


async def test_acts_move_the_ticket_of_a_project(database: str) -> None:
    """Sign, answer, recover, review: by the table of rule 8, each act said."""
    async with bench(database) as judged:
        await judged.tell("2023-05-02", STARTED, progress("2023-04"))
        await judged.pass_time("2023-05-06")
        await judged.act("2023-05-08", kind="ack", actor="deqing-clerk")
        with pytest.raises(PromiseOutOfReach):
            await judged.act(
                "2023-05-09", kind="answer", cause="用地", plan="协调", promised_on=at("2023-12-01").date()
            )
        await judged.act("2023-05-09", kind="answer", cause="用地", plan="协调", promised_on=at("2023-06-30").date())
        with pytest.raises(NotApplicable):
            await judged.act("2023-05-10", kind="review_passed", actor="office")
        await judged.tell("2023-06-02", progress("2023-05", {"permit": "2023-05-30"}))
        await judged.pass_time("2023-06-06")
        await judged.act("2023-06-07", kind="review_passed", actor="office", reason="已核实")
        reasons = [message["notification_reason"] for message in await judged.feed()]
        assert reasons == ["first", "acknowledged", "answered", "recovered", "closed"]
        events = await judged.pool.fetch("SELECT event, actor FROM alerts.ticket_event ORDER BY position")
        assert [row["actor"] for row in events] == [None, "deqing-clerk", None, None, "office"]


async def test_other_tickets_are_handed_on(database: str) -> None:
    """An act on a ticket that is no project's goes to the acts of indicators."""
    async with bench(database) as judged:
        with pytest.raises(LookupError):
            await judged.acting("00000000-0000-0000-0000-000000000000", Event("ack", at("2023-05-08")))


async def test_a_standing_of_another_programme_is_a_defect(database: str) -> None:
    """It is not ours to judge: the delivery sets it aside."""
    async with bench(database) as judged:
        [standing] = judged.announced(STARTED)
        with pytest.raises(ValueError, match="is not of"):
            await judged.judge([msgspec.structs.replace(standing, programme="other")])


async def test_a_worse_record_names_its_message_or_why_there_is_none(database: str) -> None:
    """The table refuses a worse light without either."""
    async with bench(database) as judged:
        await judged.tell("2023-05-02", STARTED, progress("2023-04"))
        await judged.pass_time("2023-05-06")
        rows = await judged.pool.fetch("SELECT kind, seq, reason FROM alerts.project_light_change WHERE worse")
        assert [tuple(row) for row in rows] == [("live", None, "live"), ("record", 1, None)]
        with pytest.raises(asyncpg.CheckViolationError):
            await judged.pool.execute("UPDATE alerts.project_light_change SET reason = NULL, seq = NULL WHERE worse")


async def test_a_later_version_moves_open_months_only(database: str) -> None:
    """Red above 15 days becomes red above 40: May, open, turns yellow with its ticket; March, locked, stays red."""
    async with bench(database) as judged:
        await judged.tell("2023-04-02", STARTED, progress("2023-03"))
        await judged.tell("2023-05-02", progress("2023-04"))
        await judged.tell("2023-06-02", progress("2023-05"))
        await judged.pass_time("2023-06-06")
        records = "SELECT period, record FROM alerts.project_light WHERE record IS NOT NULL ORDER BY period"
        before = {row["period"]: row["record"] for row in await judged.pool.fetch(records)}
        assert before == {"2023-01": "grey", "2023-02": "grey", "2023-03": "green", "2023-04": "red", "2023-05": "red"}
        programme = lookup().programme
        profile = msgspec.structs.replace(programme.profile, project_red_days=80)
        newer = Lookup(msgspec.structs.replace(programme, version="2", profile=profile))
        judged.catalogue.take(Edition.of(newer, at("2023-06-07")))
        await judged.pass_time("2023-06-08")  # nothing is due: the version alone moves it
        after = {row["period"]: row["record"] for row in await judged.pool.fetch(records)}
        assert after == before | {"2023-05": "yellow"}
        assert "restated" in [message["notification_reason"] for message in await judged.feed()]
        changes = await judged.pool.fetchval("SELECT count(*) FROM alerts.project_light_change")
        await judged.pass_time("2023-06-09")
        assert await judged.pool.fetchval("SELECT count(*) FROM alerts.project_light_change") == changes


async def test_what_was_shown_then_comes_back(database: str) -> None:
    """Rules 2.10 and 12: after each thing that was told, done or passed, the project's light with its words, its
    months, how they changed, and its tickets: asked again with known_at they come back; with as_of too, for only months
    that are over are told."""
    async with bench(database) as judged:
        tickets, days = TicketReading(judged.pool), Calendar.of(lookup().programme.calendar)

        async def shown(known_at: datetime | None) -> list[Any]:
            now = Today(known_at or judged.clock.now(), days)
            return [
                await judged.reading.lights(PROGRAMME, None, known_at),
                await judged.reading.months(PROGRAMME, PROJECT_ID, None, known_at),
                await judged.reading.changes(PROGRAMME, PROJECT_ID, None, known_at),
                await tickets.tickets(Scope(programme=PROGRAMME, known_at=known_at), None, 100, now),
            ]

        answers = {}
        amended = listed("amend", "2023-05-20", None, plan=plan(starts_in="2023-09", contact=OTHER), reason="换人")
        told: list[tuple[str, tuple[Stated, ...]]] = [
            ("2023-01-10", (STARTED,)),
            ("2023-04-03", (progress("2023-03"),)),
            ("2023-04-10", (raised("2023-04-10"),)),
            ("2023-05-03", (progress("2023-04"),)),
            ("2023-05-06", ()),
            ("2023-05-20", (amended, closed("2023-05-20"))),
            ("2023-06-03", (progress("2023-05", {"permit": "2023-05-28"}),)),
            ("2023-06-06", ()),
            ("2023-07-06", ()),  # June was not reported: stale
            ("2023-08-06", ()),
        ]
        for day, events in told:
            await judged.pass_time(day, "00:00")
            judged.clock.instant = at(day)
            announced = judged.announced(*events)
            if events and all(isinstance(each, RedLineRaised) for each in events):
                announced = [
                    each for each in announced if isinstance(each, RedLineState)
                ]  # no new standing comes of it
            await judged.judge(announced) if events else await judged.pass_time(day)
            if events:
                await judged.leave()
            answers[at(day)] = await shown(None)
            if day == "2023-05-06":
                await judged.act("2023-05-07", kind="ack", actor="deqing")
                answers[at("2023-05-07")] = await shown(None)
        assert [then for then, answer in answers.items() if await shown(then) != answer] == []
        for then, answer in answers.items():
            of_day = await judged.reading.lights(PROGRAMME, then.date(), then)
            assert [msgspec.structs.replace(each, since=None) for each in of_day] == [
                msgspec.structs.replace(each, since=None) for each in answer[0]
            ]
        [april] = await judged.reading.lights(PROGRAMME, date(2023, 5, 30), None)  # as known now
        assert (april.period, april.light, april.lag_days) == ("2023-04", "red", 30)
        assert april.lag_text.zh == "落后30天（施工许可）"
        assert any(each.stale for answer in answers.values() for each in answer[0])
        assert len({str(answer[0]) for answer in answers.values()}) > 5
        assert {ticket.state for answer in answers.values() for ticket in answer[3]} >= {"OPEN", "ACKED", "RECOVERED"}
        assert await shown(at("2023-01-09")) == [[], [], [], []]
