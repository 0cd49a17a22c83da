"""Prometheus and Alertmanager from the system's packages, as processes of this machine."""

import http.client
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from deploy.local.process import Process
from deploy.local.programs import ROOT, need

CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"
RULES = ROOT / "deploy" / "prometheus" / "rules"
ALERTING = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"


def status(port: int, path: str, host: str = "127.0.0.1") -> int:
    """The HTTP status a path answers with, 0 when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Prometheus(Process):
    """The server with a configuration made for this machine; `url` is what queries are sent to."""

    def __init__(self, directory: Path, port: int, configuration: str, log: Path | None = None):
        super().__init__("prometheus", log or directory / "prometheus.log")
        self.directory = directory
        self.port = port
        self.configuration = configuration
        self.url = f"http://127.0.0.1:{port}"

    def prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        settings = self.directory / "prometheus.yml"
        settings.write_text(self.configuration)
        self.command = (
            str(need("prometheus", "prometheus")),
            f"--config.file={settings}",
            f"--storage.tsdb.path={self.directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--web.enable-lifecycle",
        )

    def answers(self) -> bool:
        return self.alive and status(self.port, "/-/ready") == 200


class Alertmanager(Process):
    """The receiver of Prometheus' own alerts, with the repository's configuration."""

    def __init__(self, directory: Path, port: int, log: Path | None = None):
        super().__init__("alertmanager", log or directory / "alertmanager.log")
        self.directory = directory
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.command = (
            str(need("prometheus-alertmanager", "prometheus-alertmanager", "alertmanager")),
            f"--config.file={ALERTING}",
            f"--storage.path={self.directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",  # empty: or it opens a port for gossip
        )

    def answers(self) -> bool:
        return self.alive and status(self.port, "/-/ready") == 200


def configured(targets: Mapping[str, Sequence[int]], interval: str, alertmanager: int) -> str:
    """The repository's prometheus.yml with ports of this machine in place of the containers' names."""
    settings = yaml.safe_load(CONFIG.read_text())
    settings["global"] |= {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval}
    settings["rule_files"] = [str(RULES / "*.yml")]
    settings["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]
    for job in settings["scrape_configs"]:
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in targets[job["job_name"]]]}]
    return yaml.safe_dump(settings, sort_keys=False)
