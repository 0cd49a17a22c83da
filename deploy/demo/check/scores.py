"""The questions of demo-check about scores, places and lists (rule 10): each edition of the API against the recount."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from contracts.periods import Frequency, Period, ending, preceding
from deploy.demo.check.answers import Answer
from deploy.demo.demo import Demo
from deploy.demo.recount.facts import Recount, rounded
from deploy.demo.recount.scores import Edition, Line
from deploy.demo.tokens import READER

KINDS = {"month": Frequency.MONTHLY, "quarter": Frequency.QUARTERLY, "year": Frequency.YEARLY}


def editions(demo: Demo) -> list[tuple[str, Period]]:
    """The three newest months, two quarters, and every year that is over."""
    today = demo.until.date()
    found = []
    for kind, frequency in KINDS.items():
        period = ending(frequency, today)
        period = period if period.end <= today else preceding(period)
        for _ in range({"month": 3, "quarter": 2, "year": 5}[kind]):
            if period.end >= demo.lookup.programme.first_day:
                found.append((kind, period))
            period = preceding(period)
    return found


async def scores(recount: Recount, demo: Demo) -> Answer:
    """Score, reported share, process points, bonus, place and its range of each unit, red and black list of each item,
    in each of these editions."""
    headers = {"authorization": f"Bearer {demo.tokens[READER]}"}
    url = f"{demo.stack.alerts.url}/v1/programmes/{demo.lookup.programme.id}/scores"
    lights, wrong, compared = recount.lights(demo.until), [], 0
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=60) as client:
        for kind, period in editions(demo):
            answer = await client.get(url, params={"kind": kind, "as_of": period.end.isoformat()})
            answer.raise_for_status()
            shown = answer.json()
            edition = Edition(recount, lights, period, demo.until)
            lines = {"districts": edition.districts(), "departments": edition.departments()}
            for by, units in lines.items():
                held = {row["unit"]: row for row in shown[by]}
                for unit, line in units.items():
                    compared += 1
                    wrong += _differs(f"{period} {unit}", held.get(unit), line)
                wrong += [f"{period} {unit}: shown, not recounted" for unit in held.keys() - units.keys()]
            lists = edition.lists(lines["districts"])
            compared += len(lists)
            wrong += _unlisted(str(period), shown["lists"], lists)
    return Answer("scores, points, places with their range, red and black lists by edition", compared, wrong)


def _unlisted(period: str, shown: list[dict[str, Any]], due: Mapping[str, tuple[list[str], list[str]]]) -> list[str]:
    held = {row["indicator"]: (row["red"], row["black"]) for row in shown}
    return [
        f"{period} {item}: red and black list {held.get(item)} shown, {due.get(item)} recounted"
        for item in sorted(held.keys() | due.keys())
        if [*map(sorted, held.get(item, ()))] != [*map(sorted, due.get(item, ()))]
    ]


def _differs(what: str, row: dict[str, Any] | None, line: Line) -> list[str]:
    if row is None:
        return [] if line.score is None else [f"{what}: not shown, {line} recounted"]
    share = None if line.share is None else rounded(100 * line.share, 2)
    told = (
        _number(row["score"]), _number(row["process_points"]), _number(row["bonus"]),
        row["yellow"], row["red"], row["measured"], row["place"],
        (row["place_best"], row["place_worst"]),
    )  # fmt: skip
    due = (
        line.score, line.process, line.bonus, line.yellow, line.red, line.measured, line.place,
        line.between or (None, None),
    )  # fmt: skip
    alike = _number(row["reported_share"]) == share
    return (
        [] if told == due and alike else [f"{what}: {told}, {row['reported_share']} % shown, {due}, {share} recounted"]
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
