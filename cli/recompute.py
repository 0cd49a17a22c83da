"""`liangshai recompute`: after a repaired rule, one restatement of what is known, with its reason (the office).

A dry run says first which standings and lights would change, by unit; nothing that was published changes.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.applying import Office, Refused
from cli.previewing import lines, preview, told
from cli.sending import Unsendable, token_of
from contracts.events import Text
from services.metrics.standing import RULES

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser("recompute", help="规则修复后重算(办公室) / restate by a repaired rule")
    parser.add_argument("--reason-zh", required=True, help="修复了什么(中文)")
    parser.add_argument("--reason-en", required=True, help="what was repaired, in English")
    parser.add_argument("--dry-run", action="store_true", help="只看变化 / show what would change, change nothing")
    ingest = os.environ.get("LIANGSHAI_INGEST_URL", "http://127.0.0.1:8101")
    parser.add_argument("--url", default=ingest, help="报送接口，默认 / ingest, default: %(default)s")
    metrics = os.environ.get("LIANGSHAI_METRICS_URL", "http://127.0.0.1:8102")
    parser.add_argument("--metrics-url", default=metrics, help="默认 / metrics, default: %(default)s")
    parser.add_argument("--token-file", type=Path, help="令牌文件；默认用 / default: LIANGSHAI_TOKEN")
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the documents, for scripts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show what changes, then adopt it; 1: refused; 2: not reached."""
    try:
        office = Office(args.url.rstrip("/"), token_of(args.token_file))
        lookup = office.present()
        found = preview(args.metrics_url.rstrip("/"), office.token, lookup.programme.id, None)
        said: dict[str, Any] = {"rules": RULES, "preview": told(found, lookup, lookup)}
        if not args.json:
            print("\n".join(lines(said["preview"], lookup)))
        if not args.dry_run:
            said |= office.recompute(RULES, Text(args.reason_zh, args.reason_en))
    except Refused as refused:
        print(f"{refused.problem.get('detail_zh')} / {refused.problem.get('detail')}", file=sys.stderr)
        return 1
    except Unsendable as problem:
        print(problem, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        print("试运行，未重算 / dry run, nothing changed" if args.dry_run else f"已发布重算 / announced: rules {RULES}")
    return 0
