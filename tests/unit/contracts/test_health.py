"""Health: red when a check failed for 6 s, when nothing moved for 10 s, when consuming was stopped; idle is green."""

import asyncio

import pytest
from starlette.applications import Starlette

from contracts.operations import health
from contracts.operations.health import Health
from tests.support.asking import client


class Time:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Dependency:
    """A check that fails while it is away."""

    def __init__(self) -> None:
        self.away: str | None = None

    async def check(self) -> None:
        if self.away:
            raise RuntimeError(self.away)


class Consuming:
    """What health sees of a consumption."""

    def __init__(self) -> None:
        self.name = "progress.reported"
        self.stopped: str | None = None
        self.handled_at: float | None = None
        self.lag: dict[int, int] = {}
        self.joined = True

    async def measure(self) -> dict[int, int]:
        return self.lag


def make() -> tuple[Time, Dependency, Consuming, Health]:
    """A health of one check and one consumption."""
    time, dependency, consuming = Time(), Dependency(), Consuming()
    return time, dependency, consuming, Health({"postgres": dependency.check}, [consuming], monotonic=time)


async def test_a_service_is_red_until_every_check_has_succeeded_once() -> None:
    """Nothing is ready that has not been looked at."""
    _, dependency, _, checked = make()
    assert len(checked.reasons()) == 2
    dependency.away = "refused"
    await checked.check()
    assert checked.reasons() == ["postgres: refused"]
    dependency.away = None
    await checked.check()
    assert checked.reasons() == []


async def test_a_check_may_fail_for_six_seconds() -> None:
    """A short outage is tolerated, a longer one is red, and the first success is green again."""
    time, dependency, _, checked = make()
    await checked.check()
    dependency.away = "refused"
    for seconds, red in ((0, False), (2, False), (2, False), (1.9, False), (0.1, True)):
        time.now += seconds
        await checked.check()
        assert bool(checked.reasons()) is red, time.now
    dependency.away = None
    await checked.check()
    assert checked.reasons() == []


async def test_a_check_that_does_not_answer_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence for the time limit counts as a failure and holds up nothing else."""
    monkeypatch.setattr(health, "TIMEOUT", 0.01)
    checked = Health({"silent": asyncio.Event().wait})  # type: ignore[dict-item] # its result is not looked at
    await checked.check()
    assert checked.reasons() == ["silent: no answer in 0.01 s"]


async def test_waiting_records_without_progress_are_red_after_ten_seconds() -> None:
    """Lag alone is green, idle is green however long, and ten seconds of neither progress nor emptiness are red."""
    time, _, consuming, checked = make()
    consuming.handled_at = time.now
    time.now += 3600
    await checked.check()
    assert checked.reasons() == []
    consuming.lag = {3: 2}
    await checked.check()
    time.now += 9.9
    assert checked.reasons() == []
    time.now += 0.1
    assert checked.reasons() == ["consuming progress.reported: 2 records wait, none handled for 10 s"]
    consuming.handled_at = time.now
    assert checked.reasons() == []
    consuming.lag = {3: 0}
    await checked.check()
    time.now += 100
    assert checked.reasons() == []


async def test_a_consumer_without_a_place_in_the_group_is_red() -> None:
    """A consumer that never joined, or left, handles nothing and sees no lag."""
    time, _, consuming, checked = make()
    await checked.check()
    consuming.joined = False
    await checked.check()
    assert checked.reasons() == []
    time.now += 6
    await checked.check()
    assert checked.reasons() == ["consuming progress.reported: without a place in the group"]


async def test_readyz_says_what_is_red_and_how_far_consuming_is() -> None:
    """503 with the reasons, the last success of each check and the lag by partition; /livez stays green."""
    _, _, consuming, checked = make()
    await checked.check()
    asking = client(Starlette(routes=checked.routes))
    assert (await asking.get("/readyz")).status_code == 200
    consuming.stopped = "more than 50 dead letters in a row"
    consuming.lag = {1: 5}
    answer = await asking.get("/readyz")
    assert answer.status_code == 503
    body = answer.json()
    assert body["reasons"] == ["consuming progress.reported stopped: more than 50 dead letters in a row"]
    assert body["checks"]["postgres"] == {"error": None, "last_success_seconds_ago": 0.0}
    assert body["consuming"]["progress.reported"]["lag"] == {"1": 5}
    assert (await asking.get("/livez")).status_code == 200
