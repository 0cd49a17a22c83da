"""`liangshai catalogue`: the programme as data, checked, made from the office's sheets, and applied.

`check [DIR]` prints what a catalogue leaves in doubt; `import FILE.xlsx DIR` makes an overlay of one; `apply DIR` makes
it the next version, after showing targets, indicators, how many cells come, go or are held to it, and which standings
and lights move (rule 2.9).
"""

import argparse
import json
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli import sheets
from cli.applying import Office, Refused
from cli.previewing import lines, preview, told
from cli.sending import Unsendable, token_of
from contracts.catalogue import SHIPPED, Unloadable, check, load, load_over
from contracts.findings import SEVERITIES, Finding
from contracts.programme import Lookup

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

WORDS = {"error": "错误 error", "warning": "提醒 warning", "note": "说明 note"}
STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def add_parser(subparsers: "Subparsers") -> None:
    catalogue = subparsers.add_parser("catalogue", help="工程目录 / the programme as data")
    actions = catalogue.add_subparsers(required=True, metavar="check|apply|import")
    parser = actions.add_parser("check", help="装载并检查,仅错误时退出码为1 / load and check; exits 1 on errors only")
    told = "目录，默认 / default: %(default)s"
    parser.add_argument("directory", metavar="DIR", nargs="?", type=Path, default=SHIPPED, help=told)
    parser.set_defaults(run=run)
    _add_apply(actions)
    _add_import(actions)


def _add_apply(actions: "Subparsers") -> None:
    parser = actions.add_parser("apply", help="应用新版本(办公室) / make it the next version: the office")
    told = "目录，可只含变化部分 / a catalogue, or what differs from the present one"
    parser.add_argument("directory", metavar="DIR", type=Path, help=told)
    default = os.environ.get("LIANGSHAI_INGEST_URL", "http://127.0.0.1:8101")
    parser.add_argument("--url", default=default, help="报送接口，默认 / ingest, default: %(default)s")
    parser.add_argument("--token-file", type=Path, help="令牌文件；默认用 / default: LIANGSHAI_TOKEN")
    metrics = os.environ.get("LIANGSHAI_METRICS_URL", "http://127.0.0.1:8102")
    parser.add_argument("--metrics-url", default=metrics, help="默认 / metrics, default: %(default)s")
    parser.add_argument(
        "--dry-run", action="store_true", help="只看变化，不应用 / show what would change, apply nothing"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the documents, for scripts")
    parser.set_defaults(run=apply)


def _add_import(actions: "Subparsers") -> None:
    parser = actions.add_parser("import", help="由 Excel 生成目录 / make a directory from a workbook")
    parser.add_argument("file", metavar="FILE.xlsx", type=Path, help="目标表、分解表 / sheets of targets and of shares")
    parser.add_argument("directory", metavar="DIR", type=Path, help="写入的目录 / the directory to be written")
    parser.add_argument("--version", required=True, help="新版本号 / the name of the version")
    parser.add_argument("--reason-zh", required=True, help="原因(中文)")
    parser.add_argument("--reason-en", required=True, help="the reason in English")
    parser.add_argument(
        "--base", type=Path, default=SHIPPED, help="现行目录 / the catalogue it is laid over: %(default)s"
    )
    parser.set_defaults(run=import_)


def import_(args: argparse.Namespace) -> int:
    """Write the overlay; 1: cells that were not understood, and nothing is written; 2: no workbook."""
    try:
        found = sheets.read(args.file, load(args.base))
    except (OSError, ValueError, zipfile.BadZipFile) as problem:
        print(f"无法读取 / cannot be read: {problem}", file=sys.stderr)
        return 2
    if found.doubts:
        for each in found.doubts:
            print(f"{each.at}: {each.zh} / {each.en}", file=sys.stderr)
        return 1
    sheets.write(found, args.directory, version=args.version, reason={"zh": args.reason_zh, "en": args.reason_en})
    targets = sum(map(len, found.targets.values()))
    shares = sum(len(parts) for dated in found.shares.values() for parts in dated.values())
    print(f"{args.directory}: {targets} 个目标 targets · {shares} 个分解数 shares")
    return 0


def apply(args: argparse.Namespace) -> int:
    """Show what changes, in targets, cells, standings and lights, then apply it; 1: refused, with the places; 2: not
    read or not reached."""
    try:
        office = Office(args.url.rstrip("/"), token_of(args.token_file))
        before = office.present()
        after, reason = load_over(args.directory, before)
        answer = office.apply(after, reason, dry_run=True)
        found = preview(args.metrics_url.rstrip("/"), office.token, before.programme.id, after.programme)
        moves = told(found, before, after)
        if not args.json:
            _show(answer)
            print("\n".join(lines(moves, after)))
        if not args.dry_run:
            answer = office.apply(after, reason, dry_run=False)
        answer["preview"] = moves
    except Refused as refused:
        print(refused_text(refused.problem), file=sys.stderr)
        return 1
    except (Unloadable, Unsendable) as problem:
        print(problem, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    elif args.dry_run:
        print("试运行，未应用 / dry run, nothing applied")
    else:
        print(f"已应用 / applied: {answer['version']} {answer['applied_at']} sha256 {answer['sha256'][:12]}")
    return 0


def _show(answer: Mapping[str, Any]) -> None:
    changes = answer["changes"]
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for title in ("变化 change", "位置 place", "原 before", "新 after"):
        table.add_column(title, overflow="fold")
    for each in (*changes["indicators"], *changes["targets"], *changes["cells"]):
        table.add_row(each["kind"], each["place"], escape(each["before"] or "-"), escape(each["after"] or "-"))
    console.print(table)
    doubts = Counter(each["severity"] for each in answer["findings"])
    parts = [
        f"{changes['before']} → {changes['after']}",
        f"新增单元 cells that come {changes['cells_come']}",
        f"取消单元 cells that go {changes['cells_go']}",
        f"按新版本评判 cells held to it {changes['cells_held']}",
        *(f"{doubts[severity]} {WORDS[severity]}" for severity in SEVERITIES if doubts[severity]),
        *([f"其他部分 other parts: {', '.join(changes['parts'])}"] if changes["parts"] else []),
    ]
    console.print(" · ".join(parts))


def refused_text(problem: Mapping[str, Any]) -> str:
    """Why it was refused, place by place."""
    lines = [f"{problem.get('code')}: {problem.get('detail_zh')} / {problem.get('detail')}"]
    lines += [f"  {each['place']} {each['code']}: {each['zh']} / {each['en']}" for each in problem.get("findings", ())]
    return "\n".join(lines)


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
