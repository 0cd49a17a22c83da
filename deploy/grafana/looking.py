"""How panels look: the light with its shape and letter, columns with a width, and the panels made of them.

A light is never its colour alone: ■ 红, ▲ 黄, ● 绿, ◆ 灰. Titles are Chinese first, English beside.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import common as cb
from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.builders import stat, statushistory, table, timeseries
from grafana_foundation_sdk.models import common as c
from grafana_foundation_sdk.models import dashboard as d

from deploy.grafana.asking import POSTGRES, PROMETHEUS

RED, YELLOW, GREEN, GREY = "#d92d20", "#e3a008", "#2f9e57", "#7b8794"
LIGHTS = {"3": ("■ 红", RED), "2": ("▲ 黄", YELLOW), "1": ("● 绿", GREEN), "0": ("◆ 灰", GREY)}
LEVELS = {"1": ("1 提醒 reminder", YELLOW), "2": ("2 督办函 letter", "#dd6b20"), "3": ("3 约谈 summons", RED)}
STATES = {
    "OPEN": ("待签收 open", RED),
    "ACKED": ("已签收 acknowledged", YELLOW),
    "ANSWERED": ("已反馈 answered", "#2b6cb0"),
    "RECOVERED": ("待复核 recovered", GREEN),
    "CLOSED": ("已销号 closed", GREY),
    "CANCELLED": ("已撤销 cancelled", GREY),
}
COLOURS = {"red": LIGHTS["3"], "yellow": LIGHTS["2"], "green": LIGHTS["1"], "grey": LIGHTS["0"]}
LIGHT = "灯 Light"  # the column every table of items begins with

Words = Mapping[str, tuple[str, str]]


def mapping(words: Words) -> list[d.ValueMapping]:
    """What a value is called and how it is coloured."""
    return [
        d.ValueMap(
            options={
                value: d.ValueMappingResult(text=text, color=colour, index=index)
                for index, (value, (text, colour)) in enumerate(words.items())
            }
        )
    ]


def named(words: Mapping[str, str]) -> list[d.ValueMapping]:
    """What a code is called."""
    return [d.ValueMap(options={code: d.ValueMappingResult(text=text) for code, text in words.items()})]


def properties(**values: Any) -> list[d.DynamicConfigValue]:
    """Properties of a column, by the names Grafana gives them (`custom_width` is custom.width)."""
    return [d.DynamicConfigValue(id_val=name.replace("_", ".", 1), value=value) for name, value in values.items()]


# Where a row leads on the desk, whose address is the board's variable `desk`: by the ids that stand in hidden columns.
_TO_ITEM = ("查看指标 See the item", "${desk}/items/${__data.fields.indicator}/${__data.fields.district}")
_TO_TICKET = ("查看督办单 See the ticket", "${desk}/tickets/${__data.fields.ticket}")
_TO_PROJECT = ("查看项目 See the project", "${desk}/projects/${__data.fields.project}")
LINKED: Mapping[str, tuple[str, str]] = {
    "指标 Indicator": _TO_ITEM,
    "督办 Level": _TO_TICKET,
    "项目 Project": _TO_PROJECT,
    "项目或任务 Project or task": ("查看项目或指标 See it", "${desk}/${__data.fields.page}"),
    "指标或项目 Indicator or project": _TO_TICKET,
    "内容 Message": ("查看 See what it is about", "${desk}/${__data.fields.page}"),
}
# For a wall: numbers and names that can be read from across a room; tables in Grafana's taller rows.
FIGURE, LISTED, SENTENCE, TITLE = 64, 30, 20, 18  # pixels: one number; several with names; a sentence; a name


def lists(column: str, path: str) -> dict[str, str]:
    """Where a row of counts leads: the unit's name to its list of items, each colour's number to those of the colour.
    `path` names hidden columns in braces, a variable of the board as `$department`."""
    return {column: path} | {f"{text} {name}": f"{path}&light={name}" for name, (text, _) in COLOURS.items()}


def linked(panel: table.Panel, *columns: str, to: Mapping[str, str] | None = None) -> table.Panel:
    """A table whose columns lead to pages of the desk: those of LINKED to one thing, those of `to` to a list narrowed
    to what the row stands for. The ids they need are not shown."""
    lists_ = {
        column: ("查看清单 See the list", "${desk}/" + re.sub(r"\{(\w+)\}", r"${__data.fields.\1}", path))
        for column, path in (to or {}).items()
    }
    told = {column: LINKED[column] for column in columns} | lists_
    for column, (title, url) in told.items():
        panel = panel.override_by_name(column, properties(links=[{"title": title, "url": url}]))
    for column in dict.fromkeys(name for _, url in told.values() for name in re.findall(r"fields\.(\w+)", url)):
        panel = panel.override_by_name(column, properties(custom_hidden=True))
    return panel


def items(
    title: str,
    query: Any,
    *,
    height: int,
    words: Mapping[str, Words],
    width: int = 24,
    plain: Mapping[str, Mapping[str, str]] | None = None,
) -> table.Panel:
    """A table of rows out of Postgres. Columns named in `words` show their values as a coloured word, those in `plain`
    as a word."""
    panel = (
        table.Panel()
        .title(title)
        .datasource(POSTGRES)
        .height(height)
        .span(width)
        .with_target(query)
        .filterable(True)
        .cell_height(c.TableCellHeight.MD)
        .no_value("无 none")
    )
    for column, told in words.items():
        background = {"type": "color-background", "mode": "basic"}
        panel = panel.override_by_name(
            column,
            properties(mappings=mapping(told), custom_cellOptions=background, custom_width=150, custom_align="center"),
        )
    for column, spoken in (plain or {}).items():
        panel = panel.override_by_name(column, properties(mappings=named(spoken)))
    return panel


def figure(
    title: str,
    query: Any,
    *,
    width: int = 4,
    colour: str | None = None,
    unit: str | None = None,
    source: Any = PROMETHEUS,
) -> stat.Panel:
    """One number, large."""
    panel = _numbers(title, query, width, 4, FIGURE).datasource(source).graph_mode(c.BigValueGraphMode.NONE)
    if colour is not None:
        fixed = db.FieldColor().mode(d.FieldColorModeId.FIXED).fixed_color(colour)
        panel = panel.color_scheme(fixed).color_mode(c.BigValueColorMode.BACKGROUND_SOLID)
    return panel.unit(unit) if unit is not None else panel


def listed(title: str, query: Any, *, height: int, width: int = 8) -> stat.Panel:
    """Several numbers out of Prometheus, each with its name."""
    panel = _numbers(title, query, width, height, LISTED).datasource(PROMETHEUS).graph_mode(c.BigValueGraphMode.NONE)
    return panel.text_mode(c.BigValueTextMode.VALUE_AND_NAME).color_mode(c.BigValueColorMode.NONE)


def sentence(title: str, query: Any, *, width: int) -> stat.Panel:
    """Texts out of Postgres, shown as they are."""
    reduce = cb.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/").values(False)
    panel = _numbers(title, query, width, 3, SENTENCE).datasource(POSTGRES).reduce_options(reduce)
    return panel.graph_mode(c.BigValueGraphMode.NONE).color_mode(c.BigValueColorMode.NONE)


def _numbers(title: str, query: Any, width: int, height: int, size: int) -> stat.Panel:
    text = cb.VizTextDisplayOptions().title_size(TITLE).value_size(size)
    return stat.Panel().text(text).title(title).height(height).span(width).with_target(query).no_value("—")


def curves(
    title: str,
    queries: Sequence[Any],
    *,
    width: int = 12,
    source: Any = PROMETHEUS,
    unit: str = "short",
    last: str | None = None,
) -> timeseries.Panel:
    """Curves over time; `last` is the stretch of real time shown, whatever the board's own (gauges are "now")."""
    panel = timeseries.Panel().title(title).datasource(source).height(8).span(width).unit(unit).no_value("无 none")
    panel = panel.line_width(2)
    for query in queries:
        panel = panel.with_target(query)
    return panel.time_from(last) if last is not None else panel


def coloured(panel: timeseries.Panel, *, stacked: bool = True) -> timeseries.Panel:
    """Curves named red, yellow, green and grey drawn as lights; stacked they show how many there are of each."""
    for name, (text, colour) in COLOURS.items():
        fixed = {"mode": "fixed", "fixedColor": colour}
        panel = panel.override_by_name(name, properties(displayName=f"{text} {name}", color=fixed))
    if stacked:
        panel = panel.stacking(cb.StackingConfig().mode(c.StackingMode.NORMAL)).fill_opacity(70)
    return panel


def history(title: str, query: Any, *, height: int, width: int = 24) -> statushistory.Panel:
    """Lights by period, a row an item."""
    return (
        statushistory.Panel()
        .title(title)
        .datasource(POSTGRES)
        .height(height)
        .span(width)
        .with_target(query)
        .mappings(mapping(LIGHTS))
        .show_value(c.VisibilityMode.NEVER)
        .row_height(0.9)
        .line_width(1)
        .fill_opacity(90)
    )
