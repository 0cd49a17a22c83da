"""Which cells an edition looks at (rules 2.10 and 10.2). Pure.

An edition is of a month, a quarter or a year. An item is due in it when one of its periods ends on the edition's last
day: a quarterly figure takes part in the editions of March, June, September and December, a yearly one in December's.
What was reported for an earlier period is stale there, and stale counts as missing.
"""

from datetime import date
from typing import Literal

from contracts.periods import Frequency, Period, ending, preceding

Kind = Literal["month", "quarter", "year"]
KINDS: tuple[Kind, ...] = ("month", "quarter", "year")
_FREQUENCY = {"month": Frequency.MONTHLY, "quarter": Frequency.QUARTERLY, "year": Frequency.YEARLY}


def edition_of(kind: Kind, as_of: date) -> Period:
    """The newest month, quarter or year that is over on `as_of`."""
    found = ending(_FREQUENCY[kind], as_of)
    return found if found.end <= as_of else preceding(found)


def before(period: Period) -> Period:
    """The edition of the same kind before it."""
    return preceding(period)


def looked_at(period: Period) -> tuple[str, ...]:
    """The periods of every frequency that end with the edition."""
    return tuple(found.text for each in Frequency if (found := ending(each, period.end)).end == period.end)
