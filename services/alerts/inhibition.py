"""A district that does not report inhibits its lag and forecast tickets (rule 8): counted at a due date. Pure.

It does not report when over half of its cells of the period that are due by then are overdue; this is decided once for
a period and due date, and stands for what comes late: the next light of record, of the next period, decides anew. A
cell counts as overdue only where its partition has come as far as its due date, so that no delay in the pipeline makes
a district silent; under a driven clock it has, for whoever drives it leaves no instant before all of it is judged. The
city inhibits nothing: its figures are reported by many departments, and none answers for the others' silence.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from contracts.cells import Cell, Cells
from contracts.programme import CITY
from contracts.topics import partition_of

NOT_REPORTING = "district_not_reporting"


@dataclass(frozen=True, slots=True)
class Duty:
    """One cell that is due: its indicator, its partition and when."""

    indicator: str
    partition: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """What was found at a due date: how many cells of the district and period were due, and how many overdue."""

    district: str
    period: str
    due_at: datetime
    due: int
    overdue: int


class Duties:
    """What each district owes for each period, found once."""

    def __init__(self, programme: str, cells: Cells) -> None:
        self._found: dict[tuple[str, str], list[Duty]] = {}
        for cell in cells:
            if cell.due_at is not None and cell.district != CITY:
                duty = Duty(cell.indicator, partition_of(programme, cell.indicator), cell.due_at)
                self._found.setdefault((cell.district, cell.period.text), []).append(duty)

    def of(self, district: str, period: str) -> list[Duty]:
        return self._found.get((district, period), [])


def silence(
    place: tuple[str, str, datetime],
    duties: Iterable[Duty],
    known: Set[str],
    reached: Callable[[int], datetime],
) -> Silence | None:
    """Whether the district does not report; `known` are the indicators with a value or an excuse for the period."""
    district, period, at = place
    due = [duty for duty in duties if duty.due_at <= at]
    overdue = [duty for duty in due if duty.indicator not in known and reached(duty.partition) >= duty.due_at]
    return Silence(district, period, at, len(due), len(overdue)) if 2 * len(overdue) > len(due) else None


def place_of(cell: Cell) -> tuple[str, str, datetime] | None:
    """Which count decides about a cell's light; None for what nothing inhibits."""
    return None if cell.due_at is None or cell.district == CITY else (cell.district, cell.period.text, cell.due_at)
