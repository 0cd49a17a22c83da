"""`python -m deploy.demo`: the time-lapse in front of a viewer; with --check, a recount of every figure instead."""

import argparse
import asyncio
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path

from rich.console import Console

from contracts.periods import SHANGHAI
from deploy.demo import closing
from deploy.demo.demo import Demo
from deploy.local.clean import CHECK, DEMO, clean
from deploy.local.process import StartFailed

SEED = "huzhou"


def main() -> int:
    arguments = _arguments()
    console = Console(highlight=False)
    directory = arguments.directory or (CHECK if arguments.check else DEMO)
    if arguments.check and clean(directory):
        return 1  # another check is running on it
    until = datetime.fromisoformat(arguments.until) if arguments.until else datetime.now(SHANGHAI)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    demo = Demo(directory, until, arguments.seed, console)
    try:
        demo.up()
        return _check(demo) if arguments.check else _show(demo, stay=not arguments.end)
    except KeyboardInterrupt:
        console.print("\n停止中,数据保留 / stopping, the data stays")
        return 130 if arguments.check else 0
    except StartFailed as failed:
        console.print(f"[red]启动失败 start failed[/] {failed}")
        return 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C must not leave parts behind
        demo.stack.stop()
        if arguments.check and not arguments.keep:
            shutil.rmtree(directory / "kafka", ignore_errors=True)


def _show(demo: Demo, stay: bool) -> int:
    demo.stack.run(f"services.desk people {Path(__file__).with_name('people.yaml')}")
    if not demo.finished:
        asyncio.run(demo.replay())
        demo.release()
    closing.show(demo)
    if stay:
        signal.pause()
    return 0


def _check(demo: Demo) -> int:
    from deploy.demo.check import asking  # the recount needs a database driver, the show does not

    progress = asyncio.run(demo.replay())
    return asyncio.run(asking.run(demo, progress))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="recount every figure, stop, exit 0 only if all agree")
    parser.add_argument("--seed", default=SEED, help="another seed tells another story")
    parser.add_argument("--until", help="end date of the story (ISO, with offset); default: now")
    parser.add_argument("--directory", type=Path, help="where the data is kept; default: in .local")
    parser.add_argument("--end", action="store_true", help="stop at the end of the story instead of staying up")
    parser.add_argument("--keep", action="store_true", help="with --check: keep Kafka's data too")
    arguments = parser.parse_args()
    if arguments.check and arguments.directory and arguments.directory.exists():
        parser.error("--check begins with an empty directory: name one that does not exist")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
