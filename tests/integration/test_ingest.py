"""Ingest against a real Kafka: accepted means it is on the topic, and an outage is told, never papered over."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.codec import Record, decode
from contracts.events import ProgressReported
from contracts.operations.clock import drive
from contracts.topics import PARTITIONS, REPORTED, partition_of
from deploy.local.kafka import Kafka
from tests.support.ingesting import Running, entry, ingesting
from tests.support.intake import NOW, event
from tests.support.waiting import eventually

DEADLINE = 3.0  # seconds; 10 in life
SETTLED = DEADLINE + 6  # a client that is given up has five seconds to let go
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


@pytest.fixture
async def ingest(broker: Kafka, tmp_path: Path) -> AsyncIterator[Running]:
    async with ingesting(broker.bootstrap, tmp_path, deadline=DEADLINE) as running:
        await eventually(running.ready)
        yield running


async def on_the_topic(broker: Kafka) -> dict[tuple[int, int], ProgressReported]:
    """Every report on the topic by partition and offset."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(REPORTED.name, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[tuple[int, int], ProgressReported] = {}
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for each in records:
                    record = Record(each.topic, each.partition, each.offset, each.key, each.value, each.timestamp)
                    said = decode(record)
                    assert isinstance(said, ProgressReported)
                    found[each.partition, each.offset] = said
        return found
    finally:
        await consumer.stop()


def _batch(prefix: str, count: int) -> list[dict[str, Any]]:
    """Distinct revisions of cells in many partitions."""
    names = ["major_projects_investment", "major_projects", "ecommerce_villages", "grain_functional_zones"]
    units = ["亿元", "个", "个", "万亩"]
    return [
        event(id=f"{prefix}-{n}", indicator=names[n % 4], unit=units[n % 4], value="1", revision=n // 4)
        for n in range(count)
    ]


async def _sent(client: httpx.AsyncClient, batch: Sequence[dict[str, Any]]) -> httpx.Response:
    return await client.post("/v1/reports", content=json.dumps(batch), headers=BATCH)


async def test_accepted_is_on_the_topic(ingest: Running, broker: Kafka) -> None:
    """Each accepted item stands exactly where its verdict says, under the key of its indicator, with the receipt."""
    response = await _sent(ingest.client, _batch("a", 400))
    document = response.json()
    assert document["counts"]["accepted"] == 400
    found = await on_the_topic(broker)
    for item in document["items"]:
        said = found[item["partition"], item["offset"]]
        assert (said.source, said.id) == (item["source"], item["id"])
        assert item["partition"] == partition_of(said.report.programme, said.report.indicator)
        assert (said.receipt, said.receipt_size) == (document["receipt"], 400)
        assert (said.subject, said.department) == ("deqing-statistics", "deqing")


async def test_all_forms_reach_the_topic(ingest: Running, broker: Kafka) -> None:
    """One event, NDJSON and a table with a byte order mark arrive as the same kind of record."""
    row = "form-csv,major_projects_investment,deqing,2023-06,6.35,亿元"
    bodies = {
        "application/cloudevents+json": json.dumps(event(id="form-one")),
        "application/x-ndjson": json.dumps(event(id="form-line")) + "\n",
        "text/csv": f"\ufeffid,indicator,district,period,value,unit\r\n{row}\r\n",
    }
    for media, body in bodies.items():
        response = await ingest.client.post("/v1/reports", content=body.encode(), headers={"Content-Type": media})
        assert response.json()["counts"]["accepted"] == 1
    reports = {said.id: said.report for said in (await on_the_topic(broker)).values() if said.id.startswith("form-")}
    assert set(reports) == {"form-one", "form-line", "form-csv"}
    assert {(report.value, report.unit, report.period) for report in reports.values()} == {("6.35", "亿元", "2023-06")}


async def test_many_at_once(ingest: Running, broker: Kafka) -> None:
    """Concurrent batches: every accepted item is on the topic once, at its own place."""
    responses = await asyncio.gather(*(_sent(ingest.client, _batch(f"many-{n}", 50)) for n in range(12)))
    places = [(i["partition"], i["offset"], i["id"]) for each in responses for i in each.json()["items"]]
    found = {(*place, said.id) for place, said in (await on_the_topic(broker)).items() if said.id.startswith("many-")}
    assert len(places) == 600
    assert set(places) == found


async def test_platform_time_decides(broker: Kafka, tmp_path: Path) -> None:
    """Under a driven clock a period opens when the clock says so, and received_at is the clock's (rule 1.4)."""
    clock = tmp_path / "clock"
    drive(clock, NOW.replace(year=2023, month=6, day=15))
    async with ingesting(broker.bootstrap, tmp_path, clock=clock) as running:
        await eventually(running.ready)
        early = (await running.client.post("/v1/reports", json=event(id="driven"))).json()
        assert early["items"][0]["code"] == "period_not_closed"
        later = NOW.replace(year=2023, month=7, day=3)
        drive(clock, later)
        accepted = (await running.client.post("/v1/reports", json=event(id="driven"))).json()["items"][0]
        said = (await on_the_topic(broker))[accepted["partition"], accepted["offset"]]
        assert said.received_at == later


async def test_a_new_token_works_without_a_restart(ingest: Running) -> None:
    """The tokens file is read again within a second of its change; who was removed is refused."""
    ingest.tokens.write_text(yaml.safe_dump([entry("another", "anji")]), encoding="utf-8")
    anji = event(id="token", district="anji", source="/anji")

    async def known() -> bool:
        response = await ingest.client.post("/v1/reports", json=anji, headers={"Authorization": "Bearer another"})
        return response.status_code == 207 and bool(response.json()["counts"]["accepted"])

    await eventually(known)
    assert (await ingest.client.post("/v1/reports", json=event())).status_code == 401


async def test_a_client_that_hangs_up_has_said_nothing(ingest: Running, broker: Kafka) -> None:
    """Half a body, then the connection is gone: nothing of it is on the topic."""
    whole = json.dumps([event(id="half-1"), event(id="half-2")]).encode()
    url = ingest.client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST /v1/reports HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: {ingest.client.headers['Authorization']}\r\n"
        f"Content-Type: {BATCH['Content-Type']}\r\nContent-Length: {len(whole) + 10}\r\n\r\n"
    )
    writer.write(head.encode() + whole)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert not await reader.read()
    after = await ingest.client.post("/v1/reports", json=event(id="half-after"))
    assert after.json()["counts"]["accepted"] == 1
    ids = {said.id for said in (await on_the_topic(broker)).values()}
    assert "half-after" in ids
    assert not ids & {"half-1", "half-2"}


async def test_an_outage_is_told_and_over_when_it_is_over(ingest: Running, broker: Kafka) -> None:
    """Broker away: 503 with Retry-After within the deadline, all failed and retryable, /readyz red; back: accepted.

    What was told as failed may be sent again with the same ids: on the topic each id then stands at least once, and
    what was accepted stands where it was said.
    """
    await _sent(ingest.client, _batch("before", 20))
    broker.stop()
    started = time.monotonic()
    answers = await asyncio.gather(*(_sent(ingest.client, _batch(f"away-{n}", 20)) for n in range(3)))
    assert time.monotonic() - started < SETTLED
    for response in answers:
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) >= 1
        assert response.json()["counts"] == {"accepted": 0, "duplicate": 0, "rejected": 0, "failed": 20, "aborted": 0}
        assert all(item["retryable"] and item["step"] == "publishing" for item in response.json()["items"])

    async def red() -> bool:
        return not await ingest.ready()

    await eventually(red)
    broker.start()

    taken: list[httpx.Response] = []

    async def accepted() -> bool:
        taken.append(await _sent(ingest.client, _batch("away-0", 20)))
        return taken[-1].status_code == 207

    await eventually(accepted)
    response = taken[-1]
    assert response.json()["counts"]["accepted"] == 20
    await eventually(ingest.ready)
    found = await on_the_topic(broker)
    for item in response.json()["items"]:
        assert found[item["partition"], item["offset"]].id == item["id"]
    assert {f"before-{n}" for n in range(20)} <= {said.id for said in found.values()}


async def test_a_start_without_the_broker(broker: Kafka, tmp_path: Path) -> None:
    """Ingest starts while the broker is away: alive, not ready, 503; a rejected report needs no broker and gets 207."""
    broker.stop()
    async with ingesting(broker.bootstrap, tmp_path) as running:
        assert not await running.ready()
        response = await running.client.post("/v1/reports", json=event(id="early"))
        assert (response.status_code, response.json()["code"]) == (503, "broker_unavailable")
        assert (await running.client.post("/v1/reports", json=event(value="x"))).status_code == 207
        broker.start()
        await eventually(running.ready)
        assert (await running.client.post("/v1/reports", json=event(id="early"))).json()["counts"]["accepted"] == 1


async def test_a_frozen_broker(ingest: Running, broker: Kafka) -> None:
    """A broker that holds its connections and says nothing: told within the deadline, however many ask at once."""
    await _sent(ingest.client, _batch("thawed", 4))
    broker.pause()
    try:
        for round_ in range(2):  # the second meets a client that has yet to connect
            started = time.monotonic()
            answers = await asyncio.gather(*(_sent(ingest.client, _batch(f"frozen-{round_}-{n}", 4)) for n in range(3)))
            assert time.monotonic() - started < SETTLED
            assert {response.status_code for response in answers} == {503}
    finally:
        broker.resume()
    await eventually(ingest.ready)
    assert (await _sent(ingest.client, _batch("thawed-again", 4))).json()["counts"]["accepted"] == 4
