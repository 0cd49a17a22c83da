"""Which events of rule 8 follow when lights of record change: new verdicts in calendar order, and restatements. Pure.

A verdict is a measured light of record of a binding target. One later than all before it is a `light` of the table; a
changed, late or vanished one among the earlier ones restates: the open episode is looked at anew, so that whether a
ticket is open depends on the lights alone, never on the order in which they became known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.cells import Cell
from contracts.events import Colour
from services.alerts.table import LAGGING
from services.alerts.tickets import Event, Ticket, floor

Verdicts = Sequence[Colour | None]  # per cell; None: not fixed, not measured or not binding


@dataclass(frozen=True, slots=True)
class Decided:
    """An event for a ticket; `carrier` is the cell whose change it tells."""

    event: Event
    carrier: int
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class History:
    """A series' verdicts as they are now and its lag tickets so far; `years` is a cell's quota year, or 0."""

    cells: Sequence[Cell]
    verdicts: Verdicts
    years: Sequence[int]
    episodes: Sequence[Ticket]
    current: Ticket
    ended: Callable[[int], bool]  # whether a cell's stretch is over: it opens nothing any more
    inhibited: Callable[[int], bool]  # whether the cell's light opens nothing (rule 8): shown, and that is all
    at: datetime

    def index(self, period: str) -> int:
        return next((i for i, cell in enumerate(self.cells) if cell.period.text == period), -1)

    def light(self, index: int, run: int | None = None, first: int | None = None) -> Event:
        cell = self.cells[index]
        return Event(
            "light",
            self.at,
            self.verdicts[index],
            cell.period.text,
            cell.period.end,
            run,
            "" if first is None else self.cells[first].period.text,
        )

    def lags(self, first: int, last: int) -> bool:
        return any(verdict in ("yellow", "red") for verdict in self.verdicts[max(first, 0) : last + 1])


def verdict(history: History, index: int) -> Decided | None:
    """A new verdict, later than every earlier one. Consecutive ends with a quota year."""
    current = history.current
    if history.ended(index) and current.state not in LAGGING:
        return None
    year = history.years[index]
    begins = year and history.cells[history.index(current.last_period)].period.year != year
    light = history.light(index, 1 if begins and current.state in LAGGING else None)
    return Decided(_opening(history, light, index), index, current)


def _opening(history: History, light: Event, index: int) -> Event:
    """The light itself, or that something keeps it from opening an episode."""
    opens = history.current.state not in LAGGING and light.colour in ("yellow", "red")
    return replace(light, kind="inhibited") if opens and history.inhibited(index) else light


def restatements(history: History, changed: Sequence[int], newest: int) -> list[Decided]:
    """What changed among the verdicts up to `newest` (the latest before this change), oldest episode first."""
    earlier = [_settled(history, each, changed) for each in history.episodes if each != history.current]
    current = _current(history, changed, newest)
    return [decided for decided in (*earlier, current) if decided is not None]


def _settled(history: History, ticket: Ticket, changed: Sequence[int]) -> Decided | None:
    """An episode that others followed, or that is closed: cancelled when nothing of it is left."""
    first, last = history.index(ticket.first_period), history.index(ticket.last_period)
    touched = [i for i in changed if first <= i <= last]
    if not touched:
        return None
    kind = "restated" if history.lags(first, last) else "restated_clear"
    period = history.cells[touched[-1]].period.text
    return Decided(Event(kind, history.at, reason=period), touched[-1], ticket)


def _current(history: History, changed: Sequence[int], newest: int) -> Decided | None:
    current = history.current
    last = max((i for i in range(newest + 1) if history.verdicts[i] is not None), default=-1)
    lagging = last >= 0 and history.verdicts[last] in ("yellow", "red")
    run, begin = _run(history, last)
    if current.state in LAGGING:
        return _open(history, changed, newest, last, run, begin)
    if current.state == "RECOVERED" and lagging and last <= history.index(current.last_period):
        return Decided(_restated(history, "unrecovered", last, run), changed[-1], current)
    untold = last in changed or last > history.index(current.last_period)
    if lagging and untold and not history.ended(last):
        carrier = last if last in changed else changed[-1]
        return Decided(_opening(history, history.light(last), last), carrier, current)
    return _settled(history, current, changed) if history.episodes else None


def _open(history: History, changed: Sequence[int], newest: int, last: int, run: int, begin: int) -> Decided | None:
    """An open episode: it may begin earlier than was known, be recovered, be worse, or have been a wrong number."""
    current = history.current
    first = history.index(current.first_period)
    start = min(first, begin) if run else first
    touched = [i for i in changed if i >= start]
    if not touched:
        return None
    if not history.lags(start, newest):
        return Decided(Event("restated_clear", history.at), touched[-1], current)
    carrier = last if last in changed else touched[-1]
    if history.verdicts[last] == "green":
        return Decided(history.light(last), carrier, current)
    if floor(run, history.verdicts[last]) > current.level:
        return Decided(history.light(last, run, start), carrier, current)
    return Decided(_restated(history, "restated", last, run, start), carrier, current)


def _restated(history: History, kind: str, last: int, run: int, start: int | None = None) -> Event:
    cell = history.cells[last].period
    first = "" if start is None else history.cells[start].period.text
    return Event(kind, history.at, history.verdicts[last], cell.text, cell.end, run, first)


def _run(history: History, last: int) -> tuple[int, int]:
    """How many consecutive verdicts up to `last` are not green, within one quota year, and the first of them."""
    run, begin = 0, last
    for i in range(last, -1, -1):
        verdict_ = history.verdicts[i]
        if verdict_ == "green" or history.years[i] != history.years[last]:
            break
        if verdict_ is not None:
            run, begin = run + 1, i
    return run, begin
