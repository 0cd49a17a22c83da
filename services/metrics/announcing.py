"""Tells the other services: outcomes, standings and watermarks, each awaited until the broker has acknowledged it.

Everything about an indicator goes to its one partition, and so does the watermark of that partition: what was said
before it arrives before it.
"""

from collections.abc import Iterable

from contracts.acts import ActOutcome
from contracts.catalogue_events import CatalogueApplied
from contracts.codec import Event, encode
from contracts.events import Outcome, Standing, Watermark
from contracts.operations.clock import Clock
from contracts.operations.publishing import Message, Producer
from contracts.project_events import ProjectOutcome, ProjectStanding, RedLineState
from contracts.topics import OUTCOME, STANDING, Topic, partition_of


class Announcing:
    """Publishes events of metrics; `Unavailable` when the broker did not take all of them."""

    def __init__(self, producer: Producer, clock: Clock, standings: Topic = STANDING) -> None:
        self._producer, self._clock, self._standings = producer, clock, standings

    async def announce(
        self, outcomes: Iterable[Outcome], standings: Iterable[Standing], acts: Iterable[ActOutcome] = ()
    ) -> None:
        """Outcomes first: whoever follows a standing finds the verdicts that led to it."""
        verdicts = [*map(self._outcome, acts), *map(self._outcome, outcomes)]
        await self._send([*verdicts, *map(self._standing, standings)])

    async def version(self, mark: CatalogueApplied, outcomes: Iterable[Outcome], standings: Iterable[Standing]) -> None:
        """A version of the catalogue in one partition: before the standings that are held to it."""
        first = self._message(self._standings.name, mark.partition, mark)
        await self._send([first, *map(self._outcome, outcomes), *map(self._standing, standings)])

    async def watermarks(self, watermarks: Iterable[Watermark]) -> None:
        """How far partitions have come, in band with their standings."""
        await self._send([self._message(self._standings.name, each.partition, each) for each in watermarks])

    async def projects(
        self,
        outcomes: Iterable[ProjectOutcome],
        standings: Iterable[ProjectStanding],
        red_lines: Iterable[RedLineState],
    ) -> None:
        """The same of projects and red lines, on the partition of their subject."""
        messages = [self._message(OUTCOME.name, partition_of(each.programme, each.name), each) for each in outcomes]
        for told in standings:
            messages.append(self._message(self._standings.name, partition_of(told.programme, told.project), told))
        for line in red_lines:
            messages.append(self._message(self._standings.name, partition_of(line.programme, line.name), line))
        await self._send(messages)

    async def _send(self, messages: list[Message]) -> None:
        await self._producer.publish_all(messages)

    def _outcome(self, outcome: Outcome | ActOutcome) -> Message:
        return self._message(OUTCOME.name, partition_of(outcome.programme, outcome.indicator), outcome)

    def _standing(self, standing: Standing) -> Message:
        return self._message(STANDING.name, partition_of(standing.programme, standing.indicator), standing)

    def _message(self, topic: str, partition: int, event: Event) -> Message:
        return Message(topic, event.key.encode(), encode(event, time=self._clock.now()), partition)
