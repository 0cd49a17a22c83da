"""What became known at one moment is judged together, once the moment is over: a batch as the steps to follow. Pure.

Under a driven clock many requests, and as many records and batches as Kafka makes of them, belong to one moment. Only
the newest version of each subject at its end counts, so neither their order nor how they are split is seen in what is
said. They wait (waiting.py) for the watermark that passes the moment. A real moment is over by the time a record of it
is read: what a batch brings of it is judged at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from contracts.events import Watermark
from contracts.periods import SHANGHAI


class Versioned(Protocol):
    """The state of a subject."""

    @property
    def key(self) -> str: ...

    @property
    def version(self) -> int: ...


E = TypeVar("E", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Told(Generic[E]):
    """A state as it is announced: in which partition, and at which moment it became known."""

    partition: int
    known_at: datetime
    event: E


@dataclass(frozen=True, slots=True)
class Moment(Generic[E]):
    """The newest state of each subject that became known at a moment, and when what follows of it is sent.

    `waited`: time has to pass up to it first; whose record is read at once follows the watermarks before it.
    """

    at: datetime
    events: Sequence[E]
    sent: datetime
    waited: bool


def steps(
    batch: Sequence[Told[E] | Watermark], over: Sequence[Told[E]], now: datetime
) -> Iterator[Moment[E] | Watermark]:
    """A batch in the order in which it is followed; `over` is what has waited for its watermarks."""
    here: dict[int, list[Told[E]]] = {}
    past: dict[int, list[Told[E]]] = {}
    for told in over:
        past.setdefault(told.partition, []).append(told)
    for each in batch:
        if isinstance(each, Told):
            here.setdefault(each.partition, []).append(each)
            continue
        yield from (Moment(at, events, now, False) for at, events in _moments(here.pop(each.partition, [])).items())
        through = each.through.astimezone(SHANGHAI)
        waited = past.get(each.partition, [])
        past[each.partition] = [told for told in waited if told.known_at >= through]
        for at, events in sorted(_moments([told for told in waited if told.known_at < through]).items()):
            late = through < now  # alerts was away: it says so now
            yield Moment(at, sorted(events, key=lambda event: event.key), now if late else at, True)
        yield each
    for rest in here.values():
        yield from (Moment(at, events, now, False) for at, events in _moments(rest).items())


def _moments(told: Sequence[Told[E]]) -> Mapping[datetime, Sequence[E]]:
    """By moment the newest state of each subject."""
    found: dict[datetime, dict[str, E]] = {}
    for each in told:
        newest = found.setdefault(each.known_at, {})
        known = newest.get(each.event.key)
        if known is None or known.version < each.event.version:
            newest[each.event.key] = each.event
    return {at: list(newest.values()) for at, newest in found.items()}
