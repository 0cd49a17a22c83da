"""The feed's newest messages as an Atom document (RFC 4287), Chinese first, English beside. Pure.

An entry's id is its message's, its `updated` the moment of sending: a message never changes, what follows is another.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI
from contracts.programme import Programme
from services.alerts.notifying.wording import mark

MEDIA = "application/atom+xml; charset=utf-8"
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no place for them


def document(messages: Sequence[FeedMessage], programme: Programme) -> bytes:
    """Newest first, as they are given; without any the feed is as old as the programme's work."""
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "zh-CN"})
    _text(feed, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:liangshai:feed:{programme.id}')}")
    _text(feed, "title", f"亮晒预警信息流 · {programme.name.zh}")
    _text(feed, "subtitle", f"liangshai feed · {programme.name.en}")
    _text(feed, "updated", _moment(max((each.sent for each in messages), default=programme.live_since)))
    _text(ET.SubElement(feed, "author"), "name", "亮晒 liangshai")
    for each in messages:
        _entry(feed, each)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: ET.Element, message: FeedMessage) -> None:
    entry, said = ET.SubElement(feed, "entry"), message.annotations
    _text(entry, "id", f"urn:uuid:{message.message_id}")
    _text(entry, "title", f"{mark(message)} {said['summary_zh']}")
    _text(entry, "updated", _moment(message.sent))
    _text(entry, "published", _moment(message.sent))
    names = [f"{name}_{language}" for language in ("zh", "en") for name in ("summary", "lag_text", "next_step")]
    _text(entry, "summary", "\n".join(said[name] for name in names if said.get(name)))
    for term in (message.kind, message.rule, message.severity, message.notification_reason):
        ET.SubElement(entry, "category", {"term": term})
    link = message.links.get("page") or message.links.get("board", "")
    if link.startswith("http"):
        ET.SubElement(entry, "link", {"rel": "alternate", "href": _ILLEGAL.sub("", link)})


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _ILLEGAL.sub("", text)


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat()
