"""What the viewer of the time-lapse sees in the terminal: the step, the date, the lights, the last messages.

On a terminal it redraws in place; elsewhere it prints a line now and then.
"""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.demo.driver import Progress

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
_LIGHTS = re.compile(r'^liangshai_lights\{.*colour="(\w+)".*\} (\d+)$', re.MULTILINE)


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


def lights(gauges: str) -> dict[str, int]:
    """How many series show each light, the worst first."""
    found = dict.fromkeys(SHAPES, 0)
    for colour, count in _LIGHTS.findall(gauges):
        found[colour] += int(count)
    return found
