"""What may be said of a series' cells on its page, and by whom: a period excused (免报) or excused no more, a report's
quality flags explained (rules 2.11 and 7.2). Intake and metrics decide when a form is sent. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.periods import parse
from contracts.programme import Lookup
from contracts.responsibility import writer
from services.desk.people import Person

Item = Mapping[str, Any]
ACTS = ("cell.excused", "cell.unexcused", "flag.commented")
NEEDS_REASON = ("cell.excused", "flag.commented")
STATES = ("overdue", "never_reported", "due", "not_due", "excused")  # nothing is received for such a cell
BACK, AHEAD = timedelta(days=150), timedelta(days=100)  # which cells are offered, by the end of their periods


@dataclass(frozen=True, slots=True)
class Sayable:
    """Cells that may be excused, cells that are, and reports that wait for an explanation; the newest first."""

    excusable: Sequence[Item] = ()
    excused: Sequence[Item] = ()
    unexplained: Sequence[Item] = ()

    def __bool__(self) -> bool:
        return bool(self.excusable or self.excused or self.unexplained)


def stretch(today: date) -> dict[str, str]:
    """Which cells to ask metrics for, besides their series."""
    first, last = (today - BACK).isoformat(), (today + AHEAD).isoformat()
    return {"state": ",".join(STATES), "first": first, "last": last}


def sayable(
    person: Person, lookup: Lookup, indicator: str, district: str, cells: Iterable[Item], reports: Iterable[Item]
) -> Sayable:
    """By what the person may do. A flag is explained by who writes the series, or by the office."""
    owed = sorted((each for each in cells if each["due_at"] is not None), key=lambda each: each["period_end"])
    excused = [each for each in reversed(owed) if each["state"] == "excused"]
    open_ = [each for each in reversed(owed) if each["state"] != "excused"]

    def may_explain(report: Item) -> bool:
        own = person.unit is not None and person.unit == writer(lookup, indicator, district, parse(report["period"]))
        return person.may("comment", own=own)

    flagged = [each for each in reports if each["outcome"].get("flags") and may_explain(each)]
    may_excuse = person.may("excuse")
    return Sayable(open_ if may_excuse else (), excused if may_excuse else (), list(reversed(flagged)))
