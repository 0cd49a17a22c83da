"""When a person may be told: waiting, intervals, quiet hours, days off and the digest, by the platform's clock."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from contracts.calendar import Calendar
from contracts.catalogue import SHIPPED, load
from contracts.periods import SHANGHAI
from services.alerts.notifying.pace import Pace, at_clock
from tests.support.feed import message

CALENDAR = Calendar.of(load(SHIPPED).programme.calendar)


def moment(text: str) -> datetime:
    """`09-28 21:00` of 2023 in Shanghai."""
    return datetime.strptime(f"2023-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def pace(**said: Any) -> Pace:
    """As the file says it."""
    return msgspec.convert(said, Pace)


NIGHT = {"from": "22:00", "to": "07:30"}
NOON = {"from": "12:00", "to": "13:30"}


@pytest.mark.parametrize(
    ("said", "at", "allowed"),
    [
        ({}, "07-08 03:00", "07-08 03:00"),
        ({"quiet": NIGHT}, "07-06 21:59", "07-06 21:59"),
        ({"quiet": NIGHT}, "07-06 22:00", "07-07 07:30"),
        ({"quiet": NIGHT}, "07-07 03:00", "07-07 07:30"),
        ({"quiet": NIGHT}, "07-07 07:30", "07-07 07:30"),
        ({"quiet": NOON}, "07-07 12:30", "07-07 13:30"),
        ({"working_days": True}, "07-08 10:00", "07-10 00:00"),  # a Saturday
        ({"working_days": True, "quiet": NIGHT}, "07-07 23:00", "07-10 07:30"),
        ({"working_days": True, "quiet": NIGHT}, "09-28 23:00", "10-07 07:30"),  # National Day; a worked Saturday
        ({"working_days": True}, "10-08 09:00", "10-08 09:00"),  # a worked Sunday
    ],
)
def test_the_next_allowed_moment(said: dict[str, Any], at: str, allowed: str) -> None:
    """Outside quiet hours, which may pass midnight, and on working days, as the calendar of breaks has them."""
    assert pace(**said).allowed(moment(at), CALENDAR) == moment(allowed)


@pytest.mark.parametrize(
    ("said", "last", "due"),
    [
        ({}, None, "07-06 21:01"),
        ({"wait": "30m"}, None, "07-06 21:30"),
        ({}, "07-06 20:55", "07-06 21:05"),
        ({"interval": "4h"}, "07-06 20:00", "07-07 00:00"),
        ({"interval": "4h", "quiet": NIGHT}, "07-06 20:00", "07-07 07:30"),
        ({"digest": "08:30"}, None, "07-07 08:30"),
        ({"digest": "21:00"}, None, "07-06 21:00"),
        ({"digest": "21:00"}, "07-06 21:00", "07-07 21:00"),
        ({"digest": 510, "working_days": True}, "07-06 08:30", "07-07 08:30"),
    ],
)
def test_when_a_grouping_is_due(said: dict[str, Any], last: str | None, due: str) -> None:
    """From its first message of 21:00 and the notification before it."""
    found = pace(**said).due("all", moment("07-06 21:00"), None if last is None else moment(last), CALENDAR)
    assert found == moment(due)


def test_the_digest_skips_days_off() -> None:
    """Friday's messages come on Monday."""
    assert pace(digest="08:30", working_days=True).due("all", moment("07-07 09:00"), None, CALENDAR) == moment(
        "07-10 08:30"
    )


def test_urgent_messages_pass() -> None:
    """A grouping of their own that waits for no hour, no day and no digest."""
    settings = pace(quiet=NIGHT, working_days=True, digest="08:30", urgent={"levels": [3], "severities": ["red"]})
    assert [
        settings.grouping(each) for each in (message(1, ticket_level=3), message(2, severity="red"), message(3))
    ] == [
        "urgent",
        "urgent",
        "all",
    ]
    assert settings.due("urgent", moment("07-08 23:00"), None, CALENDAR) == moment("07-08 23:01")
    assert settings.due("urgent", moment("07-08 23:00"), moment("07-08 23:00"), CALENDAR) == moment("07-08 23:10")
    assert settings.due("all", moment("07-08 23:00"), None, CALENDAR) == moment("07-10 08:30")


def test_groupings_by_label() -> None:
    """What is told together, by the words of the message."""
    said = message(1, ticket_level=3, labels=message(1).labels | {"addressee": "anji"})
    settings = pace(together=["district", "addressee", "department", "period"], urgent={"levels": [3]})
    wanted = "urgent,district=deqing,addressee=anji,department=agri_rural_bureau,period=2023-06"
    assert settings.grouping(said) == wanted


def test_repeats_keep_to_the_hours() -> None:
    """Without `repeat` nothing is said again."""
    assert pace().again(moment("07-06 20:00"), CALENDAR) is None
    assert pace(repeat="4h", quiet=NIGHT).again(moment("07-06 20:00"), CALENDAR) == moment("07-07 07:30")


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet": {"from": "22:00", "to": "22:00"}},
        {"quiet": NIGHT, "digest": "06:00"},
        {"digest": "24:00"},
        {"wait": "soon"},
        {"together": ["colour"]},
        {"urgent": {"levels": [4]}},
        {"pause": "1m"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    """A digest in quiet hours, hours that are none, unknown words."""
    with pytest.raises(msgspec.ValidationError):
        pace(**wrong)


def test_yaml_reads_an_unquoted_time_as_minutes() -> None:
    """22:00 without quotes is 1320 to YAML 1.1: the same time."""
    assert at_clock(1320) == at_clock("22:00")
    assert at_clock("7:30") == at_clock("07:30")
