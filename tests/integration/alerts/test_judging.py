"""Judging on a real Postgres: what is stored and said after standings and watermarks (rules 6, 8 and 9)."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from itertools import pairwise

import msgspec
import pytest

from contracts.events import Standing, Watermark
from contracts.feed_events import FeedMessage
from contracts.topics import PARTITIONS
from services.alerts.interventions import Interventions
from services.alerts.reading.scope import Scope
from services.alerts.tickets import Event
from tests.support.judging import LOOKUP, PARTITION, STEP, Bench, bench
from tests.support.servers import new_database
from tests.support.standings import INDICATOR, PROGRAMME, at, coloured

TABLES = ("standing", "series", "light", "light_change", "warning", "ticket", "ticket_event", "feed", "watermark")
STORY: Sequence[Standing | datetime] = (
    coloured("2023-05", "yellow"),
    at("2023-06-06", 0),
    at("2023-06-09", 0),
    coloured("2023-06", "red"),
    at("2023-07-06", 0),
    coloured("2023-07", "green"),
    at("2023-08-06", 0),
    at("2023-08-19", 0),
)


@pytest.fixture
async def alerts(database: str) -> AsyncIterator[Bench]:
    """Alerts that have judged nothing."""
    async with bench(database) as found:
        yield found


async def test_the_story_of_a_lagging_item(alerts: Bench) -> None:
    """Rules 6.5, 8 and 9: early warning, ticket that names it, answer, worsening, recovery, closed by no objection."""
    for event in STORY[:3]:
        await alerts.judge(event)
    ticket_id = str(await alerts.pool.fetchval("SELECT ticket FROM alerts.ticket WHERE rule = 'lag'"))
    alerts.clock.instant = at("2023-06-12")
    answer = Event("answer", at("2023-06-12"), actor="deqing", cause="土地", plan="加快", promised_on=date(2023, 8, 1))
    await alerts.acting(ticket_id, answer)
    for event in STORY[3:]:
        await alerts.judge(event)
    feed = await alerts.feed()
    assert [(m.msg_type, m.notification_reason, m.period, m.ticket_level) for m in feed] == [
        ("Alert", "early", "2023-05", None),
        ("Alert", "first", "2023-05", 1),
        ("Update", "escalated", "2023-05", 2),
        ("Update", "answered", "2023-05", 2),
        ("Alert", "early", "2023-06", None),
        ("Update", "worsened", "2023-06", 3),
        ("Update", "reminder", "2023-06", 3),
        ("Update", "reminder", "2023-06", 3),
        ("Update", "recovered", "2023-07", 3),
        ("Update", "closed", "2023-07", 3),
    ]
    assert [m.seq for m in await alerts.feed(None)] == list(range(1, len(await alerts.feed(None)) + 1))
    assert feed[1].references == (feed[0].message_id,)
    ticket = [m for m in feed if m.kind == "ticket"]
    assert all(later.references == (earlier.message_id,) for earlier, later in pairwise(ticket))
    assert {m.episode for m in ticket} == {1}
    assert [m.reason_code for m in ticket] == [None] * 7 + ["no_objection"]
    assert feed[1].annotations["lag_text_zh"] == "落后序时进度10.4个百分点"
    assert feed[1].labels["department"] == LOOKUP.indicators[INDICATOR].lead
    assert feed[1].sent == feed[1].data_cutoff == at("2023-06-06", 0)
    assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")
    states = await alerts.pool.fetch("SELECT colour, state FROM alerts.warning ORDER BY opened_at")
    assert [tuple(row) for row in states] == [("yellow", "confirmed"), ("red", "confirmed")]


async def test_a_corrected_value_takes_the_warning_back(alerts: Bench) -> None:
    """Rule 6.5: improved before its due date: Cancel that names the Alert, and no ticket follows."""
    await alerts.judge(coloured("2023-05", "red"))
    await alerts.judge(coloured("2023-05", "green", version=2, known_at=at("2023-06-03")))
    await alerts.judge(at("2023-06-06", 0))
    early, withdrawn = await alerts.feed()
    assert (withdrawn.msg_type, withdrawn.notification_reason) == ("Cancel", "withdrawn")
    assert withdrawn.references == (early.message_id,)
    assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")


async def test_a_late_value_makes_no_warning(alerts: Bench) -> None:
    """Rules 6.1 and 6.5: it refolds the light of record, and that speaks."""
    await alerts.judge(at("2023-06-06", 0))
    assert await alerts.said() == []
    await alerts.judge(coloured("2023-05", "red", known_at=at("2023-06-10")))
    assert await alerts.said() == [("first", "2023-05")]
    reasons = await alerts.pool.fetch("SELECT kind, seq, reason FROM alerts.light_change WHERE worse ORDER BY change")
    (told,) = await alerts.feed()
    assert [tuple(row) for row in reasons] == [("live", None, "late"), ("record", told.seq, None)]


async def test_a_wrong_number_cancels_the_ticket(alerts: Bench) -> None:
    """Rule 8: restated and no non-green measured period left: Cancel that names every message of the episode."""
    for event in STORY[:3]:
        await alerts.judge(event)
    await alerts.judge(coloured("2023-05", "green", version=2, known_at=at("2023-06-10")))
    feed = await alerts.feed()
    assert feed[-1].msg_type == "Cancel"
    assert feed[-1].references == tuple(m.message_id for m in feed[1:-1])
    assert await alerts.pool.fetchval("SELECT state FROM alerts.ticket WHERE rule = 'lag'") == "CANCELLED"
    assert await alerts.pool.fetchval("SELECT count(record) FROM alerts.light WHERE period = '2023-05'") > 0


async def test_effort_wording_gets_a_light_but_no_ticket(alerts: Bench) -> None:
    """Rule 4.11: `binding: false`."""
    await alerts.judge(coloured("2023-05", "red", binding=False))
    await alerts.judge(at("2023-06-06", 0))
    assert await alerts.said() == [("early", "2023-05")]
    assert (
        await alerts.pool.fetchval(
            "SELECT record FROM alerts.light WHERE period = '2023-05' AND district = 'deqing' AND indicator = $1",
            INDICATOR,
        )
        == "red"
    )
    assert (
        await alerts.pool.fetchval("SELECT reason FROM alerts.light_change WHERE kind = 'record' AND worse")
        == "not_binding"
    )


async def test_the_same_batch_again_changes_nothing(alerts: Bench) -> None:
    """A replay is harmless: versions and watermarks."""
    for event in STORY:
        await alerts.judge(event)
    before = await alerts.dump(*TABLES)
    for batch in alerts.batches:
        await alerts.judging.judge(batch)
    assert await alerts.dump(*TABLES) == before


async def test_batches_do_not_matter(postgres: str, prepared_database: str) -> None:
    """Everything follows from the order of records: one by one or the same ones in larger batches."""
    history: list[Standing | datetime] = [
        coloured("2023-05", "yellow"),
        coloured("2023-05", "red", district="anji"),
        at("2023-06-06", 0),
    ]
    late: list[Standing | datetime] = [
        coloured("2023-05", "red", version=2, known_at=at("2023-06-07")),
        at("2023-06-10", 0),
    ]
    dumps = []
    for size in (1, 2, 5):
        with new_database(postgres, like=prepared_database) as database:
            async with bench(database) as alerts:
                alerts.clock.instant = at("2023-06-01", 1)
                events = [*history, *late]
                for start in range(0, 5, size):
                    await alerts.judging.judge([alerts.received(e, moves=False) for e in events[start : start + size]])
                dumps.append(await alerts.dump(*TABLES))
    assert dumps[0] == dumps[1] == dumps[2]


async def test_a_moment_is_told_alike_however_it_comes(postgres: str, prepared_database: str) -> None:
    """Rules 6.5 and 8: what became known at one moment, in any order and any batches, with or without what was between,
    and with a restart before the moment is over, is told by the same messages: a warning that came and went in it by
    none, corrections of two months by one restatement."""
    before: Sequence[Standing | datetime] = [
        coloured("2023-05", "red", district="anji"),
        at("2023-06-06", 0),
        coloured("2023-06", "red", district="anji"),
        at("2023-07-06", 0),
    ]
    moment = at("2023-08-01")
    last = [
        coloured("2023-07", "green", version=3, known_at=moment),
        coloured("2023-07", "yellow", district="changxing", version=2, known_at=moment),
        coloured("2023-05", "green", district="anji", version=2, known_at=moment),
        coloured("2023-06", "yellow", district="anji", version=2, known_at=moment),
        coloured("2023-07", "red", district="anji", known_at=moment),
    ]
    between = [
        coloured("2023-07", "red", known_at=moment),
        coloured("2023-07", "yellow", version=2, known_at=moment),
        coloured("2023-07", "red", district="changxing", known_at=moment),
    ]
    chance = random.Random(3)
    said: list[list[FeedMessage]] = []
    for told in (last, [*between, *last], [*between, *last], [*last, *between]):
        with new_database(postgres, like=prepared_database) as database:
            async with bench(database) as alerts:
                await alerts.judge(*before)
                rest = chance.sample(told, len(told)) if said else told
                while rest:
                    size = chance.randint(1, 3)
                    await alerts.hear(*rest[:size])
                    rest, alerts = rest[size:], alerts.afresh()
                for later in (moment + STEP, at("2023-08-06", 0), at("2023-08-20", 0)):
                    await alerts.judge(later)
                assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")
                assert not await alerts.pool.fetch("SELECT * FROM alerts.waiting")
                said.append(sorted(map(_unnamed, await alerts.feed(None)), key=str))
    assert said[0] == said[1] == said[2] == said[3]
    of_it = [(m.labels["district"], m.notification_reason, m.period) for m in said[0] if m.sent == moment]
    assert sorted(set(of_it) - {("anji", "reminder", "2023-06")}) == [
        ("anji", "early", "2023-07"),
        ("anji", "restated", "2023-06"),
        ("changxing", "early", "2023-07"),
    ]


def _unnamed(message: FeedMessage) -> FeedMessage:
    """A message without its number, its names and theirs to whom it refers."""
    named = {"seq": 0, "message_id": "", "ticket_id": None, "references": ("",) * len(message.references), "links": {}}
    return msgspec.structs.replace(message, **named)


async def test_what_waits_outlives_the_driven_clock(alerts: Bench) -> None:
    """A clock that is released in the middle of a moment: the next watermark judges what has waited; from then on what
    comes is judged at once."""
    await alerts.hear(coloured("2023-05", "yellow"))
    assert await alerts.said() == []
    alerts.clock.driven = False
    await alerts.hear(coloured("2023-05", "red", district="anji"))
    assert await alerts.said() == [("early", "2023-05")]
    await alerts.hear(at("2023-06-02"))
    assert await alerts.said() == [("early", "2023-05")] * 2
    await alerts.hear(at("2023-06-06", 0))
    assert [reason for reason, _ in await alerts.said()] == ["early", "early", "first", "first"]
    assert not await alerts.pool.fetch("SELECT * FROM alerts.waiting")


async def test_three_months_at_once(alerts: Bench) -> None:
    """Alerts was down: lights of record and the ticket follow month by month, no warning is sent for what is past."""
    await alerts.judge(*STORY)
    said = await alerts.said()
    assert said == [("first", "2023-05"), ("worsened", "2023-06"), ("recovered", "2023-07")]
    records = await alerts.pool.fetch(
        "SELECT record FROM alerts.light WHERE indicator = $1 AND district = 'deqing' AND record IS NOT NULL "
        "ORDER BY period_end",
        INDICATOR,
    )
    assert [row["record"] for row in records] == ["grey"] * 4 + ["yellow", "red", "green"]
    assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")


async def test_every_due_cell_has_a_light_of_record(alerts: Bench) -> None:
    """Rule 6.1: a watermark fixes all cells of its partition that are due, blank ones too, and marks what is next."""
    await alerts.judge(at("2024-03-06", 0))
    missing = await alerts.pool.fetchval(
        "SELECT count(*) FROM alerts.series WHERE partition = $1 AND next_at <= $2", PARTITION, at("2024-03-06", 0)
    )
    assert missing == 0
    assert (
        await alerts.pool.fetchval(
            "SELECT count(*) FROM alerts.light WHERE record = 'grey' AND indicator = $1 AND district = 'deqing'",
            INDICATOR,
        )
        == 14
    )


async def test_receivers_get_their_deliveries_in_the_same_transaction(alerts: Bench) -> None:
    """Rule 9: one log per receiver; a disabled one gets nothing, one of groups what the routing has for them."""
    await alerts.pool.execute(
        "INSERT INTO alerts.receiver (receiver, url, disabled_at, groups) VALUES ('office', 'http://x', NULL, NULL), "
        "('gone', 'http://y', now(), NULL), ('anji', 'http://z', NULL, '{anji,leaders}'), "
        "('deqing', 'http://d', NULL, '{deqing}')"
    )
    for event in STORY[:3]:
        await alerts.judge(event)
    rows = await alerts.pool.fetch("SELECT receiver, seq, state FROM alerts.delivery ORDER BY seq")
    feed = await alerts.feed(None)
    assert len(feed) == 3
    owed = [(to, message.seq, "pending") for message in feed for to in ("deqing", "office")]
    assert sorted(tuple(row) for row in rows) == sorted(owed)


async def test_watermarks_with_nothing_due_are_noted(alerts: Bench) -> None:
    """They are stored, only ever forwards."""
    marks = [Watermark(partition=p, through=at("2023-01-02"), position=p) for p in range(PARTITIONS)]
    await alerts.judge(*marks)
    await alerts.judge(Watermark(partition=0, through=at("2023-01-01"), position=0))
    rows = await alerts.pool.fetch("SELECT * FROM alerts.watermark ORDER BY partition")
    assert [(r["partition"], r["through"], r["position"]) for r in rows] == [
        (m.partition, m.through, m.position) for m in marks
    ]


async def test_a_district_that_does_not_report_gets_no_lag_ticket(database: str) -> None:
    """Rule 8: one red value of a silent district opens nothing, is written down with its reason, and is readable; nor
    does a late one of a district of which nothing at all was known in time."""
    async with bench(database, silent=True) as alerts:
        await alerts.judge(coloured("2023-05", "red"))
        await alerts.judge(at("2023-06-06", 0))
        assert await alerts.pool.fetchval("SELECT count(*) FROM alerts.ticket WHERE rule = 'lag'") == 0
        reason = "SELECT reason FROM alerts.light_change WHERE kind = 'record' AND worse"
        assert await alerts.pool.fetchval(reason) == "inhibited"
        found = await Interventions(alerts.pool).inhibitions(Scope(PROGRAMME, district="deqing"), None, 10)
        assert [(each.period, each.indicators) for each in found if each.indicators] == [("2023-05", [INDICATOR])]
        assert all(2 * each.overdue > each.due for each in found)
        opened = await alerts.pool.fetchval("SELECT count(*) FROM alerts.ticket WHERE rule = 'reporting'")
        assert opened > 0
        await alerts.judge(coloured("2023-05", "red", district="anji", known_at=at("2023-06-10")))
        late = "SELECT record, inhibited FROM alerts.light WHERE district = 'anji' AND live IS NOT NULL"
        assert [tuple(row) for row in await alerts.pool.fetch(late)] == [("red", "district_not_reporting")]
        assert await alerts.pool.fetchval("SELECT count(*) FROM alerts.ticket WHERE rule = 'lag'") == 0
        assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")
