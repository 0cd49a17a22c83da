"""Small parts of the service: settings, columns, cursors, acts."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from starlette.requests import Request

from contracts.operations.http import Problem
from services.alerts.api.access import columns_of
from services.alerts.api.acts import Commands, event_of
from services.alerts.api.cursors import after_moment, cursor_of
from services.alerts.settings import Settings
from services.alerts.tickets import Event
from services.alerts.views import SeriesLight, TicketView
from tests.support.standings import at


def asked(query: str) -> Request:
    """A request with this query string."""
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def test_settings_come_from_the_environment() -> None:
    """Names as documented; what is missing and has no default is named."""
    said = {
        "LIANGSHAI_KAFKA": "k:1",
        "LIANGSHAI_DATABASE": "postgresql://u:secret@h/d",
        "LIANGSHAI_TOKENS": "/t",
        "LIANGSHAI_CLOCK": "/c",
        "LIANGSHAI_ALERTS_PORT": "1",
        "LIANGSHAI_ALERTS_OPERATIONS_PORT": "2",
        "LIANGSHAI_ALERTS_URL": "http://a/",
        "LIANGSHAI_SIMULATED": "1",
    }
    found = Settings.of(said)
    assert (found.port, found.operations_port, found.clock, found.receivers) == (1, 2, Path("/c"), None)
    assert (found.links.alerts, found.simulated) == ("http://a", True)
    assert "secret" not in repr(found)
    with pytest.raises(KeyError, match="LIANGSHAI_DATABASE"):
        Settings.of({"LIANGSHAI_KAFKA": "k:1"})


def test_texts_are_two_columns() -> None:
    """A CSV has no nested values."""
    assert [c for c in columns_of(SeriesLight) if "text" in c] == ["lag_text_zh", "lag_text_en"]
    assert "level_text_zh" in columns_of(TicketView)


def test_cursors_come_back_as_they_were_given() -> None:
    """Also when the plus sign was sent unescaped; any other text is refused."""
    cursor = cursor_of(at("2023-07-06"), "id~1")
    for sent in (cursor.replace("+", "%2B"), cursor):
        assert after_moment(asked(f"after={sent}")) == (at("2023-07-06"), "id~1")
    assert after_moment(asked("")) is None
    for wrong in ("x", "2023-07-06~x", "~", "2023-07-06T00:00:00%2B08:00"):
        with pytest.raises(Problem) as refused:
            after_moment(asked(f"after={wrong}"))
        assert refused.value.status == 400


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ('{"act":"ack"}', Event("ack", at("2023-07-06"), actor="me")),
        (
            '{"act":"answer","cause":"雨","plan":"人","promised_on":"2023-08-31"}',
            Event("answer", at("2023-07-06"), actor="me", cause="雨", plan="人", promised_on=date(2023, 8, 31)),
        ),
        ('{"act":"review_passed"}', Event("review_passed", at("2023-07-06"), actor="me")),
        ('{"act":"review_refused","reason":"r"}', Event("review_refused", at("2023-07-06"), actor="me", reason="r")),
        ('{"act":"escalate","reason":"r"}', Event("escalate", at("2023-07-06"), actor="me", reason="r")),
    ],
)
def test_an_act_becomes_the_tables_event(body: str, event: Event) -> None:
    """Rule 8's commands by their names; the actor and the moment are stamped."""
    assert event_of(msgspec.json.decode(body, type=Commands), "me", at("2023-07-06")) == event
