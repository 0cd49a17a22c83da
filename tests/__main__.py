"""`make test`: the tiers, and lint, types and imports, in two lanes side by side, with the time each took.

All of them wait about as much as they work: each lane, and each process of a tier that has two, has servers of its own
on ports of its own. Whichever lane is free takes the next tier, so that both end at about the same time. What the
second lane says comes at the end. A tier that fails keeps none of the others from running; the exit code says if all
passed.
`--check` runs lint, types and imports alone.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"


@dataclass(frozen=True)
class Tier:
    """One command, by the name it is reported under."""

    name: str
    command: tuple[str, ...]
    folders: tuple[str, ...] = ()

    def run(self, out: IO[bytes] | None = None) -> tuple[str, bool, float]:
        """Its name, whether it passed, and its seconds; what it says goes to `out`, else to the terminal."""
        folders = [folder for folder in self.folders if any((ROOT / folder).rglob("test_*.py"))]
        if self.folders and not folders:
            return self.name, True, 0.0
        title = f"\n── {self.name} ──\n"
        if out is None:
            print(title, end="", flush=True)
        else:
            out.write(title.encode())
            out.flush()
        started = time.monotonic()
        environment = {
            **os.environ,
            "CI": os.environ.get("CI", "make test"),
        }  # a missing server fails, it does not skip
        words = [str(BIN / self.command[0]), *self.command[1:], *folders]
        done = subprocess.run(
            words, cwd=ROOT, env=environment, check=False, stdout=out, stderr=out and subprocess.STDOUT
        )
        return self.name, done.returncode == 0, time.monotonic() - started


PYTEST = ("pytest", "-q", "--no-header")
TWO = ("--numprocesses=2", "--dist=loadfile")  # whoever is free takes the next file
CHECKS = (
    Tier("ruff", ("ruff", "check", ".")),
    Tier("mypy", ("mypy",)),
    Tier("import-linter", ("lint-imports",)),
)
TIERS = (  # the longest first, and the one that waits most beside the one that works most
    Tier("integration", (*PYTEST, *TWO, "--durations=25"), ("tests/integration",)),
    Tier("faults", (*PYTEST, "--numprocesses=2", "--dist=load", "--durations=25"), ("tests/faults",)),  # one file
    Tier("browser", (*PYTEST, *TWO, "--durations=10"), ("tests/browser",)),
    Tier("unit, contract", (*PYTEST, *TWO), ("tests/unit", "tests/contract", "tests/vectors")),
    *CHECKS,
)


def in_lanes(tiers: Iterable[Tier], lanes: int = 2) -> list[tuple[str, bool, float]]:
    """Run the tiers, as many side by side as there are lanes; the first lane speaks at once, the others afterwards."""
    waiting = deque(tiers)
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(lanes) as pool:
        files = [Path(place) / str(number) for number in range(1, lanes)]
        first = waiting.popleft()
        aside = [pool.submit(_aside, waiting, file) for file in files]
        rows = [first.run(), *_each(waiting)]
        for future, file in zip(aside, files, strict=True):
            rows += future.result()
            print(file.read_text(errors="replace"), end="", flush=True)
        return rows


def _each(waiting: deque[Tier], out: IO[bytes] | None = None) -> list[tuple[str, bool, float]]:
    """Run what waits, one after the other, until the last one is taken."""
    rows: list[tuple[str, bool, float]] = []
    while True:
        try:
            tier = waiting.popleft()
        except IndexError:
            return rows
        rows.append(tier.run(out))


def _aside(waiting: deque[Tier], file: Path) -> list[tuple[str, bool, float]]:
    with file.open("wb") as out:
        return _each(waiting, out)


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print a table."""
    started = time.monotonic()
    rows = [tier.run() for tier in CHECKS] if "--check" in arguments else in_lanes(TIERS)
    print("\n── 结果 result ──")
    for name, passed, seconds in rows:
        print(f"{'✓' if passed else '✗'} {name:<20}{seconds:8.1f} s")
    print(f"  {'合计 in all':<18}{time.monotonic() - started:8.1f} s")
    return 0 if all(passed for _, passed, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
