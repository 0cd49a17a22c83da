"""`liangshai trial PROFILE`: tries a rule on the recorded history before it is adopted, touching nothing.

PROFILE is a YAML file that says only what differs: threshold numbers (`y_pp: "12"`), or `profile:`, `calendar:` and
`scheme:` with theirs. The office's token is needed: alerts replays its history under both rules and answers what would
have differed.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.sending import DIRECT, Unsendable, token_of
from contracts.catalogue import SHIPPED

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

URL = "http://127.0.0.1:8103"
SECTIONS = {"profile", "calendar", "scheme"}
_TABLES = {"指标 indicators": None, "未报 missing reports": "reporting", "重大项目 projects": "projects"}
PATIENCE = 180.0  # seconds: the service gives up before


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser("trial", help="试行规则 / try a rule on the recorded history, touching nothing")
    parser.add_argument("profile", metavar="PROFILE", type=Path, help="YAML，只写不同之处 / only what differs")
    parser.add_argument("--from", dest="first", metavar="DAY", help="自该日起的报告期 / periods that end from then on")
    parser.add_argument("--to", dest="last", metavar="DAY", help="至该日 / periods that end by then")
    parser.add_argument("--indicator", help="只看一个指标 / one indicator only")
    parser.add_argument("--district", help="只看一个区县 / one district only")
    parser.add_argument("--programme", default=SHIPPED.name, help="工程，默认 / default: %(default)s")
    parser.add_argument(
        "--url", default=os.environ.get("LIANGSHAI_ALERTS_URL", URL), help="接口，默认 / default: %(default)s"
    )
    parser.add_argument("--token-file", type=Path, help="令牌文件；默认用 / default: LIANGSHAI_TOKEN")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the document, for scripts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        found = tried(args.url.rstrip("/"), token_of(args.token_file), args.programme, asked(args))
    except Unsendable as problem:
        print(problem, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _show(found)
    return int(found["self_check"]["deviations"] + found["self_check"]["ticket_deviations"] > 0)


def asked(args: argparse.Namespace) -> dict[str, Any]:
    """What the service is asked: the file's rules and the part of history that is looked at."""
    try:
        said = yaml.safe_load(args.profile.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as problem:
        raise Unsendable(f"无法读取 / cannot be read: {problem}") from problem
    if not isinstance(said, dict):
        raise Unsendable(f"{args.profile} 没有写明试行的规则 / says no rule to try")
    rules = said if said.keys() & SECTIONS else {"profile": said}
    chosen = {"from": args.first, "to": args.last, "indicator": args.indicator, "district": args.district}
    return rules | {name: value for name, value in chosen.items() if value is not None}


def tried(
    url: str, token: str, programme: str, body: Mapping[str, Any], transport: httpx.BaseTransport | None = None
) -> dict[str, Any]:
    """The answer. `Unsendable` when there is none."""
    mounts = {} if transport is not None else DIRECT
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with httpx.Client(transport=transport, mounts=mounts, timeout=PATIENCE, headers=headers) as client:
        try:
            content = json.dumps(body, default=str, ensure_ascii=False).encode()
            answer = client.post(f"{url}/v1/programmes/{programme}/trials", content=content)
            document: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as problem:
            raise Unsendable(f"无法连接 / cannot reach {url}: {problem!r}") from problem
    if answer.status_code != 200:
        raise Unsendable(f"{document.get('detail_zh')} / {document.get('detail')}")
    return document


def _show(found: Mapping[str, Any]) -> None:
    console, check = Console(highlight=False), found["self_check"]
    for title, of in _TABLES.items():
        console.print(_table(found, title, of))
    for of in found.get("places", ()):
        now, then = of["place_now"] or "–", of["place_then"] or "–"
        place = f"{of['district']} {of['period']} 排位 place {now} → {then}"
        score = f"得分 score {of['score_now']} → {of['score_then']}"
        console.print(escape(f"{place} · {score} · 过程分 process points {of['process_now']} → {of['process_then']}"))
    for example in found["examples"]:
        console.print(escape(f"· {example['zh']}\n  {example['en']}"))
    lights, tickets = check["deviations"], check["ticket_deviations"]
    style = "red" if lights or tickets else "dim"
    zh = f"自检：按现行规则重放，{check['cells']} 个报送单元和项目月份的定灯与已存不符 {lights} 个，"
    zh += f"{check['tickets']} 件督办单与已存不符 {tickets} 件"
    en = f"self-check: of {check['cells']} lights (cells, months of projects) {lights} differ "
    en += f"when replayed by the present rules, of {check['tickets']} tickets {tickets}"
    console.print(escape(f"\n{zh}\n{en}"), style=style)


def _table(found: Mapping[str, Any], title: str, of: str | None) -> Table:
    """What differs by unit: of its indicators (`of` None), of missing reports, or of projects."""
    lights = of != "reporting"
    titles = (
        *("单位 unit", *(("定灯 lights", "变差 worse", "变好 better") if lights else ())),
        *("督办单 tickets", "督办函 letters", "约谈 summonses", "撤销 cancelled"),
    )
    table = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for each in titles:
        table.add_column(each, overflow="fold", justify="left" if each == titles[0] else "right")
    for unit in (*found["districts"], *found["departments"]):
        tally = unit["tally"] if of is None else unit["tally"][of]
        if _moved(tally):
            table.add_row(f"{unit['name']['zh']} {unit['name']['en']}", *_cells(tally))
    table.add_row("[bold]合计 total[/]", *_cells(found["total"] if of is None else found["total"][of]))
    return table


def _moved(tally: Mapping[str, Any]) -> bool:
    moved = any(tally[name]["now"] != tally[name]["then"] for name in _PAIRS)
    return moved or bool(tally.get("worse") or tally.get("better"))


_PAIRS = ("opened", "letters", "summonses", "cancelled")


def _cells(tally: Mapping[str, Any]) -> Sequence[str]:
    lights = [str(tally[name]) for name in ("lights", "worse", "better") if name in tally]
    return *lights, *(f"{tally[name]['now']} → {tally[name]['then']}" for name in _PAIRS)
