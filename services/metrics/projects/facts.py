"""The statements of one project as facts, and which revision of each counts (rule 2.8). Pure.

Any order and repetition of the same facts gives the same answer: nothing here depends on the order of arrival.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events import OutcomeKind
from contracts.project_events import Stated

Identity = tuple[str, str]  # source, id
Verdict = tuple[OutcomeKind, str | None]


@dataclass(frozen=True, slots=True)
class Fact:
    """One recorded statement; `received_at` is the later of its stamp and the partition's announced watermark."""

    event: Stated
    received_at: datetime

    @property
    def identity(self) -> Identity:
        return self.event.source, self.event.id

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Knowledge in its order, ties broken as rule 2.8 breaks them."""
        return self.received_at, self.event.source, self.event.id


@dataclass(frozen=True, slots=True)
class Resolved:
    """Facts of one natural key, decided: the one that counts, and the outcome of each."""

    effective: Fact
    verdicts: dict[Identity, Verdict]
    conflict: bool


def once(facts: Iterable[Fact]) -> list[Fact]:
    """Each identity once (the first received), in the order of knowledge."""
    ordered = sorted(facts, key=lambda fact: fact.order)
    return list({fact.identity: fact for fact in reversed(ordered)}.values())[::-1]


def resolve(facts: Sequence[Fact], revision: Callable[[Fact], int], content: Callable[[Fact], object]) -> Resolved:
    """The highest revision holds; within one the first received, other content of it conflicts (rule 2.8)."""
    ordered = sorted(facts, key=lambda fact: (revision(fact), *fact.order))
    verdicts: dict[Identity, Verdict] = {}
    holder, conflict = ordered[0], False
    for position, fact in enumerate(ordered):
        if position == 0 or revision(fact) > revision(holder):
            same = position > 0 and content(fact) == content(holder)
            if position > 0:
                verdicts[holder.identity] = ("superseded", None)
            verdicts[fact.identity] = ("unchanged" if same else "applied", None)
            holder, conflict = fact, False
        elif content(fact) == content(holder):
            verdicts[fact.identity] = ("unchanged", None)
        else:
            verdicts[fact.identity], conflict = ("revision_conflict", None), True
    return Resolved(holder, verdicts, conflict)
