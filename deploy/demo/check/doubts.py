"""The questions of demo-check about what is shown and not judged, or judged without obliging anybody (rule 4.11)."""

import asyncpg

from deploy.demo.check.answers import Answer
from deploy.demo.demo import Demo
from deploy.demo.recount.facts import Recount
from deploy.demo.workpoints import DISPUTED, EFFORT, REDEFINED

QUESTIONS = ("running_total_fell", "change_over_30_percent")
WHOLE = 2026  # from this year on the work points have changed a definition, disputed a target and softened another


async def effort(connection: asyncpg.Connection, recount: Recount, demo: Demo) -> Answer:
    """Effort wording (力争): a light, but no attainment that counts and no ticket."""
    soft = {key for key, held in recount.helds().items() if held.mode != "none" and not held.binding}
    rows = await connection.fetch(
        "SELECT indicator, district, first_period FROM alerts.ticket WHERE rule IN ('lag', 'forecast')"
    )
    opened = {(row["indicator"], row["district"], row["first_period"]) for row in rows}
    wrong = [f"{'/'.join(key)}: a ticket on effort wording" for key in sorted(soft & opened)]
    rows = await connection.fetch(
        "SELECT indicator, district, period FROM metrics.cell WHERE (standing ->> 'binding')::boolean = false"
        " AND mode <> 'none' AND attainment IS NULL"
    )
    stored = {(row["indicator"], row["district"], row["period"]) for row in rows}
    wrong += [f"{'/'.join(key)}: not binding by one count alone" for key in sorted(stored ^ soft)]
    if demo.until.year >= WHOLE and not any(key[0] == EFFORT for key in soft):
        wrong.append(f"{EFFORT} was never shown as effort wording")
    return Answer("cells held to effort wording, lit and without a ticket", len(soft), wrong)


async def disputed(connection: asyncpg.Connection, recount: Recount, demo: Demo) -> Answer:
    """A disputed target judges nothing. Where a series has no other, its cells have no colour, here and by the recount;
    the one that the story adds on the way to a printed target changes no cell."""
    rows = await connection.fetch(
        "SELECT c.indicator, c.district, c.period, l.live FROM metrics.cell c"
        " LEFT JOIN alerts.light l USING (programme, indicator, district, period) WHERE c.reason = 'disputed'"
    )
    wrong = []
    for row in rows:
        key = row["indicator"], row["district"], row["period"]
        held = recount.helds().get(key)
        if held is None or held.mode != "none" or row["live"] not in (None, "grey"):
            wrong.append(f"{'/'.join(key)}: {row['live']}, {held and held.mode} by the recount")
    towards = await connection.fetch(
        "SELECT district, period FROM metrics.cell WHERE indicator = $1"
        " AND standing ->> 'target_on' = '2025-12-31' AND period_end > '2024-12-31'",
        DISPUTED,
    )
    wrong += [f"{DISPUTED}/{row['district']}/{row['period']}: held to the disputed target" for row in towards]
    if demo.until.year >= WHOLE and not rows:
        wrong.append("no disputed target was ever shown")
    return Answer("cells with a disputed target, shown and not judged", len(rows), wrong)


async def breaks(connection: asyncpg.Connection, recount: Recount, demo: Demo) -> Answer:
    """Across a change of definition nothing is compared: the new series begins with a start of its own, without a
    question about a jump, and is foreseen only from reports of its own."""
    wrong, compared = [], 0
    for indicator in recount.lookup.programme.indicators:
        if indicator.continues is None:
            continue
        rows = await connection.fetch(
            "SELECT DISTINCT ON (district) district, period, flags, baseline_on, foreseen FROM ("
            " SELECT district, period, period_end, flags, (standing ->> 'baseline_on')::date AS baseline_on,"
            " standing -> 'forecast' ->> 'value' AS foreseen FROM metrics.cell"
            " WHERE indicator = $1 AND value IS NOT NULL AND period_end >= $2) c ORDER BY district, period_end",
            indicator.id,
            indicator.valid_from,
        )
        for row in rows:
            compared += 1
            asked = [flag for flag in row["flags"] or () if flag in QUESTIONS]
            if asked or row["foreseen"] is not None:
                key = f"{indicator.id}/{row['district']}/{row['period']}"
                wrong.append(f"{key}: {asked or row['foreseen']} at its start")
    if demo.until.year >= WHOLE and f"{REDEFINED}_2025" not in recount.lookup.indicators:
        wrong.append(f"the definition of {REDEFINED} never changed")
    return Answer("first cells after a change of definition, compared with nothing", compared, wrong)
