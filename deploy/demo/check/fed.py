"""The questions of demo-check about cells that projects feed, and about tickets that a red project inhibits."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

import asyncpg

from contracts.fed import SOURCE
from deploy.demo.check.answers import Answer
from deploy.demo.check.projects import calendar
from deploy.demo.demo import Demo
from deploy.demo.projects import FED
from deploy.demo.recount import projects as hand
from deploy.demo.recount.facts import Recount
from deploy.demo.recount.projects import Told


async def sums(connection: asyncpg.Connection, recount: Recount) -> Answer:
    """Each standing that says that it is a sum over projects, against the recount; never added to what was reported."""
    rows = await connection.fetch(
        "SELECT indicator, district, period, standing -> 'fed' ->> 'value' AS fed FROM metrics.cell"
        " WHERE standing -> 'fed' ->> 'value' IS NOT NULL"
    )
    stored = {(row["indicator"], row["district"], row["period"]): row["fed"] for row in rows}
    wrong = [
        f"{'/'.join(key)}: {stored.get(key)} by its standing, {recount.fed.get(key)} recounted"
        for key in sorted(stored.keys() | recount.fed.keys())
        if key not in recount.fed or key not in stored or Fraction(stored[key]) != recount.fed[key].value
    ]
    sent = await connection.fetchval("SELECT count(*) FROM metrics.report WHERE source = $1", SOURCE)
    return Answer(f"cells fed by projects ({sent} derived reports)", len(recount.fed), wrong)


async def inhibited(connection: asyncpg.Connection, projects: Mapping[str, Told], demo: Demo) -> Answer:
    """Each light that opened no ticket because of a red project: that project alone fed it, and was red before its due
    moment by the log."""
    rows = await connection.fetch(
        "SELECT indicator, district, period, due_at FROM alerts.light WHERE inhibited = 'red_project' ORDER BY period"
    )
    dates = calendar(demo)
    wrong = []
    for row in rows:
        feeding = [
            each for each in projects.values()
            if FED in each.plans[-1][1].get("feeds", ())
            and row["district"] in (each.plans[-1][1]["district"], "huzhou")
            and any(stay.entered <= row["due_at"].date() and stay.ended is None for stay in each.stays)
        ]  # fmt: skip
        colours = [_before(each, dates, row["due_at"]) for each in feeding]
        if colours != ["red"] or row["indicator"] != FED:
            wrong.append(f"{row['indicator']}/{row['district']}/{row['period']}: {colours} by the log")
    if not rows and demo.until >= dates.due["2023-07"]:
        wrong.append("no red project has inhibited a ticket yet")
    return Answer("tickets that a red project inhibits", len(rows), wrong)


def _before(told: Told, dates: hand.Calendar, moment: datetime) -> str:
    """The colour of the newest month that was reported before a moment."""
    known = [period for period, at in told.first.items() if at < moment]
    if not known:
        return "grey"
    month = hand.months(told, dates, moment)[max(known)]
    return hand.colour(month.lag_days, month.unstarted)
