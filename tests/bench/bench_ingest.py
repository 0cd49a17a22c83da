"""How many reports a second intake accepts, beside a server that reads the same bodies and does nothing with them.

`python -m tests.bench.bench_ingest`: a real Kafka, ingest and the baseline as processes of their own, batches of 500,
of 50 and single reports, a few connections at once. Two cores are shared by all of them: read the ratios.
"""

import asyncio
import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.authority import hashed
from contracts.topics import _create
from deploy.local.ports import free_ports
from tests.support import servers
from tests.support.intake import NOW, cells, lookup

NOTHING = b'{"items":[]}'
SECONDS = 3.0
CONNECTIONS = 8
HEADERS = {"Authorization": "Bearer token-deqing", "Content-Type": "application/cloudevents-batch+json"}


def batches(size: int, count: int) -> list[bytes]:
    """Bodies of distinct acceptable reports of one district, as its system would send them."""
    all_of_them = lookup().programme.indicators
    indicators = [i for i in all_of_them if "deqing" in i.applicable and i.writer == "district" and i.goal != "yes_no"]
    open_cells = [
        cell for i in indicators for cell in cells().of(i.id, "deqing") if cell.due_at and cell.period.closes_at <= NOW
    ]
    made = []
    for batch in range(count):
        events = []
        for item in range(size):
            number = batch * size + item
            cell = open_cells[number % len(open_cells)]
            indicator = lookup().indicators[cell.indicator]
            data = {
                "programme": lookup().programme.id, "indicator": cell.indicator, "district": "deqing",
                "period": cell.period.text, "value": "1", "unit": indicator.unit, "revision": number // len(open_cells),
            }  # fmt: skip
            events.append(
                {"specversion": "1.0", "id": f"bench-{os.getpid()}-{number}", "source": "/simulated/bench",
                 "type": "progress.reported.v1", "time": f"{cell.period.end}T12:00:00+08:00", "data": data}
            )  # fmt: skip
        made.append(json.dumps(events, ensure_ascii=False).encode())
    return made


async def nothing(request: Request) -> Response:
    """The baseline: the body is read and a short answer given."""
    await request.body()
    return Response(NOTHING, 207, media_type="application/json")


async def measured(port: int, bodies: Sequence[bytes], size: int) -> tuple[float, list[float]]:
    """Items answered a second, and the seconds each request took. A client thinner than any library's: it shares the
    cores with what is measured."""
    took: list[float] = []
    requests = [_request(body) for body in bodies]
    end = time.perf_counter() + SECONDS
    position = 0

    async def one() -> None:
        nonlocal position
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            request, position = requests[position % len(requests)], position + 1
            started = time.perf_counter()
            writer.write(request)
            answer = await _answer(reader)
            took.append(time.perf_counter() - started)
            assert answer == NOTHING or f'"accepted":{size},'.encode() in answer[:400], answer[:2000]
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return len(took) * size / (time.perf_counter() - started), took


def _request(body: bytes) -> bytes:
    headers = {"Host": "ingest", "Content-Length": str(len(body)), **HEADERS}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /v1/reports HTTP/1.1\r\n{head}\r\n".encode() + body


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 207"), head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.partition(b":")[2]))


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors: says more than the clock on a machine that others share."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def serving(arguments: Sequence[str], port: int, environment: dict[str, str]) -> AsyncIterator[int]:
    """A process that serves on that port, by its id."""
    log = open(os.devnull, "wb")  # noqa: ASYNC230, SIM115 - closed with the process
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, env=os.environ | environment, stdout=log, stderr=log
    )
    try:
        for _ in range(500):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.02)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()
        log.close()


@contextlib.contextmanager
def ingest_environment(bootstrap: str, port: int, operations: int) -> Iterator[dict[str, str]]:
    """The settings of ingest for this run."""
    with servers.directory("bench") as place:
        entry = {
            "subject": "bench", "sha256": hashed("token-deqing"), "department": "deqing", "indicators": "*",
            "districts": "*", "kinds": ["report", "correct"], "rate_per_minute": 1_000_000_000,
        }  # fmt: skip
        (Path(place) / "tokens.yaml").write_text(yaml.safe_dump([entry]), encoding="utf-8")
        yield {
            "LIANGSHAI_KAFKA": bootstrap, "LIANGSHAI_TOKENS": str(Path(place) / "tokens.yaml"),
            "LIANGSHAI_INGEST_PORT": str(port), "LIANGSHAI_INGEST_OPERATIONS_PORT": str(operations),
        }  # fmt: skip


async def main(bootstrap: str) -> None:
    """Print one line a batch size."""
    await _create(bootstrap)
    port, operations, empty = free_ports(3)
    with ingest_environment(bootstrap, port, operations) as environment:
        async with (
            serving(["services.ingest"], port, environment) as pid,
            serving(["tests.bench.bench_ingest", "baseline", str(empty)], empty, {}),
        ):
            for size in (500, 50, 1):
                bodies = batches(size, max(20, 200 // size))
                await measured(port, bodies, size)  # warm
                before = cpu_seconds(pid)
                rate, took = await measured(port, bodies, size)
                spent = (cpu_seconds(pid) - before) / (len(took) * size) * 1_000_000
                ceiling, _ = await measured(empty, bodies, size)
                slow = statistics.quantiles(took, n=100)[98] * 1000
                print(
                    f"{size:4d} a request: {rate:9,.0f} accepted/s, p50 {statistics.median(took) * 1000:6.1f} ms, "
                    f"p99 {slow:6.1f} ms, {spent:6.1f} µs of ingest's CPU each; baseline {ceiling:9,.0f}/s; "
                    f"ratio {rate / ceiling:.2f}"
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["baseline"]:
        app = Starlette(routes=[Route("/v1/reports", nothing, methods=["POST"])])
        uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False, loop="uvloop", http="httptools")
    else:
        with servers.kafka() as broker:
            asyncio.run(main(broker))
