"""Where a series starts: the baseline S with its day and its source (rule 4.4)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from contracts.programme import Accumulation

Source = Literal["zero", "declared", "base_year_report", "first_report", "previous_target", "no_baseline"]
Dated = tuple[date, Fraction]


@dataclass(frozen=True, slots=True)
class Start:
    """S. `on` None: at the start of each year (yearly flows), or nowhere (`no_baseline`)."""

    on: date | None
    value: Fraction | None
    source: Source


EACH_YEAR = Start(None, Fraction(0), "zero")
NO_BASELINE = Start(None, None, "no_baseline")


def start_of(
    accumulation: Accumulation,
    *,
    stock: bool,
    declared: Dated | None,
    base_year: Dated | None,
    first_report: Dated | None,
    before_programme: date,
) -> Start:
    """The first of rule 4.4's sources that the facts known at the moment judged can give."""
    if accumulation in ("ytd", "increment"):
        return EACH_YEAR
    if declared is not None:
        return Start(*declared, "declared")
    if base_year is not None:
        return Start(*base_year, "base_year_report")
    if accumulation == "programme" and not stock:
        return Start(before_programme, Fraction(0), "zero")
    if first_report is not None:
        return Start(*first_report, "first_report")
    return NO_BASELINE
