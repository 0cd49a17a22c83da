"""The question of demo-check about forecasts (rule 6.7): what the newest standing of each cell foresees."""

import json
from decimal import Decimal

import asyncpg

from deploy.demo.check.answers import Answer
from deploy.demo.recount.facts import Recount, rounded
from deploy.demo.recount.forecast import Foreseen

_ASKED = """
SELECT indicator, district, period, standing -> 'forecast' AS forecast FROM metrics.cell
WHERE value IS NOT NULL AND json_typeof(standing -> 'forecast') = 'object'
"""
Shown = tuple[Decimal | None, bool | None, str | None, bool]


async def forecasts(connection: asyncpg.Connection, recount: Recount) -> Answer:
    """F, whether it misses the target, why there is none, and who falls behind fast."""
    stored: dict[tuple[str, str, str], Shown] = {}
    for row in await connection.fetch(_ASKED):
        said = json.loads(row["forecast"])
        value = said.get("value")
        stored[row["indicator"], row["district"], row["period"]] = (
            None if value is None else Decimal(value), said.get("will_miss"), said.get("reason"),
            said.get("falling_fast", False),
        )  # fmt: skip
    due = {key: _written(recount, key, each) for key, each in recount.forecasts()}
    wrong = [
        f"{'/'.join(key)}: F, missed, reason, fast {stored.get(key)} stored, {due.get(key)} recounted"
        for key in sorted(stored.keys() | due.keys())
        if stored.get(key) != due.get(key)
    ]
    misses, fast = (sum(bool(each[n]) for each in due.values()) for n in (1, 3))
    return Answer(f"forecasts ({misses} miss their target, {fast} fall behind fast)", len(due), wrong)


def _written(recount: Recount, key: tuple[str, str, str], found: Foreseen) -> Shown:
    indicator = recount.indicator(key)
    decimals = indicator.decimals if indicator.unit_at(key[1]) == indicator.unit else 1
    value = None if found.value is None else rounded(found.value, decimals + 2)
    return value, found.misses, found.reason, found.fast
