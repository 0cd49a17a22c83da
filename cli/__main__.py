"""`liangshai`: the commands of clerks, officials and scripts. Each is a module of this package with `add_parser`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

# cli.<name>.add_parser(subparsers) sets `run(args) -> exit code`
COMMANDS = ("push", "act", "evaluate", "trial", "catalogue", "recompute", "token", "receiver")


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="liangshai", description="亮晒:工程进度督导 / supervision of a programme")
    subparsers = parser.add_subparsers(required=True, metavar="{" + ",".join(COMMANDS) + "}")
    for name in set(COMMANDS) & set(arguments[:1]) or COMMANDS:  # a command needs only its own libraries
        import_module(f"cli.{name}").add_parser(subparsers)
    args = parser.parse_args(arguments)
    code: int = args.run(args)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
