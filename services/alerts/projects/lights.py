"""A project's lights, month by month (rule 12): a pure function of its standing and of how far time has come.

0 days behind is green, 1-7 green and marked, 8-15 yellow, more red; a start that did not come in its planned month is
yellow, red at the third month end in a row, reported or not: a start is something to be shown. No hysteresis: days are
days. A month without a report is no lag (rule 4.1): its record is grey, one marks the light stale, two make it grey.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.cells import Cell
from contracts.events import Colour
from contracts.periods import parse
from contracts.programme import Profile
from contracts.project_events import Month, ProjectStanding
from contracts.terms import Term
from services.alerts.judgement import WORSE

MEASURED: tuple[Colour, ...] = ("green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class MonthLight:
    """The lights of one month: live while reported, of record once its due date is behind the watermark."""

    live: Colour | None = None
    record: Colour | None = None


@dataclass(frozen=True, slots=True)
class Lights:
    """Every month's lights, and the light the project shows: of month `at`, perhaps stale."""

    months: tuple[MonthLight, ...]
    light: Colour = "grey"
    at: int | None = None
    stale: bool = False
    marked: bool = False  # green, and some days behind


def covered(standing: ProjectStanding, cell: Cell) -> bool:
    """Whether the project was on a list on any day of the month."""
    period = cell.period
    return any(s.entered <= period.end and (s.ended is None or s.ended >= period.start) for s in standing.stays)


def month_at(standing: ProjectStanding, cell: Cell) -> Month | None:
    """The month of a standing."""
    return next((month for month in standing.months if month.period == cell.period.text), None)


def unstarted(standing: ProjectStanding, cell: Cell) -> int:
    """How many month ends have passed since the planned start without one, reported or not."""
    month = month_at(standing, cell)
    if month is not None:
        return month.unstarted_months
    reported = [m for m in standing.months if m.status is not None and m.end < cell.period.end]
    started = any(m.started_on is not None or m.status != "not_started" or m.done != "0" for m in reported)
    planned = parse(standing.plan_at(cell.period.end).starts_in)
    if started or planned > cell.period:
        return 0
    return (cell.period.year - planned.year) * 12 + cell.period.end.month - planned.end.month + 1


def colour(lag_days: int | None, unstarted_months: int, profile: Profile) -> Colour | None:
    """The colour of a month; `lag_days` None: not reported. None: nothing to judge."""
    found: list[Colour] = []
    if unstarted_months:
        found.append("red" if unstarted_months >= profile.project_red_starts else "yellow")
    if lag_days is not None:
        late = "red" if lag_days > profile.project_red_days else "yellow"
        found.append(late if lag_days > profile.project_yellow_days else "green")  # type: ignore[arg-type]  # colours
    return max(found, key=lambda each: WORSE[each], default=None)


def lights(standing: ProjectStanding, terms: Sequence[Term], through: datetime) -> Lights:
    """All lights as far as time has come, each month by its own thresholds."""
    found: list[MonthLight] = []
    at, shown, missed = None, None, 0
    for i, term in enumerate(terms):
        cell = term.cell
        due = cell.record_at is not None and cell.record_at <= through
        if not covered(standing, cell):
            found.append(MonthLight())
            continue
        month = month_at(standing, cell)
        reported = month is not None and month.status is not None
        lag = month.lag_days if month is not None and reported else None
        said = colour(lag, unstarted(standing, cell), term.profile) if reported or due else None
        found.append(MonthLight(said if reported else None, (said or "grey") if due else None))
        if said is not None:
            at, shown, missed = i, said, 0
        elif due:
            missed += 1
    if at is None or shown is None or missed > 1:
        return Lights(tuple(found), "grey", at)
    newest = month_at(standing, terms[at].cell)
    marked = shown == "green" and newest is not None and newest.lag_days > 0
    return Lights(tuple(found), shown, at, missed == 1, marked)
