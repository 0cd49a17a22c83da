"""Reporting tickets (rules 7.2 and 8): what a row of missed due dates does to the series' ticket. Pure.

A cell is missed once its due date has passed without a report in force, unless the office has excused it: an excused
cell neither counts nor interrupts, until an excuse that has an end is over. The ticket is open as long as the newest
due cell that is not excused is missed, in whatever order values, withdrawals and excuses became known. A value from
which nothing can be computed yet is a report all the same (rule 7.2). Cells that are never due (the base year, the
city's derived figure, a stretch that is not applicable) are no duty, and a stretch that is not applicable ends the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.cells import Cell
from services.alerts.judgement import Judgement
from services.alerts.table import LAGGING
from services.alerts.tickets import Event, Ticket


@dataclass(frozen=True, slots=True)
class Missed:
    """Due dates missed in a row: the oldest and the newest cell of the row, and how many they are."""

    first: int
    last: int
    run: int


def missed(cells: Sequence[Cell], judgements: Sequence[Judgement | None], through: datetime) -> Missed | None:
    """The row of missed due dates that reaches to the newest due cell; None when there is none."""
    first = last = -1
    run = 0
    for i in range(len(cells) - 1, -1, -1):
        due_at, judgement = cells[i].due_at, judgements[i]
        if due_at is None:
            if run:
                break
            continue
        if due_at > through or (judgement is not None and judgement.excused_at(through)):
            continue
        if judgement is not None and judgement.received:
            break
        first, last, run = i, max(last, i), run + 1
    return Missed(first, last, run) if run else None


def decide(
    ticket: Ticket, row: Missed | None, cells: Sequence[Cell], judgements: Sequence[Judgement | None], at: datetime
) -> Event | None:
    """What the present row means for the present ticket, which rises or stays; None where there is neither."""
    if row is not None:
        first, last = cells[row.first].period.text, cells[row.last].period.text
        return Event("missed", at, period=last, run=row.run, first_period=first)
    if ticket.state not in LAGGING:
        return None
    begin = next((i for i, cell in enumerate(cells) if cell.period.text == ticket.first_period), 0)
    came = any(judgement is not None and judgement.received for judgement in judgements[begin:])
    return Event("received" if came else "excused", at)
