"""Everything metrics can be told from outside; read from the environment in `__main__` and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.catalogue import SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One frozen object; the database's URL holds a password and is not shown."""

    kafka: str = "127.0.0.1:9092"
    database: str = field(repr=False)
    catalogue: Path = SHIPPED
    tokens: Path = Path("tokens.yaml")
    passes: Path | None = None  # the public keys of the desk; None: no person is known
    clock: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8102
    operations_host: str = "127.0.0.1"
    operations_port: int = 9102

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """As the LIANGSHAI_* variables say; KeyError names one that is missing."""
        said = {name.removeprefix("LIANGSHAI_"): value for name, value in environment.items() if value}
        return cls(
            kafka=said.get("KAFKA", "127.0.0.1:9092"),
            database=environment["LIANGSHAI_DATABASE"],
            catalogue=Path(said["CATALOGUE"]) if "CATALOGUE" in said else SHIPPED,
            tokens=Path(said.get("TOKENS", "tokens.yaml")),
            passes=Path(said["PASSES"]) if "PASSES" in said else None,
            clock=Path(said["CLOCK"]) if "CLOCK" in said else None,
            host=said.get("HOST", "127.0.0.1"),
            port=int(said.get("METRICS_PORT", "8102")),
            operations_host=said.get("OPERATIONS_HOST", "127.0.0.1"),
            operations_port=int(said.get("METRICS_OPERATIONS_PORT", "9102")),
        )
