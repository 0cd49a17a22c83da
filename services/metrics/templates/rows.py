"""What one unit has to report for a period, row by row, with what it said last and what the plan expects. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.cells import Cell
from contracts.events import Standing, Text
from contracts.numbers import UNITS, exact, plain, published, unit_of
from contracts.periods import Period
from contracts.programme import Lookup
from contracts.responsibility import writer
from services.metrics.baseline import NO_BASELINE, Start, start_of
from services.metrics.finding import WITHOUT_BASELINE
from services.metrics.fold import plan_of
from services.metrics.plan import Plan

Key = tuple[str, str]  # indicator, district


@dataclass(frozen=True, slots=True)
class Row:
    """One cell to be filled in. Numbers are decimal strings in `unit`; None: unknown, or there is none."""

    indicator: str
    name: Text
    district: str
    district_name: Text
    period: str
    unit: str  # in Chinese, as intake understands it
    percent: bool
    free: bool  # growth: may be negative and beyond 100
    yes_no: bool
    last: str | None
    last_period: str | None
    expected: str | None
    reported: str | None  # for this very period
    revision: int  # the one to send: above 0 where a report is there already
    due_at: datetime


def cells_of(lookup: Lookup, cells: Sequence[Cell], unit: str, period: Period) -> list[Cell]:
    """The cells that a unit writes and that end with the period: December's, the fourth quarter's, the year's."""
    return [
        cell
        for cell in cells
        if cell.period.end == period.end
        and cell.due_at is not None
        and cell.applicable
        and writer(lookup, cell.indicator, cell.district, cell.period) == unit
    ]


def before(period: Period) -> date:
    """The last day of the month before the one in which a period ends."""
    return period.end.replace(day=1) - timedelta(days=1)


def rows(
    lookup: Lookup,
    cells: Sequence[Cell],
    now: Mapping[Key, Standing],
    earlier: Mapping[Key, Standing],
    revisions: Mapping[tuple[str, str, str], int],
) -> list[Row]:
    """`now`: each series' newest standing with a value up to the period's end; `earlier`: up to the month before;
    `revisions`: the highest that was sent for a cell."""
    order = {each: place for place, each in enumerate(lookup.indicators)}
    return [_row(lookup, cell, now, earlier, revisions) for cell in sorted(cells, key=lambda c: order[c.indicator])]


def _row(
    lookup: Lookup,
    cell: Cell,
    now: Mapping[Key, Standing],
    earlier: Mapping[Key, Standing],
    revisions: Mapping[tuple[str, str, str], int],
) -> Row:
    indicator, key = lookup.indicators[cell.indicator], (cell.indicator, cell.district)
    unit, here, last = indicator.unit_at(cell.district), now.get(key), earlier.get(key)
    said = here if here is not None and here.period == cell.period.text else None
    sent = revisions.get((cell.indicator, cell.district, cell.period.text))
    spoken = unit_of(indicator.unit_zh)
    assert cell.due_at is not None
    return Row(
        indicator=indicator.id,
        name=indicator.name,
        district=cell.district,
        district_name=lookup.districts[cell.district].name,
        period=cell.period.text,
        unit=indicator.unit_zh if spoken is not None and spoken.id == unit else UNITS[unit].zh,
        percent=unit == "percent",
        free=indicator.measure == "growth",
        yes_no=indicator.goal == "yes_no",
        last=last.value if last else None,
        last_period=last.period if last else None,
        expected=said.expected if said else expected(plan_of(lookup, indicator, cell.district), cell.period, last),
        reported=said.value if said else None,
        revision=0 if sent is None else sent + 1,
        due_at=cell.due_at,
    )


def expected(plan: Plan, period: Period, last: Standing | None) -> str | None:
    """E at the period's end by what is known now (rules 4.2-4.9). A seasonal plan's needs the whole history: None."""
    if plan.indicator.schedule == "seasonal":
        return None
    found = plan.stretch(period.end, _start(plan, last)).expected
    if found is None:
        return None
    text = published(found, plan.decimals + 2)
    return plain(exact(text)) if "." in text else text


def _start(plan: Plan, last: Standing | None) -> Start:
    """The series' baseline as its last standing tells it (rule 4.4)."""
    indicator, programme = plan.indicator, plan.programme
    if indicator.schedule in WITHOUT_BASELINE:
        return NO_BASELINE
    told = None
    if last is not None and last.baseline is not None and last.baseline_on is not None:
        told = last.baseline_on, exact(last.baseline)
    source = last.baseline_source if last is not None else None
    return start_of(
        indicator.judged_as,
        stock=indicator.stock,
        declared=plan.declared,
        base_year=told if source == "base_year_report" else None,
        first_report=told if source == "first_report" else None,
        before_programme=date(programme.first_day.year - 1, 12, 31),
    )
