"""A service as a process: it answers while it lives and ends clean, in order and in time when told to."""

import asyncio
import contextlib
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.waiting import eventually


class Running:
    """The process and the log lines it has written so far."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.lines: list[dict[str, object]] = []
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))

    @property
    def events(self) -> list[object]:
        return [line["event"] for line in self.lines]

    @property
    def ports(self) -> list[object]:
        """The operations port, then the public one."""
        return [line["port"] for line in self.lines if line["event"] == "listening"]

    async def end(self, number: signal.Signals) -> str:
        """Signal it, wait for its end, and return what it wrote to stderr."""
        self.process.send_signal(number)
        assert self.process.stderr is not None
        said = await self.process.stderr.read()
        await self.process.wait()
        await self.reading
        return said.decode()


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """The small service, with every warning of Python and asyncio switched on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-W", "error", "-m", "tests.support.small_service", stdout=PIPE, stderr=PIPE
    )
    service = Running(process)
    try:
        await eventually(lambda: "started" in service.events)
        yield service
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_operations_and_the_public_listen_apart(running: Running) -> None:
    """/livez, /readyz and /metrics, with what expositions have rendered, on one port; the API on the other."""
    operations, public = (f"http://127.0.0.1:{port}" for port in running.ports)
    async with httpx.AsyncClient(timeout=30) as client:
        assert (await client.get(f"{operations}/livez")).status_code == 200

        async def ready() -> bool:
            return (await client.get(f"{operations}/readyz")).status_code == 200

        await eventually(ready)
        metrics = await client.get(f"{operations}/metrics")
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "\nliangshai_ready 1.0\n" in metrics.text
        assert metrics.text.endswith("domain_gauge 1\n")
        assert (await client.get(f"{public}/metrics")).status_code == 404
        assert (await client.get(f"{operations}/slow")).status_code == 404
        assert (await client.get(f"{public}/slow")).json() == {"slow": True}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_clean_and_in_order(running: Running, number: signal.Signals) -> None:
    """The batch in hand ends, the request in hand is answered, connections close last; code 0, no word on stderr."""
    async with httpx.AsyncClient(timeout=30) as client:
        asked = asyncio.create_task(client.get(f"http://127.0.0.1:{running.ports[1]}/slow"))
        await eventually(lambda: "in hand" in running.events)
        said = await running.end(number)
        assert (await asked).json() == {"slow": True}
    assert said == ""
    assert running.process.returncode == 0
    order = [event for event in running.events if event in ("opened", "stopping", "batch ended", "closed", "stopped")]
    assert order == ["opened", "stopping", "batch ended", "closed", "stopped"]


async def test_a_loop_that_fails_is_started_again_and_told(running: Running) -> None:
    """A failing loop neither ends the process nor goes unseen."""
    await eventually(lambda: running.events.count("loop failed") >= 2)
    async with httpx.AsyncClient(timeout=30) as client:
        metrics = await client.get(f"http://127.0.0.1:{running.ports[0]}/metrics")
    [line] = [line for line in metrics.text.splitlines() if line.startswith("liangshai_task_restarts_total")]
    assert line.startswith('liangshai_task_restarts_total{task="failing"}')
    assert float(line.split()[1]) >= 2
