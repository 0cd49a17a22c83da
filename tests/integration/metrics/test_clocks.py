"""The two clocks on a real Postgres: what was answered at a moment is answered again with `known_at` (rule 2.10)."""

import contextlib
import itertools
import random
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import CollectorRegistry

from contracts.authority import Tokens, hashed
from contracts.catalogue_events import CatalogueApplied
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Text
from contracts.operations.callers import Callers
from contracts.operations.http import application
from contracts.operations.instruments import RequestInstruments
from contracts.programme import Lookup
from contracts.topics import partition_of
from services.metrics.api import routes
from services.metrics.api.access import Access
from services.metrics.store.reading import Reading
from tests.support.asking import client
from tests.support.recorded import INDICATOR, LOOKUP, PARTITION, PROGRAMME, Bench, acted, at, bench, reported
from tests.support.versions import Replica, changed, mark, twin

COMPLETENESS = f"/v1/programmes/{PROGRAMME}/completeness"
DISTRICTS = LOOKUP.indicators[INDICATOR].applicable
AT = f"/v1/programmes/{PROGRAMME}"
LEAD = LOOKUP.indicators[INDICATOR].lead
OTHER = next(each for each in LOOKUP.departments if each != LEAD)
OF = {"indicator": INDICATOR, "limit": "1000"}
Question = tuple[str, dict[str, str]]
QUESTIONS: dict[str, Question] = {
    "completeness": (COMPLETENESS, {}),
    "completeness of the lead": (COMPLETENESS, {"department": LEAD}),
    "cells": (f"{AT}/cells", {**OF, "last": "2023-07-31"}),
    "cells of the lead": (f"{AT}/cells", {**OF, "department": LEAD, "last": "2024-03-31"}),
    "late cells": (f"{AT}/cells", {"state": "received_late", "limit": "1000"}),
    "calendar": (f"{AT}/calendar", {"indicator": INDICATOR}),
    "standings": (f"{AT}/standings", {"limit": "1000"}),
    "standings of the lead": (f"{AT}/standings", {"department": LEAD}),
    "one": (f"{AT}/standings/{INDICATOR}/deqing", {}),
    "April": (f"{AT}/standings/{INDICATOR}/deqing", {"period": "2023-04"}),
    "history": (f"{AT}/standings/{INDICATOR}/deqing/history", {}),
    "April's history": (f"{AT}/standings/{INDICATOR}/deqing/history", {"period": "2023-04"}),
    "reports": (f"{AT}/standings/{INDICATOR}/deqing/reports", {}),
    "held": (f"{AT}/held", {}),
    "acts of the lead": (f"{AT}/acts", {"department": LEAD}),
}
Answers = dict[tuple[datetime, str], bytes]
MONTHS = tuple(f"2023-{month:02}" for month in range(1, 7))
Event = tuple[datetime, Received[Any]]


@contextlib.asynccontextmanager
async def asking(
    database: str, place: Path, catalogue: Catalogue | None = None
) -> AsyncIterator[tuple[Bench, httpx.AsyncClient]]:
    """Recording, and the API over it for one token."""
    grant = {"subject": "office", "sha256": hashed("office"), "kinds": ["read"], "indicators": "*", "districts": "*"}
    (place / "tokens.yaml").write_text(yaml.safe_dump([grant]))
    async with bench(database) as recorded:
        callers = Callers(Tokens(place / "tokens.yaml", LOOKUP), recorded.clock)
        access = Access(callers, catalogue or Catalogue(LOOKUP))
        app = application(routes(access, Reading(recorded.pool)), RequestInstruments(CollectorRegistry()))
        async with client(app) as asked:
            asked.headers["Authorization"] = "Bearer office"
            yield recorded, asked


async def told(asked: httpx.AsyncClient, path: str = COMPLETENESS, **query: str) -> bytes:
    """The bytes of an answer."""
    answer = await asked.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.content


async def said(asked: httpx.AsyncClient, name: str, **query: str) -> bytes:
    """The bytes of an answer to one of the questions; 404 where nothing is known yet."""
    path, given = QUESTIONS[name]
    answer = await asked.get(path, params=given | query)
    assert answer.status_code in (200, 404), answer.text
    return answer.content


async def noted(asked: httpx.AsyncClient, moment: datetime, answers: Answers, turn: int = 0, turns: int = 1) -> None:
    """What the questions whose turn it is are answered now."""
    answers |= {(moment, name): await said(asked, name) for name in [*QUESTIONS][turn % turns :: turns]}


async def moved(asked: httpx.AsyncClient, answers: Answers) -> list[tuple[datetime, str]]:
    """Which answers do not come back with the moment at which they were given."""
    return [
        (then, name)
        for (then, name), answer in answers.items()
        if await said(asked, name, known_at=then.isoformat()) != answer
    ]


def story(chance: random.Random) -> list[Event]:
    """Half a year: values on time, late and behind the lock, corrections, withdrawals, approvals, refusals, excuses
    with an end, without one, and taken back; in the order in which they become known."""
    events: list[Event] = []
    for district in DISTRICTS:
        for number, month in enumerate(MONTHS):
            day = at("2023-02-01") + timedelta(days=30 * number)
            for revision in range(chance.randint(0, 3)):
                moment = day + timedelta(
                    days=chance.choice((1, 2, 3, 8, 40)) + 9 * revision, minutes=chance.randint(0, 999)
                )
                value = None if revision and chance.random() < 0.4 else str(number + revision)
                name = f"{district}/{month}/{revision}"
                given = {"revision": revision, "reason": "更正", "identity": name}
                events.append((moment, reported(district, month, value, moment, **given)))
                kind = chance.choice(("report.approved", "report.approved", "report.returned"))
                later = moment + timedelta(days=chance.randint(1, 9))
                events.append((later, acted(kind, district, month, later, name)))
            for kind in chance.choices(("cell.excused", "cell.excused", "cell.unexcused"), k=chance.randint(0, 3)):
                moment = day + timedelta(days=chance.randint(0, 60))
                ends = kind == "cell.excused" and chance.random() < 0.5
                until = (moment + timedelta(days=chance.randint(3, 25))).date() if ends else None
                events.append((moment, acted(kind, district, month, moment, until=until)))
    return sorted(events, key=lambda each: each[0])


@pytest.mark.timeout(120)  # thousands of questions
async def test_an_earlier_answer_comes_back_to_the_byte(database: str, tmp_path: Path) -> None:
    """Rules 2.10 and 7.2: completeness, the calendar and standings as they were answered after each fact, late values,
    approvals behind the lock, withdrawals and excuses among them, are what known_at answers after all of them."""
    async with asking(database, tmp_path) as (recorded, asked):
        answers: Answers = {}
        facts = story(random.Random(11))
        following = [*(moment for moment, _ in facts[1:]), at("2024-03-01")]
        for turn, ((moment, each), after) in enumerate(zip(facts, following, strict=True)):
            recorded.clock.instant = moment
            await recorded.settle(each)
            if moment == after:
                continue
            await noted(asked, moment, answers, turn, 8)
            recorded.clock.instant = moment + (after - moment) / 2  # nothing new but the time
            await noted(asked, recorded.clock.instant, answers, turn, 8)
        recorded.clock.instant = following[-1]
        assert await moved(asked, answers) == []
        told_of = {each: len({a for (_, name), a in answers.items() if name == each}) for each in QUESTIONS}
        assert min(told_of.values()) > 2, told_of
        for name in QUESTIONS:
            assert await said(asked, name, known_at=recorded.clock.instant.isoformat()) == await said(asked, name)


BROUGHT = twin("2")
GIVEN: dict[str, Any] = {"statistical_lag_days": 12, "departments": (OTHER, LEAD), "name": Text("改名", "renamed")}
MOVED = changed("3", base=Lookup(BROUGHT), **GIVEN)
ENDED = changed("4", base=Lookup(MOVED), valid_to=date(2023, 12, 31))
VERSIONS = (at("2023-05-02"), BROUGHT), (at("2023-06-10"), MOVED), (at("2023-08-15"), ENDED)


@pytest.mark.timeout(120)
async def test_dates_and_units_are_those_of_the_version_known_then(database: str, tmp_path: Path) -> None:
    """Rules 2.9, 2.10 and 4.11: versions that bring an indicator, move due dates, give the indicator to another unit,
    rename it and end it: each answer before comes back to the byte."""
    catalogue = Catalogue(LOOKUP)
    async with asking(database, tmp_path, catalogue) as (recorded, asked):
        replica = Replica(recorded.pool, recorded.clock, catalogue)
        answers: Answers = {}
        marks: list[Any] = [
            (moment, mark(programme, moment, partition))
            for moment, programme in VERSIONS
            for partition in sorted({PARTITION, partition_of(PROGRAMME, "new_projects")})
        ]
        facts = sorted([*story(random.Random(3)), *marks], key=lambda told: told[0])
        for turn, ((moment, each), (after, _)) in enumerate(itertools.pairwise([*facts, (at("2024-03-01"), None)])):
            recorded.clock.instant = moment
            if isinstance(each, CatalogueApplied):
                await replica.take_over(each)
            else:
                await replica.settle(each)
            if moment != after:  # nor between the partitions of one version
                await noted(asked, moment, answers, turn, 8)
        recorded.clock.instant = at("2024-03-01")
        assert await moved(asked, answers) == []
        before, after = at("2023-06-09"), VERSIONS[1][0]
        assert await due(asked, "2023-06", before) == "2023-07-06T00:00:00+08:00"
        assert await due(asked, "2023-06", after) == "2023-07-18T00:00:00+08:00"
        assert await due(asked, "2024-06", after) is not None
        assert await due(asked, "2024-06", VERSIONS[2][0]) is None
        answer = await asked.get(
            f"{AT}/cells", params={"indicator": "new_projects", "known_at": "2023-05-01T12:00:00+08:00"}
        )
        assert (answer.status_code, answer.json()["items"]) == (200, [])


async def due(asked: httpx.AsyncClient, period: str, known_at: datetime) -> str | None:
    """When Deqing's cell of a period was due as it was known."""
    given = {"indicator": INDICATOR, "district": "deqing", "period": period, "known_at": known_at.isoformat()}
    [cell] = (await asked.get(f"{AT}/cells", params=given)).json()["items"]
    found: str | None = cell["due_at"]
    return found


async def test_a_published_cell_keeps_its_dates(database: str) -> None:
    """Rule 2.9: a publication has locked April; a version that moves due dates afterwards does not move April's."""
    async with bench(database) as recorded:
        replica = Replica(recorded.pool)
        await replica.settle(
            reported("deqing", "2023-04", "1", at("2023-05-02")),
            reported("deqing", "2023-05", "1", at("2023-06-02")),
            acted("cell.published", "deqing", "2023-05", at("2023-06-08"), publication="bulletin-2023-05"),
        )
        dates = (
            "SELECT period, due_at FROM metrics.cell WHERE (indicator, district) = ($1, 'deqing') ORDER BY period_end"
        )
        before = {row["period"]: row["due_at"] for row in await recorded.rows(dates, INDICATOR)}
        await replica.take_over(mark(MOVED, VERSIONS[1][0]))
        after = {row["period"]: row["due_at"] for row in await recorded.rows(dates, INDICATOR)}
        assert after["2023-05"] == before["2023-05"]
        assert after["2023-06"] == before["2023-06"] + timedelta(days=12)


async def test_earlier_acts_and_held_reports_come_back_to_the_byte(database: str, tmp_path: Path) -> None:
    """Rules 2.9 and 2.10: what waited for the office, beside the value known then, and what had become of each act: an
    act before its report is unknown_report then and applied later."""
    lists = [f"/v1/programmes/{PROGRAMME}/{name}" for name in ("held", "acts")]
    async with asking(database, tmp_path) as (recorded, asked):
        answers: dict[tuple[datetime, str], bytes] = {}
        late = at("2023-06-02", "08:00")
        facts = story(random.Random(5))
        facts.append((at("2023-05-30"), acted("report.approved", "deqing", "2023-03", at("2023-05-30"), "early")))
        again = {"identity": "early", "revision": 9, "reason": "更正"}
        facts.append((late, reported("deqing", "2023-03", "8", late, **again)))
        for moment, each in sorted(facts, key=lambda each: each[0]):
            recorded.clock.instant = moment
            await recorded.settle(each)
            answers |= {(moment, path): await told(asked, path, limit="1000") for path in lists}
        recorded.clock.instant = at("2024-03-01")
        wrong = [
            (then, path)
            for (then, path), answer in answers.items()
            if await told(asked, path, limit="1000", known_at=then.isoformat()) != answer
        ]
        assert wrong == []
        assert len({answer for (_, path), answer in answers.items() if path == lists[0]}) > 10
        assert b"unknown_report" in answers[at("2023-05-30"), lists[1]]
        assert b"unknown_report" not in answers[late, lists[1]]


async def test_what_is_counted_and_what_was_known_are_two_questions(database: str, tmp_path: Path) -> None:
    """Rule 2.10: `at` says which cells were due, `known_at` what was known of them, `as_of` which periods are meant."""
    async with asking(database, tmp_path) as (recorded, asked):
        late = at("2023-07-20")
        await recorded.settle(reported("deqing", "2023-05", "3", at("2023-06-02")))
        await recorded.settle(reported("deqing", "2023-06", "4", late))
        recorded.clock.instant = at("2023-08-20")

        async def counted(**query: str) -> tuple[int, int, int]:
            found = (await asked.get(COMPLETENESS, params={"indicator": INDICATOR, **query})).json()
            [row] = [each for each in found["districts"] if each["district"] == "deqing"]
            return row["due"], row["received"], row["on_time"]

        due = (await counted())[0]
        assert await counted() == (due, 2, 1)
        assert await counted(as_of="2023-06-30") == (due - 1, 2, 1)
        assert await counted(as_of="2023-05-31") == (due - 2, 1, 1)
        before = (late - timedelta(seconds=1)).isoformat()
        assert await counted(known_at=before) == (due - 1, 1, 1)
        assert await counted(known_at=before, at="2023-08-20T12:00:00+08:00") == (due, 1, 1)
        assert await counted(known_at=late.isoformat()) == (due - 1, 2, 1)
