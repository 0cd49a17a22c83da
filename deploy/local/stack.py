"""The whole platform on this machine: started in order, stopped in the reverse one, each part a Process of its own.

    with Stack(directory, Ports.free(), clock=file, tokens=file) as stack:
        stack.postgres.kill()
        stack.postgres.start()

All of one stack is in its directory: data, logs, and a lock so that no two share it.
"""

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Self

from contracts.passes import make_keys
from deploy.local import prometheus as monitoring
from deploy.local.kafka import Kafka
from deploy.local.ports import Ports, free_ports
from deploy.local.postgres import FAST, Postgres
from deploy.local.process import Process, StartFailed, inherited
from deploy.local.programs import ROOT
from deploy.local.service import Service

DATABASE = "liangshai"
PREPARATION = (  # the rows run side by side, the commands of a row one after the other
    ("contracts.topics create",),
    ("contracts.operations.migrations services/metrics", "services.metrics load"),
    ("contracts.operations.migrations services/alerts", "contracts.operations.migrations services/desk"),
)


class Stack:
    """Kafka, Postgres, the three services on the path of an event and, unless told not to, the desk, Prometheus and
    Alertmanager."""

    def __init__(
        self,
        directory: Path,
        ports: Ports,
        clock: Path | None = None,
        *,
        tokens: Path | None = None,
        receivers: Path | None = None,
        environment: Mapping[str, str] | None = None,
        officials: bool = True,
        monitored: bool = True,
        scrape_interval: str = "1s",
        fast: bool = False,
        options: tuple[str, ...] = (),
    ):
        self.directory = directory.resolve()
        self.ports = ports
        self.kafka = Kafka(self.directory / "kafka", ports.kafka, ports.kafka_controller, self.log("kafka"))
        self.postgres = Postgres(
            self.directory / "postgres", ports.postgres, self.log("postgres"), FAST if fast else options
        )
        self.environment = {**self._environment(clock, tokens, receivers), **(environment or {})}
        self._replicas: list[Service] = []
        self.ingest = self.service("ingest", ports=(ports.ingest, ports.ingest_operations))
        self.metrics = self.service("metrics", ports=(ports.metrics, ports.metrics_operations))
        self.alerts = self.service("alerts", ports=(ports.alerts, ports.alerts_operations))
        self.desk = self.service("desk", ports=(ports.desk, ports.desk_operations))
        self.alertmanager = monitoring.Alertmanager(
            self.directory / "alertmanager", ports.alertmanager, self.log("alertmanager")
        )
        self.prometheus = monitoring.Prometheus(
            self.directory / "prometheus", ports.prometheus, self._scraping(scrape_interval), self.log("prometheus")
        )
        self.officials, self.monitored = officials, monitored
        self._lock: IO[str] | None = None

    # --- parts

    @property
    def services(self) -> tuple[Service, ...]:
        """The three on the path of an event, in its order."""
        return (self.ingest, self.metrics, self.alerts)

    @property
    def parts(self) -> tuple[Process, ...]:
        """Everything this stack starts, in the order of starting."""
        watching = (self.alertmanager, self.prometheus) if self.monitored else ()
        return (self.kafka, self.postgres, *self.services, *((self.desk,) if self.officials else ()), *watching)

    @property
    def database(self) -> str:
        """The URL of the platform's database."""
        return self.postgres.url(DATABASE)

    def service(self, service: str, name: str | None = None, ports: tuple[int, int] | None = None) -> Service:
        """A replica of a service on (public, operations) ports: start it to have two of one kind."""
        public, operations = ports or free_ports(2)
        name = name or service
        replica = Service(service, self.log(name), self.environment, public, operations, name)
        self._replicas.append(replica)
        return replica

    def log(self, name: str) -> Path:
        """Where a part's output goes."""
        return self.directory / "log" / f"{name}.log"

    # --- the whole

    def start(self, tell: Callable[[str], None] = lambda _: None) -> Self:
        """Start all parts and wait until each answers; `tell` hears the name of each step."""
        self._take()
        try:
            self.start_stores(tell)
            tell(", ".join(part.name for part in self.parts[2:]))
            _together(*self.parts[2:])
        except BaseException:
            self.stop()
            raise
        return self

    def start_stores(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Kafka and Postgres, ready for the services: topics, tables, the loaded programme."""
        make_keys(self._key, self._key.with_name("passes.json"))
        made_from = self._made_from()
        tell("Kafka, PostgreSQL")
        _together(self.kafka, self.postgres)
        self.postgres.ensure_database(DATABASE)
        if not self._prepared.exists() or self._prepared.read_text() != made_from:
            tell("topics, migrations, catalogue")
            self.prepare()
            self._prepared.write_text(made_from)

    def prepare(self) -> None:
        """Create topics, migrate, load the catalogue: each does nothing when there is nothing to do."""
        with ThreadPoolExecutor(len(PREPARATION)) as pool:
            list(pool.map(self._run_each, PREPARATION))

    def run(self, command: str) -> None:
        """`python -m command` in the services' environment."""
        self._run_each((command,))

    def stop(self) -> None:
        """Stop all parts, the last one first; the data stays."""
        watching = (self.prometheus, self.alertmanager)
        for part in (*watching, *reversed(self._replicas), self.kafka, self.postgres):
            part.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- how

    def _take(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = (self.directory / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise StartFailed(f"another stack is running on {self.directory}") from None

    @property
    def _key(self) -> Path:
        """What the desk signs passes with; the other services know its public half."""
        return self.directory / "passes.private.json"

    @property
    def _prepared(self) -> Path:
        """Holds what this stack's data was prepared from, so that a warm start need not ask again."""
        return self.directory / "prepared"

    def _made_from(self) -> str:
        if not (self.kafka.has_data and self.postgres.has_data):
            self._prepared.unlink(missing_ok=True)
        files = sorted(file for room in ("contracts", "services") for file in (ROOT / room).rglob("*.*"))
        sources = [file for file in files if file.suffix in (".py", ".sql", ".yaml", ".csv")]
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in sources)).hexdigest()

    def _run_each(self, commands: tuple[str, ...]) -> None:
        for command in commands:
            words = [sys.executable, "-m", *command.split()]
            environment = {**inherited(), **self.environment}
            done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            with self.log("prepare").open("a") as log:
                log.write(f"$ python -m {command}\n{done.stdout}{done.stderr}")
            if done.returncode:
                raise StartFailed(f"python -m {command} exited with {done.returncode}\n{done.stderr[-2000:]}")

    def _environment(self, clock: Path | None, tokens: Path | None, receivers: Path | None) -> dict[str, str]:
        files = {"LIANGSHAI_CLOCK": clock, "LIANGSHAI_TOKENS": tokens, "LIANGSHAI_RECEIVERS": receivers}
        return {
            "LIANGSHAI_KAFKA": self.kafka.bootstrap,
            "LIANGSHAI_DATABASE": self.database,
            "LIANGSHAI_HOST": "127.0.0.1",
            "LIANGSHAI_OPERATIONS_HOST": "127.0.0.1",
            "LIANGSHAI_METRICS_URL": f"http://127.0.0.1:{self.ports.metrics}",
            "LIANGSHAI_ALERTS_URL": f"http://127.0.0.1:{self.ports.alerts}",
            "LIANGSHAI_PASSES": str(self.directory / "passes.json"),
            "LIANGSHAI_DESK_KEY": str(self._key),
            "LIANGSHAI_DESK_URL": f"http://127.0.0.1:{self.ports.desk}",
            "LIANGSHAI_DESK_INGEST": f"http://127.0.0.1:{self.ports.ingest}",
            "LIANGSHAI_DESK_METRICS": f"http://127.0.0.1:{self.ports.metrics}",
            "LIANGSHAI_DESK_ALERTS": f"http://127.0.0.1:{self.ports.alerts}",
            **{name: str(file.resolve()) for name, file in files.items() if file is not None},
        }

    def _scraping(self, interval: str) -> str:
        targets = {
            **{service.service: [service.operations_port] for service in (*self.services, self.desk)},
            "prometheus": [self.ports.prometheus],
            "alertmanager": [self.ports.alertmanager],
        }
        return monitoring.configured(targets, interval, self.ports.alertmanager)


def _together(*parts: Process) -> None:
    for part in parts:
        part.start(wait=False)
    for part in parts:
        part.ready()
