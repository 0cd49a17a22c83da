"""Which of a cell's reports counts: revisions, conflicts, the lock, and what was known when (rules 2.8-2.10).

Any order of the same facts gives the same answer: nothing here depends on the order of arrival in a topic.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from contracts.events import OutcomeKind
from contracts.fed import SOURCE
from contracts.periods import Period


@dataclass(frozen=True, slots=True)
class Fact:
    """One recorded report, its value converted into the unit of its series."""

    source: str
    id: str
    district: str
    period: str
    revision: int
    value: Fraction | None
    received_at: datetime
    reason: str | None
    confidence: str | None
    status: str
    approved_at: datetime | None = None

    @property
    def identity(self) -> tuple[str, str]:
        return self.source, self.id

    @property
    def fed(self) -> bool:
        """Derived from the list of projects, not sent by a department (rule 12)."""
        return self.source == SOURCE


Verdict = tuple[OutcomeKind, str | None]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A cell's facts, decided: the one that counts, its rivals, and the outcome of each."""

    effective: Fact | None
    rivals: tuple[Fact, ...]  # other values of the effective revision: the cell is flagged
    verdicts: dict[tuple[str, str], Verdict]
    first_received_at: datetime | None  # of the first non-null value that applied (rule 7.2)
    beside: Fact | None = None  # where projects feed the cell: the department's own figure, shown beside their sum


NOTHING = Resolved(None, (), {}, None)


def resolve(facts: Sequence[Fact]) -> Resolved:
    """The highest revision wins; within one the first received holds, other values of it conflict (rule 2.8)."""
    if len(facts) == 1:
        return _alone(facts[0])
    if any(fact.fed for fact in facts):
        return _fed([fact for fact in facts if fact.fed], [fact for fact in facts if not fact.fed])
    return _resolved(facts)


def _fed(derived: Sequence[Fact], sent: Sequence[Fact]) -> Resolved:
    """The sum over the projects counts, and what was sent stands beside it; without a sum what was sent (rule 12)."""
    total, own = _resolved(derived), _resolved(sent) if sent else NOTHING
    told = [at for at in (total.first_received_at, own.first_received_at) if at is not None]
    verdicts, first = total.verdicts | own.verdicts, min(told, default=None)
    if total.effective is None or (total.effective.value is None and own.effective is not None):
        return Resolved(own.effective, own.rivals, verdicts, first)
    return Resolved(total.effective, total.rivals, verdicts, first, own.effective)


def _resolved(facts: Sequence[Fact]) -> Resolved:
    """By rule 2.8."""
    ordered = sorted({fact.identity: fact for fact in facts}.values(), key=_holding_order)
    verdicts: dict[tuple[str, str], Verdict] = {}
    holder: Fact | None = None
    rivals: list[Fact] = []
    for fact in ordered:
        if holder is None or fact.revision > holder.revision:
            same = holder is not None and fact.value == holder.value
            if holder is not None:
                verdicts[holder.identity] = ("superseded", None)
            verdicts[fact.identity] = ("unchanged" if same else "applied", None)
            holder, rivals = fact, []
        elif fact.value == holder.value:
            verdicts[fact.identity] = ("unchanged", None)
        else:
            verdicts[fact.identity] = ("revision_conflict", None)
            rivals.append(fact)
    return Resolved(holder, tuple(rivals), verdicts, _first_applied(ordered))


def _alone(fact: Fact) -> Resolved:
    first = fact.received_at if fact.value is not None else None
    return Resolved(fact, (), {fact.identity: ("applied", None)}, first)


def _holding_order(fact: Fact) -> tuple[int, datetime, str, str]:
    return fact.revision, fact.received_at, fact.source, fact.id


def _first_applied(facts: Iterable[Fact]) -> datetime | None:
    """When the first non-null value applied: a lower revision that came after a higher one never did."""
    highest = -1
    for fact in sorted(facts, key=lambda each: (each.received_at, each.revision, each.source, each.id)):
        if fact.revision > highest:
            highest = fact.revision
            if fact.value is not None:
                return fact.received_at
    return None


def known_from(fact: Fact, lock_at: datetime) -> datetime | None:
    """Since when a fact is held for true: its receipt, after the lock its approval, or not yet (rule 2.9)."""
    return fact.received_at if fact.received_at < lock_at else fact.approved_at


def after_lock(fact: Fact) -> Verdict:
    """What becomes of a report that its cell's lock stops: without a reason refused, else the office decides."""
    return ("held_for_approval", None) if fact.reason else ("refused", "period_locked")


def known_by(facts: Iterable[Fact], lock_at: datetime, moment: datetime) -> list[Fact]:
    """The facts of a cell that were known at `moment`, inclusive (rule 2.10)."""
    return [fact for fact in facts if (since := known_from(fact, lock_at)) is not None and since <= moment]


def newest(reported: Iterable[Period], as_of: date) -> Period | None:
    """The newest period with a value that ends by `as_of` (rule 2.10)."""
    return max((period for period in reported if period.end <= as_of), default=None)
