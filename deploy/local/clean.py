"""`make demo-clean`: remove what the demo keeps between runs. Standard library only: no environment is needed."""

import fcntl
import shutil
import sys
from pathlib import Path

from deploy.local.postgres import open_way
from deploy.local.programs import LOCAL

DEMO = LOCAL / "demo"


def main() -> int:
    """Refuse while a demo is running; else remove its directory and what Postgres keeps elsewhere for root."""
    if not DEMO.exists():
        return 0
    with (DEMO / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("演示正在运行,请先按 Ctrl-C 结束 / the demo is running, stop it with Ctrl-C first", file=sys.stderr)
            return 1
        remove(DEMO)
    print(f"已删除 removed {DEMO}")
    return 0


def remove(directory: Path) -> None:
    """Delete all data of a stopped stack."""
    shutil.rmtree(open_way(directory / "postgres"), ignore_errors=True)
    shutil.rmtree(directory)


if __name__ == "__main__":
    sys.exit(main())
