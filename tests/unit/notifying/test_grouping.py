"""What is told at once: a function of the messages and of what was told, not of when somebody looks."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from contracts.calendar import Calendar
from contracts.feed_events import FeedMessage
from services.alerts.notifying.grouping import condensed, following, is_open
from services.alerts.notifying.pace import Pace
from tests.support.feed import SENT, message

CALENDAR = Calendar()
MINUTE = timedelta(minutes=1)


def numbers(messages: Sequence[FeedMessage]) -> list[int]:
    """Their seq."""
    return [each.seq for each in messages]


def test_a_months_end_is_one_notification() -> None:
    """300 messages within a minute are told together."""
    owed = [message(n, after=n / 400) for n in range(1, 301)]
    found = following(owed, {}, [], Pace(), CALENDAR)
    assert found is not None
    assert (found.grouping, found.reason, found.at) == ("all", "first", owed[0].sent + MINUTE)
    assert numbers(found.owed) == list(range(1, 301))


def test_what_comes_later_comes_with_the_next() -> None:
    """The wait ends at a moment of the messages' own; ten minutes lie between two notifications."""
    owed = [message(1), message(2, after=1), message(3, after=2)]
    found = following(owed, {}, [], Pace(), CALENDAR)
    assert found is not None
    assert (numbers(found.owed), found.at) == ([1, 2], SENT + MINUTE)
    found = following(owed[2:], {"all": found.at}, [], Pace(), CALENDAR)
    assert found is not None
    assert (found.reason, numbers(found.owed), found.at) == ("more", [3], SENT + 11 * MINUTE)


def test_the_grouping_that_is_due_first_comes_first() -> None:
    """Urgent ones do not wait for the others."""
    owed = [message(1), message(2, after=3, ticket_level=3)]
    found = following(owed, {}, [], msgspec.convert({"digest": "20:00", "urgent": {"levels": [3]}}, Pace), CALENDAR)
    assert found is not None
    assert (found.grouping, numbers(found.owed), found.at) == ("urgent", [2], SENT + 4 * MINUTE)
    found = following(owed[:1], {}, [], msgspec.convert({"digest": "20:00"}, Pace), CALENDAR)
    assert found is not None
    assert (found.reason, found.at) == ("digest", SENT + timedelta(hours=11))


def test_of_a_chain_the_newest_is_told() -> None:
    """A ticket that was opened and answered is one entry; the warning it confirms is none."""
    early = message(1, kind="warning", ticket_id=None, ticket_level=None, notification_reason="early")
    first = message(2, references=(early.message_id,))
    answered = message(3, msg_type="Update", references=(first.message_id,), notification_reason="answered")
    assert numbers(condensed([early, first, answered])) == [3]


def test_what_came_and_went_is_not_told() -> None:
    """A Cancel of what was never said is nothing; of what was said before it is news."""
    first = message(1)
    gone = message(2, msg_type="Cancel", references=(first.message_id,), notification_reason="cancelled")
    found = following([first, gone], {}, [], Pace(), CALENDAR)
    assert found is not None
    assert (numbers(found.owed), found.told) == ([1, 2], ())
    assert numbers(condensed([gone])) == [2]


def test_the_worst_comes_first() -> None:
    """Red before yellow, higher levels before lower, then by district and period."""
    said = [
        message(1),
        message(2, ticket_level=2),
        message(3, severity="red", group_key="district=deqing,period=2023-06"),
        message(4, severity="red", group_key="district=anji,period=2023-06"),
    ]
    assert numbers(condensed(said)) == [4, 3, 2, 1]


def test_what_still_stands_is_said_again() -> None:
    """After `repeat`, only while it is open, and with what else is told before then not at all."""
    pace = msgspec.convert({"repeat": "1d"}, Pace)
    closed = message(2, notification_reason="closed", ends_at=SENT)
    found = following([], {"all": SENT}, [message(1), closed], pace, CALENDAR)
    assert found is not None
    assert (found.reason, found.at, found.owed, numbers(found.told)) == ("repeat", SENT + timedelta(days=1), (), [1])
    assert following([], {"all": SENT}, [closed], pace, CALENDAR) is None
    assert following([], {}, [message(1)], pace, CALENDAR) is None
    assert following([], {"all": SENT}, [message(1)], Pace(), CALENDAR) is None
    found = following([message(3)], {"all": SENT}, [message(1)], pace, CALENDAR)
    assert found is not None
    assert found.reason == "more"


def test_what_is_open() -> None:
    """Until it ends, is closed or taken back."""
    assert is_open(message(1))
    assert not is_open(message(1, msg_type="Cancel"))
    assert not is_open(message(1, ends_at=SENT))
    assert not is_open(message(1, notification_reason="closed"))
    assert not is_open(message(1, kind="reminder"))
