"""`liangshai push FILE`: the clerk's and the script's client. Sends, follows the receipt, prints what became of it.

Exit code 0: every item was accepted (or was a duplicate) and none was turned down by recording; 1: some item was not
taken; 2: the file as a whole was not; 3: all were accepted, but the deadline came before their outcomes.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli import example
from cli.sending import MEDIA, TABLES, Sender, Sent, Unsendable, media_of, token_of
from contracts.catalogue import SHIPPED, load
from contracts.events import Text
from contracts.operations.clock import open_clock
from contracts.verdict_words import NOT_TAKEN, OUTCOMES, STATUSES, WAITING
from contracts.verdicts import Answer

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

URL = "http://127.0.0.1:8101"


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser(
        "push", help="报送文件并跟踪结果 / send a file of reports and follow what becomes of it"
    )
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help=f"{' '.join(MEDIA)}; - 为标准输入 / stdin")
    parser.add_argument("--format", choices=[name[1:] for name in MEDIA], help="标准输入的格式 / the form of stdin")
    parser.add_argument(
        "--url", default=os.environ.get("LIANGSHAI_INGEST_URL", URL), help="接口，默认 / default: %(default)s"
    )
    parser.add_argument("--token-file", type=Path, help="令牌文件；默认用 / default: LIANGSHAI_TOKEN")
    parser.add_argument("--deadline", type=float, default=30, metavar="SECONDS", help="等待结果的秒数 / wait this long")
    parser.add_argument("--dry-run", action="store_true", help="只检查，不报送 / check only")
    atomic = "一条不通过则全部不发送(不含消息队列中途故障) / all or nothing, a broker that fails midway aside"
    projects = "报送重大项目：清单、进度、联系督导、红线(JSON、NDJSON) / what is said of major projects"
    parser.add_argument("--projects", action="store_true", help=projects)
    parser.add_argument("--atomic", action="store_true", help=atomic)
    back = "表格写上逐行结果后另存 / the table with the result beside each row"
    parser.add_argument("--verdicts", type=Path, metavar="OUT.xlsx", help=back)
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the documents, for scripts")
    parser.add_argument("--example", action="store_true", help="打印一条今天可报送的示例 / print a report for today")
    parser.add_argument("--district", default="deqing", help="示例的区县 / the example's district (%(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.example:
        return _example(args)
    try:
        content, media = _read(args)
        path = "/v1/projects" if args.projects else "/v1/reports"
        sender = Sender(args.url.rstrip("/"), token_of(args.token_file), args.deadline, path=path)
        if args.verdicts is not None and media not in TABLES:
            raise Unsendable("--verdicts 只用于表格(.xlsx、.csv) / --verdicts is for tables (.xlsx, .csv)")
        sent = sender.send(content, media, dry_run=args.dry_run, atomic=args.atomic)
        if args.verdicts is not None:
            _write_verdicts(args.verdicts, content, sent)
    except Unsendable as problem:
        print(problem, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"answer": sent.answer, "outcomes": [*sent.outcomes.values()]}, ensure_ascii=False, indent=2))
    else:
        _print(sent)
    return code_of(sent)


def code_of(sent: Sent) -> int:
    """The exit code."""
    words = {item["status"] for item in sent.answer["items"]} | {each["outcome"] for each in sent.outcomes.values()}
    return 1 if words & NOT_TAKEN else 0 if sent.followed else 3


def _read(args: argparse.Namespace) -> tuple[bytes, str]:
    if args.file is None:
        raise Unsendable("请给出文件，或用 --example / name a file, or use --example")
    if str(args.file) == "-":
        return sys.stdin.buffer.read(), MEDIA[f".{args.format or 'json'}"]
    try:
        return args.file.read_bytes(), MEDIA[f".{args.format}"] if args.format else media_of(args.file)
    except OSError as error:
        raise Unsendable(f"无法读取 / cannot be read: {error}") from error


def _write_verdicts(path: Path, content: bytes, sent: Sent) -> None:
    """The table with the result beside each row, as far as it is known."""
    from services.ingest.limits import Limits  # only here is a workbook written
    from services.ingest.tables.annotating import Outcome, annotated

    outcomes = [msgspec.convert(each, Outcome) for each in sent.outcomes.values()]
    try:
        path.write_bytes(annotated(content, msgspec.convert(sent.answer, Answer), outcomes, Limits()))
    except (OSError, msgspec.ValidationError) as error:
        raise Unsendable(f"已报送，但无法写入 / sent, but cannot be written: {path}: {error}") from error


def _example(args: argparse.Namespace) -> int:
    """The event on stdout (`> report.json`), how to send it on stderr."""
    lookup = load(os.environ.get("LIANGSHAI_CATALOGUE", SHIPPED))
    clock = os.environ.get("LIANGSHAI_CLOCK")
    event = example.example(lookup, open_clock(Path(clock) if clock else None).now(), args.district)
    if event is None:
        print(f"{args.district} 今天没有可报送的单元 / has no open cell today", file=sys.stderr)
        return 1
    print(example.written(event))
    print(example.instructions(args.url.rstrip("/"), args.district), file=sys.stderr)
    return 0


def _print(sent: Sent) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for title in ("行/序 item", "编号 id", "答复 verdict", "结果 outcome", "说明 what"):
        table.add_column(title, overflow="fold")
    for item in sent.answer["items"]:
        table.add_row(*_row(item, sent.outcomes.get((item["source"], item["id"]))))
    console.print(table)
    counts = {status: count for status, count in sent.answer["counts"].items() if count}
    parts = [f"{STATUSES[status].zh} {status} {count}" for status, count in counts.items()]
    dry = ["试运行，未报送 / dry run, nothing sent"] if sent.answer.get("dry_run") else []
    console.print(" · ".join([*parts, *dry]) or "空 / empty")
    if sent.why_not:
        console.print(escape(sent.why_not), style="yellow")


def _row(item: Mapping[str, Any], outcome: Mapping[str, Any] | None) -> Sequence[str]:
    said = [f"{item.get('detail_zh')}\n{item.get('detail')}"] if item.get("detail") else []
    if item.get("code") and (item.get("column") or item.get("pointer")):
        said.insert(0, f"{item.get('column') or item.get('pointer')}: {item['code']}")
    if outcome is not None:
        cell = "/".join(str(outcome[name]) for name in ("indicator", "name", "district", "period") if outcome.get(name))
        said.append(" ".join(filter(None, [cell, outcome.get("code"), *outcome.get("flags", ())])))
    return (
        str(item.get("address") or item.get("row", item["index"])),
        escape(item["id"] or "-"),
        _coloured(item["status"], STATUSES),
        _coloured(outcome["outcome"], OUTCOMES) if outcome is not None else "",
        escape("\n".join(said)),
    )


def _coloured(word: str, words: Mapping[str, Text]) -> str:
    style = "red" if word in NOT_TAKEN else "yellow" if word in WAITING else "green"
    return f"[{style}]{words[word].zh if word in words else word} {word}[/{style}]"
