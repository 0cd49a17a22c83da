"""What the projects of the list add up to for the cells of the indicators that they feed (rule 12). Pure.

A cell is fed once every project that is linked to the indicator in the district, and on a list in that month, has told
the month: until then, as for the city's sum (rule 3.2), there is no sum, and what the department reports itself holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events import ProgressReported, Report
from contracts.fed import SOURCE, UNITS, reason_of
from contracts.numbers import plain
from contracts.periods import Frequency, Period, between
from contracts.programme import FedBy, Indicator
from contracts.project_events import Month, ProjectStanding
from services.metrics.projects.figures import added

CellKey = tuple[str, str, str]  # indicator, district, period


@dataclass(frozen=True, slots=True)
class Sum:
    """What a cell is fed with; `value` None: not all projects have told the month."""

    value: str | None
    unit: str
    confidence: str | None
    reason: str


def sums(indicators: Mapping[str, Indicator], standings: Sequence[ProjectStanding]) -> dict[CellKey, Sum]:
    """Of all cells that these projects feed or fed, by what is known of them."""
    found: dict[CellKey, Sum] = {}
    for name, indicator in sorted(indicators.items()):
        linked = [each for each in standings if any(name in planned.plan.feeds for planned in each.plans)]
        if indicator.fed_by is None or not linked:
            continue
        for period in _months(indicator, linked):
            for district, feeding in _feeding(name, linked, period):
                found[name, district, period.text] = _sum(indicator.fed_by, feeding, period)
    return found


def report(programme: str, key: CellKey, fed: Sum, revision: int, at: datetime) -> ProgressReported:
    """The report that tells a sum: from the platform's own source, a higher revision for each new sum."""
    indicator, district, period = key
    name = f"{indicator}.{district}.{period}.r{revision}"
    said = Report(
        programme=programme,
        indicator=indicator,
        district=district,
        period=period,
        value=fed.value,
        unit=fed.unit,
        revision=revision,
        reason=fed.reason,
        confidence=fed.confidence,  # type: ignore[arg-type]  # as a project's report says it
    )
    return ProgressReported(
        source=SOURCE,
        id=name,
        report=said,
        received_at=at,
        receipt=f"fed-{name}",
        receipt_size=1,
        subject=SOURCE,
        department=None,
        kind="correct" if revision > 1 else "report",
    )


def _months(indicator: Indicator, linked: Iterable[ProjectStanding]) -> Iterator[Period]:
    """From the first entry of any of these projects to the newest month told, within the indicator's life."""
    entered = min(stay.entered for each in linked for stay in each.stays)
    told = [month.end for each in linked for month in each.months]
    if told:
        yield from between(Frequency.MONTHLY, max(entered, indicator.valid_from), min(max(told), indicator.valid_to))


def _feeding(
    name: str, linked: Iterable[ProjectStanding], period: Period
) -> Iterator[tuple[str, list[ProjectStanding]]]:
    """Per district the projects that are linked at the month's end and entered a list by then."""
    found: dict[str, list[ProjectStanding]] = {}
    for each in linked:
        plan = each.plan_at(period.end)
        if name in plan.feeds and any(stay.entered <= period.end for stay in each.stays):
            found.setdefault(plan.district, []).append(each)
    yield from sorted(found.items())


def _sum(figure: FedBy, feeding: Sequence[ProjectStanding], period: Period) -> Sum:
    told = {each.project: _month(each, period) for each in feeding}
    complete = all(told[each.project] is not None or not _on_a_list(each, period) for each in feeding)
    said = {month.confidence for month in told.values() if month is not None}
    return Sum(
        plain(added(figure, feeding, period.end)) if complete else None,
        UNITS[figure],
        next((word for word in ("unlikely", "at_risk", "likely") if word in said), None) if complete else None,
        reason_of([each.plan_at(period.end).name for each in feeding]),
    )


def _month(standing: ProjectStanding, period: Period) -> Month | None:
    """The month, if it was reported."""
    return next((m for m in standing.months if m.period == period.text and m.status is not None), None)


def _on_a_list(standing: ProjectStanding, period: Period) -> bool:
    return any(s.entered <= period.end and (s.ended is None or s.ended >= period.start) for s in standing.stays)
