"""A district that does not report inhibits its lag and forecast tickets (rule 8): counted at a due date. Pure.

It does not report when over half of its cells of the period that are due by then are overdue; this is decided once for
a period and due date, and stands for what comes late: the next light of record, of the next period, decides anew. A
cell counts as overdue only where its partition has come as far as its due date, so that no delay in the pipeline makes
a district silent; under a driven clock it has, for whoever drives it leaves no instant before all of it is judged. What
was due before the programme went live nobody could have reported: it makes nobody silent, so that history can be
loaded. The city inhibits nothing: its figures are reported by many departments, and none answers for the others'
silence.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from contracts.cells import Cell, Cells
from contracts.editions import Edition
from contracts.programme import CITY
from contracts.topics import partition_of

NOT_REPORTING = "district_not_reporting"
Place = tuple[str, str, datetime]  # the district, the period and the due date of a count


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

    def __init__(self, programme: str, cells: Cells, live_since: datetime) -> None:
        self._found: dict[tuple[str, str], list[Duty]] = {}
        for cell in cells:
            if cell.due_at is not None and cell.due_at > live_since and cell.district != CITY:
                duty = Duty(cell.indicator, partition_of(programme, cell.indicator), cell.due_at)
                self._found.setdefault((cell.district, cell.period.text), []).append(duty)

    @classmethod
    def by(cls, edition: Edition) -> Self:
        """What is owed by a version of the catalogue."""
        programme = edition.lookup.programme
        return cls(programme.id, edition.cells, programme.live_since)

    def of(self, district: str, period: str) -> list[Duty]:
        return self._found.get((district, period), [])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._found)


def silence(
    place: Place,
    duties: Iterable[Duty],
    known: Set[str],
    reached: Callable[[int], datetime],
) -> Silence | None:
    """Whether the district does not report; `known` are the indicators with a report or an excuse for the period."""
    district, period, at = place
    due = [duty for duty in duties if duty.due_at <= at]
    overdue = [duty for duty in due if duty.indicator not in known and reached(duty.partition) >= duty.due_at]
    return Silence(district, period, at, len(due), len(overdue)) if 2 * len(overdue) > len(due) else None


def place_of(cell: Cell) -> Place | None:
    """Which count decides about a cell's light; None for what nothing inhibits."""
    return None if cell.due_at is None or cell.district == CITY else (cell.district, cell.period.text, cell.due_at)


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of a cell from a moment on."""

    indicator: str
    district: str
    period: str
    since: datetime
    received: bool
    excused: bool
    excused_until: datetime | None

    def answers(self, duty: Duty) -> bool:
        """Whether the cell was not overdue with this."""
        return self.received or (self.excused and (self.excused_until is None or self.excused_until > duty.due_at))


def recounted(duties: Duties, known: Iterable[Known], through: datetime) -> set[Place]:
    """The places in which a district did not report by other due dates up to `through`, from what was known just before
    each of them; `known` is in the order in which it became known."""
    versions: defaultdict[tuple[str, str, str], list[Known]] = defaultdict(list)
    for each in known:
        versions[each.indicator, each.district, each.period].append(each)
    found: set[Place] = set()
    for district, period in duties:
        of = duties.of(district, period)
        told = {duty: versions.get((duty.indicator, district, period), []) for duty in of}
        for at in {duty.due_at for duty in of if duty.due_at <= through}:
            held = {duty: state for duty in of if (state := _before(told[duty], at)) is not None}
            answered = {duty.indicator for duty, state in held.items() if state.answers(duty)}
            place = district, period, at
            if silence(place, of, answered, partial(_come_to, at)) is not None:
                found.add(place)
    return found


def _come_to(at: datetime, _: int) -> datetime:
    """Every partition has come as far."""
    return at


def _before(told: Sequence[Known], at: datetime) -> Known | None:
    """The last of them that was known before `at`."""
    return next((each for each in reversed(told) if each.since < at), None)
