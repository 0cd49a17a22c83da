"""Two replicas of alerts as real processes: one exports the domain's gauges; killed, the other does within 5 s."""

import asyncio
import contextlib
import dataclasses
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from deploy.local.ports import free_ports
from deploy.local.programs import ROOT
from services.alerts.settings import Settings
from tests.support.standings import INDICATOR
from tests.support.supervised import supervised
from tests.support.waiting import eventually

LIGHT = f'indicator="{INDICATOR}",district="deqing"}} 3'


@contextlib.asynccontextmanager
async def replica(settings: Settings, log: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """`python -m services.alerts` with a mind of its own; its operations port."""
    public, operations = free_ports(2)
    said = {
        "LIANGSHAI_KAFKA": settings.kafka,
        "LIANGSHAI_DATABASE": settings.database,
        "LIANGSHAI_TOKENS": str(settings.tokens),
        "LIANGSHAI_CLOCK": str(settings.clock),
        "LIANGSHAI_ALERTS_PORT": str(public),
        "LIANGSHAI_ALERTS_OPERATIONS_PORT": str(operations),
    }
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.alerts", cwd=ROOT, env={**os.environ, **said}, stdout=out, stderr=out
        )
        try:
            yield process, operations
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def exports(port: int) -> bool:
    """Whether the replica's /metrics holds Deqing's red light."""
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient() as http:
            return LIGHT in (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    return False


async def test_gauges_are_exported_once_and_outlive_a_kill(database: str, tmp_path: Path) -> None:
    """kill -9 the leader: every gauge is back, once, within 5 s."""
    async with supervised(database) as alerts:
        await alerts.june()
        settings = dataclasses.replace(alerts.settings)
        # the service of this process stops before the replicas start: they alone compete
        async with contextlib.AsyncExitStack() as stack:
            await alerts.stop()
            one = await stack.enter_async_context(replica(settings, tmp_path / "one.log"))
            await eventually(lambda: exports(one[1]))
            two = await stack.enter_async_context(replica(settings, tmp_path / "two.log"))
            await eventually(lambda: _alive(two[1]))
            assert not await exports(two[1])
            one[0].send_signal(signal.SIGKILL)
            killed = time.monotonic()
            await eventually(lambda: exports(two[1]), 5)
            assert time.monotonic() - killed < 5


async def test_a_replica_that_was_frozen_does_not_export_when_it_wakes(database: str, tmp_path: Path) -> None:
    """SIGSTOP the leader past its session: the other leads; thawed, it has lost the lead before it answers a scrape."""
    async with supervised(database) as alerts, contextlib.AsyncExitStack() as stack:
        await alerts.june()
        await alerts.stop()
        one = await stack.enter_async_context(replica(alerts.settings, tmp_path / "one.log"))
        await eventually(lambda: exports(one[1]))
        two = await stack.enter_async_context(replica(alerts.settings, tmp_path / "two.log"))
        await eventually(lambda: _alive(two[1]))
        one[0].send_signal(signal.SIGSTOP)
        frozen = time.monotonic()
        await eventually(lambda: exports(two[1]))
        await eventually(lambda: time.monotonic() - frozen > 8)
        one[0].send_signal(signal.SIGCONT)
        thawed = time.monotonic()
        while time.monotonic() - thawed < 2:
            assert not await exports(one[1])
        assert await exports(two[1])


async def _alive(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient() as http:
            return (await http.get(f"http://127.0.0.1:{port}/livez")).status_code == 200
    return False
