"""What the viewer of the time-lapse sees in the terminal: the step, the date, the lights, the last messages.

On a terminal it redraws in place; elsewhere it prints a line now and then.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.demo.driver import Progress
from deploy.local.stack import Stack

SIMULATED = (
    "演示数据:报送由程序模拟(来源 /simulated/…),不反映湖州市实际进度 / simulated reports, not Huzhou's performance"
)
SHAPES = {
    "red": ("■ 红", "red"),
    "yellow": ("▲ 黄", "yellow"),
    "green": ("● 绿", "green"),
    "grey": ("○ 灰", "bright_black"),
}
QUIET_EVERY = 5.0


class Screen:
    """Shows the set-up steps and then the time-lapse."""

    def __init__(self, console: Console, start: datetime, until: datetime) -> None:
        self.console, self.start, self.until = console, start, until
        self.lights: Mapping[str, int] = {}
        self._live: Live | None = None
        self._said = 0.0

    def step(self, zh: str, en: str) -> None:
        self.console.print(f"[bold cyan]▸[/] {zh} [dim]{en}[/]")

    def __enter__(self) -> "Screen":
        if self.console.is_terminal:
            self._live = Live(console=self.console, refresh_per_second=8, transient=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def show(self, progress: Progress) -> None:
        if self._live is not None:
            self._live.update(self._panel(progress))
        elif time.monotonic() - self._said > QUIET_EVERY or progress.at >= self.until:
            self._said = time.monotonic()
            lights = " ".join(f"{SHAPES[c][0]} {n}" for c, n in self.lights.items())
            self.console.print(
                f"{progress.at:%Y-%m-%d}  报送 {progress.pushed}  消息 {progress.messages}  {lights}", highlight=False
            )

    def _panel(self, progress: Progress) -> Panel:
        total = (self.until - self.start).total_seconds() or 1.0
        done = (progress.at - self.start).total_seconds()
        head = Table.grid(expand=True)
        head.add_row(
            Text(f"{progress.at:%Y-%m-%d %H:%M}", style="bold"),
            ProgressBar(total=total, completed=done),
            Text(f" {100 * done / total:5.1f} %"),
        )
        lights = Text("  ").join(Text(f"{SHAPES[c][0]} {n}", style=SHAPES[c][1]) for c, n in self.lights.items())
        counts = "  ".join(f"{name} {count}" for name, count in sorted(progress.verdicts.items()))
        acts = "  ".join(f"{name} {count}" for name, count in sorted(progress.acts.items()))
        said = "  ".join(f"{name} {count}" for name, count in sorted(progress.said.items()))
        body = Group(
            head,
            Text.assemble("灯 lights  ", lights),
            Text(f"报送 reports {progress.pushed}: {counts}"),
            Text(f"办公室与项目 acts and projects: {said}"),
            Text(f"信息流 messages {progress.messages}  督办 acts: {acts}"),
            *(_message(each) for each in progress.feed[-8:]),
        )
        return Panel(body, title="亮晒 liangshai · 时间推演 time-lapse", subtitle=SIMULATED, border_style="cyan")


def _message(message: dict[str, Any]) -> Text:
    colour = message["severity"]
    style = "dim" if message["msg_type"] == "Cancel" else SHAPES[colour][1]
    text = f"{message['sent'][:10]} {SHAPES[colour][0]} {message['annotations']['summary_zh']}"
    return Text(text, style=style, overflow="ellipsis", no_wrap=True)


def closing(console: Console, wall: Mapping[str, Any], stack: Stack, directory: Path) -> None:
    """The closing table, worst items first with the reason in words, and where to look."""
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
    console.print(table)
    places = {
        "工作台 desk": f"{stack.desk.url} (选一人登录 / be anybody)",
        "亮晒墙 wall": f"{stack.alerts.operations}/wall",
        "报送 reports": f"{stack.ingest.url}/v1/reports",
        "进度 standings": f"{stack.metrics.url}/v1/programmes/{wall['programme']}/standings",
        "信息流 feed": f"{stack.alerts.url}/v1/feed",
        "Prometheus": f"http://127.0.0.1:{stack.ports.prometheus}",
        "令牌 tokens": str(directory / "tokens"),
    }
    for name, place in places.items():
        console.print(f"  {name:<16} {place}")
    console.print("Ctrl-C 停止并保留数据 / stops everything and keeps the data", style="dim")
