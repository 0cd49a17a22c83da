"""Which port each part listens on: fixed ones for people, free ones for tests."""

import dataclasses
import fcntl
import itertools
import json
import os
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

_FREE = range(20_000, 32_000)  # below what Linux gives to outgoing connections: none of them takes one meanwhile
_BLOCK = 500


def free_ports(count: int) -> list[int]:
    """Ports that nobody holds now, each given once before one is given again, and out of a block that no other process
    of this machine is given: whoever starts a moment later, or again after a kill, finds its port free still."""
    found: list[int] = []
    for port in itertools.islice(_own(), _BLOCK):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            break
    return found


@cache
def _own() -> Iterator[int]:
    """The ports of this process, round and round; without a block of its own, all of them at random."""
    blocks = [_FREE[at : at + _BLOCK] for at in range(0, len(_FREE), _BLOCK)]
    for block in random.SystemRandom().sample(blocks, len(blocks)):
        if _taken(Path("/tmp") / f"liangshai-ports-{block[0]}"):  # whatever TMPDIR says: all must meet
            return itertools.cycle(block)
    return itertools.cycle(random.SystemRandom().sample(_FREE, len(_FREE)))


def _taken(file: Path) -> bool:
    """Whether the lock on it is now ours: it stays open, and so ours, until this process ends."""
    try:
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:  # another user's
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return False
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def listens(port: int) -> bool:
    """Whether someone accepts connections there."""
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Ports:
    """One port for each listener of the stack; the defaults keep clear of a system's own Kafka or Postgres."""

    kafka: int = 19092
    kafka_controller: int = 19093
    postgres: int = 15432
    prometheus: int = 19090
    alertmanager: int = 19094
    ingest: int = 8101
    ingest_operations: int = 9101
    metrics: int = 8102
    metrics_operations: int = 9102
    alerts: int = 8103
    alerts_operations: int = 9103
    desk: int = 8104
    desk_operations: int = 9104

    @classmethod
    def free(cls) -> Self:
        """A free port for each: for tests."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**dict(zip(names, free_ports(len(names)), strict=True)))

    @classmethod
    def kept(cls, file: Path) -> Self:
        """The ports of the last run where still free, else the defaults, else free ones; the choice is written down."""
        last = json.loads(file.read_text()) if file.exists() else {}
        wanted = {**dataclasses.asdict(cls()), **last}
        spare = free_ports(len(wanted))
        chosen = {name: port if is_free(port) else spare.pop() for name, port in wanted.items()}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(chosen, indent=2) + "\n")
        return cls(**chosen)
