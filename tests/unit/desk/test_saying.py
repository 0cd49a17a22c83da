"""What may be said of a series' cells: who may excuse which, and who explains which report."""

from datetime import date
from typing import Any

from contracts.catalogue import load
from deploy.local.programs import ROOT
from services.desk.items.saying import Sayable, sayable, stretch
from services.desk.people import Person

LOOKUP = load(ROOT / "contracts/catalogue/huzhou-2023-2027")
INDICATOR, DISTRICT = "major_projects_investment", "deqing"
OFFICE = Person(subject="office", name="周", role="office_director")
LEADER = Person(subject="leader", name="王", role="leader")
CLERK = Person(subject="clerk", name="马", role="district_clerk", unit=DISTRICT)
OTHER = Person(subject="other", name="李", role="district_clerk", unit="anji")


def cell(period: str, end: str, state: str, due: str | None = "2023-07-06T00:00:00+08:00") -> dict[str, Any]:
    return {"period": period, "period_end": end, "due_at": due, "state": state}


def report(name: str, *flags: str) -> dict[str, Any]:
    return {"id": name, "period": "2023-06", "outcome": {"outcome": "applied", "flags": list(flags)}}


CELLS = [
    cell("2023-05", "2023-05-31", "excused"),
    cell("2023-06", "2023-06-30", "overdue"),
    cell("2023-07", "2023-07-31", "not_due"),
    cell("2022", "2022-12-31", "not_due", due=None),  # never due
]
REPORTS = [report("r0"), report("r1", "running_total_fell")]


def said(person: Person) -> Sayable:
    return sayable(person, LOOKUP, INDICATOR, DISTRICT, CELLS, REPORTS)


def test_the_office_excuses_what_is_not_received_yet() -> None:
    """The newest first, what is never due left out; what is excused already may be taken back."""
    assert [each["period"] for each in said(OFFICE).excusable] == ["2023-07", "2023-06"]
    assert [each["period"] for each in said(OFFICE).excused] == ["2023-05"]


def test_a_flag_is_explained_by_its_writer_or_by_the_office() -> None:
    """Rule 2.11: only a report that a flag waits on, never by another unit; a clerk excuses nothing."""
    assert [each["id"] for each in said(CLERK).unexplained] == ["r1"]
    assert [each["id"] for each in said(OFFICE).unexplained] == ["r1"]
    assert not said(CLERK).excusable
    assert not said(OTHER)
    assert not said(LEADER)


def test_cells_are_asked_for_around_today() -> None:
    """Those nothing was received for, from the ones that can still be reported to those of the next quarter."""
    asked = stretch(date(2023, 7, 6))
    assert (asked["first"], asked["last"]) == ("2023-02-06", "2023-10-14")
    assert "received_late" not in asked["state"]
