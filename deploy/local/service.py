"""One of the four services, started as `python -m services.<name>` with the environment its settings read."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.ports import listens
from deploy.local.process import Process
from deploy.local.prometheus import status


class Service(Process):
    """A replica of a service; `url` is its public API, `operations` where /metrics, /livez and /readyz are."""

    stop_seconds = 30.0  # the process gives itself 25

    def __init__(
        self, service: str, log: Path, environment: Mapping[str, str], port: int, operations_port: int, name: str
    ):
        own = {
            f"LIANGSHAI_{service.upper()}_PORT": str(port),
            f"LIANGSHAI_{service.upper()}_OPERATIONS_PORT": str(operations_port),
            "PYTHONUNBUFFERED": "1",
        }
        command = (sys.executable, "-m", f"services.{service}")
        super().__init__(name, log, command, {**environment, **own})
        self.service = service
        self.port = port
        self.operations_port = operations_port
        self.url = f"http://127.0.0.1:{port}"
        self.operations = f"http://127.0.0.1:{operations_port}"

    def answers(self) -> bool:
        return self.alive and status(self.operations_port, "/readyz") == 200 and listens(self.port)
