"""What a ticket waits for: due within three days, or over already (rule 8's timers and promises)."""

from datetime import datetime
from typing import Any

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.periods import SHANGHAI
from services.desk import ticket_filters

LOOKUP = load(SHIPPED)
NOW = datetime(2026, 11, 30, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("ticket", "due", "late"),
    [
        ({"timer_at": "2026-12-02T00:00:00+08:00"}, True, False),
        ({"timer_at": "2026-12-20T00:00:00+08:00"}, False, False),
        ({"timer_at": "2026-11-30T12:00:00+08:00"}, True, True),
        ({"state": "ANSWERED", "promised_on": "2024-01-25"}, True, True),
        ({"state": "ANSWERED", "promised_on": "2026-11-30"}, True, False),
        ({"timer_at": "2026-11-01T00:00:00+08:00", "suppressed": True}, False, False),
        ({}, False, False),
    ],
)
def test_due_and_late(ticket: dict[str, Any], due: bool, late: bool) -> None:
    """A promise holds to the end of its day; a suppressed ticket waits for nothing."""
    given = {"state": "OPEN", "suppressed": False, "timer_at": None, "promised_on": None} | ticket
    assert ticket_filters.is_due(given, NOW) == due
    assert ticket_filters.is_late(given, NOW) == late


def test_an_objection_to_be_answered_is_a_filter() -> None:
    """It stands in the address of a saved view, and is asked for."""
    filters = ticket_filters.read({"objected": "1"}, LOOKUP)
    assert filters.query == "objected=1"
    assert filters.asked(LOOKUP, None, NOW)["objected"] == "true"


def test_what_the_service_is_asked_for() -> None:
    """What lives unless said otherwise, fifty at a time; the filters of an address, the own unit if asked."""
    usual = ticket_filters.read({}, LOOKUP).asked(LOOKUP, "deqing", NOW)
    assert usual == {"state": "OPEN,ACKED,ANSWERED,RECOVERED", "limit": "50", "skip": "0"}
    said = {"state": "all", "unit": "deqing", "light": "red", "mine": "1", "due": "1", "page": "3", "level": "3"}
    assert ticket_filters.read(said, LOOKUP).asked(LOOKUP, "anji", NOW) == {
        "level": "3", "ticket_light": "red", "district": "deqing", "addressee": "anji",
        "due_by": "2026-12-03T12:00:00+08:00", "limit": "50", "skip": "100",
    }  # fmt: skip
    assert "department" in ticket_filters.read({"unit": "construction_bureau"}, LOOKUP).asked(LOOKUP, None, NOW)
