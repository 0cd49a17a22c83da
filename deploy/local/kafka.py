"""Apache Kafka 4.4 in KRaft mode, one broker, as a process of this machine."""

import shutil
from pathlib import Path

from deploy.local import kafka_jars
from deploy.local.ports import listens
from deploy.local.process import Process


class Kafka(Process):
    """The broker; `bootstrap` is what clients are given. It keeps its data in the directory."""

    ready_seconds = 60.0

    def __init__(self, directory: Path, port: int, controller: int, log: Path | None = None):
        super().__init__("kafka", log or directory / "kafka.log")
        self.directory = directory
        self.port = port
        self.controller = controller
        self.bootstrap = f"127.0.0.1:{port}"

    @property
    def has_data(self) -> bool:
        """Whether an earlier run left its records."""
        return (self.directory / "data").exists()

    def prepare(self) -> None:
        folder = kafka_jars.ensure()
        self.directory.mkdir(parents=True, exist_ok=True)
        data, settings = self.directory / "data", self.directory / "server.properties"
        if not data.exists():
            shutil.copytree(folder / "formatted", data)
        settings.write_text(kafka_jars.properties(self.port, self.controller, data))
        self.command = tuple(kafka_jars.command(folder, "kafka.Kafka", str(settings)))

    def answers(self) -> bool:
        # the broker opens its port last, after it has registered with the controller
        return self.alive and listens(self.port)
