"""Stacks for tests: each on a copy of data that is prepared once a session (topics, tables, the shipped catalogue).

with stacked(place, clock, tokens) as stack:
    httpx.get(f"{stack.metrics.url}/v1/catalogue")
"""

import atexit
import contextlib
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from deploy.local.ports import Ports
from deploy.local.stack import Stack
from tests.support.servers import directory


def stacked(place: Path, clock: Path, tokens: Path, **options: Any) -> Stack:
    """A stack in `place`, to be started: without Prometheus and the desk unless `options` ask for them. One with a
    catalogue of its own begins with nothing: what is prepared knows the shipped one."""
    place.mkdir(exist_ok=True)
    if "LIANGSHAI_CATALOGUE" not in (options.get("environment") or {}):
        subprocess.run(["cp", "-a", f"{_prepared()}/.", str(place)], check=True)
    alone = {"monitored": False, "officials": False}
    return Stack(place, Ports.free(), clock, tokens=tokens, fast=True, **alone | options)


@cache
def _prepared() -> Path:
    """The data of a stack that is ready for its services."""
    keeping = contextlib.ExitStack()
    place = keeping.enter_context(directory("prepared"))
    atexit.register(keeping.close)
    stack = Stack(place, Ports.free(), fast=True)
    try:
        stack.start_stores()
    finally:
        stack.stop()
    return place
