"""The items of one request judged together: pure. Identity within the batch (rule 2.7) and all-or-nothing.

What this leaves `Acceptable` may be published; all else carries its objection.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from contracts.objections import Objection
from services.ingest.envelope import AnySubmitted, Item


class Acceptable(Protocol):
    """What passed the rules, whatever kind of statement it is."""

    @property
    def submitted(self) -> AnySubmitted:
        """The event as it was sent."""

    @property
    def claim(self) -> tuple[str, ...] | None:
        """What may be said only once in a batch; None: it may be said again."""

    @property
    def value(self) -> object:
        """What it says there: equal values do not disagree."""

    @property
    def dissent(self) -> tuple[str, str]:
        """The code and the pointer for those that disagree."""

    @property
    def renamed(self) -> str | None:
        """Its period, where another form of it was sent (rule 2.1)."""


Decision: TypeAlias = Acceptable | Objection
_MOST_NAMED = 20  # other items named in one objection


def judge(items: Sequence[Item], alone: Sequence[Decision], *, atomic: bool) -> list[Decision]:
    """One decision an item, in order, from what each deserves `alone`."""
    decisions = list(alone)
    twins = _identities(items, decisions)
    _disagreements(decisions)
    for twin, first in twins.items():  # a twin of a rejected item is rejected for the same reason
        original = decisions[first]
        if isinstance(original, Objection):
            decisions[twin] = original
    return _all_or_nothing(decisions) if atomic else decisions


def judge_alone(item: Item, accept: Callable[[Any], Decision]) -> Decision:
    """What one item deserves, whatever stands beside it."""
    if item.objection is not None:
        return item.objection
    assert item.submitted is not None
    return accept(item.submitted)


def _payload(submitted: AnySubmitted | None) -> object:
    return submitted and (type(submitted), submitted.data, submitted.time, submitted.recordedtime)


def _identities(items: Sequence[Item], decisions: list[Decision]) -> dict[int, int]:
    """Same source and id: the second is a duplicate, or a conflict when it says something else."""
    seen: dict[tuple[str, str], int] = {}
    twins: dict[int, int] = {}
    for index, decision in enumerate(decisions):
        if isinstance(decision, Objection):
            continue
        submitted = decision.submitted
        first = seen.setdefault((submitted.source, submitted.id), index)
        if first == index:
            continue
        if _payload(items[first].submitted) == _payload(submitted):
            decisions[index], twins[index] = _about("duplicate", None, [first]), first
        else:
            decisions[index] = _about("id_conflict", "/id", [first])
    return twins


def _disagreements(decisions: list[Decision]) -> None:
    """Different values for one cell and revision: none of them can be believed."""
    cells: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, decision in enumerate(decisions):
        if not isinstance(decision, Objection) and decision.claim is not None:
            cells[decision.claim].append(index)
    for indexes in cells.values():
        if len(indexes) > 1 and len({_value(decisions[index]) for index in indexes}) > 1:
            named = indexes[: _MOST_NAMED + 1]
            for index in indexes:
                others = [other for other in named if other != index]
                decisions[index] = _about(*_dissent(decisions[index]), others)


def _value(decision: Decision) -> object:
    return None if isinstance(decision, Objection) else decision.value


def _dissent(decision: Decision) -> tuple[str, str]:
    return (decision.code, "") if isinstance(decision, Objection) else decision.dissent


def _about(code: str, pointer: str | None, others: Sequence[int]) -> Objection:
    named = tuple(others[:_MOST_NAMED])
    return Objection(code, pointer, {"others": ", ".join(map(str, named))}, named)


def _all_or_nothing(decisions: list[Decision]) -> list[Decision]:
    against = [i for i, each in enumerate(decisions) if isinstance(each, Objection) and each.kind.status == "rejected"]
    if not against:
        return decisions
    aborted = _about("batch_aborted", None, against)
    return [each if isinstance(each, Objection) and each.kind.status == "rejected" else aborted for each in decisions]
