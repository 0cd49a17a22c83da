"""What office and writers do in a case: acts on cells and reports (rule 2.9), overrides of the light (rule 6.6).

A report is named by its place in the case's list, a cell by its period.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from contracts.acts import ActKind
from contracts.records import Record
from services.alerts.overrides import Override
from services.alerts.supervision import Series
from services.metrics.acts import CellAct
from services.metrics.fold import Fact, Folded

ABOUT_REPORTS = ("report.approved", "report.returned", "flag.commented")
SOURCE = "/evaluate"


class Acted(Record, frozen=True, kw_only=True):
    """One act: `report` is the place of a report in the list, from 0; `period` names the cell of the other acts."""

    act: ActKind
    at: datetime
    report: int | None = None
    period: str | None = None
    district: str | None = None
    reason: str | None = None
    until: date | None = None  # the last excused day


class Overridden(Record, frozen=True, kw_only=True):
    """The office worsens the light from `at` until `until`, or until it takes that back."""

    colour: Literal["yellow", "red"]
    at: datetime
    until: datetime
    reason: str = ""
    ended_at: datetime | None = None


class Nameless(ValueError):
    """An act that names neither a report of the case nor a cell."""


def acts_of(acts: Sequence[Acted], facts: Mapping[int, Fact], district: str, until: datetime | None) -> list[CellAct]:
    """The acts known by a moment, each on the cell it is about; `Nameless`."""
    return [_act(n, each, facts, district) for n, each in enumerate(acts) if until is None or each.at <= until]


def _act(n: int, said: Acted, facts: Mapping[int, Fact], district: str) -> CellAct:
    about = facts.get(said.report) if said.report is not None and said.act in ABOUT_REPORTS else None
    period = said.period if about is None else about.period
    if period is None or (said.act in ABOUT_REPORTS and about is None):
        raise Nameless(f"acts[{n}]")
    where = about.district if about is not None else said.district or district
    report = about.identity if about is not None else None
    return CellAct(SOURCE, f"act-{n}", said.act, where, period, said.at, report, said.reason, said.until)


def overrides_of(overrides: Sequence[Overridden], until: datetime) -> list[Override]:
    """Those that began by a moment."""
    return [
        Override(
            f"override-{n}", o.colour, "case", o.reason, o.at, o.until, ended_at=o.ended_at,
            ended_by=None if o.ended_at is None or o.ended_at > until else "case", end_reason="",
        )
        for n, o in enumerate(overrides) if o.at <= until
    ]  # fmt: skip


def told_acts(acts: Sequence[CellAct], folded: Folded) -> list[dict[str, Any]]:
    """What became of each act."""
    found = [(act, *folded.acts[act.identity]) for act in acts]
    return [
        {"act": act.kind, "district": act.district, "period": act.period, "outcome": outcome, "code": code}
        for act, outcome, code in found
    ]


def told_cells(folded: Folded) -> list[dict[str, Any]]:
    """The cells that acts left excused or locked."""
    return [
        {"district": district, "period": period, "excused": ruling.excused, "excused_until": ruling.excused_until,
         "published_at": ruling.published_at}
        for (district, period), ruling in sorted(folded.rulings.items())
        if ruling.excused or ruling.published_at is not None
    ]  # fmt: skip


def told_overrides(overrides: Sequence[Override], series: Series) -> list[dict[str, Any]]:
    """Each override: in force, ended, or refused because the light was as bad already."""
    began = {each.id: each for each in series.overrides}
    in_force = None if series.override is None else series.override.id
    return [
        {"colour": each.colour, "at": each.at, "until": each.until,
         "outcome": "refused" if each.id not in began else "in_force" if each.id == in_force else "ended",
         "code": "not_worse" if each.id not in began else None}
        for each in overrides
    ]  # fmt: skip
