"""The feed as Atom: well-formed, stable, Chinese first (RFC 4287)."""

import xml.etree.ElementTree as ET
from datetime import datetime

import msgspec

from contracts.catalogue import SHIPPED, load
from services.alerts.atom import document
from tests.support.feed import message

PROGRAMME = load(SHIPPED).programme
NS = {"a": "http://www.w3.org/2005/Atom"}


def test_every_message_is_an_entry() -> None:
    """What RFC 4287 requires of a feed and an entry: id, title, updated, an author; a link that leads somewhere."""
    said = [message(2, after=5, severity="red", ticket_level=3), message(1)]
    feed = ET.fromstring(document(said, PROGRAMME))
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert feed.findtext("a:title", "", NS).startswith("亮晒预警信息流 · 湖州市")
    assert feed.findtext("a:author/a:name", None, NS) == "亮晒 liangshai"
    assert feed.findtext("a:updated", None, NS) == "2023-07-06T09:05:00+08:00"
    first, second = feed.findall("a:entry", NS)
    assert first.findtext("a:id", None, NS) == f"urn:uuid:{said[0].message_id}"
    assert first.findtext("a:title", "", NS).startswith("■ 红灯·约谈 德清县第2项")
    assert first.findtext("a:updated", None, NS) == "2023-07-06T09:05:00+08:00"
    lines = first.findtext("a:summary", "", NS).splitlines()
    assert lines == [said[0].annotations[n] for n in ("summary_zh", "lag_text_zh", "summary_en", "lag_text_en")]
    link = second.find("a:link", NS)
    assert link is not None
    assert (link.get("rel"), link.get("href")) == ("alternate", "http://boards/d/liangshai-district")
    assert [each.get("term") for each in second.findall("a:category", NS)] == ["ticket", "lag", "yellow", "first"]


def test_the_same_feed_is_the_same_bytes() -> None:
    """A reader that comes again finds the same ids and moments."""
    assert document([message(1)], PROGRAMME) == document([message(1)], PROGRAMME)


def test_without_messages_it_is_a_feed() -> None:
    """As old as the programme's work."""
    feed = ET.fromstring(document([], PROGRAMME))
    assert datetime.fromisoformat(feed.findtext("a:updated", "", NS)) == PROGRAMME.live_since
    assert feed.findall("a:entry", NS) == []


def test_any_words_are_well_formed() -> None:
    """Markup is text, and what XML has no place for is left out."""
    said = message(1)
    words = said.annotations | {"summary_zh": "<b>甲 & 乙</b> \x0b\ud800 ]]>"}
    feed = ET.fromstring(document([msgspec.structs.replace(said, annotations=words)], PROGRAMME))
    assert feed.findtext("a:entry/a:title", None, NS) == "▲ 黄灯·提醒 <b>甲 & 乙</b>  ]]>"
