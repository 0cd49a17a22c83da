"""`make test`: lint, types and imports, then the tiers one after the other, with the time each took.

A tier that fails does not keep the next from running; the exit code tells whether all passed. `--check` runs the first
three alone.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"


@dataclass(frozen=True)
class Tier:
    """One command, by the name it is reported under."""

    name: str
    command: tuple[str, ...]
    folders: tuple[str, ...] = ()

    def run(self) -> tuple[bool, float]:
        """Whether it passed, and its seconds."""
        folders = [folder for folder in self.folders if any((ROOT / folder).rglob("test_*.py"))]
        if self.folders and not folders:
            return True, 0.0
        print(f"\n── {self.name} ──", flush=True)
        started = time.monotonic()
        environment = {
            **os.environ,
            "CI": os.environ.get("CI", "make test"),
        }  # a missing server fails, it does not skip
        words = [str(BIN / self.command[0]), *self.command[1:], *folders]
        done = subprocess.run(words, cwd=ROOT, env=environment, check=False)
        return done.returncode == 0, time.monotonic() - started


PYTEST = ("pytest", "-q", "--no-header")
CHECKS = (
    Tier("ruff", ("ruff", "check", ".")),
    Tier("mypy", ("mypy",)),
    Tier("import-linter", ("lint-imports",)),
)
TIERS = (
    Tier("unit, contract", PYTEST, ("tests/unit", "tests/contract", "tests/vectors")),
    Tier("integration", (*PYTEST, "--durations=5"), ("tests/integration",)),
    Tier("faults", (*PYTEST, "--durations=5"), ("tests/faults",)),
    Tier("browser", PYTEST, ("tests/browser",)),
)


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print a table."""
    rows = [(tier.name, *tier.run()) for tier in (CHECKS if "--check" in arguments else (*CHECKS, *TIERS))]
    print("\n── 结果 result ──")
    for name, passed, seconds in rows:
        print(f"{'✓' if passed else '✗'} {name:<20}{seconds:8.1f} s")
    print(f"  {'':<20}{sum(seconds for *_, seconds in rows):8.1f} s")
    return 0 if all(passed for _, passed, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
