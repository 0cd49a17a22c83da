"""What became of the dates that units promised in their answers (rule 8): kept, broken, or still to come. Pure.

Kept: the ticket recovers, or its report comes, before a verdict breaks the promise. Broken: a light of record of a
period that ends on or after the promised day is still not green. Void: the ticket was cancelled or ended with its
indicator, or another date took its place while nothing was decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.periods import parse

Fate = Literal["kept", "broken", "open", "void"]
_KEPT, _VOID = ("green", "received"), ("restated_clear", "excused", "ended")
_LAGS = ("worse", "same", "observed")
CONCERNED = (
    "answer",
    "promise_broken",
    *_KEPT,
    *_VOID,
    *_LAGS,
)  # the events that count here; the others may be left out


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a ticket, as far as promises are concerned."""

    event: str
    period: str | None = None
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """One promised day, and what became of it."""

    promised_on: date
    fate: Fate


def promises(events: Sequence[Happened]) -> list[Promise]:
    """Each promise of one ticket in the order in which they were given."""
    given = [n for n, each in enumerate(events) if each.event == "answer" and each.promised_on is not None]
    found = []
    for start, end in zip(given, [*given[1:], len(events)], strict=False):
        on = events[start].promised_on
        assert on is not None
        fate = _fate(on, events[start + 1 : end])
        found.append(Promise(on, "void" if fate == "open" and end < len(events) else fate))
    return found


def _fate(on: date, after: Sequence[Happened]) -> Fate:
    for each in after:
        if each.event in _KEPT:
            return "kept"
        if each.event in _VOID:
            return "void"
        past = each.period is not None and parse(each.period).end >= on
        if each.event == "promise_broken" or (each.event in _LAGS and past):
            return "broken"
    return "open"
