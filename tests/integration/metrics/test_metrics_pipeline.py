"""Metrics as it runs, on real Kafka and Postgres: from a record to outcomes, standings, gauges and the time told."""

import asyncio
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from contracts.events import ProgressReported, Standing, Watermark
from contracts.topics import PARTITIONS
from tests.support.measured import Measured, measured
from tests.support.prepared import prepare
from tests.support.recorded import INDICATOR, LOOKUP, PARTITION, at, event, mismatches
from tests.support.waiting import eventually

DISTRICTS = LOOKUP.indicators[INDICATOR].applicable
SERIES = len(DISTRICTS) + 1  # and the city


def sent_by(district: str, value: str = "3", *, identity: str | None = None, **said: Any) -> ProgressReported:
    """June's report of a district, on time; it is known by its district."""
    return event(district, "2023-06", value, at("2023-07-03"), identity=identity or district, **said)


async def test_a_report_becomes_outcome_standing_watermark_and_gauge(empty_kafka: str, database: str) -> None:
    """The whole way of six reports: recorded once, told in order, seen in the gauges; the same again says so."""
    sent = [sent_by(each, receipt="R", size=len(DISTRICTS)) for each in DISTRICTS]
    async with measured(empty_kafka, database) as running:
        assert (await running.get("/v1/receipts/R")).status_code == 404
        placed = await running.push(*sent)
        last = max(each.offset for each in placed)
        await eventually(lambda: _handled(running, last))
        receipt = (await running.get("/v1/receipts/R")).json()
        assert (receipt["recorded"], receipt["expected"]) == (len(DISTRICTS), len(DISTRICTS))
        assert {each["outcome"] for each in receipt["items"]} == {"applied"}
        assert {(each.id, each.outcome) for each in await running.outcomes()} == {
            (each, "applied") for each in DISTRICTS
        }

        told = [each for partition, each in await running.said() if partition == PARTITION]
        standings = [each for each in told if isinstance(each, Standing)]
        newest = {each.district: each.value for each in standings}
        assert newest == {**dict.fromkeys(DISTRICTS, "3"), "huzhou": "18"}
        behind = next(n for n, each in enumerate(told) if isinstance(each, Watermark) and each.position > last)
        assert behind > max(n for n, each in enumerate(told) if isinstance(each, Standing))

        await eventually(lambda: _exported(running, SERIES))
        [replica] = running.replicas
        exported = {line.rpartition(" ")[2] for line in await running.gauges(replica)}
        assert exported == {"3", "18"}

        again = [
            event(each, "2023-06", "3", at("2023-07-03"), receipt="S", size=len(DISTRICTS), identity=each)
            for each in DISTRICTS
        ]
        placed = await running.push(*again)
        await eventually(lambda: _handled(running, max(each.offset for each in placed)))
        second = (await running.get("/v1/receipts/S")).json()
        assert {each["outcome"] for each in second["items"]} == {"duplicate"}
        assert await running.recorded() == len(DISTRICTS)
        versions = {(each.district, each.value): each.version for each in await running.standings()}
        assert {each.version for each in await running.standings()} == set(versions.values())
        assert await mismatches(running.pool) == []


async def test_time_is_told_on_every_partition_and_never_goes_back(empty_kafka: str, database: str) -> None:
    """A new instant reaches all partitions at once; a late stamp counts as received at it."""
    async with measured(empty_kafka, database) as running:
        for day in range(4, 10):
            instant = at(f"2023-07-{day:02d}")
            running.drive(instant)
            await eventually(partial(running.reached, instant), every=0.005)
        await eventually(lambda: _told_everywhere(running, at("2023-07-09")))  # written first, then announced
        told = await running.watermarks()
        assert len(told) == PARTITIONS
        for marks in told.values():
            moments = [each.through for each in marks]
            assert moments == sorted(moments)
        placed = await running.push(event("deqing", "2023-06", "3", at("2023-07-05")))
        await eventually(lambda: _handled(running, placed[0].offset))
        rows = await running.pool.fetch("SELECT stamped_at, received_at FROM metrics.report")
        assert [tuple(row) for row in rows] == [(at("2023-07-05"), at("2023-07-09"))]


async def _told_everywhere(running: Measured, instant: datetime) -> bool:
    told = await running.watermarks()
    return all(marks and marks[-1].through == instant for marks in told.values())


async def test_a_database_that_is_not_prepared_is_waited_for(empty_kafka: str, empty_database: str) -> None:
    """Started before migration and load: nothing is consumed, nothing is taken for a defect, then all is recorded."""
    async with measured(empty_kafka, empty_database, prepared=False) as running:
        await running.push(*[sent_by(each) for each in DISTRICTS])
        [replica] = running.replicas
        await eventually(lambda: "not consuming yet" in replica.log.read_text())
        assert not replica.answers()
        await prepare(running.pool)
        await eventually(lambda: _all_recorded(running, len(DISTRICTS)))
        await running.ready()


async def test_one_of_two_replicas_exports_and_the_other_takes_over(empty_kafka: str, database: str) -> None:
    """Kill the leader under load: every gauge is back, once, within five seconds; nothing is lost or twice."""
    first = [sent_by(each) for each in DISTRICTS]
    second = [sent_by(each, "4", identity=f"{each}/1", revision=1) for each in DISTRICTS]
    async with measured(empty_kafka, database, replicas=2) as running:
        await running.push(*first)
        await eventually(lambda: _exported(running, SERIES))
        exporting = [each for each in running.replicas if await running.gauges(each)]
        assert len(exporting) == 1
        [leader] = exporting
        [other] = [each for each in running.replicas if each is not leader]
        await running.push(*second)
        leader.kill()
        loop = asyncio.get_running_loop()
        killed = loop.time()
        await eventually(lambda: _exports(running, other, SERIES), 5, every=0.05)
        assert loop.time() - killed < 5
        await eventually(lambda: _all_recorded(running, 2 * len(DISTRICTS)))
        running.drive(at("2023-07-03") + timedelta(hours=1))
        await eventually(lambda: running.reached(at("2023-07-03") + timedelta(hours=1)))
        assert await mismatches(running.pool) == []
        newest: dict[str, Standing] = {}
        for each in await running.standings():
            assert newest.get(each.key, each).version <= each.version
            newest[each.key] = each
        rows = await running.pool.fetch("SELECT district, period, version FROM metrics.cell WHERE version > 0")
        stored = {(row["district"], row["period"], row["version"]) for row in rows}
        assert {(each.district, each.period, each.version) for each in newest.values()} == stored


async def test_a_replica_that_was_frozen_does_not_export_when_it_wakes(empty_kafka: str, database: str) -> None:
    """SIGSTOP the leader past its session: the other leads; thawed, it has lost the lead before it answers a scrape."""
    async with measured(empty_kafka, database, replicas=2) as running:
        await running.push(*[sent_by(each) for each in DISTRICTS])
        await eventually(lambda: _exported(running, SERIES))
        [leader] = [each for each in running.replicas if await running.gauges(each)]
        [other] = [each for each in running.replicas if each is not leader]
        leader.pause()
        frozen = time.monotonic()
        try:
            await eventually(lambda: _exports(running, other, SERIES))
            await eventually(lambda: time.monotonic() - frozen > 12)  # past the group's session too
        finally:
            leader.resume()
        thawed = time.monotonic()
        while time.monotonic() - thawed < 2:
            assert not await running.gauges(leader)
        assert await _exports(running, other, SERIES)


async def _handled(running: Measured, offset: int) -> bool:
    """Whether the watermark of the usual partition tells that an offset was handled."""
    if not await running.pool.fetch("SELECT FROM metrics.watermark WHERE position > $1", offset):
        return False
    marks = (await running.watermarks())[PARTITION]
    return any(mark.position > offset for mark in marks)


async def _exported(running: Measured, series: int) -> bool:
    return any([await _exports(running, each, series) for each in running.replicas])


async def _exports(running: Measured, replica: object, series: int) -> bool:
    return len(await running.gauges(replica)) == series  # type: ignore[arg-type]


async def _all_recorded(running: Measured, reports: int) -> bool:
    return await running.recorded() == reports
