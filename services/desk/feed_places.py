"""Where a message of the feed leads on the desk: the one objection, ticket, project, item or calendar. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

Message = Mapping[str, Any]


def places(message: Message, items: Collection[str]) -> list[tuple[str, str]]:
    """What it is about, the nearest first, as the key of a text and an address. `items`: the indicators there are."""
    labels, found = message["labels"], []
    item = f"/items/{labels['indicator']}/{labels['district']}" if labels.get("indicator") in items else None
    if item and labels.get("objection"):
        found.append(("objection", f"{item}#objection-{labels['objection']}"))
    if message["ticket_id"]:
        found.append(("ticket", f"/tickets/{message['ticket_id']}{_of_ticket(message)}"))
    if labels.get("project"):
        found.append(("project", f"/projects/{labels['project']}{'#red-lines' if labels.get('red_line') else ''}"))
    if item:
        found.append(("item", item))
    if message["kind"] == "reminder":
        everybody = (message.get("reminder") or {}).get("units")
        found.append(("calendar", "/calendar/list" if everybody else f"/calendar?unit={labels['addressee']}"))
    return found


def _of_ticket(message: Message) -> str:
    """An objection to a ticket, and how it ended, stand in its timeline."""
    return "#timeline" if message["notification_reason"].startswith("object") else ""
