"""`liangshai token`: a new bearer token. Its hash and what it may do go to the tokens file; it is shown once.

The services read the file again within a second (contracts/authority.py).
"""

import argparse
import secrets
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import yaml

from contracts.authority import Grant, Kind, hashed

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser("token", help="新建令牌 / make a bearer token")
    parser.add_argument("file", metavar="FILE", type=Path, help="令牌文件 (LIANGSHAI_TOKENS) / the tokens file")
    parser.add_argument("--subject", required=True, help="持有人或系统 / whose it is")
    parser.add_argument("--department", help="单位，或区县(其政府) / the unit: a department or a district's government")
    parser.add_argument("--kind", required=True, action="append", choices=get_args(Kind), help="可多次 / repeatable")
    parser.add_argument("--indicator", action="append", default=[], help="指标，* 为全部 / indicators, * for all")
    parser.add_argument("--area", action="append", default=[], help="领域 / areas, with what is below them")
    parser.add_argument("--district", action="append", default=[], help="区县，* 为全部 / districts, * for all")
    parser.add_argument("--expires", type=_moment, help="如 2027-12-31T00:00:00+08:00 / end, by the platform's time")
    parser.add_argument("--rate", type=int, metavar="ITEMS", help="每分钟条数 / items a minute")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    token = secrets.token_urlsafe(24)
    entry = entry_of(args, token)
    try:
        _add(args.file, entry)
    except (OSError, ValueError, yaml.YAMLError) as problem:
        print(f"未写入 / not written: {problem}", file=sys.stderr)
        return 2
    print(token)
    print(f"已写入 {args.file}；令牌只显示这一次 / added; the token is shown this once", file=sys.stderr)
    return 0


def _add(path: Path, entry: dict[str, Any]) -> None:
    """Put a file with the entry in the place of the one without; one that would not be readable is not put there."""
    before = path.read_text("utf-8").rstrip() if path.exists() else ""
    text = f"{before}\n{yaml.safe_dump([entry], allow_unicode=True, sort_keys=False)}".lstrip()
    msgspec.convert(yaml.safe_load(text), list[Grant])
    made = path.with_name(f"{path.name}.new")
    made.write_text(text, "utf-8")
    if path.exists():
        shutil.copymode(path, made)
    made.replace(path)


def entry_of(args: argparse.Namespace, token: str) -> dict[str, Any]:
    """The entry of the tokens file; what was not said is not granted."""
    said: dict[str, Any] = {
        "subject": args.subject,
        "sha256": hashed(token),
        "department": args.department,
        "indicators": _all_or(args.indicator),
        "areas": args.area,
        "districts": _all_or(args.district),
        "kinds": args.kind,
        "expires_at": args.expires.isoformat() if args.expires else None,
        "rate_per_minute": args.rate,
    }
    return {name: value for name, value in said.items() if value not in (None, [])}


def _all_or(names: list[str]) -> list[str] | str:
    return "*" if "*" in names else names


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("without an offset")
    return moment
