"""Everything ingest can be told from outside; read from the environment in `__main__` and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from contracts.catalogue import SHIPPED
from contracts.operations.clock import SEND_DEADLINE
from services.ingest.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One frozen object, with nothing secret in it: tokens are kept as hashes in their own file."""

    kafka: str = "127.0.0.1:9092"
    catalogue: Path = SHIPPED
    tokens: Path
    passes: Path | None = None  # the public keys of the desk; None: no person is known
    clock: Path | None = None
    metrics_url: str = "http://127.0.0.1:8102"  # where a receipt is followed
    host: str = "127.0.0.1"
    port: int = 8101
    operations_host: str = "127.0.0.1"
    operations_port: int = 9101
    limits: Limits = field(default_factory=Limits)
    send_deadline: timedelta = SEND_DEADLINE  # part of how the pipeline counts time; shorter only in tests

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """As the LIANGSHAI_* variables say; KeyError names one that is missing."""
        said = {name.removeprefix("LIANGSHAI_"): value for name, value in environment.items() if value}
        host, port = said.get("HOST", "127.0.0.1"), int(said.get("METRICS_PORT", "8102"))
        return cls(
            kafka=said.get("KAFKA", "127.0.0.1:9092"),
            catalogue=Path(said["CATALOGUE"]) if "CATALOGUE" in said else SHIPPED,
            tokens=Path(environment["LIANGSHAI_TOKENS"]),
            passes=Path(said["PASSES"]) if "PASSES" in said else None,
            clock=Path(said["CLOCK"]) if "CLOCK" in said else None,
            metrics_url=said.get("METRICS_URL", f"http://{host}:{port}").rstrip("/"),
            host=host,
            port=int(said.get("INGEST_PORT", "8101")),
            operations_host=said.get("OPERATIONS_HOST", "127.0.0.1"),
            operations_port=int(said.get("INGEST_OPERATIONS_PORT", "9101")),
        )
