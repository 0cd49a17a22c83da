"""The driver with a stub in place of the services: which instants it visits, what it waits for, how it goes on."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.operations.clock import drive, open_clock
from contracts.periods import SHANGHAI
from deploy.demo import driver as driving
from deploy.demo.driver import Driver, Progress
from deploy.demo.office import Act, answers
from deploy.demo.story import STATEMENTS, Push
from deploy.demo.wire import Wire

START = datetime(2023, 1, 1, tzinfo=SHANGHAI)


def day(number: float) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=number)


def push(at: datetime, *names: str, unit: str = "anji") -> Push:
    """A push of some items."""
    return Push(at, unit, "batch", tuple({"id": name, "source": "/simulated/anji", "data": {}} for name in names))


class Interrupted(Exception):
    """The driver was stopped within a push."""


class Stub(Wire):
    """The three services in one: accepts all, judges after `slow` questions, has moments of its own."""

    def __init__(self, clock: Path, moments: Sequence[datetime] = (), slow: int = 0) -> None:  # it asks nobody
        self.now, self.moments, self.slow = open_clock(clock).now, list(moments), slow
        self.seen: list[tuple[datetime, str]] = []  # (platform time, what was sent)
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        self.stop_at: str | None = None
        self.through, self.offset, self.judged, self.asked = START, -1, -1, 0
        self.premature: list[str] = []

    async def push(self, push: Push) -> dict[str, Any]:
        if self.through < self.now():
            self.premature.append(f"pushed at {self.now()}, judged up to {self.through}")
        items = []
        for index, item in enumerate(push.items):
            if item["id"] == self.stop_at:
                raise Interrupted
            self.offset += 1
            self.seen.append((self.now(), item["id"]))
            said = {"index": index, "id": item["id"], "source": item["source"], "status": "accepted"}
            items.append({**said, "partition": 0, "offset": self.offset})
        return {"receipt": "r", "received_at": self.now().isoformat(), "counts": {}, "items": items}

    async def watermarks(self, since: int | None = None, through: datetime | None = None) -> dict[str, Any]:
        self.asked += 1
        if self.slow == 0 or self.asked % self.slow == 0:
            self.through, self.judged = self.now(), self.offset
        ahead = [at for at in self.moments if at > self.through]
        marks = {"0": {"through": self.through.isoformat(), "position": self.judged + 1}}
        said = max((m["seq"] for m in self.messages if datetime.fromisoformat(m["sent"]) <= self.now()), default=0)
        ahead_at = min(ahead).isoformat() if ahead else None
        return {"partitions": marks, "next_at": ahead_at, "said": said, "judged": self.asked}

    async def feed(self, after: int, limit: int = 1000) -> list[dict[str, Any]]:
        if self.judged < self.offset:
            self.premature.append("the feed was read before what was pushed was judged")
        due = (m for m in self.messages if datetime.fromisoformat(m["sent"]) <= self.now())
        return [m for m in due if m["seq"] > after]

    async def act(self, unit: str, ticket: str, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.seen.append((self.now(), f"{document['act']} {ticket}"))
        return self.status, {}


Made = Callable[..., tuple[Driver, Stub]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A driver in a directory of its own and its stub; called again it is the driver of the next start."""

    def make(pushes: Sequence[Push], until: float = 30, **stub: Any) -> tuple[Driver, Stub]:
        clock = tmp_path / "clock"
        drive(clock, START)
        wire = Stub(clock, **stub)
        return Driver(wire, clock, tmp_path, pushes, "seed", START, day(until), lambda _: None), wire

    return make


def message(seq: int, at: datetime, ticket: str) -> dict[str, Any]:
    """The first message of a ticket."""
    return {
        "seq": seq, "kind": "ticket", "rule": "lag",
        "notification_reason": "first", "sent": at.isoformat(), "fingerprint": ticket,
        "episode": 1, "ticket_id": ticket, "labels": {"indicator": "i", "district": "anji", "department": "water"},
        "period": "2023-01",
    }  # fmt: skip


async def test_skips_to_the_next_moment(made: Made) -> None:
    """Days with nothing to do are skipped: instants are those of pushes and of alerts' own moments, in order."""
    driver, wire = made([push(day(3), "a"), push(day(9.5), "b", "c")], moments=[day(5)])
    shown: list[datetime] = []
    driver.show = lambda progress: shown.append(progress.at)
    progress = await driver.run()
    assert shown == [day(3), day(5), day(9.5), day(30)]
    assert wire.seen == [(day(3), "a"), (day(9.5), "b"), (day(9.5), "c")]
    assert (progress.pushed, progress.verdicts["accepted"], progress.instants) == (3, 3, 3)
    assert wire.now() == day(30) == driver.reached()


async def test_pushes_of_one_instant_go_together(made: Made) -> None:
    """What several units send at one instant is one instant."""
    driver, wire = made([push(day(3), "a"), push(day(3), "b", unit="deqing"), push(day(4), "c")])
    assert (await driver.run()).instants == 2
    assert sorted(wire.seen) == [(day(3), "a"), (day(3), "b"), (day(4), "c")]


async def test_waits_for_watermarks_and_positions(made: Made) -> None:
    """Nothing is pushed before the instant is judged, and no message is read before what was pushed is."""
    driver, wire = made([push(day(n), f"a{n}") for n in range(1, 9)], slow=3)
    await driver.run()
    assert not wire.premature
    assert wire.asked >= 3 * 2 * 8
    assert [name for _, name in wire.seen] == [f"a{n}" for n in range(1, 9)]


async def test_an_instant_is_left_before_it_is_judged(made: Made) -> None:
    """Once all of it is accepted the clock leaves the instant, so that it is judged as a whole; statements on
    projects are recorded before that, for what they add up to belongs to the same instant."""
    said = {"id": "b", "source": "/simulated/anji", "type": "project.reported.v1", "data": {}}
    driver, wire = made([push(day(3), "a"), Push(day(4), "anji", "batch", (said,), STATEMENTS)])
    asked: list[tuple[datetime, datetime | None]] = []
    watermarks = wire.watermarks

    async def noted(since: int | None = None, through: datetime | None = None) -> dict[str, Any]:
        asked.append((wire.now(), through))
        return await watermarks(since, through)

    wire.watermarks = noted  # type: ignore[method-assign]
    await driver.run()
    over = [day(3) + driving.STEP, day(4) + driving.STEP]
    waited = [at for at, through in asked if through == at]
    assert waited == [day(3), over[0], day(4), day(4), over[1], day(30)]
    assert wire.seen == [(day(3), "a"), (day(4), "b")]


async def test_says_what_is_not_judged(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that stands still ends the time-lapse with the partition's number, not in silence."""
    monkeypatch.setattr(driving, "DEADLINE", 0.05)
    driver, _ = made([push(day(1), "a")], slow=10**9)
    with pytest.raises(TimeoutError, match=r"partitions \['0'\]"):
        await driver.run()


async def test_a_partition_that_is_not_told_of_is_waited_for(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """An accepted offset in a partition without a watermark is not judged."""
    monkeypatch.setattr(driving, "DEADLINE", 0.05)
    driver, _ = made([])
    with pytest.raises(TimeoutError, match="3"):
        await driver._judged(START, {(driving.REPORTED, 3): 0})


async def test_projects_are_waited_for_where_alerts_judges_them() -> None:
    """Rule 12: their partitions have watermarks of their own; an accepted statement is waited for there."""
    at = day(1)
    marks = {"0": {"through": at.isoformat(), "position": 5}}
    assert driving._behind({"partitions": marks}, at, {(driving.PROJECTS, 0): 9}) == ""
    told = {"partitions": marks, "projects": marks}
    assert driving._behind(told, at, {(driving.REPORTED, 0): 4, (driving.PROJECTS, 0): 4}) == ""
    assert driving._behind(told, at, {(driving.PROJECTS, 0): 5}) == "projects ['0']"
    assert driving._behind(told, day(2), {}) == "partitions ['0'], projects ['0']"


async def test_goes_on_from_its_instant(made: Made) -> None:
    """Interrupted within an instant, the next start sends that instant's pushes and all later ones, none before."""
    story = [push(day(1), "a"), push(day(2), "b"), push(day(3), "c"), push(day(4), "d")]
    driver, wire = made(story)
    wire.stop_at = "c"
    with pytest.raises(Interrupted):
        await driver.run()
    assert driver.reached() == day(2)
    again, next_wire = made(story)
    drive(again.clock, day(2))
    next_wire.through = day(2)
    progress = await again.run()
    assert [name for _, name in wire.seen + next_wire.seen] == ["a", "b", "c", "d"]
    assert progress.at == day(30)
    third, idle = made(story)
    drive(third.clock, day(30))
    await third.run()
    assert idle.seen == []


async def test_cancelled_at_any_instant_it_loses_no_push(made: Made) -> None:
    """Ctrl-C cancels the driver where it waits: what was sent at the broken instant is sent again, nothing is left."""
    story = [push(day(n), f"a{n}") for n in range(1, 7)]
    sent: list[str] = []
    for _ in range(20):
        driver, wire = made(story, slow=2)
        wire.through = driver.reached() or START
        drive(driver.clock, wire.through)
        running = asyncio.create_task(driver.run())
        before = driver.reached()
        while driver.reached() == before and not running.done():  # noqa: ASYNC110 - a file is no event
            await asyncio.sleep(0.001)
        finished = driver.reached() == day(30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        sent += [name for _, name in wire.seen]
        if finished:
            break
    assert [name for i, name in enumerate(sent) if name not in sent[:i]] == [f"a{n}" for n in range(1, 7)]
    assert max(map(sent.count, sent)) <= 2


async def test_the_log_holds_what_was_sent_and_answered(made: Made) -> None:
    """One line a push: the recount has no other source."""
    driver, _ = made([push(day(1), "a", "b"), push(day(2), "c")])
    await driver.run()
    lines = [json.loads(line) for line in (driver.directory / "log.ndjson").read_text().splitlines()]
    assert [(line["at"], [item["id"] for item in line["items"]]) for line in lines] == [
        (day(1).isoformat(), ["a", "b"]), (day(2).isoformat(), ["c"])
    ]  # fmt: skip
    assert [item["offset"] for line in lines for item in line["answer"]["items"]] == [0, 1, 2]


async def test_acts_are_performed_in_order_at_their_instants(made: Made) -> None:
    """What the people answer is acted at its instant, the earliest first, and is an instant of its own."""
    messages = [message(n + 1, day(2 + n // 6), f"t{n}") for n in range(12)]
    driver, wire = made([push(day(2), "a"), push(day(3), "b")])
    wire.messages = messages
    progress = await driver.run()
    due = sorted(act for each in messages for act in answers(each, "seed"))
    assert [(at, said) for at, said in wire.seen if " " in said] == [(a.at, f"{a.name} {a.ticket}") for a in due]
    assert sum(progress.acts.values()) == len(due) > 5


async def test_an_act_refused_by_the_state_is_too_late(made: Made) -> None:
    """409: the ticket moved on in the meantime; anything else is an error that is told."""
    driver, wire = made([])
    driver._acts = [Act(day(1), "t", "anji", "ack", ())]
    wire.status = 409
    assert (await driver.run()).acts == {"too late": 1}
    wire.status = 403
    driver._acts = [Act(day(1), "t", "anji", "ack", ())]
    with pytest.raises(RuntimeError, match="403"):
        await driver._perform(day(1), Progress(day(1)))


async def test_acts_before_the_reached_instant_are_not_repeated(made: Made) -> None:
    """A second start reads the feed from its beginning and acts only on what is still ahead."""
    messages = [message(n + 1, day(2), f"t{n}") for n in range(12)]
    driver, wire = made([push(day(2), "a")], until=4)
    wire.messages = messages
    await driver.run()
    again, later = made([push(day(2), "a")], until=30)
    drive(again.clock, day(4))
    later.messages = messages
    await again.run()
    due = sorted(act for each in messages for act in answers(each, "seed"))
    done = [said for _, said in wire.seen + later.seen if " " in said]
    assert done == [f"{a.name} {a.ticket}" for a in due]


async def test_nothing_after_the_end(made: Made) -> None:
    """The clock stands at the end; what would come later is left."""
    driver, wire = made([push(day(3), "a"), push(day(31), "b")], moments=[day(40)])
    await driver.run()
    assert wire.seen == [(day(3), "a")]
    assert wire.now() == day(30)
