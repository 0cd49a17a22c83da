"""Draws the wall's document as one HTML page, Chinese first with English beside, or the other way round.

Everything that comes from data passes through `html.escape`; no style and no script stands in the page itself.
"""

from datetime import datetime
from html import escape
from importlib.resources import files
from typing import Literal

from contracts.events import Text
from contracts.numbers import ENGLISH_UNITS, trimmed
from contracts.periods import SHANGHAI
from services.alerts.pages.shapes import Counts, Item, Message, Row, WallDocument
from services.alerts.texts import amount
from services.alerts.words import LETTERS, LIGHTS, WORST_FIRST

Language = Literal["zh", "en"]
SHAPES = files(__package__).joinpath("shapes.svg").read_text("utf-8")

_WORDS = {
    "title": Text("进度晾晒墙", "Progress wall"),
    "simulated": Text(
        "演示数据：模拟报送，非湖州市实际情况", "Demonstration data: simulated reports, not Huzhou's performance"
    ),
    "lost": Text("与后台失去联系，画面停留在", "The server cannot be reached; this is the picture of"),
    "stale": Text("判定已停滞", "judging has stopped"),
    "today": Text("平台日期", "platform date"),
    "as_of": Text("数据截至", "data as of"),
    "through": Text("已判定至", "judged up to"),
    "items": Text("指标进度（最差在前）", "Indicators, worst first"),
    "light": Text("灯", "Light"),
    "name": Text("指标", "Indicator"),
    "district": Text("区县", "District"),
    "department": Text("责任单位", "Department"),
    "lag": Text("滞后", "Behind"),
    "value": Text("完成", "Value"),
    "expected": Text("序时", "Expected"),
    "target": Text("目标", "Target"),
    "period": Text("报告期", "Period"),
    "since": Text("亮灯自", "Light since"),
    "ticket": Text("督办", "Ticket"),
    "stale_item": Text("数据陈旧", "stale"),
    "ended": Text("已结束", "ended"),
    "districts": Text("各区县", "By district"),
    "red_lines": Text("底线红线", "Red lines"),
    "messages": Text("最新预警信息", "Last messages"),
    "more": Text("另有未显示", "not shown"),
    "all": Text("全部显示", "show all"),
    "none": Text("暂无", "none yet"),
}


def page(wall: WallDocument, language: Language, query: str = "") -> bytes:
    """The whole page in a language; `query` is what the links to all rows keep of the address."""
    drawing = _Drawing(language)
    return drawing.page(wall, query).encode()


class _Drawing:
    """The page's parts in one language."""

    def __init__(self, language: Language) -> None:
        self._zh = language == "zh"

    def page(self, wall: WallDocument, query: str) -> str:
        title = f"{self._first(wall.name)} · {self._word('title')}"
        other = ("?lang=en", "English") if self._zh else ("?lang=zh", "中文")
        return f"""<!doctype html>
<html lang="{"zh-CN" if self._zh else "en"}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/wall/wall.css"><script defer src="/wall/wall.js"></script>
</head>
<body>{SHAPES}
<div class="notice" id="simulated"{"" if wall.simulated else " hidden"}>{self._both("simulated")}</div>
<div class="lost" id="lost" role="alert" hidden>{self._both("lost")} <time></time></div>
<main data-version="{wall.version}"{' class="stale"' if wall.stale else ""}>
{self._header(wall, other)}
<div class="columns">
<section class="scrolls items" tabindex="0" aria-label="{self._word("items")}">{self._items(wall, query)}</section>
<aside><section class="districts">{self._districts(wall.districts)}</section>
<section class="messages scrolls" tabindex="0" aria-label="{self._word("messages")}">
{self._red_lines(wall.red_lines)}{self._messages(wall.feed)}</section></aside>
</div>
</main></body></html>
"""

    def _header(self, wall: WallDocument, other: tuple[str, str]) -> str:
        stale = f' <span class="stamp">{self._both("stale")}</span>' if wall.stale else ""
        first, second = escape(self._first(wall.name)), escape(self._second(wall.name))
        return f"""<header><h1 title="{first} · {second}">{first}<small>{second}</small></h1>
<ul class="counts">{self._totals(wall.counts, wall.ended)}</ul>
<div class="dates"><span class="today" data-clock="now">{moment(wall.now)}</span>
<small>{self._word("today")}</small><br>
<small>{self._word("as_of")} <b data-clock="as_of">{wall.as_of or "—"}</b> ·
{self._word("through")} <b data-clock="through">{moment(wall.through)}</b>{stale}</small></div>
<a href="{other[0]}">{other[1]}</a></header>"""

    def _totals(self, counts: Counts, ended: int) -> str:
        lights = "".join(f"<li>{self._light(colour)}{getattr(counts, colour)}</li>" for colour in WORST_FIRST)
        return f'{lights}<li class="ended"><small>{self._word("ended")}</small>{ended}</li>' if ended else lights

    def _items(self, wall: WallDocument, query: str) -> str:
        heads = ("light", "name", "district", "lag", "value", "expected", "target", "period", "since", "ticket")
        numbers = {"value", "expected", "target"}
        head = "".join(f"<th{' class=number' if h in numbers else ''}>{self._word(h)}</th>" for h in heads)
        body = "".join(map(self._item, wall.items))
        rest = wall.total - len(wall.items)
        more = f'<p class="quiet">{self._word("more")}: {rest} · <a href="{escape(query)}">{self._word("all")}</a></p>'
        return (
            f"<h2>{self._both('items')}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"{more if rest else ''}"
        )

    def _item(self, item: Item) -> str:
        mark = "stale_item" if item.stale else "ended" if item.ended else None
        stamp = f' <span class="stamp">{self._word(mark)}</span>' if mark else ""
        kind = f"{item.light}{' stale' if item.stale else ''}{' ended' if item.ended else ''}"
        expected = trimmed(amount(item.expected), item.target) if item.expected else None
        unit = item.unit_zh if self._zh else _english(item.unit)
        district, department = self._first(item.district_name), self._first(item.department_name)
        return f"""<tr class="{kind}"><td>{self._light(item.light)}</td>
<td class="name"><b>{escape(self._first(item.name))}</b><small>{escape(self._second(item.name))}</small></td>
<td class="district">{escape(district)}<small>{escape(department)}</small></td>
<td class="behind">{escape(self._first(item.lag_text))}{stamp}</td>
<td class="number" data-label="{self._word("value")}">{_or_dash(item.value)}<small>{escape(unit)}</small></td>
<td class="number">{_or_dash(expected)}</td><td class="number">{_or_dash(item.target)}</td>
<td>{_or_dash(item.period)}</td><td>{day(item.since)}</td><td>{self._ticket(item)}</td></tr>"""

    def _ticket(self, item: Item) -> str:
        if item.ticket is None:
            return ""
        level, state = self._first(item.ticket.level_text), self._first(item.ticket.state_text)
        return f'<span class="ticket level{item.ticket.level}">{escape(level)}</span><small>{escape(state)}</small>'

    def _districts(self, rows: list[Row]) -> str:
        head = "".join(f"<th class=number>{self._light(colour, small=True)}</th>" for colour in WORST_FIRST)
        body = "".join(self._district(row) for row in rows)
        table = f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<h2>{self._both('districts')}</h2>{table}"

    def _district(self, row: Row) -> str:
        cells = "".join(f"<td class=number>{getattr(row.counts, colour)}</td>" for colour in WORST_FIRST)
        name = f"{escape(self._first(row.name))} <small>{escape(self._second(row.name))}</small>"
        link = f'<a href="?district={escape(row.id)}{self._lang()}">{name}</a>'
        return f'<tr><td class="name">{link}</td>{cells}</tr>'

    def _red_lines(self, messages: list[Message]) -> str:
        """What is open stays above everything that was said since (rule 12)."""
        return f"<h2>{self._both('red_lines')}</h2><ol>{self._lines(messages)}</ol>" if messages else ""

    def _messages(self, messages: list[Message]) -> str:
        none = f"<li>{self._word('none')}</li>"
        return f"<h2>{self._both('messages')}</h2><ol>{self._lines(messages) or none}</ol>"

    def _lines(self, messages: list[Message]) -> str:
        return "".join(
            f"<li>{self._light(each.severity, small=True)}<div>{escape(self._first(each.summary))}"
            f"<br><time>#{each.seq} · {moment(each.sent)}</time></div></li>"
            for each in messages
        )

    def _light(self, colour: str, *, small: bool = False) -> str:
        words = LIGHTS[colour]
        size = " small" if small else ""
        return (
            f'<span class="light {colour}{size}" role="img" '
            f'aria-label="{escape(self._first(words))}" title="{words.zh} {words.en}">'
            f'<svg aria-hidden="true"><use href="#{colour}"/></svg>'
            f'<b aria-hidden="true">{self._first(LETTERS[colour])}</b></span>'
        )

    def _lang(self) -> str:
        return "" if self._zh else "&amp;lang=en"

    def _first(self, text: Text) -> str:
        return text.zh if self._zh else text.en

    def _second(self, text: Text) -> str:
        return text.en if self._zh else text.zh

    def _word(self, key: str) -> str:
        return escape(self._first(_WORDS[key]))

    def _both(self, key: str) -> str:
        return f"{self._word(key)} <small>{escape(self._second(_WORDS[key]))}</small>"


def moment(at: datetime | None) -> str:
    """A moment in Shanghai to the minute."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else "—"


def day(at: datetime | None) -> str:
    """A moment's day in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d") if at else "—"


def _english(unit: str) -> str:
    """A unit in English words; none for pieces, grades and ranks."""
    return "%" if unit == "percent" else ENGLISH_UNITS.get(unit, "")


def _or_dash(text: str | None) -> str:
    return escape(text) if text else "—"
