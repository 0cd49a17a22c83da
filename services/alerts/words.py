"""The words of lights, levels and states for people, Chinese first; the API, the wall and the boards say the same."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.events import Colour, Text

WORST_FIRST: tuple[Colour, ...] = ("red", "yellow", "grey", "green")

# A light is never its colour alone: each has a letter and a shape (pages/shapes.svg draws the same four).
LETTERS: Mapping[str, Text] = MappingProxyType(
    {
        "red": Text("红", "R"),
        "yellow": Text("黄", "Y"),
        "green": Text("绿", "G"),
        "grey": Text("灰", "–"),
    }
)
LIGHTS: Mapping[str, Text] = MappingProxyType(
    {
        "red": Text("红灯", "red"),
        "yellow": Text("黄灯", "yellow"),
        "green": Text("绿灯", "green"),
        "grey": Text("灰灯", "grey"),
    }
)
LEVELS: Mapping[int, Text] = MappingProxyType(
    {1: Text("提醒", "reminder"), 2: Text("督办函", "supervision letter"), 3: Text("约谈", "summons")}
)
TICKET_STATES: Mapping[str, Text] = MappingProxyType(
    {
        "OPEN": Text("待签收", "open"),
        "ACKED": Text("已签收", "acknowledged"),
        "ANSWERED": Text("已反馈", "answered"),
        "RECOVERED": Text("待复核", "recovered"),
        "CLOSED": Text("已销号", "closed"),
        "CANCELLED": Text("已撤销", "cancelled"),
    }
)


def said(words: Mapping[str, Text], key: str) -> Text:
    """The words for a key, or the key itself where none are listed."""
    return words.get(key.upper()) or words.get(key) or Text(key, key)
