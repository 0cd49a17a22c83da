"""The two clocks of lights on a real Postgres: what was shown is shown again with `known_at` (rule 2.10)."""

import contextlib
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

import pytest

from contracts.events import Forecast
from services.alerts.overrides import NotOverridden, NotWorse, Override
from services.alerts.reading.lights import LightReading
from services.alerts.reading.scope import Scope
from services.alerts.views import CellLight
from tests.support.judging import CELLS, Bench, bench
from tests.support.standings import INDICATOR, PROGRAMME, at, coloured, standing

DISTRICTS = "deqing", "anji", "changxing"
SILENT = "changxing"  # it owes everything else too
MISSES = Forecast(value="67.0", tempo_3="0.6", tempo_1="0.6", required="1.25", will_miss=True, reason=None)
SHOWN = (
    *("light", "period", "stale", "forecast", "override", "override_until", "red_lines"),
    *("lag", "value", "expected", "target"),
)
Event = tuple[datetime, str, Any]


def story(chance: Random) -> list[Event]:
    """Ten months of three districts: colours, forecasts, corrections, withdrawals, excuses, publications, overrides
    that end by themselves, are replaced or taken back; in the order in which they become known."""
    events: list[Event] = []
    for district in DISTRICTS:
        for cell in CELLS.of(INDICATOR, district)[1:11]:
            moment = cell.period.closes_at
            for version in range(1, chance.choice((1, 2, 3, 4))):
                moment += timedelta(days=chance.choice((2, 2, 2, 3, 8, 25)), minutes=chance.randint(0, 999))
                told: dict[str, Any] = {"district": district, "version": version, "known_at": moment}
                if chance.random() < 0.2:
                    told["published_at"] = moment
                kind = chance.choice(("green", "green", "misses", "yellow", "red", "red", "grey", "excused", "gone"))
                silent = district == SILENT and version == 1  # red: each such light fixed in time opens no ticket
                events.append((moment, district, _standing(cell.period.text, "red" if silent else kind, told)))
        for month in range(2, 12) if district != SILENT else ():
            moment = at(f"2023-{month:02}-01") + timedelta(days=chance.randint(0, 25), minutes=chance.randint(0, 999))
            colour: Literal["yellow", "red"] = chance.choice(("yellow", "red"))
            until = moment + timedelta(days=chance.choice((4, 15, 60)))
            events.append((moment, district, Override("", colour, "office", "现场核查", moment, until)))
            if chance.random() < 0.4:
                events.append((moment + timedelta(days=chance.randint(1, 20), minutes=1), district, "lift"))
    return sorted(events, key=lambda each: each[0])


def _standing(period: str, kind: str, told: dict[str, Any]) -> Any:
    if kind == "excused":
        return standing(period, None, **told | {"reason": "excused", "flags": ("excused",)})
    if kind == "gone":
        return standing(period, None, **told | {"flags": ("withdrawn",)})
    forecast = {"forecast": MISSES} if kind == "misses" else {}
    return coloured(period, "green" if kind == "misses" else kind, **told, **forecast)


async def happen(alerts: Bench, event: Event) -> None:
    """Time comes to it, then it."""
    moment, district, what = event
    await alerts.judge(moment)
    with contextlib.suppress(NotWorse, NotOverridden):
        if what == "lift":
            await alerts.acting.lift(INDICATOR, district, moment, "office", "已整改")
        elif isinstance(what, Override):
            await alerts.acting.overrule(INDICATOR, district, what)
        else:
            await alerts.judge(what)


async def shown(alerts: Bench, district: str, known_at: datetime | None) -> tuple[tuple[Any, ...], list[CellLight]]:
    """What is said of a series and of its cells."""
    reading = LightReading(alerts.pool)
    scope = Scope(programme=PROGRAMME, indicator=INDICATOR, district=district, known_at=known_at)
    [series] = await reading.series(scope, "", 1)
    return tuple(getattr(series, name) for name in SHOWN), await reading.cells(scope)


@pytest.mark.parametrize("seed", [3, 5, 6])
async def test_an_earlier_answer_comes_back(database: str, seed: int) -> None:
    """Rules 2.10, 6.1-6.7, 7.2 and 8: lights, figures, overrides, excuses, locks and what opened no ticket, of each
    series and cell, as they were shown after each thing that happened."""
    async with bench(database) as alerts:
        await alerts.pool.execute("DELETE FROM alerts.light WHERE indicator = $1 OR district = $2", INDICATOR, SILENT)
        answers: dict[tuple[datetime, str], tuple[tuple[Any, ...], list[CellLight]]] = {}
        for event in story(Random(seed)):
            await happen(alerts, event)
            for district in DISTRICTS:
                answers[event[0], district] = await shown(alerts, district, None)
        wrong: list[Any] = []
        for (then, district), answer in answers.items():
            found = await shown(alerts, district, then)
            wrong += [(then, district, *pair) for pair in zip(found[1], answer[1], strict=False) if pair[0] != pair[1]]
            if found[0] != answer[0] or len(found[1]) != len(answer[1]):
                wrong.append((then, district, found, answer))
        assert wrong[:3] == []
        cells = [cell for _, told in answers.values() for cell in told]
        assert {cell.override for cell in cells} == {None, "yellow", "red"}
        assert {cell.inhibited for cell in cells} == {None, "district_not_reporting"}
        for mark in ("excused", "forecast", "caught_up"):
            assert {getattr(cell, mark) for cell in cells} == {True, False}, mark
        assert {series[SHOWN.index("override")] for series, _ in answers.values()} == {None, "yellow", "red"}


async def test_a_version_that_comes_again_is_kept_once(database: str) -> None:
    """The same batch handled twice changes nothing: the past neither."""
    async with bench(database) as alerts:
        told = coloured("2023-06", "red")
        await alerts.judge(told, corrected(told))
        before = await alerts.dump("light_past")
        assert [row["version"] for row in before["light_past"]] == [1, 2]
        await alerts.afresh().judge(told, corrected(told))
        assert await alerts.dump("light_past") == before


def corrected(told: Any) -> Any:
    """The next version, of the same batch."""
    return coloured("2023-06", "green", version=2, known_at=told.known_at + timedelta(hours=1))
