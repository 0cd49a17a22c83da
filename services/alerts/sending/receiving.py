"""How each kind of receiver is handed messages: a webhook one after the other, the topic progress.feed all at once,
people several together at their pace.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import httpx
import msgspec

from contracts.calendar import Calendar
from contracts.feed_events import FeedMessage
from contracts.operations.clock import Clock
from services.alerts.channels.channel import Channel, Part
from services.alerts.channels.dingtalk import DINGTALK
from services.alerts.channels.feishu import FEISHU
from services.alerts.channels.mail import Mailbox
from services.alerts.channels.robots import Robot
from services.alerts.channels.wecom import WECOM
from services.alerts.instruments import Instruments
from services.alerts.notifying.telling import Reader, Telling
from services.alerts.sending.answers import Answer
from services.alerts.sending.delivering import Hand, Handed, Line, Owed
from services.alerts.sending.receivers import KAFKA, Mail, Receiver, Receivers, Webhook
from services.alerts.sending.webhooks import Sender

Publish = Callable[[Sequence[FeedMessage]], Awaitable[None]]  # returns once the broker has acknowledged all of them

ROBOTS = {"wecom": WECOM, "dingtalk": DINGTALK, "feishu": FEISHU}


class Lines:
    """Makes the line of each receiver out of what all of them share."""

    def __init__(
        self, listed: Receivers, client: httpx.AsyncClient, clock: Clock, calendar: Callable[[], Calendar],
        told: Instruments,
    ) -> None:  # fmt: skip
        self._listed, self._client, self._clock, self._calendar, self._told = listed, client, clock, calendar, told

    def all(self, publish: Publish, unavailable: type[Exception]) -> list[Line]:
        """The topic's and everybody's."""
        topic = Line(KAFKA, f"kafka:{KAFKA}", to_topic(publish, unavailable), channel="kafka")
        return [topic, *map(self._line, self._listed.receivers)]

    def _line(self, to: Receiver) -> Line:
        named = partial(Line, to.receiver, to.address, channel=to.channel, groups=to.groups)
        if isinstance(to, Webhook):
            sender = Sender(self._client)
            return named(hand=to_webhook(to, sender), test=partial(_test_webhook, to, sender, self._clock.now))
        channel: Channel
        if isinstance(to, Mail):
            assert self._listed.smtp is not None
            channel = Mailbox(self._listed.smtp, to.to)
        else:
            channel = Robot(ROBOTS[to.channel], to.url, to.secret, self._client)
        telling = Telling(Reader(to.receiver, channel, to.pace, to.english), self._clock, self._calendar, self._told)
        return named(turn=telling.turn, test=partial(_test_person, to.receiver, channel, self._clock.now))


def to_webhook(receiver: Webhook, sender: Sender) -> Hand:
    """One request a message, its answer known before the next is sent."""

    async def hand(owed: Sequence[Owed]) -> AsyncIterator[Handed]:
        for each in owed:
            yield Handed(await sender.send(receiver, each.message_id, each.document))

    return hand


def to_topic(publish: Publish, unavailable: type[Exception]) -> Hand:
    """The whole batch in flight at once, done when the broker has acknowledged all of it."""

    async def hand(owed: Sequence[Owed]) -> AsyncIterator[Handed]:
        if not owed:
            return
        try:
            await publish([msgspec.json.decode(each.document, type=FeedMessage) for each in owed])
        except unavailable as error:
            yield Handed(Answer("retry", None, str(error)))
            return
        yield Handed(Answer("done", None), len(owed))

    return hand


async def _test_webhook(receiver: Webhook, sender: Sender, now: Callable[[], datetime]) -> Answer:
    """Signed as any message, and none of the feed's: `type` is test."""
    document = {"type": "test", "receiver": receiver.receiver, "sent": now()}
    return await sender.send(receiver, f"test-{uuid.uuid4()}", msgspec.json.encode(document))


async def _test_person(receiver: str, channel: Channel, now: Callable[[], datetime]) -> Answer:
    said = f"这是一条测试消息，收到即表示渠道可用。接收方 {receiver}，{now():%Y-%m-%d %H:%M}。"
    english = f"A test: this channel works. Receiver {receiver}."
    name = f"liangshai.{receiver}.test.{uuid.uuid4()}"
    return await channel.send(Part(name, "【亮晒】测试消息 test", f"{said}\n{english}"))
