"""The end of the time-lapse: places, open tickets by rule, projects behind, the worst items, where to look.

Read as any viewer could: from the public APIs with the reader's token, and from /metrics.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.demo.demo import Demo
from deploy.demo.screen import SHAPES, SIMULATED
from deploy.demo.tokens import READER

_TICKETS = re.compile(r'^liangshai_tickets\{.*rule="(\w+)".*state="(\w+)".*\} (\d+)$', re.MULTILINE)
_RULES = {"lag": "滞后 lag", "reporting": "报送 reporting", "forecast": "预测 forecast", "project": "项目 project"}
_OVER = ("CLOSED", "CANCELLED")
_SHOWN = 10


def show(demo: Demo) -> None:
    """The tables on the demo's screen; what a service does not tell is left out."""
    console = demo.screen.console
    headers = {"authorization": f"Bearer {demo.tokens[READER]}"}
    programme = f"/v1/programmes/{demo.lookup.programme.id}"
    with httpx.Client(trust_env=False, headers=headers, timeout=30) as client:
        scores = client.get(f"{demo.stack.alerts.url}{programme}/scores")
        projects = client.get(f"{demo.stack.metrics.url}{programme}/projects", params={"limit": 500})
        gauges = client.get(f"{demo.stack.alerts.operations}/metrics").text
        wall = client.get(f"{demo.stack.alerts.operations}/wall.json").json()
    if scores.status_code == 200:
        console.print(places(scores.json()))
    console.print(tickets(gauges))
    if projects.status_code == 200:
        console.print(behind(projects.json()["items"]))
    console.print(worst(wall))
    _where(console, demo)


def places(edition: Mapping[str, Any]) -> Table:
    """The districts of an edition in the order of their places."""
    table = Table(title=f"区县排位 / places, {edition['period']}", caption=SIMULATED)
    for name in ("位次 place", "区县 district", "得分 score", "报送率 reported", "过程分 process points"):
        table.add_column(name)
    for row in sorted(edition["districts"], key=lambda each: each["place"] or 99):
        place = str(row["place"] or "—")
        table.add_row(
            place, row["name"]["zh"], row["score"] or "—", row["reported_share"] or "—", row["process_points"]
        )
    return table


def tickets(gauges: str) -> Table:
    """Open tickets, and all there were, by rule."""
    open_: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for rule, state, count in _TICKETS.findall(gauges):
        every[rule] += int(count)
        open_[rule] += int(count) if state not in _OVER else 0
    table = Table(title="督办单 / tickets by rule", caption=SIMULATED)
    for name in ("类型 rule", "未结 open", "累计 all"):
        table.add_column(name)
    for rule, name in _RULES.items():
        table.add_row(name, str(open_[rule]), str(every[rule]))
    return table


def behind(items: Sequence[Mapping[str, Any]]) -> Table:
    """The projects furthest behind, by days."""
    late = sorted((each for each in items if each["lag_days"]), key=lambda each: -int(each["lag_days"]))
    table = Table(title=f"落后的重大项目 / projects behind ({len(late)})", caption=SIMULATED)
    for name in ("落后天数 days", "项目 project(虚构 invented)", "联系人 contact", "节点 node"):
        table.add_column(name)
    for each in late[:_SHOWN]:
        table.add_row(str(each["lag_days"]), each["name"]["zh"], each["contact"]["name"], each["late_node"] or "")
    return table


def worst(wall: Mapping[str, Any]) -> Table:
    """The worst items of the wall with the reason in words."""
    table = Table(title="最滞后的指标 / the worst items", caption=SIMULATED)
    for name in ("灯 light", "指标 indicator", "区县 district", "报告期", "滞后 lag", "督办 ticket"):
        table.add_column(name)
    for item in wall["items"][:15]:
        label, style = SHAPES[item["light"]]
        ticket = item["ticket"]["level_text"]["zh"] if item["ticket"] else ""
        table.add_row(
            Text(label, style=style),
            item["name"]["zh"],
            item["district_name"]["zh"],
            item["period"] or "",
            item["lag_text"]["zh"],
            ticket,
        )
    return table


def _where(console: Console, demo: Demo) -> None:
    """Where to look."""
    stack = demo.stack
    places = {
        "工作台 desk": f"{stack.desk.url} (选一人登录 / be anybody)",
        "亮晒墙 wall": f"{stack.alerts.operations}/wall",
        "报送 reports": f"{stack.ingest.url}/v1/reports",
        "进度 standings": f"{stack.metrics.url}/v1/programmes/{demo.lookup.programme.id}/standings",
        "信息流 feed": f"{stack.alerts.url}/v1/feed",
        "Prometheus": f"http://127.0.0.1:{stack.ports.prometheus}",
        "令牌 tokens": str(demo.directory / "tokens"),
    }
    for name, place in places.items():
        console.print(f"  {name:<16} {place}")
    console.print("Ctrl-C 停止并保留数据 / stops everything and keeps the data", style="dim")
