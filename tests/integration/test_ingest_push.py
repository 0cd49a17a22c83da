"""`liangshai push` against ingest and metrics on real servers: both stages, told as one (rule 2.6)."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from contracts import topics
from contracts.operations.clock import drive
from contracts.operations.process import serve
from contracts.periods import SHANGHAI
from deploy.local.kafka import Kafka
from deploy.local.ports import free_ports
from services.metrics.app import build_app
from services.metrics.settings import Settings
from tests.support import servers
from tests.support.ingesting import Running, ingesting
from tests.support.intake import TOKEN, event
from tests.support.waiting import eventually

Push = Any


@pytest.fixture
def own() -> Iterator[Kafka]:
    """A broker with nothing but this test's reports: a database without any reads the log from its beginning."""
    with servers.fresh_kafka() as broker:
        yield broker


@pytest.fixture
async def platform(own: Kafka, database: str, tmp_path: Path) -> AsyncIterator[Running]:
    """Both services, ready."""
    admin = AIOKafkaAdminClient(bootstrap_servers=own.bootstrap)
    await admin.start()
    await topics.create(admin)
    await admin.close()
    port, operations = free_ports(2)
    clock = tmp_path / "clock"
    drive(clock, datetime(2023, 7, 20, 9, tzinfo=SHANGHAI))  # June is over and not locked yet
    settings = Settings(
        kafka=own.bootstrap,
        database=database,
        tokens=tmp_path / "tokens.yaml",
        clock=clock,
        port=port,
        operations_port=operations,
    )
    async with ingesting(own.bootstrap, tmp_path, clock=clock, metrics_url=f"http://127.0.0.1:{port}") as running:
        stop = asyncio.Event()
        task = asyncio.create_task(serve(build_app(settings), stop=stop))
        try:
            await eventually(running.ready)
            yield running
        finally:
            stop.set()
            await task


@pytest.fixture
def push(platform: Running, tmp_path: Path) -> Push:
    """`liangshai push --json` on these events, as a program of its own: its exit code and what it printed."""

    async def run(events: Sequence[dict[str, Any]], *options: str) -> tuple[int, dict[str, Any]]:
        file = tmp_path / "reports.json"
        file.write_text(json.dumps(events, ensure_ascii=False), encoding="utf-8")
        url = str(platform.client.base_url)
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", "push", str(file), "--json", "--url", url, *options),
            env=os.environ | {"LIANGSHAI_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
        )
        printed, _ = await program.communicate()
        assert program.returncode is not None
        return program.returncode, json.loads(printed)

    return run


def _outcomes(printed: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["outcome"] for each in printed["outcomes"]}


async def test_a_push_is_followed_to_its_outcomes(push: Push) -> None:
    """Applied; the same file again: duplicates, exit code 0; a correction: applied; another value: conflict, code 1."""
    first = [event(id="a"), event(id="b", indicator="major_projects", value="7", unit="个")]
    code, printed = await push(first)
    assert (code, _outcomes(printed)) == (0, {"a": "applied", "b": "applied"})
    code, printed = await push(first)
    assert (code, _outcomes(printed)) == (0, {"a": "duplicate", "b": "duplicate"})
    code, printed = await push([event(id="c", value="6.5", revision=1, reason="录入错误")])
    assert (code, _outcomes(printed)) == (0, {"c": "applied"})
    code, printed = await push([event(id="d", value="8", revision=1), event(id="a", value="9")])
    assert (code, _outcomes(printed)) == (1, {"d": "revision_conflict", "a": "id_conflict"})


async def test_the_first_report_of_the_readme(platform: Running, tmp_path: Path) -> None:
    """What `push --example` prints is typed as printed: report.json, the token's file, push, and the curl line."""
    here = tmp_path / "clone"
    (here / ".local/demo/tokens").mkdir(parents=True)
    (here / ".local/demo/tokens/deqing").write_text(TOKEN, encoding="utf-8")
    (here / ".venv").symlink_to(sys.prefix)
    url = str(platform.client.base_url).rstrip("/")
    set_up = os.environ | {"LIANGSHAI_CLOCK": str(tmp_path / "clock"), "LIANGSHAI_INGEST_URL": url}

    async def typed(line: str) -> tuple[int | None, str, str]:
        pipe = subprocess.PIPE
        shell = await asyncio.create_subprocess_shell(line, cwd=here, env=set_up, stdout=pipe, stderr=pipe)
        out, err = await shell.communicate()
        return shell.returncode, out.decode(), err.decode()

    code, _, instructions = await typed(".venv/bin/liangshai push --example > report.json")
    assert code == 0
    export, push_it, curl = [line for line in instructions.splitlines() if line and not line.startswith("#")]
    code, told, _ = await typed(f"{export}\n{push_it}")
    assert code == 0
    assert "applied" in told
    if shutil.which("curl"):  # not part of a bare machine
        code, told, _ = await typed(f"{export}\n{curl}")
        assert (code, json.loads(told)["counts"]["accepted"]) == (0, 1)


async def test_what_intake_turns_down_is_never_recorded(push: Push) -> None:
    """A rejected item makes the exit code 1, the other is followed; a dry run and an aborted batch leave no trace."""
    batch = [event(id="e"), event(id="f", period="2023-13")]
    code, printed = await push(batch, "--dry-run")
    assert (code, printed["outcomes"]) == (1, [])
    code, printed = await push(batch, "--atomic")
    assert (code, printed["outcomes"]) == (1, [])
    assert [item["status"] for item in printed["answer"]["items"]] == ["aborted", "rejected"]
    code, printed = await push(batch)
    assert (code, _outcomes(printed)) == (1, {"e": "applied"})
