"""Everything the desk can be told from outside; read from the environment in `__main__` and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from contracts.catalogue import SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The identity provider (OpenID Connect). `claim` is what people's `login` is compared with."""

    issuer: str
    client: str
    secret: Path
    claim: str = "sub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One frozen object; the database's URL holds a password and is not shown. `key` signs passes."""

    database: str = field(repr=False)
    key: Path
    url: str  # how browsers reach the pages: decides whether cookies are for https only
    ingest: str
    metrics: str
    alerts: str
    catalogue: Path = SHIPPED
    clock: Path | None = None
    provider: Provider | None = None
    host: str = "127.0.0.1"
    port: int = 8104
    operations_host: str = "127.0.0.1"
    operations_port: int = 9104
    simulated: bool = False  # every page says that its data is made up
    demo: bool = False  # the sign-in page lists the people: whoever comes is who they say

    def __post_init__(self) -> None:
        if not self.secure and not _loopback(self.url):
            raise ValueError(f"LIANGSHAI_DESK_URL: {self.url} is neither https nor on this machine")
        if self.demo and (self.secure or not self.simulated or not _loopback(f"http://{self.host}")):
            raise ValueError("LIANGSHAI_DESK_DEMO: only on this machine, by plain http, with simulated data")

    @property
    def secure(self) -> bool:
        """Whether browsers come by https. Plain http is served on this machine only, with cookies that say so."""
        return self.url.startswith("https://")

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """As the LIANGSHAI_* variables say; KeyError names one that is missing."""
        said = {name.removeprefix("LIANGSHAI_"): value for name, value in environment.items() if value}
        port = int(said.get("DESK_PORT", "8104"))
        return cls(
            database=environment["LIANGSHAI_DATABASE"],
            key=Path(environment["LIANGSHAI_DESK_KEY"]),
            url=said.get("DESK_URL", f"http://127.0.0.1:{port}").rstrip("/"),
            ingest=said.get("DESK_INGEST", "http://127.0.0.1:8101").rstrip("/"),
            metrics=said.get("DESK_METRICS", "http://127.0.0.1:8102").rstrip("/"),
            alerts=said.get("DESK_ALERTS", "http://127.0.0.1:8103").rstrip("/"),
            catalogue=Path(said["CATALOGUE"]) if "CATALOGUE" in said else SHIPPED,
            clock=Path(said["CLOCK"]) if "CLOCK" in said else None,
            provider=_provider(said),
            host=said.get("HOST", "127.0.0.1"),
            port=port,
            operations_host=said.get("OPERATIONS_HOST", "127.0.0.1"),
            operations_port=int(said.get("DESK_OPERATIONS_PORT", "9104")),
            simulated=said.get("SIMULATED", "0") != "0",
            demo=said.get("DESK_DEMO", "0") != "0",
        )


def _provider(said: Mapping[str, str]) -> Provider | None:
    if "DESK_OIDC_ISSUER" not in said:
        return None
    return Provider(
        issuer=said["DESK_OIDC_ISSUER"],
        client=said["DESK_OIDC_CLIENT"],
        secret=Path(said["DESK_OIDC_SECRET"]),
        claim=said.get("DESK_OIDC_CLAIM", "sub"),
    )


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
