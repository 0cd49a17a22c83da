"""What a ticket waits for: due within three days, or over already (rule 8's timers and promises)."""

from datetime import datetime
from typing import Any

import pytest

from contracts.periods import SHANGHAI
from services.desk import ticket_filters
from tests.support.intake import lookup

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
    """It stands in the address of a saved view, and keeps those tickets only."""
    filters = ticket_filters.read({"objected": "1"}, lookup())
    tickets = [{"objected": said, "opened_at": "2026-11-01", "state": "CLOSED"} for said in (True, False)]
    assert filters.query == "objected=1"
    assert ticket_filters.kept(tickets, filters, None, NOW) == tickets[:1]
