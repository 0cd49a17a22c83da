"""The questions of demo-check about major projects (rule 12): days behind month by month, figures of the lists."""

import json
from fractions import Fraction
from typing import Any

import asyncpg
import httpx

from deploy.demo.check.answers import Answer
from deploy.demo.demo import Demo
from deploy.demo.recount import projects as hand
from deploy.demo.recount.projects import Calendar, Told
from deploy.demo.tokens import READER


def calendar(demo: Demo) -> Calendar:
    """Months are due and lock as the monthly cells of reports do (rules 2.9 and 7.1)."""
    cells = [cell for cell in demo.cells if cell.period.months == 1 and cell.due_at is not None]
    return Calendar(
        {cell.period.text: cell.due_at for cell in cells if cell.due_at is not None},
        {cell.period.text: cell.lock_at for cell in cells},
    )


def told(demo: Demo) -> tuple[dict[str, Told], list[str]]:
    """What the log says of projects."""
    return hand.read(demo.directory / "log.ndjson", calendar(demo))


def accepted(rejected: list[str], projects: dict[str, Told]) -> Answer:
    """Nothing that was said of projects was turned down by intake."""
    return Answer("statements on projects accepted", sum(len(each.reports) for each in projects.values()), rejected)


async def months(connection: asyncpg.Connection, projects: dict[str, Told], demo: Demo) -> Answer:
    """Days behind and months without a start, of each month of each project."""
    rows = await connection.fetch("SELECT project, standing::text AS standing FROM metrics.project")
    stored = {row["project"]: {m["period"]: m for m in json.loads(row["standing"])["months"]} for row in rows}
    dates, wrong, compared = calendar(demo), [], 0
    for project, each in projects.items():
        for period, month in hand.months(each, dates, demo.until).items():
            if month.lag_days is None:
                continue
            compared += 1
            held = stored.get(project, {}).get(period)
            due = (month.lag_days, month.unstarted)
            if held is None or (held["lag_days"], held["unstarted_months"]) != due:
                kept = None if held is None else (held["lag_days"], held["unstarted_months"])
                wrong.append(f"{project}/{period}: days behind, months unstarted {kept} stored, {due} recounted")
    wrong += [f"{project}: stored, nobody listed it" for project in stored.keys() - projects.keys()]
    return Answer("days behind of projects, month by month", compared, wrong)


async def lights(connection: asyncpg.Connection, projects: dict[str, Told], demo: Demo) -> Answer:
    """The light of record of each month of each project."""
    rows = await connection.fetch("SELECT project, period, record FROM alerts.project_light WHERE record IS NOT NULL")
    stored = {(row["project"], row["period"]): row["record"] for row in rows}
    dates = calendar(demo)
    recounted = {
        (project, period): month.record
        for project, each in projects.items()
        for period, month in hand.months(each, dates, demo.until).items()
        if month.record is not None
    }
    wrong = [
        f"{'/'.join(key)}: {stored.get(key)} stored, {recounted.get(key)} recounted"
        for key in sorted(stored.keys() | recounted.keys())
        if stored.get(key) != recounted.get(key)
    ]
    return Answer("lights of record of projects", len(recounted), wrong)


async def lists(projects: dict[str, Told], demo: Demo) -> Answer:
    """How many projects are advanced, listed, completed and left on each list, and what was invested: now and at the
    end of each year."""
    headers = {"authorization": f"Bearer {demo.tokens[READER]}"}
    url = f"{demo.stack.metrics.url}/v1/programmes/{demo.lookup.programme.id}/project-lists"
    wrong, compared = [], 0
    now = hand.today(demo.until)
    days = [*(now.replace(year=year, month=12, day=31) for year in range(2023, now.year)), now]
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as client:
        for day in days:
            answer = await client.get(url, params={"as_of": day.isoformat()})
            answer.raise_for_status()
            for shown in answer.json()["lists"]:
                due = hand.figures(
                    projects, shown["list"], day if shown["list"] != "major_projects_2023" else _in_2023(day)
                )
                compared += 1
                held = hand.Figures(
                    shown["advanced"], shown["listed"], shown["completed"], shown["left"], Fraction(shown["invested"])
                )
                if held != due:
                    wrong.append(f"{shown['list']} at {day}: {held} shown, {due} recounted")
    return Answer("figures of the lists of projects", compared, wrong)


def _in_2023(day: Any) -> Any:
    """The list of a year is counted up to its last day."""
    return min(day, day.replace(year=2023, month=12, day=31))
