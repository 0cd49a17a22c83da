"""`liangshai receiver`: who is told of lights and tickets, how each line stands, and a test message to one.

Exit code of `test`: 0 it was taken, 1 it was not, 2 alerts was not reached or did not answer.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from cli.sending import DIRECT, Unsendable, token_of

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

WORDS = {
    "done": "已送达 / taken",
    "retry": "未送达，稍后可重试 / not taken, may pass by itself",
    "failed": "被拒绝 / refused",
    "gone": "地址已失效 / the address is no more",
}


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser("receiver", help="消息接收方 / who is told: list, test")
    actions = parser.add_subparsers(required=True, metavar="list|test")
    _common(actions.add_parser("list", help="接收方及其投递情况 / all of them and how each line stands"), listed)
    one = actions.add_parser("test", help="发送一条测试消息 / send a test message")
    one.add_argument("receiver", metavar="RECEIVER", help="接收方名称 / its name in the receivers' file")
    _common(one, tested)


def _common(parser: argparse.ArgumentParser, run: Any) -> None:
    url = os.environ.get("LIANGSHAI_ALERTS_URL", "http://127.0.0.1:8103")
    parser.add_argument("--url", default=url, help="默认 / alerts, default: %(default)s")
    parser.add_argument("--token-file", type=Path, help="令牌文件；默认用 / default: LIANGSHAI_TOKEN")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the documents, for scripts")
    parser.set_defaults(run=run)


def listed(args: argparse.Namespace) -> int:
    """One line a receiver."""
    found = _asked(args, "GET", "/v1/receivers")
    if found is None:
        return 2
    if args.json:
        print(json.dumps(found["items"], ensure_ascii=False, indent=2))
        return 0
    for each in found["items"]:
        groups = "*" if each["groups"] is None else ",".join(each["groups"])
        line = f"{each['receiver']}\t{each['channel']}\t{groups}\t待送 pending {each['pending']}"
        line += f"\t失败 failed {each['failed']}"
        print(line + (f"\t停用 disabled: {each['reason']}" if each["disabled_at"] else ""))
    return 0


def tested(args: argparse.Namespace) -> int:
    """Send it and say what came of it."""
    found = _asked(args, "POST", f"/v1/receivers/{args.receiver}/tests")
    if found is None:
        return 2
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print(f"{found['receiver']} ({found['channel']}): {WORDS[found['verdict']]} {found['error'] or ''}".rstrip())
    return 0 if found["verdict"] == "done" else 1


def _asked(args: argparse.Namespace, method: str, path: str) -> dict[str, Any] | None:
    """The answer; None where there is none, with the reason on stderr."""
    try:
        headers = {"Authorization": f"Bearer {token_of(args.token_file)}"}
        with httpx.Client(mounts=DIRECT, timeout=60, headers=headers) as client:
            answer = client.request(method, args.url.rstrip("/") + path)
        if answer.status_code == 200:
            found: dict[str, Any] = answer.json()
            return found
        problem = answer.json()
        print(f"{problem.get('detail_zh')} / {problem.get('detail')}", file=sys.stderr)
    except Unsendable as problem:
        print(problem, file=sys.stderr)
    except (httpx.TransportError, ValueError) as error:
        print(f"无法连接 / cannot reach {args.url}: {error!r}", file=sys.stderr)
    return None
