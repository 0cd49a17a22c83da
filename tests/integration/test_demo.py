"""`make demo` as a person runs it: interrupted, started again, told to its end, removed. And the same story twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from deploy.demo.driver import Driver
from deploy.demo.telling import tell
from deploy.demo.wire import Urls, Wire
from deploy.local import clean
from deploy.local.programs import ROOT
from tests.support.servers import directory
from tests.support.trial import QUESTIONS, End, Stage, programme, staged, start
from tests.support.waiting import eventually_now

UNTIL = "2023-03-08T12:00:00+08:00"  # long enough to be interrupted in the middle
JANUARY = "2023-02-08T12:00:00+08:00"  # it is judged and its tickets are out: what follows repeats it

FEED = """
SELECT (document::jsonb - '{seq,message_id,ticket_id,references,links}'::text[])::text,
  json_array_length(document::json->'references') FROM alerts.feed
"""  # every message whole, but for its number and the names in it

pytestmark = pytest.mark.timeout(420)


@contextmanager
def demo(place: Path, output: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The demo as a process in a group of its own, its words in a file; the `end` option lets it stop by itself."""
    command = [sys.executable, "-m", "deploy.demo", "--until", UNTIL, "--directory", str(place), "--end"]
    with output.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def left(place: Path) -> list[str]:
    """Processes that have this directory in their command line or environment, or among their files."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue  # it has gone, or is not ours to look at
        if str(place).encode() in words:
            found.append(words[:200].decode(errors="replace"))
    return found


def reached(place: Path) -> datetime | None:
    """The last instant that a run finished."""
    text = (place / "reached").read_text() if (place / "reached").exists() else ""
    return datetime.fromisoformat(text) if text else None


def test_interrupted_and_told_to_its_end() -> None:
    """Ctrl-C in the middle leaves no process and keeps the data; the next start goes on from the reached instant to
    the end; demo-clean refuses while it runs and removes it afterwards."""
    with directory("demo") as parent:
        place, said = parent / "data", parent / "said"
        with demo(place, said) as first:
            eventually_now(lambda: _under_way(first, place, said), 120)
            assert clean.clean(place) == 1
            first.send_signal(signal.SIGINT)
            assert first.wait(90) == 0, said.read_text()  # Ctrl-C is how the demo ends: no error of make
        assert "数据保留" in said.read_text()
        assert not left(place)
        stopped = reached(place)
        assert stopped is not None
        assert stopped < datetime.fromisoformat(UNTIL)
        kept = (place / "log.ndjson").read_bytes()
        with demo(place, said) as second:
            assert second.wait(150) == 0, said.read_text()
        assert not left(place)
        assert reached(place) == datetime.fromisoformat(UNTIL)
        assert (place / "finished").exists()
        whole = (place / "log.ndjson").read_bytes()
        assert whole.startswith(kept)
        assert b'"at"' in whole[len(kept) :]
        assert "亮晒墙" in said.read_text()
        assert clean.clean(place) == 0
        assert not place.exists()
        assert clean.clean(place) == 0


def _under_way(process: "subprocess.Popen[bytes]", place: Path, said: Path) -> bool:
    """It has told a part of its story: some instants are behind it."""
    assert process.poll() is None, said.read_text()
    return (place / "log.ndjson").exists() and reached(place) is not None


async def test_the_same_story_twice_ends_the_same() -> None:
    """Same seed, same catalogue, same end date: the same facts, outcomes, lights, tickets and feed but for ids, every
    message to the letter."""
    stages = [await asyncio.to_thread(staged) for _ in range(2)]
    one, other = await asyncio.gather(*map(_told, stages))
    assert sum(one["facts"].values()) > 300
    assert all(one[name] for name in ("outcomes", "cells", "tickets", "messages", "feed"))
    assert {row[4] for row in one["lights"]} > {"grey"}
    for name, rows in one.items():
        assert not rows - other[name], name
        assert not other[name] - rows, name


async def _told(stage: Stage) -> End:
    """The story up to the end date on a stack of its own, and what the platform then holds."""
    lookup, _ = programme()
    until, stack = datetime.fromisoformat(JANUARY), stage.stack
    wire = Wire(Urls(stack.ingest.url, stack.metrics.url, stack.alerts.url), stage.tokens)
    try:
        pushes = tell(lookup, "twice", until, {}).pushes
        await Driver(wire, stage.clock, stage.place, pushes, "twice", start(), until, lambda _: None).run()
        return await _held(stack.database)
    finally:
        await wire.close()
        await asyncio.to_thread(stage.clear)


async def _held(database: str) -> End:
    connection = await asyncpg.connect(database)
    try:
        asked = QUESTIONS | {"feed": FEED}
        return {name: Counter(tuple(row) for row in await connection.fetch(each)) for name, each in asked.items()}
    finally:
        await connection.close()
