"""People are told several messages at once, each once: a real robot, a real Postgres, replicas and crashes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from starlette.responses import JSONResponse, Response

from contracts.calendar import Calendar
from contracts.feed_events import FeedMessage
from contracts.operations.database import Pool, open_pool
from services.alerts.instruments import Instruments
from services.alerts.sending.delivering import Delivering, Line
from services.alerts.sending.receivers import Receivers, WeCom
from services.alerts.sending.receiving import Lines
from services.alerts.sending.webhooks import client
from tests.support.feed import SENT, message
from tests.support.handclock import HandClock
from tests.support.people import FINE, Chat
from tests.support.waiting import eventually

MINUTE = timedelta(minutes=1)


class Office:
    """One replica after the other, or two at once, on one database; the clock is moved by hand."""

    def __init__(self, pool: Pool, chat: Chat) -> None:
        self.pool, self.chat, self.clock = pool, chat, HandClock(SENT)
        self.pace: dict[str, Any] = {}
        self.http = client()

    def replica(self) -> tuple[Delivering, Line]:
        """Another replica and its line to the chat."""
        told = Instruments(CollectorRegistry())
        listed = [{"channel": "wecom", "receiver": "chat", "url": self.chat.url, "pace": self.pace}]
        receivers = Receivers(tuple(msgspec.convert(listed, list[WeCom])))
        lines = Lines(receivers, self.http, self.clock, Calendar, told)
        [_, line] = lines.all(_published, RuntimeError)
        return Delivering(self.pool, [line], told), line

    async def say(self, *messages: FeedMessage) -> None:
        """Messages that the feed holds and everybody is owed."""
        for each in messages:
            row = each.seq, each.message_id, each.sent, msgspec.json.encode(each).decode()
            await self.pool.execute(_SAY, *row)

    async def until_idle(self, moment: datetime) -> None:
        """A new replica works at a moment until it finds nothing to do."""
        self.clock.instant = moment
        delivering, line = self.replica()
        await delivering.register()
        while await delivering.round(line):
            pass

    async def log(self) -> list[tuple[Any, ...]]:
        """Every notification: number, reason, how many parts were told, state."""
        rows = await self.pool.fetch(
            "SELECT number, reason, parts_done, state FROM alerts.notification ORDER BY number"
        )
        return [tuple(row) for row in rows]

    async def states(self) -> dict[int, str]:
        """What became of each message."""
        rows = await self.pool.fetch("SELECT seq, state FROM alerts.delivery WHERE receiver = 'chat' ORDER BY seq")
        return {row["seq"]: row["state"] for row in rows}


_SAY = """
WITH said AS (
  INSERT INTO alerts.feed (seq, message_id, sent, rule, kind, notification_reason, severity, programme, indicator,
    district, period, document)
  VALUES ($1, $2, $3, 'lag', 'ticket', 'first', 'yellow', 'p', 'i', 'd', '2023-06', $4) RETURNING seq)
INSERT INTO alerts.delivery (receiver, seq) SELECT receiver, seq FROM alerts.receiver CROSS JOIN said
WHERE disabled_at IS NULL
"""


async def _published(_: Any) -> None:
    """The topic is not looked at here."""


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    """A group's robot that takes everything."""
    async with Chat().running() as found:
        yield found


@pytest.fixture
async def office(database: str, chat: Chat) -> AsyncIterator[Office]:
    """The chat is registered and nothing was said."""
    async with open_pool(database, application="tests", size=4) as pool:
        found = Office(pool, chat)
        async with found.http:
            await found.until_idle(SENT)
            yield found


async def test_300_lights_are_one_notification(office: Office) -> None:
    """A month's end: one notification in as few numbered parts as the robot's limit lets, every item in it once."""
    await office.say(*(message(n, after=n / 400) for n in range(1, 301)))
    await office.until_idle(SENT + timedelta(seconds=30))
    assert office.chat.bodies == []
    await office.until_idle(SENT + 2 * MINUTE)
    texts = office.chat.texts
    assert await office.log() == [(1, "first", len(texts), "done")]
    assert texts[0].startswith(f"**【亮晒】督办预警 300 条：黄 300（1/{len(texts)}）**\n\n**▲ 黄灯·提醒**\n德清县第1项")
    assert all(len(text.encode()) <= 4096 for text in texts)
    said = "".join(texts)
    assert [n for n in range(1, 301) if said.count(f"第{n}项：") != 1] == []
    assert set((await office.states()).values()) == {"done"}


async def test_nothing_is_told_twice_after_a_restart(office: Office) -> None:
    """Stopped at any moment between two parts: whoever goes on sends the rest, in the same words and numbers."""
    await office.say(*(message(n) for n in range(1, 101)))
    office.clock.instant = SENT + MINUTE
    turns = 0
    while True:
        delivering, line = office.replica()  # a process that lives for one turn
        if not await delivering.round(line):
            break
        turns += 1
    assert turns == len(office.chat.texts) > 3
    assert [f"（{n}/{turns}）" in text for n, text in enumerate(office.chat.texts, 1)] == [True] * turns
    assert len(set(office.chat.texts)) == turns


async def test_a_crash_between_send_and_note_repeats_one_part(office: Office) -> None:
    """At least once, honestly: the part whose answer was not noted comes again, the others do not."""
    await office.say(*(message(n) for n in range(1, 101)))
    office.clock.instant = SENT + MINUTE
    delivering, line = office.replica()
    assert await delivering.round(line) == 1
    office.chat.open.clear()
    dying = asyncio.create_task(delivering.round(line))
    await eventually(lambda: len(office.chat.bodies) == 2)
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await dying
    office.chat.open.set()
    await office.until_idle(SENT + MINUTE)
    texts = office.chat.texts
    assert texts[1] == texts[2]
    assert len(texts) == len(set(texts)) + 1
    assert set((await office.states()).values()) == {"done"}


async def test_two_replicas_tell_once(office: Office) -> None:
    """Both work at the same line all the time; each part is sent by one of them."""
    await office.say(*(message(n) for n in range(1, 101)))
    office.clock.instant = SENT + MINUTE
    replicas = [office.replica(), office.replica()]

    async def idle() -> bool:
        told = await asyncio.gather(*(delivering.round(line) for delivering, line in replicas))
        return not any(told) and set((await office.states()).values()) == {"done"}

    await eventually(idle, every=0.001)
    assert len(office.chat.texts) == len(set(office.chat.texts)) > 3
    assert len(await office.log()) == 1


async def test_what_comes_later_waits_its_interval(office: Office) -> None:
    """Two notifications, ten minutes apart by the platform's clock, however often and late anybody looks."""
    await office.say(message(1), message(2, after=5))
    await office.until_idle(SENT + MINUTE)
    await office.until_idle(SENT + 10 * MINUTE)
    assert await office.log() == [(1, "first", 1, "done")]
    await office.until_idle(SENT + 11 * MINUTE)
    assert await office.log() == [(1, "first", 1, "done"), (2, "more", 1, "done")]
    moments = [row["at"] for row in await office.pool.fetch("SELECT at FROM alerts.notification ORDER BY number")]
    assert moments == [SENT + MINUTE, SENT + 11 * MINUTE]


async def test_when_it_is_looked_at_does_not_matter(office: Office) -> None:
    """A service that was away all day tells the same two notifications as one that was there."""
    await office.say(message(1), message(2, after=5))
    await office.until_idle(SENT + timedelta(days=1))
    assert await office.log() == [(1, "first", 1, "done"), (2, "more", 1, "done")]


async def test_quiet_hours_hold_and_urgent_passes(office: Office) -> None:
    """In the evening only what is urgent is told; the rest comes in the morning after the days off, at once."""
    office.pace = {"quiet": {"from": "18:00", "to": "08:00"}, "working_days": True, "urgent": {"levels": [3]}}
    evening = 24 * 60 + 10 * 60  # Friday 19:00
    await office.say(
        message(1, after=evening), message(2, after=evening, ticket_level=3), message(3, after=evening + 99)
    )
    await office.until_idle(SENT + timedelta(days=2))
    assert await office.states() == {1: "pending", 2: "done", 3: "pending"}
    assert "约谈" in office.chat.texts[0]
    await office.until_idle(SENT + timedelta(days=4))  # Monday 09:00
    assert await office.states() == {1: "done", 2: "done", 3: "done"}
    assert len(office.chat.texts) == 2


async def test_the_daily_digest(office: Office) -> None:
    """Once a day at its time; a day without news has none."""
    office.pace = {"digest": "08:30"}
    await office.say(message(1), message(2, after=60), message(3, after=3 * 24 * 60))
    await office.until_idle(SENT + timedelta(hours=23))
    assert office.chat.texts == []
    await office.until_idle(SENT + timedelta(days=1))
    await office.until_idle(SENT + timedelta(days=2))
    assert ["7月7日摘要 2 条" in text for text in office.chat.texts] == [True]
    await office.until_idle(SENT + timedelta(days=4))
    assert ["7月10日摘要 1 条" in text for text in office.chat.texts] == [False, True]


async def test_what_was_taken_back_before_is_not_told(office: Office) -> None:
    """A warning that came and went within the wait leaves no message, and is off the line."""
    early = message(1, kind="warning", ticket_level=None, notification_reason="early")
    gone = message(2, msg_type="Cancel", references=(early.message_id,), notification_reason="withdrawn")
    await office.say(early, gone)
    await office.until_idle(SENT + MINUTE)
    assert (office.chat.texts, await office.states()) == ([], {1: "done", 2: "done"})
    await office.say(message(3, after=2))
    await office.until_idle(SENT + 3 * MINUTE)
    assert await office.log() == [(1, "first", 0, "done"), (2, "first", 1, "done")]


async def test_what_stands_is_said_again(office: Office) -> None:
    """After `repeat`, until it is closed."""
    office.pace = {"repeat": "1d"}
    first = message(1)
    await office.say(first)
    await office.until_idle(SENT + MINUTE)
    await office.until_idle(SENT + timedelta(hours=23))
    assert len(office.chat.texts) == 1
    await office.until_idle(SENT + timedelta(days=1, minutes=1))
    assert "尚未办结 1 条" in office.chat.texts[1]
    closed = message(
        2, after=25 * 60, msg_type="Update", references=(first.message_id,), notification_reason="closed",
        fingerprint=first.fingerprint, ends_at=SENT,
    )  # fmt: skip
    await office.say(closed)
    await office.until_idle(SENT + timedelta(days=5))
    assert [row[1] for row in await office.log()] == ["first", "repeat", "more"]


async def test_a_rate_limit_waits_and_goes_on_where_it_was(office: Office) -> None:
    """45009 in a 200: the part is tried again after a minute of real time, the parts before it are not."""
    office.chat.answers = lambda n: JSONResponse({"errcode": 45009, "errmsg": "freq"} if n == 2 else FINE)
    await office.say(*(message(n) for n in range(1, 101)))
    await office.until_idle(SENT + MINUTE)
    assert len(office.chat.texts) == 2
    wait = "SELECT extract(epoch FROM next_attempt_at - clock_timestamp()) FROM alerts.notification"
    assert 50 < await office.pool.fetchval(wait) <= 60
    tried = await office.pool.fetchrow("SELECT error, attempts FROM alerts.notification")
    assert tried is not None
    assert tuple(tried) == ("errcode 45009: freq", 1)
    await office.pool.execute("UPDATE alerts.notification SET next_attempt_at = clock_timestamp()")
    await office.until_idle(SENT + MINUTE)
    assert len(office.chat.texts) == len(set(office.chat.texts)) + 1
    assert set((await office.states()).values()) == {"done"}


@pytest.mark.parametrize(
    ("answer", "state", "disabled"),
    [
        (JSONResponse({"errcode": 40058, "errmsg": "too long"}), "failed", False),
        (Response(status_code=404), "failed", False),
        (JSONResponse({"errcode": 93000, "errmsg": "no such robot"}), "dropped", True),
    ],
)
async def test_refusals(office: Office, answer: Response, state: str, disabled: bool) -> None:
    """Final: the notification is given up and the line goes on; a robot that is no more disables the receiver."""
    office.chat.answers = lambda n: answer if n == 1 else JSONResponse(FINE)
    await office.say(message(1), message(2, after=20))
    await office.until_idle(SENT + MINUTE)
    await office.until_idle(SENT + 30 * MINUTE)
    await office.until_idle(SENT + 30 * MINUTE)
    assert await office.states() == {1: state, 2: "dropped" if disabled else "done"}
    row = await office.pool.fetchrow("SELECT disabled_at IS NOT NULL, reason FROM alerts.receiver")
    assert row is not None
    assert row[0] is disabled
    assert (await office.log())[0][3] == state


async def test_a_driven_clock_waits_until_everything_before_is_known(office: Office) -> None:
    """Under a clock that jumps a notification is decided behind the watermarks, so that the story is told the same."""
    office.clock.driven = True
    mark = "INSERT INTO alerts.watermark VALUES (0, $1, 0) ON CONFLICT (partition) DO UPDATE SET through = $1"
    await office.pool.execute(mark, SENT)
    await office.say(message(1))
    await office.until_idle(SENT + timedelta(days=1))
    assert office.chat.texts == []
    await office.say(message(2, after=0.5))
    await office.pool.execute(mark, SENT + MINUTE)
    await office.until_idle(SENT + timedelta(days=1))
    assert ["2 条" in text for text in office.chat.texts] == [True]
