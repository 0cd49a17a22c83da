"""Which port each part listens on: fixed ones for people, free ones for tests."""

import dataclasses
import json
import random
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_FREE = range(20_000, 32_000)  # below what Linux gives to outgoing connections: none of them takes one meanwhile


def free_ports(count: int) -> list[int]:
    """Ports that nobody holds now, at random so that another run on this machine hardly takes the same."""
    found: list[int] = []
    for port in random.SystemRandom().sample(_FREE, len(_FREE)):
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    return found


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
