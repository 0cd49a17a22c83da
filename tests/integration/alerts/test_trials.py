"""A trial replays what keeps lights from opening tickets and what recolours a series, on a real Postgres."""

from datetime import datetime
from typing import Any

from contracts.editions import Catalogue
from services.alerts.trial.sides import Trial
from services.alerts.trial.trials import Trials, Tried
from tests.support import judging
from tests.support.judged_together import FED, LATE, Both, both
from tests.support.judging import CELLS, LOOKUP, Bench
from tests.support.projects import PROGRAMME, PROJECT_ID, closed, listed, plan, progress, raised
from tests.support.recorded import at
from tests.support.standings import INDICATOR, coloured, standing

LATER = {"due_days": {"monthly": 25, "quarterly": 31, "yearly": 60}}


async def tried(bench: Bench, **rules: Any) -> Tried:
    """What would have differed."""
    await judging.documented(bench.pool)
    return await Trials(bench.pool, Catalogue(LOOKUP))(Trial(**rules))


def faults(found: Tried) -> tuple[int, int]:
    """What the self-check found: lights and tickets that differ from the stored ones."""
    return found.self_check.deviations, found.self_check.ticket_deviations


def moved(found: Tried) -> list[tuple[str, str, int | None, int | None]]:
    return [(each.district, each.first_period, each.now, each.then) for each in found.tickets if each.rule == "lag"]


async def silent_june(bench: Bench) -> None:
    """Of June deqing reports one thing, a red one, and is silent of all else; anji's red opens a ticket. July is red
    for both, and deqing reports again."""
    await bench.pool.execute("DELETE FROM alerts.light WHERE district = 'deqing' AND period = '2023-06'")
    for period, due in (("2023-06", "2023-07-06"), ("2023-07", "2023-08-06")):
        for district in ("deqing", "anji"):
            await bench.judge(coloured(period, "red", district=district))
        await bench.judge(at(due, "00:00"))
        if period == "2023-06":
            await excuse(bench, at("2023-07-10"))


async def excuse(bench: Bench, known_at: datetime) -> None:
    """What deqing owed of June is excused after all."""
    cells = [c for c in CELLS if (c.district, c.period.text) == ("deqing", "2023-06") and c.indicator != INDICATOR]
    await bench.pool.execute(
        "INSERT INTO alerts.light AS l (programme, indicator, district, period, period_end, due_at, lock_at, known_at,"
        " excused, version) SELECT $1, indicator, 'deqing', '2023-06', $3, $4, $5, $6, true, -1"
        " FROM unnest($2::text[]) AS t (indicator) ON CONFLICT (programme, indicator, district, period)"
        " DO UPDATE SET excused = true, version = -1, known_at = EXCLUDED.known_at",
        PROGRAMME,
        [cell.indicator for cell in cells],
        cells[0].period.end,
        cells[0].due_at,
        cells[0].lock_at,
        known_at,
    )


async def test_a_silent_district_opens_no_ticket_on_either_side(database: str) -> None:
    """Rule 8: deqing's ticket begins with July; the trial finds the stored tickets again, and no third one."""
    async with judging.bench(database) as bench:
        await silent_june(bench)
        found = await tried(bench)
        assert faults(found) == (0, 0)
        assert found.total.opened.now == 2
        reporting = await bench.pool.fetchval("SELECT count(*) FROM alerts.ticket WHERE rule = 'reporting'")
        assert reporting == found.total.reporting.opened.now > 0
        assert found.self_check.tickets == 2 + reporting
        stored = await bench.pool.fetch(
            "SELECT district, first_period FROM alerts.ticket WHERE rule = 'lag' ORDER BY 1"
        )
        assert [tuple(row) for row in stored] == [("anji", "2023-06"), ("deqing", "2023-07")]
        strict = await tried(bench, profile={"y_pp": "5"})  # other thresholds, the same silence
        assert (faults(strict), strict.total.opened.then) == ((0, 0), 2)


async def test_who_was_silent_is_counted_anew_by_other_due_dates(database: str) -> None:
    """Rules 7.1 and 8: due on the 25th, what deqing owed of June was excused in time, and its red opens a ticket."""
    async with judging.bench(database) as bench:
        await silent_june(bench)
        await bench.judge(at("2023-08-28"))
        found = await tried(bench, calendar=LATER)
        assert faults(found) == (0, 0)
        assert [(first, then) for district, first, _, then in moved(found) if district == "deqing"] == [
            ("2023-06", 3),
            ("2023-07", None),
        ]


async def red_line(judged: Both) -> None:
    """April green; from 20 May to 20 June a red line; May fixed under it, June green after it."""
    await judged.lights.judge(coloured("2023-04", "green", indicator=FED, known_at=at("2023-05-03")))
    await judged.pass_lights(at("2023-05-06", "00:00"))
    await judged.projects.tell("2023-05-20", raised(indicator=FED))
    await judged.lights.judge(coloured("2023-05", "green", indicator=FED, known_at=at("2023-06-03")))
    await judged.pass_projects(at("2023-06-06", "00:00"))
    await judged.pass_lights(at("2023-06-06", "00:00"))
    await judged.projects.tell("2023-06-20", closed(indicator=FED))
    await judged.lights.judge(coloured("2023-06", "green", indicator=FED, known_at=at("2023-07-03")))
    await judged.pass_projects(at("2023-07-06", "00:00"))
    await judged.pass_lights(at("2023-07-06", "00:00"))


async def test_a_red_line_on_a_task_is_replayed(database: str) -> None:
    """Rule 12: its green months are red for tickets while it is open, on both sides."""
    async with both(database) as judged:
        await red_line(judged)
        [ticket] = await judged.lights.pool.fetch("SELECT first_period, level, state FROM alerts.ticket")
        assert tuple(ticket) == ("2023-04", 3, "RECOVERED")
        found = await tried(judged.lights, profile={"y_pp": "15"})
        assert faults(found) == (0, 0)
        assert (found.total.opened.now, found.total.opened.then) == (1, 1)
        assert (found.lights, found.tickets) == ([], [])


async def test_a_red_project_stands_for_the_ticket_in_a_trial_too(database: str) -> None:
    """Rule 12: April's ticket is the project's alone, May's is the indicator's."""
    async with both(database) as judged:
        await judged.tell("2023-05-02", *LATE)
        await judged.red("2023-04", "2023-05-03")
        await judged.pass_projects(at("2023-05-06", "00:00"))
        await judged.pass_lights(at("2023-05-06", "00:00"))
        await judged.tell("2023-06-02", progress("2023-05", {"permit": "2023-05-20"}))
        await judged.red("2023-05", "2023-06-03")
        await judged.pass_projects(at("2023-06-06", "00:00"))
        await judged.pass_lights(at("2023-06-06", "00:00"))
        assert (await judged.tickets(), await judged.inhibited()) == (["2023-05"], {"2023-04": "red_project"})
        found = await tried(judged.lights)
        assert (faults(found), found.total.opened.now, found.projects) == ((0, 0), 1, 1)
        assert (found.total.projects.lights > 1, found.total.projects.opened.now) == (True, 1)
        mild = await tried(judged.lights, profile={"project_red_days": 400, "project_yellow_days": 400})
        assert (faults(mild), mild.total.projects.opened.now, mild.total.projects.opened.then) == ((0, 0), 1, 0)
        assert [(each.project, each.period, each.now, each.then) for each in mild.lights] == [
            (PROJECT_ID, "2023-04", "red", "green"),
        ]
        assert [(m.rule, m.first_period) for m in mild.tickets] == [
            *(("lag", "2023-04"), ("lag", "2023-05")),  # without a red project April's light opens its ticket
            ("project", "2023-04"),
        ]
        part = await tried(judged.lights, profile={"project_red_days": 400}, district="anji")
        assert (part.projects, part.series > 0) == (0, True)


async def test_a_red_line_on_a_project_stands_for_no_ticket(database: str) -> None:
    """Rule 12: it has its own message; by its schedule the project is green, and the indicator's ticket opens."""
    async with both(database) as judged:
        await judged.tell(
            "2023-05-02",
            listed(plan=plan(feeds=(FED,), starts_in="2023-09")),
            progress("2023-04", {"permit": "2023-03-30"}),
        )
        await judged.projects.tell("2023-05-03", raised())
        await judged.red("2023-04", "2023-05-03")
        await judged.pass_projects(at("2023-05-06", "00:00"))
        await judged.pass_lights(at("2023-05-06", "00:00"))
        assert await judged.tickets() == ["2023-04"]
        found = await tried(judged.lights)
        assert (faults(found), found.total.opened.now) == ((0, 0), 1)


async def test_versions_that_were_replaced_are_replayed(database: str) -> None:
    """Rules 2.10 and 8: a wrong red opened a ticket that its correction cancelled; one that came and went in one batch
    is kept too, and so is what was withdrawn. The same batch again keeps nothing twice."""
    async with judging.bench(database) as bench:
        await bench.judge(coloured("2023-06", "red"))
        await bench.judge(at("2023-07-06", "00:00"))
        for _ in range(2):
            await bench.judge(
                coloured("2023-06", "yellow", version=2, known_at=at("2023-07-09")),
                standing("2023-06", None, version=3, known_at=at("2023-07-10")),
                coloured("2023-06", "green", version=4, known_at=at("2023-07-11")),
            )
        await bench.judge(at("2023-07-12"))
        kept = await bench.pool.fetch("SELECT version FROM alerts.standing_past ORDER BY version")
        assert [row["version"] for row in kept] == [1, 2, 3]
        found = await tried(bench, profile={"y_pp": "15"})
        assert faults(found) == (0, 0)
        assert (found.total.cancelled.now, found.total.cancelled.then) == (1, 1)
