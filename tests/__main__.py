"""`make test`: the tiers, and lint, types and imports, in two lanes side by side, with the time each took.

All of them wait about as much as they work: each lane, and each process of the integration tier, has servers of its own
on ports of its own. What the second lane says comes at the end. A tier that fails does not keep the next from running;
the exit code tells whether all passed.
`--check` runs lint, types and imports alone.
"""

import os
import subprocess
import sys
import tempfile
import time
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
LANES = (
    (Tier("integration", (*PYTEST, *TWO, "--durations=25"), ("tests/integration",)),),
    (
        *CHECKS,
        Tier("unit, contract", PYTEST, ("tests/unit", "tests/contract", "tests/vectors")),
        Tier("faults", (*PYTEST, "--durations=25"), ("tests/faults",)),
        Tier("browser", (*PYTEST, "--durations=10"), ("tests/browser",)),
    ),
)


def lanes(*lanes: Sequence[Tier]) -> list[tuple[str, bool, float]]:
    """Run the lanes side by side, the tiers of each in order; the first one speaks at once, the others afterwards."""
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(len(lanes)) as pool:
        files = [Path(place) / str(number) for number in range(len(lanes))]
        aside = [pool.submit(_lane, lane, file) for lane, file in zip(lanes[1:], files[1:], strict=True)]
        rows = [tier.run() for tier in lanes[0]]
        for future, file in zip(aside, files[1:], strict=True):
            rows += future.result()
            print(file.read_text(errors="replace"), end="", flush=True)
        return rows


def _lane(tiers: Iterable[Tier], file: Path) -> list[tuple[str, bool, float]]:
    with file.open("wb") as out:
        return [tier.run(out) for tier in tiers]


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print a table."""
    started = time.monotonic()
    rows = [tier.run() for tier in CHECKS] if "--check" in arguments else lanes(*LANES)
    print("\n── 结果 result ──")
    for name, passed, seconds in rows:
        print(f"{'✓' if passed else '✗'} {name:<20}{seconds:8.1f} s")
    print(f"  {'合计 in all':<18}{time.monotonic() - started:8.1f} s")
    return 0 if all(passed for _, passed, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
