"""`liangshai act`: the office's acts on cells (approve, return, excuse, publish) and a comment on a flag (rule 2.9).

Sends one act, follows its receipt, prints what became of it. The same command again is the same act. Exit code 0: it
was applied, or there was nothing left to do; 1: turned down; 2: not taken; 3: accepted, no outcome before the deadline.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from cli.sending import DIRECT, Sender, Sent, Unsendable, token_of
from contracts.submission import ACT_TYPE

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

INGEST, METRICS = "http://127.0.0.1:8101", "http://127.0.0.1:8102"
ON_REPORTS = {
    "approve": ("report.approved", "批准锁定后的报送 / approve a held report"),
    "return": ("report.returned", "退回锁定后的报送 / return a held report"),
    "comment": ("flag.commented", "说明数据异常 / explain a report's quality flags"),
}
ON_CELLS = {
    "excuse": ("cell.excused", "本期免报 / excuse a cell from reporting"),
    "unexcuse": ("cell.unexcused", "撤销免报 / end an excuse"),
    "publish": ("cell.published", "公布并锁定 / publish a cell, which locks it"),
}
OUTCOME_ZH = {
    "applied": "已生效",
    "unchanged": "无须变动",
    "duplicate": "重复",
    "id_conflict": "编号冲突",
    "refused": "未生效",
}
CODE_ZH = {
    "unknown_report": "尚无此报送",
    "not_held": "该报送无须审批",
    "already_decided": "此前已作决定",
    "not_flagged": "该报送没有待说明的异常",
    "not_excused": "该单元未免报",
}


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser(
        "act", help="专班办公室的操作 / the office's acts: approve, return, excuse, comment…"
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")
    for name, (kind, words) in ON_REPORTS.items():
        one = acts.add_parser(name, help=words)
        one.add_argument("source", help="报送的 source / the report's source")
        one.add_argument("id", help="报送的 id / the report's id")
        _common(one, kind)
    for name, (kind, words) in ON_CELLS.items():
        one = acts.add_parser(name, help=words)
        for what, said in (("indicator", "指标"), ("district", "区县"), ("period", "报告期")):
            one.add_argument(what, help=f"{said} / {what}")
        one.add_argument("--programme", default="huzhou-2023-2027", help="工程 / programme (%(default)s)")
        if kind == "cell.excused":
            one.add_argument("--until", metavar="DATE", help="最后免报日，可省略 / the last excused day, if any")
        if kind == "cell.published":
            one.add_argument("--publication", help="通报名称 / what contains the cell")
        _common(one, kind)


def _common(parser: argparse.ArgumentParser, kind: str) -> None:
    parser.add_argument("--reason", help="理由或说明 / the reason, or the comment itself")
    parser.add_argument("--url", default=os.environ.get("LIANGSHAI_INGEST_URL", INGEST), help="ingest (%(default)s)")
    parser.add_argument("--metrics-url", default=os.environ.get("LIANGSHAI_METRICS_URL", METRICS), help="(%(default)s)")
    parser.add_argument("--token-file", type=Path, help="令牌文件；默认用 / default: LIANGSHAI_TOKEN")
    parser.add_argument("--deadline", type=float, default=30, metavar="SECONDS", help="等待秒数 / wait this long")
    parser.add_argument("--dry-run", action="store_true", help="只检查 / check only")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the documents, for scripts")
    parser.set_defaults(run=run, kind=kind)


def run(args: argparse.Namespace) -> int:
    try:
        token = token_of(args.token_file)
        event = event_of(args, _cell(args, token))
        sender = Sender(args.url.rstrip("/"), token, args.deadline, path="/v1/acts")
        content = json.dumps(event, ensure_ascii=False).encode()
        sent = sender.send(content, "application/json", dry_run=args.dry_run)
    except Unsendable as problem:
        print(problem, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"answer": sent.answer, "outcomes": [*sent.outcomes.values()]}, ensure_ascii=False, indent=2))
    else:
        print(told(sent))
    return code_of(sent)


def event_of(args: argparse.Namespace, cell: Mapping[str, str]) -> dict[str, Any]:
    """The act as a CloudEvent; its id is its content's, so that the same act twice is one."""
    about = {"source": args.source, "id": args.id} if "source" in args else None
    given = {"report": about, "reason": args.reason}
    given |= {name: getattr(args, name) for name in ("until", "publication") if name in args}
    data = {"act": args.kind, **cell} | {name: value for name, value in given.items() if value is not None}
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
    return {"specversion": "1.0", "id": f"act-{digest}", "source": "/cli/acts", "type": ACT_TYPE, "data": data}


def told(sent: Sent) -> str:
    """One line: what ingest said, or what metrics made of it."""
    [item] = sent.answer["items"]
    if item["status"] != "accepted":
        return f"退回 {item.get('code')} {item.get('pointer') or ''}\n{item.get('detail_zh')}\n{item.get('detail')}"
    if sent.answer.get("dry_run"):
        return "检查通过，未发送 / fine, nothing sent"
    for outcome in sent.outcomes.values():
        code = outcome.get("code")
        why = f"：{CODE_ZH.get(code, code)} {code}" if code else ""
        return f"{OUTCOME_ZH.get(outcome['outcome'], '')} {outcome['outcome']}{why}"
    return sent.why_not or "已接收 / accepted"


def code_of(sent: Sent) -> int:
    """The exit code."""
    [item] = sent.answer["items"]
    if item["status"] not in ("accepted", "duplicate"):
        return 1
    if {each["outcome"] for each in sent.outcomes.values()} & {"refused", "id_conflict"}:
        return 1
    return 0 if sent.followed else 3


def _cell(args: argparse.Namespace, token: str) -> dict[str, str]:
    """The cell that is named, or that of the report, asked of metrics."""
    names = "programme", "indicator", "district", "period"
    if "indicator" in args:
        return {name: getattr(args, name) for name in names}
    try:
        with httpx.Client(mounts=DIRECT, timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
            asked = client.get(
                f"{args.metrics_url.rstrip('/')}/v1/reports", params={"source": args.source, "id": args.id}
            )
    except httpx.TransportError as error:
        raise Unsendable(f"无法连接 / cannot reach {args.metrics_url}: {error!r}") from error
    if asked.status_code != 200:
        raise Unsendable(f"查不到此报送 / no such report ({asked.status_code}): {args.source} {args.id}")
    found = asked.json()
    return {name: found[name] for name in names}
