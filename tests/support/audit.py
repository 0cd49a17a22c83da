"""What must hold of a platform at rest, however it came there: recounted from the driver's log and from its own rows.

Every accepted report is recorded once, every standing equals the recount, every light follows from its standings,
every worsening has its message, and every message has been handed on.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.cells import Cells
from contracts.codec import Record, decode
from contracts.events import Standing
from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from contracts.topics import FEED, PARTITIONS
from deploy.demo.check import cells as check
from deploy.demo.check import feed as said
from deploy.demo.check.answers import Answer
from deploy.demo.recount.facts import Recount
from deploy.local.stack import Stack
from services.alerts.lights import fold
from tests.support.waiting import eventually

Said = tuple[str, str, str]  # receipt, source, id


def recounted(lookup: Lookup, cells: Cells, log: Path) -> tuple[Recount, Counter[Said]]:
    """The recount of the driver's log, and how often each accepted item was accepted."""
    accepted: Counter[Said] = Counter()
    with log.open(encoding="utf-8") as lines:
        for answer in (json.loads(line)["answer"] for line in lines):
            accepted.update(
                (answer["receipt"], item["source"], item["id"])
                for item in answer["items"]
                if item["status"] == "accepted"
            )
    return Recount.of(lookup, cells, log), accepted


async def passed(stack: Stack, counted: tuple[Recount, Counter[Said]]) -> None:
    """Ask everything; the first thing that does not hold is told."""
    recount, accepted = counted
    connection = await asyncpg.connect(stack.database)
    try:
        await _recorded(connection, accepted, recount)
        for question in (check.effective_values, check.outcomes, check.against_the_plan):
            _agrees(await question(connection, recount))
        await _lights(connection, recount)
        for asked in (said.messages, said.without_gap):
            _agrees(await asked(connection))
        assert await connection.fetch("SELECT * FROM alerts.unmatched") == []
        await eventually(lambda: _nothing_owed(connection))
        feed = {str(row["message_id"]) for row in await connection.fetch("SELECT message_id FROM alerts.feed")}
    finally:
        await connection.close()
    assert await handed_on(stack.kafka.bootstrap) == feed


def _agrees(answer: Answer) -> None:
    assert answer.compared, answer.question
    assert not answer.wrong, f"{answer.question}: {answer.wrong[:8]}"


async def _recorded(connection: asyncpg.Connection, accepted: Counter[Said], recount: Recount) -> None:
    """Each accepted item stands in its receipt, and its report is recorded once or the item's outcome says why not.

    What was not accepted may be recorded too when the answer was lost with ingest: then it was sent again.
    """
    rows = await connection.fetch("SELECT receipt, source, id, outcome FROM metrics.receipt_item")
    items = {(row["receipt"], row["source"], row["id"]): row["outcome"] for row in rows}
    answered = {receipt for receipt, *_ in accepted}
    recount.repeats += sum(receipt not in answered for receipt, *_ in items)  # answer lost: the log knows the repeat
    lost = accepted.keys() - items.keys()
    assert not lost, f"{len(lost)} accepted items are not in their receipt, first {min(lost)}"
    owned = {
        (row["source"], row["id"]): row["receipt"]
        for row in await connection.fetch("SELECT source, id, receipt FROM metrics.report")
    }
    assert owned.keys() == recount.facts.keys()
    for (receipt, source, id_), outcome in items.items():
        own = owned[source, id_] == receipt
        assert (outcome is None) == own, (receipt, source, id_, outcome)


async def _lights(connection: asyncpg.Connection, recount: Recount) -> None:
    """Alerts has the newest standing of every cell; every light, of record and live, is what folding these gives."""
    versions = {
        tuple(row)[:3]: row["version"]
        for row in await connection.fetch(
            "SELECT indicator, district, period, version FROM metrics.cell WHERE version > 0"
        )
    }
    documents = await _standings(connection)
    assert {(*key, s.period): s.version for key, found in documents.items() for s in found.values()} == versions
    lights: dict[tuple[str, str], dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for row in await connection.fetch("SELECT indicator, district, period, live, record, caught_up FROM alerts.light"):
        lights[row["indicator"], row["district"]][row["period"]] = (row["live"], row["record"], row["caught_up"])
    series = await connection.fetch(
        "SELECT indicator, district, light, stale, through FROM alerts.series JOIN alerts.watermark USING (partition)"
    )
    assert len(series) == len(list(recount.lookup.series))
    for row in series:
        key = (row["indicator"], row["district"])
        cells = recount.cells_of(*key)
        due = fold(cells, documents[key], recount.lookup.programme.profile, row["through"].astimezone(SHANGHAI))
        wanted = {
            cell.period.text: (light.live, light.record, light.caught_up)
            for cell, light in zip(cells, due.cells, strict=True)
            if light.record is not None or cell.period.text in documents[key]
        }
        assert lights[key] == wanted, key
        assert (row["light"], row["stale"]) == (due.light, due.stale), key


async def _standings(connection: asyncpg.Connection) -> dict[tuple[str, str], dict[str, Standing]]:
    decode_ = msgspec.json.Decoder(Standing).decode
    found: dict[tuple[str, str], dict[str, Standing]] = defaultdict(dict)
    for row in await connection.fetch("SELECT document::text AS document FROM alerts.standing"):
        standing = decode_(row["document"])
        found[standing.indicator, standing.district][standing.period] = standing
    return found


async def _nothing_owed(connection: asyncpg.Connection) -> bool:
    owed = await connection.fetchval("SELECT count(*) FROM alerts.delivery WHERE state <> 'done'")
    return bool(owed == 0)


async def handed_on(bootstrap: str) -> set[str]:
    """The ids of the messages on progress.feed: each at least once (a receiver knows a repetition by its id)."""
    ids = set()
    for record in await records(bootstrap, FEED.name):
        event = decode(record)
        assert isinstance(event, FeedMessage)
        ids.add(event.message_id)
    return ids


async def records(bootstrap: str, topic: str) -> list[Record]:
    """Every record that a topic holds now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Record] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += [Record(r.topic, r.partition, r.offset, r.key, r.value, r.timestamp) for r in batch]
        return found
    finally:
        await consumer.stop()
