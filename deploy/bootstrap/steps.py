"""How a step of set-up is run, shown and remembered."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.programs import LOCAL, ROOT


class ByHand(Exception):
    """What set-up may not do itself: the command for a person to run."""


def step(name: str, work: Callable[[], str]) -> None:
    """Do one step and print what it did and how long it took, or nothing when there was nothing to do."""
    started = time.monotonic()
    done = work()
    if done:
        print(f"✓ {name}: {done} ({time.monotonic() - started:.1f} s)", flush=True)


class Stamp:
    """A file that holds the digest of what a step was made from."""

    def __init__(self, name: str):
        self.file = LOCAL / "stamps" / name

    def matches(self, made_from: str) -> bool:
        return self.file.exists() and self.file.read_text() == made_from

    def write(self, made_from: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(made_from)


def digest(files: Sequence[Path], *words: str) -> str:
    """One hash over files and words."""
    parts = [file.read_bytes() for file in files] + [word.encode() for word in words]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(command: Sequence[object], log: str, environment: Mapping[str, str] | None = None, attempts: int = 3) -> None:
    """Run a command into a log file, again when it fails (registries have bad moments); at last show the log's end."""
    words = [str(word) for word in command]
    file = LOCAL / "log" / f"{log}.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, attempts + 1):
        with file.open("wb") as out:
            done = subprocess.run(words, env=environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, check=False)
        if done.returncode == 0:
            return
        if attempt < attempts:
            time.sleep(2 * attempt)
    print("\n".join(file.read_text(errors="replace").splitlines()[-20:]), file=sys.stderr)
    raise subprocess.CalledProcessError(done.returncode, words)
