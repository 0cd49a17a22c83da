"""Cells: their values, what is expected of them, what became of reports and acts, completeness, gauges."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import asyncpg
import httpx

from contracts.fed import SOURCE
from contracts.programme import Indicator
from deploy.demo.check.answers import Answer, counts
from deploy.demo.demo import Demo
from deploy.demo.recount import facts as hand
from deploy.demo.recount.facts import Key, Recount
from deploy.demo.recount.lights import Lit

_SAMPLE = re.compile(r"^(?P<name>\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


async def effective_values(connection: asyncpg.Connection, recount: Recount) -> Answer:
    """The value of each cell that somebody reported or that follows from its districts."""
    stored = await _cells(connection)
    wrong = [
        f"{'/'.join(key)}: {stored.get(key, {}).get('value')} stored, {value} recounted"
        for key, value in recount.with_city().items()
        if key not in stored or stored[key]["value"] not in (value, _written(recount, key, value))
    ]
    surplus = [f"{'/'.join(key)}: stored, nobody reported it" for key in stored.keys() - recount.with_city().keys()]
    return Answer("effective values of cells", len(stored), wrong + surplus)


async def outcomes(connection: asyncpg.Connection, recount: Recount) -> Answer:
    """Outcomes by kind, each accepted item having exactly one; repeats are counted by receipt item."""
    rows = await connection.fetch(
        "SELECT outcome, count(*) AS count FROM metrics.outcome JOIN metrics.report r USING (report)"
        f" WHERE r.source <> '{SOURCE}' GROUP BY outcome"  # what is derived from projects is not in the log
    )
    stored = Counter({row["outcome"]: row["count"] for row in rows})
    repeats = await connection.fetchval(
        f"SELECT count(*) FROM metrics.receipt_item WHERE outcome = 'duplicate' AND source <> '{SOURCE}'"
    )
    recounted = +recount.outcomes
    wrong = [f"{kind}: {stored[kind]} stored, {recounted[kind]} recounted" for kind in stored | recounted
             if stored[kind] != recounted[kind]]  # fmt: skip
    if repeats != recount.repeats:
        wrong.append(f"duplicate: {repeats} stored, {recount.repeats} recounted")
    return Answer(f"outcomes by kind ({counts(stored)}, duplicate {repeats})", sum(stored.values()), wrong)


async def against_the_plan(connection: asyncpg.Connection, recount: Recount) -> Answer:
    """Expected, lag and attainment of each cell that can be judged, to the places in which they are written."""
    stored = await _cells(connection)
    wrong, compared = [], 0
    for key, held in recount.helds().items():
        if held.mode == "none":
            continue
        compared += 1
        due = hand.written(recount.indicator(key), key[1], held)
        row = stored.get(key)
        told = (row["expected"], row["lag"], row["attainment"]) if row is not None else None
        if told != due:
            wrong.append(f"{'/'.join(key)}: E, lag, attainment {told} stored, {due} recounted")
    return Answer("expected, lag and attainment of each cell", compared, wrong)


async def lights_of_record(connection: asyncpg.Connection, recount: Recount, demo: Demo) -> Answer:
    """The live light and the light of record of each cell (rules 5, 6.1 and 6.2)."""
    rows = await connection.fetch("SELECT indicator, district, period, live, record FROM alerts.light")
    stored = {(row["indicator"], row["district"], row["period"]): Lit(row["live"], row["record"]) for row in rows}
    recounted = recount.lights(demo.until)
    unlit = Lit(None, None)
    wrong = [
        f"{'/'.join(key)}: {stored.get(key, unlit)} stored, {lit} recounted"
        for key, lit in recounted.items()
        if stored.get(key, unlit) != lit
    ]
    wrong += [f"{'/'.join(key)}: stored, there is no such cell" for key in stored.keys() - recounted.keys()]
    count = Counter(lit.record for lit in recounted.values() if lit.record is not None)
    return Answer(f"lights of record ({counts(count)}) and live lights", len(recounted), wrong)


async def completeness(connection: asyncpg.Connection, recount: Recount, demo: Demo) -> Answer:
    """Due, received and on time by district and by department."""
    wrong, compared = [], 0
    for scope, series in (("district", _by_district(recount)), ("department", _by_department(recount))):
        rows = await connection.fetch(f"SELECT * FROM metrics.{scope}_completeness")
        stored = {row[scope]: (row["due"], row["received"], row["on_time"]) for row in rows}
        for unit, keys in series.items():
            due = hand.completeness(recount, demo.until, keys)
            if due[0] or unit in stored:
                compared += 1
                if stored.get(unit) != due:
                    wrong.append(f"{unit}: (due, received, on time) {stored.get(unit)} stored, {due} recounted")
    return Answer("completeness and timeliness by unit", compared, wrong)


async def gauges(connection: asyncpg.Connection, demo: Demo) -> Answer:
    """Every value and light on /metrics equals the newest row in Postgres, and none is missing."""
    rows = await connection.fetch("SELECT indicator, district, value, expected, lag FROM metrics.newest")
    due: dict[tuple[str, str, str], float] = {}
    for row in rows:
        series = (row["indicator"], row["district"])
        for name, value in (("value", row["value"]), ("expected", row["expected"])):
            if value is not None:
                due[(f"liangshai_indicator_{name}", *series)] = float(value)
        if row["lag"] is not None:
            due["liangshai_indicator_lag_ratio", *series] = float(row["lag"] / 100)
    levels = {"grey": 0.0, "green": 1.0, "yellow": 2.0, "red": 3.0}
    for row in await connection.fetch("SELECT indicator, district, light FROM alerts.series"):
        due["liangshai_light", row["indicator"], row["district"]] = levels[row["light"]]
    shown: dict[tuple[str, str, str], float] = {}
    for _ in range(40):  # the exposition follows Postgres within a second or two
        shown = {k: v for k, v in _scrape(demo) if k in due or k[0] in {name for name, *_ in due}}
        if shown == due:
            break
        await asyncio.sleep(0.25)
    wrong = [f"{key}: {shown.get(key)} shown, {due.get(key)} in Postgres" for key in due.keys() | shown.keys()
             if shown.get(key) != due.get(key)]  # fmt: skip
    return Answer("gauges equal Postgres", len(due), wrong)


async def office_acts(connection: asyncpg.Connection, recount: Recount) -> Answer:
    """What became of each act on a cell or report (rules 2.9, 2.11 and 7.2), and which cells stand excused."""
    rows = await connection.fetch(
        "SELECT a.kind, o.outcome, count(*) AS count FROM metrics.act a JOIN metrics.act_outcome o USING (act)"
        " GROUP BY 1, 2"
    )
    stored = {(row["kind"], row["outcome"]): row["count"] for row in rows}
    said = Counter(act.kind for act in recount.said.acts)
    wrong = []
    for kind, count in said.items():
        others = {"flag.commented": "refused", "cell.published": "unchanged"}.get(kind, "")
        done = stored.get((kind, "applied"), 0) + stored.get((kind, others), 0)
        if done != count:
            wrong.append(f"{kind}: {count} said, {done} applied")
    excused = {
        (row["indicator"], row["district"], row["period"])
        for row in await connection.fetch("SELECT indicator, district, period FROM metrics.cell WHERE excused")
    }
    wrong += [f"{'/'.join(key)}: excused by one count alone" for key in excused ^ recount.excuses.keys()]
    rows = await connection.fetch(
        "SELECT indicator, district, period, published_at FROM metrics.cell WHERE published_at IS NOT NULL"
    )
    locked = {(row["indicator"], row["district"], row["period"]): row["published_at"] for row in rows}
    due = {key: at for key, at in recount.said.seats.published.items() if at < recount.cell(key).lock_at}
    wrong += [
        f"{'/'.join(key)}: published {locked.get(key)} stored, {due.get(key)} recounted"
        for key in sorted(locked.keys() | due.keys())
        if locked.get(key) != due.get(key)
    ]
    return Answer(f"acts of the office and of writers ({counts(said)})", sum(said.values()), wrong)


async def _cells(connection: asyncpg.Connection) -> dict[Key, Any]:
    rows = await connection.fetch(
        "SELECT indicator, district, period, value, expected, lag, attainment FROM metrics.cell WHERE value IS NOT NULL"
    )
    return {(row["indicator"], row["district"], row["period"]): row for row in rows}


def _written(recount: Recount, key: Key, value: Fraction) -> Decimal:
    """A derived share has no finite form: it is stored as it is written, with two places (rule 1.2)."""
    return hand.rounded(value, max(2, recount.indicator(key).decimals))


def _by_district(recount: Recount) -> dict[str, list[tuple[Indicator, str]]]:
    found: dict[str, list[tuple[Indicator, str]]] = {}
    for indicator, district in recount.said.seats.series():
        found.setdefault(district, []).append((indicator, district))
    return found


def _by_department(recount: Recount) -> dict[str, list[tuple[Indicator, str]]]:
    found: dict[str, list[tuple[Indicator, str]]] = {}
    for indicator, district in recount.said.seats.series():
        found.setdefault(indicator.lead, []).append((indicator, district))
    return found


def _scrape(demo: Demo) -> Iterator[tuple[tuple[str, str, str], float]]:
    for service in (demo.stack.metrics, demo.stack.alerts):
        text = httpx.get(f"{service.operations}/metrics", trust_env=False).text
        for match in filter(None, map(_SAMPLE.match, text.splitlines())):
            labels = dict(_LABEL.findall(match["labels"]))
            if "indicator" in labels and "district" in labels:
                yield (match["name"], labels["indicator"], labels["district"]), float(match["value"])
