"""What holds for each month of projects: due date, lock, thresholds, of the version of the catalogue it is held to.

As with cells (`editions.py`, rules 2.9 and 4.4): the newest version known before the month locked, so that a later one
moves only open months (rule 12). Pure, for the services that record and judge projects.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.editions import Edition, Editions
from contracts.periods import Frequency, Period, between
from contracts.programme import Profile


@dataclass(frozen=True, slots=True)
class Term:
    """One month: its due date and lock as a cell without a series, and its thresholds."""

    cell: Cell
    profile: Profile


class Terms:
    """The months of a programme under the versions of its catalogue that are known."""

    def __init__(self, editions: Editions) -> None:
        self._editions, self._found = editions, dict[Period, Term]()
        programme = editions.lookup.programme
        self.months = tuple(map(self.of, between(Frequency.MONTHLY, programme.first_day, programme.last_day)))

    @property
    def calendar(self) -> Calendar:
        """The newest version's."""
        return self._editions.newest.cells.calendar

    def of(self, period: Period) -> Term:
        """What holds for a month."""
        if period not in self._found:
            first, *later = self._editions.all
            term = _term(first, period)
            for edition in later:
                if edition.since < term.cell.lock_at:
                    term = _term(edition, period)
            self._found[period] = term
        return self._found[period]

    def lock_at(self, period: Period) -> datetime:
        """When a month locks (rule 2.9)."""
        return self.of(period).cell.lock_at


terms_of = lru_cache(maxsize=4)(Terms)  # of what a service holds there are few, and they are asked for at every batch


def _term(edition: Edition, period: Period) -> Term:
    programme, calendar = edition.lookup.programme, edition.cells.calendar
    due_at = calendar.due_at(period)
    cell = Cell("", "", period, due_at, calendar.lock_at(due_at, programme.live_since), True, due_at)
    return Term(cell, programme.profile)
