"""Forecast tickets (rules 6.7 and 8): which events follow from green lights of record that will miss. Pure.

A forecast ticket follows the lights of record, as lag tickets do: it is open as long as the newest measured one is
green and will miss. One that is yellow or red after all is the lag ticket's business (pursuing.py hands it over).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.alerts.table import LAGGING
from services.alerts.tickets import Event, Ticket
from services.alerts.verdicts import Decided, History


@dataclass(frozen=True, slots=True)
class Foresight:
    """The forecasts of a series: per cell whether its green light of record will miss, and the tickets about it."""

    history: History  # of the lights of record
    misses: Sequence[bool]
    tickets: Sequence[Ticket]
    current: Ticket


def decide(of: Foresight, changed: Sequence[int], through: int) -> Iterator[Decided]:
    """What follows for the forecast tickets when the cells `changed`, the newest to be looked at being `through`."""
    history = of.history
    for ticket in of.tickets:
        if ticket.state not in LAGGING:
            yield from _settled(of, ticket, changed)
    last = max((i for i in range(through + 1) if history.verdicts[i] is not None), default=-1)
    if of.current.state in LAGGING:
        yield from _open(of, last)
    elif last >= 0 and of.misses[last]:
        reached = history.index(of.current.last_period)
        if of.current.state == "RECOVERED" and last <= reached:
            yield Decided(Event("unrecovered", history.at), last, of.current)
        elif (last in changed or last > reached) and not history.ended(last):
            kind = "inhibited" if history.inhibited(last) else "light"
            yield Decided(_light(of, last, kind), last, of.current)


def _open(of: Foresight, last: int) -> Iterator[Decided]:
    history, first = of.history, of.history.index(of.current.first_period)
    if last >= 0 and of.misses[last]:
        if history.cells[last].period.text != of.current.last_period:
            yield Decided(_light(of, last), last, of.current)
    elif history.verdicts[last] == "green" and any(of.misses[first : last + 1]):
        yield Decided(_light(of, last), last, of.current)
    else:
        yield Decided(Event("restated_clear", history.at), max(last, first), of.current)


def _settled(of: Foresight, ticket: Ticket, changed: Sequence[int]) -> Iterator[Decided]:
    """One that is over or awaits its review: cancelled when nothing of it is left, restated when some is."""
    first, last = of.history.index(ticket.first_period), of.history.index(ticket.last_period)
    touched = [i for i in changed if first <= i <= last and of.history.cells[i].period.text != ticket.last_period]
    if touched and ticket.state in ("RECOVERED", "CLOSED"):
        kind = "restated" if any(of.misses[first : last + 1]) else "restated_clear"
        period = of.history.cells[touched[-1]].period.text
        yield Decided(Event(kind, of.history.at, reason=period), touched[-1], ticket)


def _light(of: Foresight, i: int, kind: str = "light") -> Event:
    cell = of.history.cells[i].period
    return Event(kind, of.history.at, of.history.verdicts[i], cell.text, cell.end, misses=of.misses[i])
