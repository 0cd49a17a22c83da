"""The whole stack by the code of `make demo`: up on an empty directory, up again on a full one, and gone cleanly."""

import hashlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.ports import Ports
from deploy.local.process import StartFailed
from deploy.local.stack import Stack
from tests.support import servers
from tests.support.waiting import eventually_now


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with servers.directory("stack") as place:
        digest = hashlib.sha256(b"secret").hexdigest()
        grant = {"subject": "reader", "sha256": digest, "indicators": "*", "districts": "*", "kinds": ["read"]}
        (place / "tokens.yaml").write_text(json.dumps([grant]))  # JSON is YAML
        yield place


@pytest.fixture(scope="module")
def stack(directory: Path) -> Iterator[Stack]:
    with Stack(directory, Ports.free(), tokens=directory / "tokens.yaml", fast=True) as running:
        yield running


def targets(stack: Stack) -> dict[str, str]:
    """The health of each job that Prometheus scrapes."""
    with urllib.request.urlopen(f"{stack.prometheus.url}/api/v1/targets", timeout=30) as answer:
        active = json.load(answer)["data"]["activeTargets"]
    return {target["labels"]["job"]: target["health"] for target in active}


def test_prometheus_scrapes_every_part(stack: Stack) -> None:
    """All six targets are up within seconds of the start, and the rules are loaded."""
    jobs = ("ingest", "metrics", "alerts", "desk", "prometheus", "alertmanager")
    eventually_now(lambda: targets(stack) == dict.fromkeys(jobs, "up"))
    with urllib.request.urlopen(f"{stack.prometheus.url}/api/v1/rules", timeout=30) as answer:
        assert len(json.load(answer)["data"]["groups"]) >= 5


def test_a_directory_belongs_to_one_stack(stack: Stack, directory: Path) -> None:
    """A second stack on the same directory is refused and harms nothing."""
    with pytest.raises(StartFailed, match="another stack"):
        Stack(directory, Ports.free(), tokens=directory / "tokens.yaml").start()
    assert all(part.alive for part in stack.parts)


def test_a_second_replica_starts_beside_the_first(stack: Stack) -> None:
    """Two replicas of metrics run at once on ports of their own; the second one's end is clean."""
    second = stack.service("metrics", name="metrics-2")
    with second:
        assert second.port != stack.metrics.port
        assert second.alive
        assert stack.metrics.alive
    assert not second.alive


def test_it_comes_up_again_on_its_data(stack: Stack) -> None:
    """Stopped, no part is left; started again on its data, every part is ready."""
    stack.stop()
    assert not any(part.alive for part in stack.parts)
    stack.start()
    assert all(part.alive for part in stack.parts)
