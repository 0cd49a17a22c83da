"""Prometheus and Alertmanager from the system's packages, as processes of this machine."""

import http.client
import re
from pathlib import Path

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


def configured(targets: dict[str, str], interval: str, alertmanager: str | None, rules: bool = True) -> str:
    """The repository's prometheus.yml with addresses of this machine in place of the containers' names."""
    text = CONFIG.read_text()
    text = re.sub(r"(scrape|evaluation)_interval: \S+", lambda found: f"{found[1]}_interval: {interval}", text)
    for name, address in targets.items():
        text = re.sub(rf"\b{re.escape(name)}:\d+", address, text)
    text = text.replace("/etc/prometheus/rules", str(RULES) if rules else "/nowhere")
    return text if alertmanager is None else re.sub(r"\balertmanager:\d+", alertmanager, text)
