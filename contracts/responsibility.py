"""The units of a series: who writes it, who answers for it, whom its red lines concern (rules 2.4, 8, 12)."""

from contracts.periods import Period
from contracts.programme import CITY, Lookup


def writer(lookup: Lookup, indicator: str, district: str, period: Period | None = None) -> str:
    """The one unit that writes a series (rule 2.4): a department's id, or the district's own for its government.

    The lead is the first unit printed for the year's part: the work points of the first year may name another.
    """
    found = lookup.indicators[indicator]
    if district != CITY and found.writer == "district":
        return district
    first_year = period is not None and period.year == lookup.programme.first_day.year
    return found.departments_2023[0] if first_year and found.departments_2023 else found.lead


def answerable(lookup: Lookup, indicator: str, district: str) -> frozenset[str]:
    """The units that answer for a series: who writes it (rule 2.4), whom its tickets go to (rule 8)."""
    lead = lookup.indicators[indicator].lead
    return frozenset({writer(lookup, indicator, district), lead if district == CITY else district})


def concerned(lookup: Lookup, indicator: str, district: str) -> frozenset[str]:
    """The units that may raise a red line on a task (rule 12): who answers for the series, and the lead."""
    return answerable(lookup, indicator, district) | {lookup.indicators[indicator].lead}
