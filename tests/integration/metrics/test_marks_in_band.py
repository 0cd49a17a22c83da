"""A catalogue applied, or a repaired rule adopted, in band on real Kafka while replicas come, go and are killed."""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from contracts.catalogue_events import CatalogueVersion, RulesRepaired
from contracts.codec import encode
from contracts.editions import Catalogue
from contracts.events import Text
from contracts.operations.versions import Versions
from contracts.topics import PARTITIONS, REPORTED
from deploy.local.service import Service
from services.metrics.store.reading import Reading
from tests.support.measured import Measured, measured
from tests.support.recorded import INDICATOR, LOOKUP, PARTITION, PROGRAMME, acted, at, event, mismatches
from tests.support.repaired import FLAG, RULES
from tests.support.versions import REASON, changed
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(90)

ITEMS = (  # sums of districts, in several partitions
    *(INDICATOR, "county_hospital_projects", "enclave_projects", "hemei_clusters", "origin_cold_storage"),
    *("agri_service_stations", "village_business_demo_villages", "waste_free_cells"),
)
APPLIED = at("2023-07-03", "13:00")  # May has locked on 1 July, June is open
REPAIR = Text("修复", "repaired")


async def reported(running: Measured) -> None:
    """What locked in May or before and what is open in June, of each indicator."""
    every = []
    for indicator in ITEMS:
        for district in LOOKUP.indicators[indicator].applicable:
            every += [event(district, "2023-05", "1", at("2023-06-02"), indicator=indicator)]
            every += [event(district, "2023-06", "2", at("2023-07-02"), indicator=indicator)]
    placed = await running.push(*every)
    await eventually(lambda: running.handled(placed), 20)


async def versions(running: Measured) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Every version of each standing, as metrics keeps them."""
    rows = await running.pool.fetch(
        "SELECT indicator, district, period, version, document->>'catalogue_version' AS catalogue,"
        " document->>'rule_version' AS rules, document::text AS document FROM metrics.standing ORDER BY version"
    )
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["indicator"], row["district"], row["period"]), []).append(dict(row))
    return found


@contextlib.asynccontextmanager
async def held(running: Measured, indicator: str) -> AsyncIterator[None]:
    """Whoever comes to this indicator's ledger waits until this is over."""
    async with running.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM metrics.ledger WHERE indicator = $1 FOR UPDATE", indicator)
        yield


async def waiting(running: Measured) -> bool:
    """Whether somebody waits for a lock of this database."""
    found: bool = await running.pool.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name <> 'test')"
    )
    return found


async def announced_once(running: Measured, stored: dict[tuple[str, str, str], list[dict[str, Any]]]) -> None:
    """Each announced version says one thing, and the newest announced is the newest stored."""
    told = {(each.key, each.version, encode(each, time=APPLIED)) for each in await running.standings()}
    assert len({(key, version) for key, version, _ in told}) == len(told)
    newest = {key: max(v for k, v, _ in told if k == key) for key, *_ in told}
    assert newest == {f"{PROGRAMME}/{'/'.join(place)}": kept[-1]["version"] for place, kept in stored.items()}


@pytest.mark.parametrize("what", ["joins", "is killed"])
async def test_a_catalogue_is_taken_over_once_while_a_replica(empty_kafka: str, database: str, what: str) -> None:
    """Rules 2.9 and 2.10: two replicas share the partitions, some know the version and one is in the middle of it; a
    third joins, or that one dies. Each open cell is refolded once, what has locked stays, and all is the recount."""
    async with measured(empty_kafka, database, 2) as running:
        await reported(running)
        before = await versions(running)
        version = CatalogueVersion.of(
            changed(shares={"2023-12-31": "30"}), reason=REASON, actor="office", applied_at=APPLIED
        )
        running.drive(APPLIED)
        async with held(running, INDICATOR):
            placed = await running.push(*(version.mark(n) for n in range(PARTITIONS) if n != PARTITION))
            await eventually(lambda: running.handled(placed), 20)
            placed += await running.push(version.mark(PARTITION))
            await eventually(lambda: waiting(running))
            await _disturbed(running, what)
        revised = [event("deqing", "2023-06", "3", APPLIED, indicator=i, revision=1) for i in ITEMS]
        placed += await running.push(*revised)
        await eventually(lambda: running.handled(placed), 30)
        marks = await running.pool.fetch("SELECT partition FROM metrics.catalogue_mark WHERE version = '2'")
        assert sorted(row["partition"] for row in marks) == list(range(PARTITIONS))
        after = await versions(running)
        assert after.keys() == before.keys()
        for place, kept in after.items():
            known, _, district, period = before[place], *place
            if period == "2023-05":
                assert kept == known
                continue
            moved = 2 if district in ("deqing", "huzhou") else 1  # by the version, and by the report after it
            assert kept[: len(known)] == known
            assert [each["catalogue"] for each in kept[len(known) :]] == ["2"] * moved, place
        catalogue = Catalogue(LOOKUP)
        await Versions("metrics", catalogue).start(running.pool)
        assert await mismatches(running.pool, catalogue) == []
        await announced_once(running, after)


async def _disturbed(running: Measured, what: str) -> None:
    """Another replica has its partitions, or the one that is in the middle is killed."""
    if what == "joins":
        await eventually(running.replica().answers, 25)
        return
    [holder] = [each for each in running.replicas if await _holds(each)]
    holder.kill()


async def _holds(replica: Service) -> bool:
    """Whether it consumes the usual partition."""
    async with httpx.AsyncClient(timeout=2) as client:
        consuming = (await client.get(f"{replica.operations}/readyz")).json()["consuming"]
    return str(PARTITION) in consuming[REPORTED.name]["lag"]


async def test_a_recomputation_that_is_killed_in_the_middle_is_one_restatement(empty_kafka: str, database: str) -> None:
    """Rules 2.9 and 2.10: all partitions but one have adopted the rule when kill -9 comes; after the restart there is
    one restatement with its reason in each, and what was known or published before is as it was, byte by byte."""
    async with measured(empty_kafka, database) as running:
        await reported(running)
        publication = acted("cell.published", "deqing", "2023-06", at("2023-07-03"), reason=None, publication="2023-06")
        placed = await running.push(publication.event)
        await eventually(lambda: running.handled(placed), 20)
        before, facts = await versions(running), await _facts(running)
        then = {place: await _known(running, place, APPLIED) for place in before}
        running.replicas[0].stop()
        moment = at("2023-07-04")
        running.drive(moment)
        marks = [
            RulesRepaired(
                programme=PROGRAMME, rules=RULES, reason=REPAIR, actor="office", applied_at=moment, partition=n
            )
            for n in range(PARTITIONS)
        ]
        async with held(running, INDICATOR):
            first = running.replica("tests.support.repaired")
            placed = await running.push(*(mark for mark in marks if mark.partition != PARTITION))
            await eventually(lambda: running.handled(placed), 25)
            placed += await running.push(*(mark for mark in marks if mark.partition == PARTITION))
            await eventually(lambda: waiting(running))
            first.kill()
        assert len(await _restated(running)) == PARTITIONS - 1
        running.replica("tests.support.repaired")
        await eventually(lambda: running.handled(placed), 30)
        assert await _restated(running) == [(n, "修复", "repaired", "office") for n in range(PARTITIONS)]
        after = await versions(running)
        for place, kept in after.items():
            assert kept[:-1] == before[place], place
            assert kept[-1]["rules"] == RULES
            assert FLAG in kept[-1]["document"]
        assert {place: await _known(running, place, APPLIED) for place in before} == then
        assert await _facts(running) == facts
        await announced_once(running, after)


async def _restated(running: Measured) -> list[tuple[Any, ...]]:
    rows = await running.pool.fetch(
        "SELECT partition, reason_zh, reason_en, actor FROM metrics.recomputation ORDER BY partition"
    )
    return [tuple(row) for row in rows]


async def _known(running: Measured, place: tuple[str, str, str], at_: datetime) -> Any:
    indicator, district, period = place
    return await Reading(running.pool).standing((PROGRAMME, indicator, district), period, at_)


async def _facts(running: Measured) -> Any:
    """What was reported, what became of it, and which cells a publication locked when."""
    questions = (
        "SELECT source, id, outcome, outcome.code, outcome.version FROM metrics.report JOIN metrics.outcome"
        " USING (report) ORDER BY 1, 2",
        "SELECT indicator, district, period, published_at FROM metrics.cell WHERE published_at IS NOT NULL",
    )
    found = [[tuple(row) for row in await running.pool.fetch(question)] for question in questions]
    assert all(found)
    return found
