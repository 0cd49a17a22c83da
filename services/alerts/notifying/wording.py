"""The words of a notification: a title that counts, and one entry a message, Chinese first. Pure."""

from collections import Counter
from collections.abc import Sequence

from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI
from services.alerts.notifying.grouping import Next
from services.alerts.words import LEVELS, LIGHTS

_SHAPES = {"red": "■", "yellow": "▲"}  # never colour alone
_UNLIT = {"reminder": "○ 催报", "objection": "◇ 异议"}


def title(told: Next) -> str:
    """E.g. 【亮晒】督办预警 12 条：红 3、黄 9."""
    day = told.at.astimezone(SHANGHAI)
    what = {"digest": f"{day.month}月{day.day}日摘要", "repeat": "尚未办结"}.get(told.reason, "督办预警")
    counts: Counter[str] = Counter(each.kind if each.kind in _UNLIT else each.severity for each in told.told)
    words = (("red", "红"), ("yellow", "黄"), ("objection", "异议"), ("reminder", "催报"))
    return f"【亮晒】{what} {len(told.told)} 条：" + "、".join(f"{word} {counts[x]}" for x, word in words if counts[x])


def entries(told: Sequence[FeedMessage], *, english: bool, markdown: bool) -> list[str]:
    """One text a message."""
    return [_entry(each, english=english, markdown=markdown) for each in told]


def _entry(message: FeedMessage, *, english: bool, markdown: bool) -> str:
    said = message.annotations
    head = mark(message)
    lines = [f"**{head}**" if markdown else head, said["summary_zh"]]
    lines += [said[name] for name in ("lag_text_zh", "next_step_zh") if said.get(name)]
    if english:
        lines.append(said["summary_en"])
        lines += [said[name] for name in ("lag_text_en", "next_step_en") if said.get(name)]
    first, *rest = lines if not markdown else [lines[0], *map(_plain, lines[1:])]
    link = message.links.get("page") or message.links.get("board", "")
    if link.startswith("http"):
        rest.append(f"[查看详情]({link})" if markdown else link)
    return "\n".join([first, *rest])


def mark(message: FeedMessage) -> str:
    """Shape, light and level; what is no news of a light has a name of its own."""
    if message.kind in _UNLIT:
        return _UNLIT[message.kind]
    level = "" if message.ticket_level is None else f"·{LEVELS[message.ticket_level].zh}"
    return f"{_SHAPES[message.severity]} {LIGHTS[message.severity].zh}{level}"


def _plain(text: str) -> str:
    """Words of units and of the plan say nothing in a robot's markdown: no mention, no link, no type of their own."""
    return " ".join(text.split()).translate(_HARMLESS)


_HARMLESS = str.maketrans({"<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "｀", "_": "＿", "#": "＃"})
