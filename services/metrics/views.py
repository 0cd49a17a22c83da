"""One series as it was known at one moment: values, where each comes from, and what two such views differ in.

Between the facts (`series.py`, and `rollup.py` for a city's derived figure) and the standings that are written of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from contracts.periods import Period
from services.metrics.accumulation import RolledUp

Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A value and the newest moment at which something it is made from became known."""

    value: Fraction
    at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a cell's value comes from, as far as its standing tells it."""

    at: datetime  # the newest moment at which one of its own reports became known
    report: Identity | None = None  # the one that counts
    first_received_at: datetime | None = None
    confidence: str | None = None
    marks: tuple[str, ...] = ()  # provisional, estimated, withdrawn, excused, restated, revision_conflict
    needs: tuple[str, ...] = ()  # what the department has to explain (rule 2.11)
    commented: tuple[tuple[str, str], ...] = ()  # what it has explained, and how
    excused_until: datetime | None = None
    published_at: datetime | None = None  # of a publication that locked the cell before the calendar


@dataclass(frozen=True, slots=True)
class Fed:
    """A sum over projects that counts in a cell, and the department's own figure beside it (rule 12)."""

    value: Fraction
    projects: str  # their names, as the reason of the derived report tells them
    beside: Known | None


@dataclass(eq=False)
class View:
    """One series as it was known: what was reported, what is judged, the base year apart. Known by identity."""

    origins: Mapping[Period, Origin]
    base: Known | None
    reported: dict[Period, Known]
    judged: dict[Period, Known]
    rolled: dict[Period, RolledUp] = field(default_factory=dict)  # of a city's derived figure
    fed: dict[Period, Fed] = field(default_factory=dict)  # of cells that projects feed

    @cached_property
    def first(self) -> tuple[Period, Known] | None:
        """The applied report of the earliest period (rule 4.4)."""
        earliest = min(self.judged, default=None)
        return (earliest, self.judged[earliest]) if earliest else None

    @cached_property
    def order(self) -> list[Period]:
        """The periods that have a value, in order."""
        return sorted(self.judged)


def differing(one: View, other: View, base_year: Period) -> set[Period]:
    """The periods of which two views of a series say anything else. What is judged of a cell hangs on its own period,
    those before it and the base year: where none of these differs, its standing is the same."""
    found = {base_year} if one.base != other.base else set[Period]()
    said: tuple[tuple[Mapping[Period, Any], Mapping[Period, Any]], ...] = (
        (one.origins, other.origins),
        (one.reported, other.reported),
        (one.judged, other.judged),
        (one.rolled, other.rolled),
        (one.fed, other.fed),
    )
    for mine, theirs in said:
        if mine is not theirs:
            found |= {p for p, each in mine.items() if (its := theirs.get(p)) is not each and its != each}
            found |= theirs.keys() - mine.keys()
    return found
