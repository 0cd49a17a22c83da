"""An evaluated case for people: a table of its numbers and light, its sentence, and what became of what was done."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.act import CODE_ZH, OUTCOME_ZH
from cli.evaluating import Evaluated
from contracts.events import Colour
from services.alerts.trial.replaying import Episode
from services.alerts.words import LEVELS, TICKET_STATES

COLOURS: Mapping[Colour, str] = {"green": "绿 green", "yellow": "黄 yellow", "red": "红 red", "grey": "灰 grey"}
STYLES: Mapping[Colour, str] = {"green": "green", "yellow": "yellow", "red": "bold red", "grey": "dim"}
ROWS = (  # field of the standing, what it is called
    ("value", "完成值 value"),
    ("expected", "序时应为 expected"),
    ("target", "目标 target"),
    ("target_on", "目标日期 target on"),
    ("baseline", "起点 baseline"),
    ("baseline_on", "起点日期 baseline on"),
    ("baseline_source", "起点来源 baseline from"),
    ("tolerance", "容差 tolerance"),
    ("mode", "评判方式 mode"),
    ("reason", "不评判原因 reason"),
    ("short", "差额 short"),
    ("short_pct", "差额占比 % short"),
    ("lag", "落后百分点 lag"),
    ("ratio", "完成比 ratio"),
    ("attainment", "完成度 attainment"),
)


def show_beside(beside: Mapping[str, Any]) -> None:
    """Scores and a project, a line each."""
    console = Console(highlight=False)
    for row in beside.get("scores", ()):
        unranked = f"不排位 not ranked ({row['not_ranked']})"
        place = f"第{row['place']}位 place {row['place']}" if row["place"] else unranked
        points = f"过程分 process points {row['process_points']}"
        console.print(escape(f"{row['unit']}: 得分 score {row['score']} · {place} · {points}"))
    if of := beside.get("project"):
        points = f"应完成 due {of['expected_points']} · 已完成 done {of['done_points']}"
        light = COLOURS[of["light"] or "grey"]
        console.print(escape(f"项目 project {of['period']}: {points} · 落后 {of['lag_days']} 天 days behind · {light}"))


def show(found: Evaluated) -> None:
    """The standing, the light, what follows from them, and what became of reports and acts."""
    console, standing = Console(highlight=False), found.standing
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("指标 indicator", f"{standing.indicator} · {standing.district} · {standing.period} ({standing.unit})")
    for field, called in ROWS:
        value = getattr(standing, field)
        if value is not None:
            table.add_row(called, escape(str(value)))
    if standing.forecast is not None and standing.forecast.value is not None:
        misses = " · 照此难以达标 will miss" if standing.forecast.will_miss else ""
        table.add_row("预测 forecast", f"{standing.forecast.value}{misses}")
    if standing.owed is not None:
        table.add_row("未达目标 still owed", f"{standing.owed.value} ({standing.owed.on})")
    table.add_row("灯 light", f"[{STYLES[found.light]}]{COLOURS[found.light]}[/]")
    if found.raw != found.light:
        table.add_row("仅按数值 by the numbers alone", COLOURS[found.raw])
    if found.override is not None:
        table.add_row("人工调灯 overridden", COLOURS[found.override])
    for ticket in found.tickets:
        table.add_row("督办单 ticket", _ticket(ticket))
    for ticket in found.reporting if found.acts else ():
        table.add_row("督办单（报送） ticket for reporting", _ticket(ticket))
    if standing.flags:
        table.add_row("标记 flags", ", ".join(standing.flags))
    console.print(table)
    console.print(escape(f"\n{standing.explanation.zh}\n{standing.explanation.en}"))
    turned_down = [(n, *each) for n, each in enumerate(found.outcomes) if each[0] not in ("applied", "unchanged")]
    for n, kind, code, _ in turned_down:
        console.print(escape(f"未采用 not used: reports[{n}]: {kind}{f' ({code})' if code else ''}"), style="dim")
    for act in found.acts:
        console.print(escape(f"操作 act {act['act']} {act['district']} {act['period']}: {_became(act)}"))
    for each in found.overrides:
        words = {"in_force": "生效中 in force", "ended": "已结束 ended", "refused": "未生效 refused"}[each["outcome"]]
        worse = "：只能调差 it may only worsen" if each["code"] else ""
        colour = COLOURS[each["colour"]]
        console.print(
            escape(f"人工调灯 override {colour} {each['at']:%Y-%m-%d}–{each['until']:%Y-%m-%d}: {words}{worse}")
        )


def _ticket(of: Episode) -> str:
    level, state = LEVELS[of.level], TICKET_STATES.get(of.state)
    now = f"{state.zh} {state.en}" if state else of.state
    return f"{of.first_period} 起 from · 最高 up to {level.zh} {level.en} · {now}"


def _became(act: Mapping[str, Any]) -> str:
    why = f"：{CODE_ZH.get(act['code'], '')} {act['code']}" if act["code"] else ""
    return f"{OUTCOME_ZH[act['outcome']]} {act['outcome']}{why}"
