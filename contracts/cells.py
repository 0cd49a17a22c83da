"""Every cell (报送单元) of a programme: its period, when it is due, when it locks (rules 2.1, 2.5, 2.9 and 3.3).

Built once from a catalogue; ingest asks which cell a report is for, metrics and alerts walk a series in period order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from contracts.calendar import Calendar
from contracts.periods import SHANGHAI, Frequency, Period, between, parse
from contracts.programme import CITY, Indicator, Lookup

Dated = tuple[Period, datetime, datetime]  # a period, when it is due, when it locks

NEVER = datetime(9999, 12, 31, tzinfo=SHANGHAI)  # the base year locks only by a publication that used it (rule 2.9)


@dataclass(frozen=True, slots=True)
class Cell:
    """One (series, period).

    `due_at` None: no report is ever due (the base year, the city's comparison figure of a derived indicator, a stretch
    that is not applicable). `record_at` is when its light of record is fixed: its due_at, and for the city's derived
    figure the moment at which its districts' reports are due (rules 2.4, 3.2 and 6.1).
    """

    indicator: str
    district: str
    period: Period
    due_at: datetime | None
    lock_at: datetime
    applicable: bool
    record_at: datetime | None


class SeriesCells(Protocol):
    """Where the cells of a series are asked for: those of one version (`Cells`) or of several (`editions.py`)."""

    def of(self, indicator: str, district: str) -> tuple[Cell, ...]:
        """A series' cells in period order, the base year first."""
        ...

    def resolve(self, indicator: str, district: str, text: str) -> Cell | None:
        """The cell a report means."""
        ...


def named_by(text: str, cells: Sequence[Cell]) -> Cell | None:
    """The last period of the year that `text` names (rule 2.1)."""
    if not (len(text) == 4 and text.isascii() and text.isdecimal()):
        return None
    year = int(text)
    return next((cell for cell in reversed(cells) if cell.period.year == year), None)


class Cells:
    """The cells of every series, found by series or by what a report calls its period."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.calendar = Calendar.of(lookup.programme.calendar)
        self.base = parse(str(lookup.programme.first_day.year - 1))
        self._lives: dict[tuple[Frequency, date, date, int], tuple[Dated, ...]] = {}
        self._series = {(i.id, district): self._cells(i, district) for i, district in lookup.series}
        self._found = {series: {cell.period.text: cell for cell in cells} for series, cells in self._series.items()}

    def of(self, indicator: str, district: str) -> tuple[Cell, ...]:
        """A series' cells in period order, the base year first; KeyError for a series that does not exist."""
        return self._series[indicator, district]

    def get(self, indicator: str, district: str, period: str) -> Cell | None:
        """The cell of exactly that period, or None."""
        return self._found.get((indicator, district), {}).get(period)

    def resolve(self, indicator: str, district: str, text: str) -> Cell | None:
        """The cell a report means: `YYYY` sent to a finer series is its last period of that year (rule 2.1)."""
        found = self.get(indicator, district, text)
        return found if found is not None else named_by(text, self._series.get((indicator, district), ()))

    def __iter__(self) -> Iterator[Cell]:
        return (cell for cells in self._series.values() for cell in cells)

    def _cells(self, indicator: Indicator, district: str) -> tuple[Cell, ...]:
        idle = self._lookup.idle(indicator.id, district)
        comparison = indicator.derived and district == CITY
        cells = [Cell(indicator.id, district, self.base, None, NEVER, True, None)]
        for period, due_at, lock_at in self._dated(indicator):
            applicable = not any(after < period.end <= through for after, through in idle)
            record_at = due_at if applicable else None
            reported_at = None if comparison else record_at
            cells.append(Cell(indicator.id, district, period, reported_at, lock_at, applicable, record_at))
        return tuple(cells)

    def _dated(self, indicator: Indicator) -> tuple[Dated, ...]:
        """The periods of its life with due_at and lock_at, kept: hundreds of series share a handful of lives."""
        span = reporting_frequency(indicator), indicator.valid_from, indicator.valid_to
        lag = indicator.statistical_lag_days
        if (*span, lag) not in self._lives:
            dues = [(period, self.calendar.due_at(period, lag)) for period in between(*span)]
            live_since = self._lookup.programme.live_since
            self._lives[*span, lag] = tuple((p, due, self.calendar.lock_at(due, live_since)) for p, due in dues)
        return self._lives[*span, lag]


def reporting_frequency(indicator: Indicator) -> Frequency:
    """A yearly floor is judged, and so reported, once a year (rule 4.7)."""
    return Frequency.YEARLY if indicator.yearly_floor else indicator.frequency
