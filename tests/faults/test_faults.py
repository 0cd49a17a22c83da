"""Nothing lost: each fault strikes in the thick of the story, which must come to the same end as undisturbed.

`trial.end` audits each end besides (tests/support/audit.py): recorded exactly once, standings equal to the recount,
lights that follow from them, no message missing or doubled.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.topics import PARTITIONS, REPORTED, STANDING, Topic
from deploy.demo.wire import CONTENT_TYPES, body
from deploy.local.ports import listens
from deploy.local.process import Process, inherited
from deploy.local.programs import ROOT
from deploy.local.service import Service
from services.alerts import consumer as alerts
from services.metrics import consumer as metrics
from tests.support.audit import records
from tests.support.disks import may_mount
from tests.support.trial import End, Trial, kill, restart, rounds, story, trial
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(480)  # on a busy machine a story takes minutes

_undisturbed: list[End] = []


@pytest.fixture
def more(request: pytest.FixtureRequest) -> bool:
    """Whether further tests of this module follow in this session."""
    items = request.session.items
    return any(item.path == request.path for item in items[items.index(request.node) + 1 :])


@pytest.fixture(params=list(rounds()))
async def told(request: pytest.FixtureRequest, more: bool) -> AsyncIterator[Trial]:
    """A trial of this round's seed."""
    await undisturbed(more=True)
    async with trial(request.param, more=more) as one:
        yield one


async def undisturbed(more: bool = False) -> End:
    """The end of the story when nothing happens: told once a session."""
    if not _undisturbed:
        async with trial(0, more=more) as one:
            _undisturbed.append(await one.tell())
    return _undisturbed[0]


def same(found: End, wanted: End) -> None:
    """Every difference, named."""
    for name, rows in wanted.items():
        missing, surplus = rows - found[name], found[name] - rows
        assert not missing, f"{name}: {sum(missing.values())} missing, first {min(missing, key=str)}"
        assert not surplus, f"{name}: {sum(surplus.values())} too many, first {min(surplus, key=str)}"


async def test_the_story_has_something_to_lose(more: bool) -> None:
    """The undisturbed story holds facts, standings, lights of every colour, tickets and messages of many kinds."""
    end = await undisturbed(more)
    sizes = {name: sum(rows.values()) for name, rows in end.items()}
    assert min(sizes[name] for name in ("facts", "outcomes", "cells", "lights")) > 200, sizes
    assert min(sizes[name] for name in ("tickets", "messages")) > 10, sizes
    assert {row[4] for row in end["lights"]} >= {"green", "yellow", "red", "grey"}
    assert {row[2] for row in end["messages"]} >= {"early", "first", "acknowledged", "escalated", "recovered"}


async def test_kill(told: Trial) -> None:
    """kill -9 each service, in a seeded order and at seeded moments under load: nothing is lost or doubled."""

    async def disturb(one: Trial) -> None:
        services = one.random.sample(one.stack.services, 3)
        for part, share in zip(services, (0.05, 0.35, 0.65), strict=True):
            await one.moment(share, share + 0.2)
            await kill(part)
            await one.turn_red([part])
            await restart(part)

    same(await told.tell(disturb), await undisturbed())


async def test_stopped_past_its_session(told: Trial) -> None:
    """A service that stood still for longer than its session repeats what it could not acknowledge, to the same end;
    intake, which has none, for longer than its deadline of sending. One story is enough: all are well again before the
    next stands still."""
    stack = told.stack
    strikes: list[tuple[Service, ...]] = [(stack.metrics,), (stack.alerts, stack.ingest)]

    async def disturb(one: Trial) -> None:
        for parts, share in zip(one.random.sample(strikes, len(strikes)), (0.1, 0.5), strict=True):
            await one.moment(share, share + 0.3)
            for part in parts:
                part.pause()
            try:
                await one.turn_red(parts)
                await asyncio.sleep(12)  # the group's session and the deadline are 10 s: the length is the fault
            finally:
                for part in parts:
                    part.resume()
            await one.turn_green()

    same(await told.tell(disturb), await undisturbed())


async def test_outage(told: Trial) -> None:
    """Kafka, Postgres and both away, in a seeded order: who needs them turns red, and afterwards all goes on to the
    same end. One story is enough: all are green again before the next outage."""
    stack = told.stack
    strikes: list[tuple[tuple[Process, ...], int]] = [
        ((stack.kafka,), 20),
        ((stack.postgres,), 20),
        ((stack.kafka, stack.postgres), 11),
    ]

    async def disturb(one: Trial) -> None:
        for (away, seconds), share in zip(one.random.sample(strikes, len(strikes)), (0.05, 0.35, 0.6), strict=True):
            concerned = stack.services if stack.kafka in away else (stack.metrics, stack.alerts)
            await one.moment(share, share + 0.2)
            await asyncio.gather(*map(kill, away))
            ending = asyncio.create_task(asyncio.sleep(seconds))  # the length is the fault
            await one.turn_red(concerned)
            await ending
            await asyncio.gather(*map(restart, away))
            await one.turn_green()

    same(await told.tell(disturb), await undisturbed())


@pytest.mark.skipif(not may_mount(), reason="a full disk cannot be tested here: it takes root and the right to mount")
@pytest.mark.parametrize("seed", list(rounds()))
async def test_full_disk(seed: int, more: bool) -> None:
    """Postgres' disk is full, then Kafka's: what cannot be written is postponed, what intake cannot publish is refused
    for now, and with space again all goes on to the same end."""
    wanted = await undisturbed(more=more)
    async with trial(seed, more=more, small=True) as one:

        async def disturb(one: Trial) -> None:
            await one.moment(0.1, 0.3)
            one.disks["postgres"].fill()
            await asyncio.sleep(6)  # the length is the fault
            one.disks["postgres"].free()
            if not one.stack.postgres.alive or not one.stack.postgres.answers():
                await kill(one.stack.postgres)
                await restart(one.stack.postgres)
            await one.turn_green()
            await one.moment(0.4, 0.6)
            one.disks["kafka"].fill()
            await one.turn_red([one.stack.ingest])  # the broker gives up the disk it cannot write to, and ends
            assert await _refused(one), "accepted is said only of what the broker has written"
            one.disks["kafka"].free()
            await kill(one.stack.kafka)
            await restart(one.stack.kafka)

        same(await one.tell(disturb), wanted)
        await one.turn_green()


async def _refused(told: Trial) -> bool:
    """Whether intake takes no report now: it answers 503, or each item is failed and to be sent again."""
    push = story()[0]  # sent before: accepted, it would only be one duplicate more
    headers = {"content-type": CONTENT_TYPES[push.format], "authorization": f"Bearer {told.wire.tokens[push.unit]}"}
    url = f"{told.wire.urls.ingest}/v1/reports"
    answer = await told.wire.ask_once("POST", url, headers, body(push))
    return answer.status == 503 or bool(answer.json()["counts"]["failed"] == len(push.items))


POISON: dict[str, tuple[bytes | None, list[tuple[str, bytes | None]]]] = {
    "not json": (b"not json", []),
    "unknown type": (b'{"specversion":"1.0","type":"never.heard.v1","source":"/x","id":"1","data":{}}', []),
    "null header": (b"\xff\xfe", [("content-type", None)]),
    "null value": (None, []),
    "oversize": (b"{" + b" " * 300_000 + b"}", []),
}


async def test_poison(told: Trial) -> None:
    """A record of each unreadable kind on both consumed topics is put aside with its bytes; the story goes on."""
    topics = (REPORTED, STANDING)

    async def disturb(one: Trial) -> None:
        await one.moment()
        producer = AIOKafkaProducer(bootstrap_servers=one.stack.kafka.bootstrap)
        await producer.start()
        try:
            for topic in topics:
                for value, headers in POISON.values():
                    await producer.send_and_wait(topic.name, value, headers=headers, key=b"poison", partition=3)
        finally:
            await producer.stop()

    same(await told.tell(disturb), await undisturbed())
    for topic in topics:
        assert await _dead(told, topic) == Counter((value or b"") for value, _ in POISON.values()), topic.name
    await told.turn_green()


async def _dead(told: Trial, topic: Topic) -> Counter[bytes | None]:
    """What was put aside of a topic."""
    assert topic.dead_letters is not None
    return Counter(record.value for record in await records(told.stack.kafka.bootstrap, topic.dead_letters))


@pytest.mark.parametrize("seed", list(rounds()))
async def test_every_request_twice(seed: int, more: bool, tmp_path: Path) -> None:
    """The same batch sent twice, then a whole file pushed again, is recorded once: the rest is told as duplicate."""
    await undisturbed(more=True)
    async with trial(seed, twice=True, more=more) as one:
        same(await one.tell(), await undisturbed())
        (repeats,) = await one.fetch("SELECT count(*) FROM metrics.receipt_item WHERE outcome = 'duplicate'")
        (facts,) = await one.fetch("SELECT count(*) FROM metrics.report")
        assert repeats[0] >= facts[0]
        before = await one.held()
        for _ in range(2):
            said = await _push_file(one, tmp_path / "reports.csv")
            assert "duplicate" in said, said
        same(await one.held(), before)


async def _push_file(one: Trial, file: Path) -> str:
    """`liangshai push FILE`, as a clerk does it, with the largest CSV of the story; what it printed."""
    push = max((push for push in story() if push.format == "csv"), key=lambda push: len(push.items))
    await asyncio.to_thread(file.write_bytes, body(push))
    command = (sys.executable, "-m", "cli", "push", str(file))
    urls = {"LIANGSHAI_INGEST_URL": one.wire.urls.ingest, "LIANGSHAI_METRICS_URL": one.wire.urls.metrics}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**inherited(), **urls, "LIANGSHAI_TOKEN": one.wire.tokens[push.unit]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def test_everything_again(told: Trial) -> None:
    """The groups' offsets are lost: every record of both topics is handled a second time, which changes nothing."""
    services = (told.stack.metrics, told.stack.alerts)

    async def disturb(one: Trial) -> None:
        await one.moment(0.4, 0.9)
        await asyncio.gather(*(asyncio.to_thread(service.stop) for service in services))
        for topic, group in ((REPORTED, metrics.GROUP), (STANDING, alerts.GROUP)):
            assert await _begin_again(one, topic, group) > 50
        await asyncio.gather(*map(restart, services))

    same(await told.tell(disturb), await undisturbed())


async def _begin_again(told: Trial, topic: Topic, group: str) -> int:
    """Move a group back to the beginning of its topic; by how many records."""
    consumer = AIOKafkaConsumer(bootstrap_servers=told.stack.kafka.bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic.name, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        before = [await consumer.committed(partition) or 0 for partition in partitions]
        await consumer.commit(dict.fromkeys(partitions, 0))
        return sum(before)
    finally:
        await consumer.stop()


async def test_second_replica_joins_and_leaves(told: Trial) -> None:
    """Two replicas of metrics share the partitions, one dies in the middle: rebalances double nothing."""
    second = told.stack.service("metrics", name="metrics-2")

    async def disturb(one: Trial) -> None:
        await one.moment(0.1, 0.3)
        one.stack.ingest.pause()  # the story waits while Python imports, so that the replica joins in the thick of it
        await asyncio.to_thread(second.start, False)
        await eventually(lambda: listens(second.operations_port))
        one.stack.ingest.resume()
        await asyncio.to_thread(second.ready)
        await one.moment(0.35, 0.7)
        await kill(second)

    try:
        same(await told.tell(disturb), await undisturbed())
    finally:
        await kill(second)


async def test_alerts_away_for_three_months(told: Trial) -> None:
    """Alerts comes back after three months: every light is what it would have been, and tickets follow from them."""
    await kill(told.stack.alerts)
    await told.turn_red([told.stack.alerts])
    wire, driver = told.wire, told.driver

    async def metrics_marks(since: int | None = None, through: datetime | None = None) -> dict[str, object]:
        await asyncio.sleep(0.008)
        rows = await told.fetch("SELECT partition, through, position FROM metrics.watermark")
        marks = {str(r["partition"]): {"through": r["through"].isoformat(), "position": r["position"]} for r in rows}
        return {"partitions": marks, "next_at": None, "said": 0, "judged": 0}

    async def no_feed(after: int, limit: int = 1000) -> list[dict[str, object]]:
        return []

    alerts_marks, feed = wire.watermarks, wire.feed
    wire.watermarks, wire.feed = metrics_marks, no_feed  # type: ignore[method-assign]
    await driver.run()
    wire.watermarks, wire.feed = alerts_marks, feed  # type: ignore[method-assign]
    await restart(told.stack.alerts)
    await driver.settled()
    found, wanted = await told.end(), await undisturbed()
    same(*({name: end[name] for name in ("facts", "outcomes", "cells", "lights")} for end in (found, wanted)))
    assert _episodes(found) == _episodes(wanted)


def _episodes(end: End) -> set[tuple[Any, ...]]:
    """Series, rule and episode of the tickets: what lights alone make of them.

    State and level are acts' and timers', and these count from when the unit was told: at the end of the outage.
    """
    return {row[:4] for row in end["tickets"]}
