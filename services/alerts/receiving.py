"""How each kind of receiver is handed messages: a webhook one after the other, the topic progress.feed all at once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from contracts.events import FeedMessage
from services.alerts.delivering import Hand, Handed, Line, Owed
from services.alerts.receivers import KAFKA, Receiver
from services.alerts.webhooks import Answer, Sender

Publish = Callable[[Sequence[FeedMessage]], Awaitable[None]]  # returns once the broker has acknowledged all of them


def lines(receivers: Sequence[Receiver], sender: Sender, publish: Publish, unavailable: type[Exception]) -> list[Line]:
    """Every receiver's line: the topic's and the webhooks'."""
    topic = Line(KAFKA, f"kafka:{KAFKA}", to_topic(publish, unavailable))
    return [topic, *(Line(each.receiver, each.url, to_webhook(each, sender)) for each in receivers)]


def to_webhook(receiver: Receiver, sender: Sender) -> Hand:
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
