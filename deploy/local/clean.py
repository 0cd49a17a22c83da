"""`make demo-clean`: remove what the demos keep between runs. Standard library only: no environment is needed."""

import fcntl
import shutil
import sys
from pathlib import Path

from deploy.local.postgres import open_way
from deploy.local.programs import LOCAL

DEMO = LOCAL / "demo"
CHECK = LOCAL / "demo-check"


def main() -> int:
    """Remove what `make demo` and `make demo-check` keep; refuse while one of them runs."""
    return max(clean(directory) for directory in (DEMO, CHECK))


def clean(directory: Path) -> int:
    """Remove one demo's data; 1 when it is running."""
    if not directory.exists():
        return 0
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print(
                f"演示正在运行,请先按 Ctrl-C 结束 / it is running, stop it with Ctrl-C first: {directory}",
                file=sys.stderr,
            )
            return 1
        remove(directory)
    print(f"已删除 removed {directory}")
    return 0


def remove(directory: Path) -> None:
    """Delete all data of a stopped stack."""
    shutil.rmtree(open_way(directory / "postgres"), ignore_errors=True)
    shutil.rmtree(directory)


if __name__ == "__main__":
    sys.exit(main())
