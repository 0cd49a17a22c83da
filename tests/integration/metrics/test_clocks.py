"""The two clocks on a real Postgres: what was answered at a moment is answered again with `known_at` (rule 2.10)."""

import contextlib
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml
from prometheus_client import CollectorRegistry

from contracts.authority import Tokens, hashed
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.operations.callers import Callers
from contracts.operations.http import application
from contracts.operations.instruments import RequestInstruments
from services.metrics.api import routes
from services.metrics.api.access import Access
from services.metrics.store.reading import Reading
from tests.support.asking import client
from tests.support.recorded import INDICATOR, LOOKUP, PROGRAMME, Bench, acted, at, bench, reported

COMPLETENESS = f"/v1/programmes/{PROGRAMME}/completeness"
DISTRICTS = LOOKUP.indicators[INDICATOR].applicable
MONTHS = tuple(f"2023-{month:02}" for month in range(1, 7))
Event = tuple[datetime, Received[Any]]


@contextlib.asynccontextmanager
async def asking(database: str, place: Path) -> AsyncIterator[tuple[Bench, httpx.AsyncClient]]:
    """Recording, and the API over it for one token."""
    grant = {"subject": "office", "sha256": hashed("office"), "kinds": ["read"], "indicators": "*", "districts": "*"}
    (place / "tokens.yaml").write_text(yaml.safe_dump([grant]))
    async with bench(database) as recorded:
        access = Access(Callers(Tokens(place / "tokens.yaml", LOOKUP), recorded.clock), Catalogue(LOOKUP))
        app = application(routes(access, Reading(recorded.pool)), RequestInstruments(CollectorRegistry()))
        async with client(app) as asked:
            asked.headers["Authorization"] = "Bearer office"
            yield recorded, asked


async def told(asked: httpx.AsyncClient, path: str = COMPLETENESS, **query: str) -> bytes:
    """The bytes of an answer."""
    answer = await asked.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.content


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


async def test_an_earlier_count_comes_back_to_the_byte(database: str, tmp_path: Path) -> None:
    """Rules 2.10 and 7.2: completeness as it was answered after each fact, late values, approvals behind the lock,
    withdrawals and excuses among them, is what known_at answers after all of them."""
    async with asking(database, tmp_path) as (recorded, asked):
        answers: dict[datetime, bytes] = {}
        facts = story(random.Random(11))
        following = [*(moment for moment, _ in facts[1:]), at("2024-03-01")]
        for (moment, each), after in zip(facts, following, strict=True):
            recorded.clock.instant = moment
            await recorded.settle(each)
            answers[moment] = await told(asked)
            recorded.clock.instant = moment + (after - moment) / 2  # nothing new but the time
            answers[recorded.clock.instant] = await told(asked)
        recorded.clock.instant = following[-1]
        assert len({answer.split(b'"districts"')[1] for answer in answers.values()}) > 30
        wrong = [then for then, answer in answers.items() if await told(asked, known_at=then.isoformat()) != answer]
        assert wrong == []
        assert await told(asked, known_at=recorded.clock.instant.isoformat()) == await told(asked)


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
