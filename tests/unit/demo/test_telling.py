"""When the tale is told: few instants a day, nothing moved to another day or before its time."""

from datetime import datetime

import pytest

from contracts.periods import SHANGHAI
from deploy.demo.telling import HOURS, gathered


@pytest.mark.parametrize(
    ("told", "sent"), [("09:00", "11:00"), ("11:00", "11:00"), ("11:01", "15:00"), ("17:30", "18:00")]
)
def test_what_is_told_in_the_day_is_sent_at_the_next_hour(told: str, sent: str) -> None:
    """Later on the same day, at an hour at which others send too."""
    moved = gathered(datetime.fromisoformat(f"2023-02-05T{told}").replace(tzinfo=SHANGHAI))
    assert moved == datetime.fromisoformat(f"2023-02-05T{sent}").replace(tzinfo=SHANGHAI)
    assert moved.hour in HOURS


@pytest.mark.parametrize("told", ["00:00", "05:59", "18:01"])
def test_what_is_told_in_the_night_keeps_its_time(told: str) -> None:
    """A moment by the rule, or after the last hour."""
    at = datetime.fromisoformat(f"2023-02-05T{told}").replace(tzinfo=SHANGHAI)
    assert gathered(at) == at
