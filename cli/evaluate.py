"""`liangshai evaluate FILE`: what the rules say of a case, without any server, by the very code of the services.

Officials try a rule before adopting it: one JSON document goes in (docs/evaluate.md says what it may hold), the
standing, the light and the sentence that explains them come out, with the tickets, and what is asked for beside them.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cli.case import Misread, read
from cli.case_shown import show, show_beside
from cli.evaluating import beyond, evaluate
from contracts.catalogue import SHIPPED, Unloadable

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser(
        "evaluate", help="用规则试算一个案例 / what the rules say of a case, without servers"
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="JSON 案例 / the case: indicator, targets, reports, as_of, profile"
    )
    parser.add_argument(
        "--catalogue", type=Path, default=SHIPPED, metavar="DIR", help="目录，默认 / default: %(default)s"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the document, for scripts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        case = read(args.file)
        found = evaluate(case, args.catalogue) if case.indicator is not None else None
        beside = beyond(case, args.catalogue)
    except (Misread, Unloadable, ValueError) as problem:
        print(f"无法试算 / cannot be evaluated: {problem}", file=sys.stderr)
        return 2
    if args.json:
        document = {**(found.document() if found else {}), **beside}
        print(msgspec.json.format(msgspec.json.encode(document)).decode())
        return 0
    if found is not None:
        show(found)
    show_beside(beside)
    return 0
