"""What a person is told at once, and when: from messages that are owed to the next notification. Pure.

When the next one is due depends on the messages' own times and on the notification before it, never on when somebody
looks, so that a restart, a second replica or a fast clock tell the same (Alertmanager's group_wait, group_interval,
repeat_interval and its rule that what came and went between two notifications is not told).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.calendar import Calendar
from contracts.feed_events import FeedMessage
from services.alerts.notifying.pace import Pace

Reason = Literal["first", "more", "digest", "repeat"]


@dataclass(frozen=True, slots=True)
class Next:
    """The next notification: due at `at`, of the `owed` messages; `told` are those that it has to say."""

    grouping: str
    reason: Reason
    at: datetime
    owed: tuple[FeedMessage, ...]
    told: tuple[FeedMessage, ...]


def following(
    owed: Sequence[FeedMessage],
    last: Mapping[str, datetime],
    standing: Sequence[FeedMessage],
    pace: Pace,
    calendar: Calendar,
) -> Next | None:
    """The notification that is due first, be it due yet or not; None: nothing is owed and nothing to be repeated.

    `last`: when each grouping was told something; `standing`: the newest message of each episode it was told of.
    """
    found = [*_news(owed, last, pace, calendar), *_repeats(last, standing, pace, calendar)]
    return min(found, key=lambda each: (each.at, each.reason == "repeat", each.grouping), default=None)


def _news(owed: Sequence[FeedMessage], last: Mapping[str, datetime], pace: Pace, calendar: Calendar) -> list[Next]:
    groupings: dict[str, list[FeedMessage]] = {}
    for message in owed:
        groupings.setdefault(pace.grouping(message), []).append(message)
    found = []
    for grouping, messages in groupings.items():
        at = pace.due(grouping, min(each.sent for each in messages), last.get(grouping), calendar)
        now = tuple(each for each in messages if each.sent <= at)
        held = pace.digest is not None and not grouping.startswith("urgent")
        reason: Reason = "digest" if held else "more" if grouping in last else "first"
        found.append(Next(grouping, reason, at, now, tuple(condensed(now))))
    return found


def _repeats(
    last: Mapping[str, datetime], standing: Sequence[FeedMessage], pace: Pace, calendar: Calendar
) -> list[Next]:
    groupings: dict[str, list[FeedMessage]] = {}
    for message in standing:
        if is_open(message) and pace.grouping(message) in last:
            groupings.setdefault(pace.grouping(message), []).append(message)
    again = ((grouping, pace.again(last[grouping], calendar), held) for grouping, held in groupings.items())
    return [Next(grouping, "repeat", at, (), tuple(held)) for grouping, at, held in again if at is not None]


def condensed(messages: Sequence[FeedMessage]) -> list[FeedMessage]:
    """Of each chain the newest; nothing of a chain that began and was taken back in between. The worst first."""
    superseded = {name for each in messages for name in each.references}
    here = {each.message_id for each in messages}
    kept = [
        each
        for each in messages
        if each.message_id not in superseded
        and not (each.msg_type == "Cancel" and each.references and here.issuperset(each.references))
    ]
    return sorted(kept, key=_rank)


def is_open(message: FeedMessage) -> bool:
    """Whether a light or ticket that it is about goes on, as far as this message says."""
    ended = message.ends_at is not None or message.msg_type == "Cancel" or message.notification_reason == "closed"
    return not ended and message.kind != "reminder"


def _rank(message: FeedMessage) -> tuple[bool, bool, int, str, int]:
    return (
        message.kind == "reminder",
        message.severity != "red",
        -(message.ticket_level or 0),
        message.group_key,
        message.seq,
    )
