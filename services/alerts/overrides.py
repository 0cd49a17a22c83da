"""Human override of a light (rule 6.6): author, reason and end; it may only worsen, and is drawn beside the computed.

While it holds, each light of record that is fixed counts for tickets as the worse of both, as does the newest one that
was fixed before it; this stays when the override ends, and the next light of record decides anew. Only measured lights
are worsened: a blank one counts nothing. Deductions and scores use the computed light. Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.cells import Cell
from contracts.events import Colour
from services.alerts.judgement import WORSE


class NotWorse(Exception):
    """The override would not be worse than the light the series shows, or there is no colour to worsen."""

    def __init__(self, light: Colour) -> None:
        super().__init__(f"the light is {light}")
        self.light = light


class NotOverridden(Exception):
    """There is no override that could be taken back."""


@dataclass(frozen=True, slots=True)
class Override:
    """One override of a series' light; `period` is the newest cell whose light of record it worsened at once."""

    id: str
    colour: Literal["yellow", "red"]
    author: str
    reason: str
    at: datetime
    until: datetime
    period: str = ""
    ended_at: datetime | None = None
    ended_by: str | None = None  # None: it expired
    end_reason: str | None = None


def worse_of(computed: Colour | None, by_hand: Colour | None) -> Colour | None:
    """The worse of both, where the computed one is measured."""
    if by_hand is None or computed in (None, "grey"):
        return computed
    return max(computed, by_hand, key=lambda each: WORSE[each])


def covers(override: Override | None, cell: Cell) -> bool:
    """Whether a light that is fixed at the cell's due date is fixed while the override holds."""
    return override is not None and cell.record_at is not None and override.at <= cell.record_at < override.until
