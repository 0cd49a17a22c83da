"""Leadership by a clock in the test's hand: who was frozen does not lead when it wakes, whatever it believed before."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from contracts.operations import leadership as module
from contracts.operations.leadership import Leadership
from tests.support.waiting import eventually


class Server:
    """A pool, its one connection and the clock: it answers while `answering` is set."""

    def __init__(self) -> None:
        self.answering = asyncio.Event()
        self.answering.set()
        self.now, self.asked = 100.0, 0

    async def acquire(self, **limits: float) -> "Server":
        return self

    async def release(self, connection: object) -> None:
        pass

    def terminate(self) -> None:
        pass

    async def execute(self, statement: str, **limits: float) -> None:
        self.asked += 1
        await self.answering.wait()

    async def fetchval(self, statement: str, key: str, **limits: float) -> bool:
        return True


@contextlib.asynccontextmanager
async def leading(server: Any) -> AsyncIterator[Leadership]:
    leadership = Leadership(server, "gauges", monotonic=lambda: float(server.now))
    running = asyncio.create_task(leadership.run())
    try:
        await eventually(lambda: leadership.held)
        yield leadership
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same at a faster pace."""
    monkeypatch.setattr(module, "_PERIOD", 0.001)


async def test_the_lead_is_kept_while_the_server_answers() -> None:
    """Each answer renews it."""
    server = Server()
    async with leading(server) as leadership:
        for _ in range(5):
            server.now += 3.0
            assert leadership.held
            asked = server.asked
            await eventually(lambda asked=asked: server.asked > asked + 1, every=0.001)  # type: ignore[misc]


async def test_the_lead_ends_before_the_server_gives_the_lock_away() -> None:
    """Unanswered for 3.5 s nobody leads here (the server waits 5 s); an answer to an old question renews nothing."""
    server = Server()
    async with leading(server) as leadership:
        server.answering.clear()
        asked = server.asked
        await eventually(lambda: server.asked > asked, every=0.001)
        server.now += 3.4
        assert leadership.held
        server.now += 0.2  # a process that was frozen meanwhile sees just this
        assert not leadership.held
        server.answering.set()
        await eventually(lambda: leadership.held, every=0.001)  # the session lived: the next question is a new one
