"""The driver of the time-lapse: publishes each next instant, sends what is due, waits until all of it is judged.

At an instant people act on what they have read, then everything due is sent. Once all of it is accepted the clock
leaves the instant by the smallest step, and the driver waits for the watermarks that say so: what became known at it is
judged together (services/alerts/moments.py), so that the same story gives the same facts, lights, tickets and messages.
"""

import asyncio
import heapq
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.catalogue import load_over
from contracts.operations.clock import drive
from contracts.periods import SHANGHAI
from deploy.demo import overlays
from deploy.demo.office import Act, answers
from deploy.demo.story import REPORTS, STATEMENTS, Push
from deploy.demo.wire import Wire
from deploy.demo.workpoints import WorkPoints

DEADLINE = 120.0  # real seconds for one instant to be judged
STEP = timedelta(microseconds=1)  # the clock's smallest


Offsets = dict[tuple[str, int], int]  # (which watermarks, partition) → the highest offset accepted
REPORTED, PROJECTS = "partitions", "projects"  # the watermarks of progress.reported and of progress.project


@dataclass(slots=True)
class Progress:
    """What the viewer is shown."""

    at: datetime
    pushed: int = 0
    instants: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)  # on tickets
    said: Counter[str] = field(default_factory=Counter)  # acts on cells and reports, statements on projects
    feed: list[dict[str, Any]] = field(default_factory=list)
    messages: int = 0


@dataclass(slots=True)
class Driver:
    """One time-lapse over a running stack; `directory` keeps its log and the instant it has reached."""

    wire: Wire
    clock: Path
    directory: Path
    pushes: Sequence[Push]
    seed: str
    start: datetime
    until: datetime
    show: Callable[[Progress], None]
    changes: Sequence[WorkPoints] = ()
    _acts: list[Act] = field(default_factory=list)
    _cursor: int = 0
    _accepted: Offsets = field(default_factory=dict)
    _marked: dict[str, Any] = field(default_factory=dict)  # alerts' newest answer: how far it is, what is next

    async def run(self) -> Progress:
        """From the reached instant to the end; the clock stands at the end when it returns."""
        reached = self.reached()
        progress = Progress(at=reached or self.start)
        await self._read_feed(progress, after=reached)
        waiting = [push for push in self.pushes if reached is None or push.at > reached]
        changes = [change for change in self.changes if reached is None or change.at > reached]
        index, self._marked = 0, await self.wire.watermarks()
        while True:
            told = [*(push.at for push in waiting[index : index + 1]), *(change.at for change in changes[:1])]
            at = self._next(min(told, default=None), self._alerts_next(), progress)
            if at > self.until:
                break
            drive(self.clock, at)
            await self._judged(at, {})
            await self._perform(at, progress)
            changed = bool(changes and changes[0].at <= at)
            while changes and changes[0].at <= at:
                await self._apply(changes.pop(0), progress)
            due = []
            while index < len(waiting) and waiting[index].at <= at:
                due.append(waiting[index])
                index += 1
            if due or changed:
                await self._leave(at, await self._send(due, progress), due)
            progress.at, progress.instants = at, progress.instants + 1
            if self._marked["said"] != self._cursor:
                await self._read_feed(progress)
            self._remember(at)
            self.show(progress)
        drive(self.clock, self.until)
        await self._judged(self.until, {})
        await self._read_feed(progress)
        self._remember(self.until)
        progress.at = self.until
        self.show(progress)
        return progress

    async def settled(self) -> None:
        """Wait until everything accepted so far is judged; the clock stands."""
        await self._judged(datetime.min.replace(tzinfo=SHANGHAI), self._accepted)

    def reached(self) -> datetime | None:
        """The last instant that an earlier run finished."""
        file = self.directory / "reached"
        return datetime.fromisoformat(file.read_text()) if file.exists() else None

    def _next(self, push: datetime | None, alerts: datetime | None, progress: Progress) -> datetime:
        act = self._acts[0].at if self._acts else None
        if alerts is not None and alerts <= progress.at and progress.instants:
            alerts = None  # judged already; its next moment is beyond what time alone changes
        found = [at for at in (push, act, alerts) if at is not None]
        return max(min(found), progress.at) if found else datetime.max.replace(tzinfo=SHANGHAI)

    def _alerts_next(self) -> datetime | None:
        text = self._marked["next_at"]
        return datetime.fromisoformat(text).astimezone(SHANGHAI) if text else None

    async def _send(self, due: Sequence[Push], progress: Progress) -> Offsets:
        """Push what is due, all units at once; the highest offset accepted in each partition."""
        offsets: Offsets = {}
        answers_ = await asyncio.gather(*(self.wire.push(push) for push in due))
        with (self.directory / "log.ndjson").open("a", encoding="utf-8") as log:
            for push, answer in zip(due, answers_, strict=True):
                line = {"at": push.at.isoformat(), "unit": push.unit, "format": push.format, "path": push.path,
                        "items": push.items, "answer": answer}  # fmt: skip
                log.write(json.dumps(line, ensure_ascii=False) + "\n")
                progress.pushed += len(push.items) if push.path == REPORTS else 0
                progress.said.update(_kinds(push))
                for item in answer["items"]:
                    progress.verdicts[item["status"]] += push.path == REPORTS
                    if item["status"] == "accepted":
                        place = PROJECTS if push.path == STATEMENTS else REPORTED, item["partition"]
                        offsets[place] = max(offsets.get(place, -1), item["offset"])
        self._accepted |= offsets
        return offsets

    async def _leave(self, at: datetime, offsets: Offsets, sent: Sequence[Push]) -> None:
        """Leave an instant at which all was accepted, and wait until what became known at it is judged."""
        if any(push.path == STATEMENTS for push in sent):
            await self._judged(at, offsets)  # what projects add up to is a report of this instant too (rule 12)
        drive(self.clock, at + STEP)
        await self._judged(at + STEP, offsets)

    async def _apply(self, change: WorkPoints, progress: Progress) -> None:
        """A version of the catalogue, laid over the present one from its directory; judged in every partition."""
        before = (await self.wire.watermarks())[REPORTED]
        place = overlays.write(change, self.directory / "catalogues")
        document, reason = load_over(place, await self.wire.catalogue())
        said = {"zh": reason.zh, "en": reason.en}
        answer = await self.wire.apply(said, document.programme)
        with (self.directory / "log.ndjson").open("a", encoding="utf-8") as log:
            line = {"at": change.at.isoformat(), "applied": change.version, "since": answer["applied_at"],
                    "reason": said, "findings": answer["findings"]}  # fmt: skip
            log.write(json.dumps(line, ensure_ascii=False) + "\n")
        progress.said["catalogue.applied"] += 1
        await self._judged(change.at, {(REPORTED, int(number)): mark["position"] for number, mark in before.items()})

    async def _perform(self, at: datetime, progress: Progress) -> None:
        """The acts that are due, those about one series in order, of different series side by side."""
        due: dict[str, list[Act]] = {}
        while self._acts and self._acts[0].at <= at:
            act = heapq.heappop(self._acts)
            due.setdefault(act.series, []).append(act)
        if due:
            await asyncio.gather(*(self._done(acts, progress) for acts in due.values()))
            self._marked = await self.wire.watermarks()

    async def _done(self, acts: Sequence[Act], progress: Progress) -> None:
        """One after the other: an act refused by the ticket's state is one that came too late."""
        for act in acts:
            status, answer = await self.wire.act(act.unit, act.ticket, act.body())
            if status not in (200, 409):
                raise RuntimeError(f"{act}: {status} {answer}")
            progress.acts[act.name if status == 200 else "too late"] += 1

    async def _judged(self, at: datetime, offsets: Offsets) -> None:
        """Wait until alerts has judged every partition up to `at` and past the accepted offsets."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DEADLINE
        marked = await self.wire.watermarks(through=at)
        while behind := _behind(marked, at, offsets):
            if loop.time() > deadline:
                raise TimeoutError(f"at {at}: {behind} were not judged within {DEADLINE} s")
            marked = await self.wire.watermarks(marked["judged"], at)
        self._marked = marked

    async def _read_feed(self, progress: Progress, after: datetime | None = None) -> None:
        """New messages; the people's answers to them are put on the list, those before `after` were given already."""
        for message in await self.wire.feed(self._cursor):
            self._cursor = message["seq"]
            progress.messages += 1
            progress.feed = [*progress.feed[-9:], message]
            for act in answers(message, self.seed):
                if after is None or act.at > after:
                    heapq.heappush(self._acts, act)

    def _remember(self, at: datetime) -> None:
        (self.directory / "reached").write_text(at.isoformat())


def _behind(marked: Mapping[str, Any], at: datetime, offsets: Offsets) -> str:
    """Which partitions are not judged up to `at` and past these offsets; empty when all are."""
    found = []
    for kind in (REPORTED, PROJECTS):
        marks = marked.get(kind)
        if marks is None:
            continue  # alerts does not judge such yet
        wanted = {partition: offset for (of, partition), offset in offsets.items() if of == kind}
        behind = [
            number
            for number, mark in marks.items()
            if datetime.fromisoformat(mark["through"]) < at or mark["position"] <= wanted.get(int(number), -1)
        ]
        missing = sorted(wanted.keys() - {int(number) for number in marks})
        if behind or missing or not marks:
            found.append(f"{kind} {behind or missing or 'all'}")
    return ", ".join(found)


def _kinds(push: Push) -> list[str]:
    """What is counted apart from reports: acts by their name, statements by their type."""
    if push.path == REPORTS:
        return []
    return [item["data"].get("act") or item["type"] for item in push.items]
