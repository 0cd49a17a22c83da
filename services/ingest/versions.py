"""The versions of the catalogue as ingest knows them, and the one way to apply another (rules 2.9 and 2.10).

Ingest has no database: it reads progress.catalogue. A version is written there before any partition is told and once
more, as announced, when all of them are; reports are judged by it from then on. A repetition after a failure in between
goes on with the same moment; meanwhile no other version may be applied. So does a repaired rule that is told again, a
restart in between or not: what was first said of it stands on that topic before any partition hears of it. Of what two
replicas say at one instant, what stands first on that topic is said by both: each reads it back before it goes on.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
import structlog

from contracts.catalogue_events import CatalogueVersion, RulesRepaired, packed
from contracts.codec import encode
from contracts.doubts import check
from contracts.editions import Catalogue, Edition
from contracts.events import Text
from contracts.findings import Finding
from contracts.operations.clock import Clock
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import Message, Placed, TooLarge
from contracts.programme import Lookup, Programme
from contracts.succession import Changes, changes, objections
from contracts.topics import CATALOGUE, PARTITIONS, REPORTED, Topic
from services.ingest.publishing import Publisher

_READ_BACK = 10.0  # seconds until a word that the broker took has to come by on the topic

log = structlog.get_logger(__name__)
_T = TypeVar("_T", CatalogueVersion, RulesRepaired)


class Unfit(Exception):
    """The document cannot follow the present version; the findings say why and where."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{each.place}: {each.en}" for each in findings))
        self.findings = findings


class Taken(Exception):
    """Another document has this version, or another version waits to be announced in full."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


class Versions:
    """All versions that progress.catalogue holds; `take` is told each record of it."""

    def __init__(self, catalogue: Catalogue, publisher: Publisher, clock: Clock) -> None:
        self._catalogue, self._publisher, self._clock = catalogue, publisher, clock
        self._known: dict[str, CatalogueVersion] = {}
        self._repairs: dict[str, RulesRepaired] = {}  # as each was first told: told again it is of that moment
        self._turn = asyncio.Lock()
        self._read = asyncio.Event()  # something was read from the topic

    @property
    def known(self) -> list[CatalogueVersion]:
        """Oldest first; the version that the service started with is not among them."""
        return sorted(self._known.values(), key=lambda each: (each.applied_at, each.version))

    @property
    def newest(self) -> Programme:
        return self._catalogue.lookup.programme

    def take(self, event: CatalogueVersion | RulesRepaired) -> None:
        """A version, or a repaired rule, as it stands on the topic: the first word on each holds."""
        if event.programme != self._catalogue.programme:
            return
        if isinstance(event, RulesRepaired):
            self._repairs.setdefault(event.rules, event)
        else:
            held = self._known.setdefault(event.version, event)
            if event.announced and event.sha256 == held.sha256:
                self._known[event.version] = event
                self._catalogue.take(Edition.of(event.lookup, event.applied_at))
        self._read.set()

    def weigh(self, after: Lookup) -> tuple[Changes, list[Finding]]:
        """What applying would change now, and what the catalogue leaves in doubt; `Unfit` when it cannot follow."""
        found = check(after)
        wrong = [*(each for each in found if each.severity == "error"), *objections(self._catalogue.lookup, after)]
        if wrong:
            raise Unfit(wrong)
        return changes(self._catalogue.editions, after, self._clock.now()), found

    async def apply(self, after: Lookup, reason: Text, actor: str) -> CatalogueVersion:
        """Announce a weighed version everywhere; `Unavailable` when the broker did not take all of it."""
        async with self._turn:
            version = self._pending(after, reason, actor)
            if not version.announced:
                version = await self._first(version, lambda: self._known.get(version.version), _entry)
                self._same(version, after)
                await self._publish([_mark(version, partition) for partition in range(PARTITIONS)])
                version = _announced(version)
                await self._publish([_entry(version)])
                self.take(version)
                log.info("catalogue applied", version=version.version, sha256=version.sha256, actor=actor)
        return version

    async def repair(self, rules: str, reason: Text, actor: str) -> datetime:
        """Tell every partition to adopt a repaired rule; `Unavailable` when the broker did not take all of it.

        Asked again it tells the same, of the same moment, whatever reason is given then.
        """
        async with self._turn:
            first = self._repairs.get(rules)
            if first is None:
                programme, now = self._catalogue.programme, self._clock.now()
                first = RulesRepaired(
                    programme=programme, rules=rules, reason=reason, actor=actor, applied_at=now, partition=0
                )
                first = await self._first(
                    first, lambda: self._repairs.get(rules), lambda said: _repaired(said, CATALOGUE)
                )
            marks = [msgspec.structs.replace(first, partition=each) for each in range(PARTITIONS)]
            await self._publish([_repaired(mark, REPORTED) for mark in marks])
            log.info("rules repaired", rules=rules, actor=actor)
        return first.applied_at

    def _pending(self, after: Lookup, reason: Text, actor: str) -> CatalogueVersion:
        """The version as known already, or anew with the present moment."""
        name = after.programme.version
        known = self._known.get(name)
        if known is None and self._catalogue.editions.named(name) is not None:
            raise _taken(name)
        if known is not None:
            self._same(known, after)
            return known
        for other in self._known.values():
            if not other.announced:
                zh = f"版本 {other.version} 尚未在所有分区发布：请先重新发布"
                raise Taken("version_pending", zh, f"version {other.version} is half announced: apply it again first")
        return CatalogueVersion.of(after.programme, reason=reason, actor=actor, applied_at=self._clock.now())

    def _same(self, version: CatalogueVersion, after: Lookup) -> None:
        """`Taken` when another document has this version."""
        if version.sha256 != packed(after.programme)[1]:
            raise _taken(version.version)

    async def _first(self, said: _T, known: Callable[[], _T | None], entry: Callable[[_T], Message]) -> _T:
        """Write a first word; the one that stands first on the topic, ours or another replica's."""
        await self._publish([entry(said)])
        first = known()
        try:
            async with asyncio.timeout(_READ_BACK):
                while first is None:
                    self._read.clear()
                    await self._read.wait()
                    first = known()
        except TimeoutError:
            raise Unavailable(f"{CATALOGUE.name}: not read back") from None
        if first != said:
            await self._publish([entry(first)])  # the newest under its key is what a compacted topic keeps
        return first

    async def _publish(self, messages: Sequence[Message]) -> None:
        results: list[Placed | Unavailable | TooLarge] = await self._publisher.publish(messages)
        for result in results:
            if isinstance(result, Exception):
                raise result


def _taken(name: str) -> Taken:
    return Taken("version_taken", f"版本 {name} 已有其他内容", f"version {name} holds something else")


def _entry(version: CatalogueVersion) -> Message:
    return Message(CATALOGUE.name, version.key.encode(), encode(version, time=version.applied_at), 0)


def _mark(version: CatalogueVersion, partition: int) -> Message:
    mark = version.mark(partition)
    return Message(REPORTED.name, mark.key.encode(), encode(mark, time=version.applied_at), partition)


def _repaired(mark: RulesRepaired, topic: Topic) -> Message:
    return Message(topic.name, mark.key.encode(), encode(mark, time=mark.applied_at), mark.partition)


def _announced(version: CatalogueVersion) -> CatalogueVersion:
    return CatalogueVersion(
        **{name: getattr(version, name) for name in version.__struct_fields__ if name != "announced"}, announced=True
    )
