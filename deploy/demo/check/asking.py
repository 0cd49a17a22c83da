"""Every question of demo-check in turn, and its figures on the screen."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from rich.console import Console

from deploy.demo import workpoints
from deploy.demo.check import cells, doubts, fed, feed, forecasts, machine, reminders, scores, trial
from deploy.demo.check import projects as listed
from deploy.demo.check.answers import Answer, counts
from deploy.demo.demo import Demo
from deploy.demo.driver import Progress
from deploy.demo.recount.facts import Recount

_SHOWN = 8
WHOLE = 2026


async def run(demo: Demo, progress: Progress) -> int:
    """Ask every question; 0 only if all agree."""
    later = {change.version: change.lookup for change in workpoints.told(demo.lookup, demo.seed)}
    recount = Recount.of(demo.lookup, demo.cells, demo.directory / "log.ndjson", later)
    whole = demo.until.year >= WHOLE  # a shorter story cannot have shown everything
    projects, rejected = listed.told(demo)
    connection = await asyncpg.connect(demo.stack.database)
    questions: tuple[Callable[[], Awaitable[Answer]], ...] = (
        lambda: cells.effective_values(connection, recount),
        lambda: cells.outcomes(connection, recount),
        lambda: cells.against_the_plan(connection, recount),
        lambda: cells.lights_of_record(connection, recount, demo),
        lambda: forecasts.forecasts(connection, recount),
        lambda: cells.completeness(connection, recount, demo),
        *((lambda: cells.office_acts(connection, recount),) if recount.said.acts else ()),
        lambda: scores.scores(recount, demo),
        lambda: cells.gauges(connection, demo),
        lambda: feed.messages(connection),
        lambda: feed.without_gap(connection),
        lambda: reminders.reminded(connection, recount, demo),
        lambda: doubts.effort(connection, recount, demo),
        lambda: doubts.disputed(connection, recount, demo),
        lambda: doubts.breaks(connection, recount, demo),
        lambda: listed.months(connection, projects, demo),
        lambda: listed.lights(connection, projects, demo),
        lambda: listed.lists(projects, demo),
        lambda: fed.sums(connection, recount),
        lambda: fed.inhibited(connection, projects, demo),
        lambda: trial.self_check(demo),
        *(
            (
                lambda: machine.machine(connection),
                lambda: machine.red_lines(connection),
                lambda: machine.overrides(connection),
                lambda: machine.objections(connection),
            )
            if whole
            else ()
        ),
    )
    try:
        answers = [listed.accepted(rejected, projects), *[await question() for question in questions]]
        lights = await connection.fetch("SELECT light, count(*) AS count FROM alerts.series GROUP BY light")
        tickets = await connection.fetch("SELECT state, count(*) AS count FROM alerts.ticket GROUP BY state")
    finally:
        await connection.close()
    return _print(demo.screen.console, progress, recount, answers, (lights, tickets))


def _print(console: Console, progress: Progress, recount: Recount, answers: list[Answer], rows: tuple[Any, Any]) -> int:
    lights, tickets = ({row[0]: row["count"] for row in each} for each in rows)
    console.print(f"reports pushed {progress.pushed}, verdicts {counts(recount.verdicts)}")
    console.print(f"facts {len(recount.facts)}, instants {progress.instants}, messages {progress.messages}")
    console.print(f"lights {lights}, tickets {tickets}, acts {counts(progress.acts)}")
    for answer in answers:
        agrees = "[green]一致 agree[/]" if not answer.wrong else f"[red]不一致 {len(answer.wrong)} do not agree[/]"
        console.print(f"  {agrees}  {answer.question}: {answer.compared}")
        for line in answer.wrong[:_SHOWN]:
            console.print(f"      {line}", markup=False)
    return 1 if any(answer.wrong for answer in answers) else 0
