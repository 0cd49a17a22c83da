"""The two clocks of lights on a real Postgres: what was shown is shown again with `known_at` (rule 2.10)."""

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

import pytest

from contracts.calendar import Calendar
from contracts.events import Forecast
from services.alerts.next_steps import Today
from services.alerts.overrides import NotOverridden, NotWorse, Override
from services.alerts.reading.lights import LightReading
from services.alerts.reading.scope import Scope
from services.alerts.reading.tickets import TicketReading
from services.alerts.tickets import Event, NotApplicable, PromiseOutOfReach
from tests.support.judging import CELLS, LOOKUP, PARTITION, Bench, bench
from tests.support.standings import INDICATOR, PROGRAMME, at, coloured, standing
from tests.support.versions import mark, of_indicator

DISTRICTS = "deqing", "anji", "changxing"
SILENT = "changxing"  # it owes everything else too
MISSES = Forecast(value="67.0", tempo_3="0.6", tempo_1="0.6", required="1.25", will_miss=True, reason=None)
DAYS = Calendar.of(LOOKUP.programme.calendar)
Happening = tuple[datetime, str, Any]
Answer = tuple[Sequence[Any], ...]  # the series, its cells, tickets, warnings, changes
ACTS: tuple[str, ...] = ("ack", "answer", "escalate", "suppress", "unsuppress", "object", "review_refused")


def story(chance: Random) -> list[Happening]:
    """Ten months of three districts: colours, forecasts, corrections, withdrawals, excuses, publications, overrides
    that end by themselves, are replaced or taken back; in the order in which they become known."""
    events: list[Happening] = []
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
            acted = moment + timedelta(hours=3)
            events += [(acted + timedelta(hours=n), district, chance.choice(ACTS)) for n in range(4)]
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


async def happen(alerts: Bench, event: Happening) -> None:
    """Time comes to it, then it."""
    moment, district, what = event
    await alerts.judge(moment)
    with contextlib.suppress(NotWorse, NotOverridden, NotApplicable, PromiseOutOfReach):
        if what in ACTS:
            await act(alerts, district, what, moment)
        elif what == "lift":
            await alerts.acting.lift(INDICATOR, district, moment, "office", "已整改")
        elif isinstance(what, Override):
            await alerts.acting.overrule(INDICATOR, district, what)
        else:
            await alerts.judge(what)


async def act(alerts: Bench, district: str, kind: str, moment: datetime) -> None:
    """An act on the district's newest ticket, if there is one that takes it."""
    newest = await alerts.pool.fetchval(
        "SELECT ticket::text FROM alerts.ticket WHERE district = $1 AND rule = 'lag' ORDER BY episode DESC LIMIT 1",
        district,
    )
    if newest is not None:
        promised, until = (moment + timedelta(days=12)).date(), moment + timedelta(days=4)
        said: dict[str, Any] = {"actor": "unit", "reason": "如实说明"}
        more: dict[str, dict[str, Any]] = {
            "answer": {"cause": "征地", "plan": "加班", "promised_on": promised},
            "suppress": {"approver": "office", "until": until},
            "object": {"about": "light"},
        }
        said |= more.get(kind, {})
        await alerts.acting(newest, Event(kind, moment, **said))


async def shown(alerts: Bench, district: str, known_at: datetime | None) -> Answer:
    """What is said of a series, of its cells, tickets and warnings, and how its lights changed."""
    reading, tickets = LightReading(alerts.pool), TicketReading(alerts.pool)
    scope = Scope(programme=PROGRAMME, indicator=INDICATOR, district=district, known_at=known_at)
    today = Today(alerts.clock.now() if known_at is None else known_at, DAYS)
    return (
        await reading.series(scope, "", 1),
        await reading.cells(scope),
        await tickets.tickets(scope, None, 1000, today),
        await tickets.warnings(scope, None, 1000),
        await reading.changes(scope, 0, 1000),
    )


@pytest.mark.parametrize("seed", [3, 5, 6])
async def test_an_earlier_answer_comes_back(database: str, seed: int) -> None:
    """Rules 2.10, 6.1-6.7, 7.2 and 8: lights, figures and the words about them, overrides, excuses, locks, warnings and
    tickets with what follows of them, as they were shown after each thing that happened."""
    async with bench(database) as alerts:
        await alerts.pool.execute("DELETE FROM alerts.light WHERE indicator = $1 OR district = $2", INDICATOR, SILENT)
        answers: dict[tuple[datetime, str], Answer] = {}
        for event in story(Random(seed)):
            await happen(alerts, event)
            for district in DISTRICTS:
                answers[event[0], district] = await shown(alerts, district, None)
        wrong: list[Any] = []
        for (then, district), answer in answers.items():
            for earlier, found in zip(answer, await shown(alerts, district, then), strict=True):
                wrong += [(then, *pair) for pair in itertools.zip_longest(earlier, found) if pair[0] != pair[1]]
        assert wrong[:3] == []
        cells = [cell for [_, told, *_] in answers.values() for cell in told]
        assert {cell.override for cell in cells} == {None, "yellow", "red"}
        assert {cell.inhibited for cell in cells} == {None, "district_not_reporting"}
        for mark in ("excused", "forecast", "caught_up"):
            assert {getattr(cell, mark) for cell in cells} == {True, False}, mark
        series = [each for [[each], *_] in answers.values()]
        assert {each.override for each in series} == {None, "yellow", "red"}
        assert len({each.lag_text.zh for each in series}) > 3
        tickets = [ticket for [_, _, told, *_] in answers.values() for ticket in told]
        assert {ticket.state for ticket in tickets} >= {"OPEN", "ACKED", "ANSWERED", "RECOVERED", "CLOSED"}
        assert {ticket.suppressed for ticket in tickets} == {ticket.objected for ticket in tickets} == {True, False}


async def test_a_cell_is_due_as_the_version_known_then_says(database: str) -> None:
    """Rule 2.10: a version moves June's due date; known_at before it tells the earlier one."""
    async with bench(database) as alerts:
        await alerts.judge(coloured("2023-06", "red", version=1, known_at=at("2023-07-01")))
        moved = mark(of_indicator(INDICATOR, statistical_lag_days=12), at("2023-07-03"), PARTITION)
        await alerts.judge(moved)
        await alerts.judge(coloured("2023-06", "red", version=2, catalogue_version="2", known_at=at("2023-07-03")))
        scope = Scope(programme=PROGRAMME, indicator=INDICATOR, district="deqing")
        reading = LightReading(alerts.pool)
        found = [
            {cell.period: cell.due_at for cell in await reading.cells(replace(scope, known_at=known_at))}["2023-06"]
            for known_at in (at("2023-07-02"), at("2023-07-03"), None)
        ]
        assert found == [at("2023-07-06", 0), at("2023-07-18", 0), at("2023-07-18", 0)]


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
