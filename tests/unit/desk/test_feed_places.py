"""Where a message leads: to the one objection, ticket, project, item or calendar that it is about."""

from typing import Any

import pytest

from services.desk.feed_places import places

OF_ITEM = {"indicator": "i", "district": "deqing", "department": "d", "addressee": "deqing"}
OF_PROJECT = {**OF_ITEM, "indicator": "p", "project": "p"}
ITEM = ("item", "/items/i/deqing")


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ({"kind": "warning"}, [ITEM]),
        ({"ticket_id": "t"}, [("ticket", "/tickets/t"), ITEM]),
        ({"ticket_id": "t", "notification_reason": "objected"}, [("ticket", "/tickets/t#timeline"), ITEM]),
        ({"ticket_id": "t", "notification_reason": "objection_withdrawn"}, [("ticket", "/tickets/t#timeline"), ITEM]),
        (
            {"kind": "objection", "notification_reason": "objected", "labels": {**OF_ITEM, "objection": "o"}},
            [("objection", "/items/i/deqing#objection-o"), ITEM],
        ),
        ({"ticket_id": "t", "labels": OF_PROJECT}, [("ticket", "/tickets/t"), ("project", "/projects/p")]),
        ({"labels": {**OF_PROJECT, "red_line": "x"}}, [("project", "/projects/p#red-lines")]),
        ({"labels": {**OF_ITEM, "red_line": "x"}}, [ITEM]),
        (
            {"kind": "reminder", "labels": {**OF_ITEM, "indicator": ""}, "reminder": {"units": []}},
            [("calendar", "/calendar?unit=deqing")],
        ),
        (
            {"kind": "reminder", "labels": {**OF_ITEM, "indicator": ""}, "reminder": {"units": [{"unit": "deqing"}]}},
            [("calendar", "/calendar/list")],
        ),
    ],
)
def test_a_message_leads_to_what_it_is_about(message: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """The nearest first, the series it belongs to after it."""
    said = {"kind": "ticket", "ticket_id": None, "notification_reason": "first", "labels": OF_ITEM}
    assert places(said | message, {"i"}) == wanted
