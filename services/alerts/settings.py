"""The settings of alerts: one frozen object, read from the environment only in `__main__`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.catalogue import SHIPPED
from contracts.operations.database import masked
from services.alerts.feed import Links


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything is. `clock` None: the real clock. `receivers` None: no webhooks."""

    kafka: str
    database: str
    catalogue: Path = SHIPPED
    tokens: Path = Path("tokens.yaml")
    passes: Path | None = None  # the public keys of the desk; None: no person is known
    clock: Path | None = None
    receivers: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8103
    operations_host: str = "127.0.0.1"
    operations_port: int = 9103
    links: Links = field(default_factory=Links)  # where the links in messages lead
    simulated: bool = False  # the wall says that its data is made up

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """What the environment says; KeyError names what is missing."""
        port = int(environment.get("LIANGSHAI_ALERTS_PORT", "8103"))
        passes = environment.get("LIANGSHAI_PASSES")
        clock, receivers = environment.get("LIANGSHAI_CLOCK"), environment.get("LIANGSHAI_RECEIVERS")
        return cls(
            kafka=environment["LIANGSHAI_KAFKA"],
            database=environment["LIANGSHAI_DATABASE"],
            catalogue=Path(environment.get("LIANGSHAI_CATALOGUE", SHIPPED)),
            tokens=Path(environment.get("LIANGSHAI_TOKENS", "tokens.yaml")),
            passes=Path(passes) if passes else None,
            clock=Path(clock) if clock else None,
            receivers=Path(receivers) if receivers else None,
            host=environment.get("LIANGSHAI_HOST", "127.0.0.1"),
            port=port,
            operations_host=environment.get("LIANGSHAI_OPERATIONS_HOST", "127.0.0.1"),
            operations_port=int(environment.get("LIANGSHAI_ALERTS_OPERATIONS_PORT", "9103")),
            links=Links(
                metrics=environment.get("LIANGSHAI_METRICS_URL", "").rstrip("/"),
                alerts=environment.get("LIANGSHAI_ALERTS_URL", "").rstrip("/"),
                boards=environment.get("LIANGSHAI_BOARDS_URL", "").rstrip("/"),
                desk=environment.get("LIANGSHAI_DESK_URL", "").rstrip("/"),
            ),
            simulated=environment.get("LIANGSHAI_SIMULATED", "") not in ("", "0"),
        )

    def __repr__(self) -> str:
        return f"Settings(database={masked(self.database)!r}, kafka={self.kafka!r}, port={self.port})"
