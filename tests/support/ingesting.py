"""Ingest as it runs: its process's parts on free ports, with a tokens file and a client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import yaml

from contracts.authority import hashed
from contracts.operations.process import serve
from deploy.local.ports import free_ports
from services.ingest.app import build_app
from services.ingest.settings import Settings
from tests.support.intake import TOKEN
from tests.support.waiting import eventually


@dataclass(frozen=True, slots=True)
class Running:
    """A served ingest: `client` has Deqing's token, `operations` is the address of health and /metrics."""

    client: httpx.AsyncClient
    operations: httpx.AsyncClient
    tokens: Path

    async def ready(self) -> bool:
        """Whether /readyz is green; no answer counts as red."""
        try:
            return (await self.operations.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False


def entry(token: str = TOKEN, department: str = "deqing", **fields: object) -> dict[str, object]:
    """One entry of a tokens file."""
    common = {"indicators": "*", "districts": "*", "kinds": ["report", "correct", "read"], "rate_per_minute": 1_000_000}
    return {
        "subject": f"{department}-statistics",
        "sha256": hashed(token),
        "department": department,
        **common,
        **fields,
    }


@contextlib.asynccontextmanager
async def ingesting(
    bootstrap: str,
    place: Path,
    *,
    clock: Path | None = None,
    deadline: float = 10,
    metrics_url: str = "http://metrics",
    passes: Path | None = None,
) -> AsyncIterator[Running]:
    """Ingest against that broker until the block ends."""
    tokens = place / "tokens.yaml"
    tokens.write_text(yaml.safe_dump([entry()]), encoding="utf-8")
    port, operations = free_ports(2)
    settings = Settings(
        kafka=bootstrap,
        tokens=tokens,
        clock=clock,
        passes=passes,
        port=port,
        operations_port=operations,
        metrics_url=metrics_url,
        send_deadline=timedelta(seconds=deadline),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(serve(build_app(settings), stop=stop))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30, trust_env=False) as client,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{operations}", timeout=30, trust_env=False) as health,
    ):
        running = Running(client, health, tokens)
        try:
            await eventually(lambda: _alive(health))
            yield running
        finally:
            stop.set()
            await task


async def _alive(health: httpx.AsyncClient) -> bool:
    try:
        return (await health.get("/livez")).status_code == 200
    except httpx.TransportError:
        return False
