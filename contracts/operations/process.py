"""A service as a process: its two HTTP servers, its consumers and its loops under one lifespan, ended by a signal.

Starting: connections, servers (so that /livez answers and /readyz is red), consumers, loops. Stopping turns it round:
consumers first, 15 s for the batch in hand, the whole process within 25 s, exit code 0.
"""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
import uvicorn
import uvloop
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from contracts.operations import logs
from contracts.operations.health import Health
from contracts.operations.http import application
from contracts.operations.instruments import ProcessInstruments

_CONSUMERS_STOP = 17.0  # FastStream gives the batch in hand 15 s
_REQUESTS_STOP = 3.0
_RESTART_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"

log = structlog.get_logger("process")

Loop = Callable[[], Coroutine[Any, Any, None]]
Exposition = Callable[[], bytes]


class Consumer(Protocol):
    """What is run and stopped with the process (`consumption.Consumption`)."""

    async def run(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Listener:
    """An app and where it listens; port 0 lets the system choose, and the log line `listening` tells."""

    app: ASGIApp
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Service:
    """All parts of a service, built by its `build_app(settings)` from plain arguments and started by `run`."""

    name: str
    operations: Listener
    public: Listener | None = None
    health: Health | None = None
    resources: Sequence[AbstractAsyncContextManager[Any]] = ()  # opened in order before all else, closed last
    consumers: Sequence[Consumer] = ()
    loops: Mapping[str, Loop] = field(default_factory=dict)  # run for ever; one that fails is started again
    instruments: ProcessInstruments | None = None


def operations_app(
    health: Health,
    registry: CollectorRegistry,
    *,
    expositions: Sequence[Exposition] = (),
    routes: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """/metrics (the registry's instruments, then what each exposition has rendered), /livez, /readyz and `routes`."""

    async def metrics(_: Request) -> Response:
        parts = [generate_latest(registry), *(exposition() for exposition in expositions)]
        return Response(b"".join(parts), media_type=_TEXT)

    return application([Route("/metrics", metrics), *health.routes, *routes], quiet=True)


def run(service: Callable[[], Service], name: str) -> None:
    """Build and serve until SIGTERM or SIGINT: the last line of every `__main__`."""
    logs.configure(name)

    async def main() -> None:
        built = service()
        _spare_the_collector()
        await serve(built)

    uvloop.run(main())


def _spare_the_collector() -> None:
    """Modules and the catalogue stay for the life of the process: the collector of cycles went through them again and
    again, an eighth of the time that alerts took; and a batch of rows is no reason to look yet."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


async def serve(service: Service, *, stop: asyncio.Event | None = None) -> None:
    """Serve until a signal or until `stop` is set."""
    stop = stop or asyncio.Event()
    with _signals(stop):
        async with contextlib.AsyncExitStack() as stack:
            for resource in service.resources:
                await stack.enter_async_context(resource)
            for listener in (service.operations, service.public):
                if listener is not None:
                    await stack.enter_async_context(_listening(service.name, listener))
            loops = dict(service.loops)
            if service.health is not None:
                loops["health"] = service.health.run
            for title, loop in loops.items():
                await stack.enter_async_context(_kept_running(title, loop, service.instruments))
            for consumer in service.consumers:
                await stack.enter_async_context(_consuming(consumer))
            log.info("started", service=service.name)
            await stop.wait()
            log.info("stopping", service=service.name)
    log.info("stopped", service=service.name)


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: two of them live in this process and the signal is ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _listening(name: str, listener: Listener) -> AsyncIterator[None]:
    bound = socket.create_server((listener.host, listener.port), backlog=1024, reuse_port=False)
    config = uvicorn.Config(
        listener.app,
        loop="none",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(_REQUESTS_STOP),
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([bound]))
    log.info("listening", service=name, host=listener.host, port=bound.getsockname()[1])
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        bound.close()


@contextlib.asynccontextmanager
async def _consuming(consumer: Consumer) -> AsyncIterator[None]:
    task = asyncio.create_task(consumer.run())
    task.add_done_callback(_say_why)
    try:
        yield
    finally:
        stopping = asyncio.create_task(consumer.stop())
        _, late = await asyncio.wait({task, stopping}, timeout=_CONSUMERS_STOP)
        for unfinished in late:
            unfinished.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)


def _say_why(task: "asyncio.Task[None]") -> None:
    """A consumer that ends by an exception turns /readyz red (it left the group); the log says what it was."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("consumer failed", exc_info=error)


@contextlib.asynccontextmanager
async def _kept_running(title: str, loop: Loop, instruments: ProcessInstruments | None) -> AsyncIterator[None]:
    task = asyncio.create_task(_again_and_again(title, loop, instruments), name=title)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _again_and_again(title: str, loop: Loop, instruments: ProcessInstruments | None) -> None:
    failures = 0
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await loop()
        except Exception:
            log.exception("loop failed", loop=title)
        else:
            log.error("loop ended", loop=title)
        if instruments is not None:
            instruments.restarts.labels(title).inc()
        failures = failures + 1 if asyncio.get_running_loop().time() - started < 30 else 1
        await asyncio.sleep(_RESTART_PAUSES[min(failures, len(_RESTART_PAUSES)) - 1])
