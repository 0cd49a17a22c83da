"""`liangshai catalogue check [DIR]`: loads a programme's catalogue and prints what it leaves in doubt."""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.catalogue import SHIPPED, Unloadable, check, load
from contracts.findings import SEVERITIES, Finding
from contracts.programme import Lookup

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

WORDS = {"error": "错误 error", "warning": "提醒 warning", "note": "说明 note"}
STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def add_parser(subparsers: "Subparsers") -> None:
    catalogue = subparsers.add_parser("catalogue", help="工程目录 / the programme as data")
    actions = catalogue.add_subparsers(required=True, metavar="check")
    parser = actions.add_parser("check", help="装载并检查,仅错误时退出码为1 / load and check; exits 1 on errors only")
    told = "目录，默认 / default: %(default)s"
    parser.add_argument("directory", metavar="DIR", nargs="?", type=Path, default=SHIPPED, help=told)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        lookup = load(args.directory)
    except Unloadable as problem:
        print(f"无法装载 / cannot be loaded: {problem}", file=sys.stderr)
        return 1
    found = check(lookup)
    console = Console(highlight=False)
    if found:
        console.print(_table(found))
    console.print(summary(lookup, found))
    return int(any(each.severity == "error" for each in found))


def _table(found: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("级别 severity", no_wrap=True)
    table.add_column("位置 place,代码 code,说明 what", overflow="fold")
    for each in found:
        what = f"[bold]{each.place}[/bold] {each.code}\n{escape(each.zh)}\n{escape(each.en)}"
        table.add_row(WORDS[each.severity], what, style=STYLES[each.severity])
    return table


def summary(lookup: Lookup, found: list[Finding]) -> str:
    """One line: what was loaded and how many findings of each kind there are."""
    programme, counts = lookup.programme, Counter(each.severity for each in found)
    parts = (
        f"{len(programme.areas)} 领域 areas",
        f"{len(programme.indicators)} 指标 indicators",
        f"{len(lookup.series)} 序列 series",
        *(f"{counts[severity]} {WORDS[severity]}" for severity in SEVERITIES),
    )
    return f"{programme.id} v{programme.version}: " + " · ".join(parts)
