"""What the API shows of projects, made from their standings as of a date. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from contracts.events import Text
from contracts.numbers import plain
from contracts.periods import parse
from contracts.project_events import OpenProblem, ProjectStanding, RedLineState
from contracts.project_words import explanation, lag_text
from contracts.projects import FACTORS, Contact, Factor, Progress, RedLineKind, Status
from services.metrics.projects.figures import plan_at, state
from services.metrics.projects.months import invested


class ProjectView(msgspec.Struct, frozen=True, kw_only=True):
    """One project as of a date: where it stands on the lists, its newest month, its problems and red lines."""

    programme: str
    project: str
    name: Text
    district: str
    department: str
    contact: Contact
    lists: tuple[str, ...]
    state: str
    period: str | None
    lag_days: int | None
    lag_text: Text
    explanation: Text
    late_node: str | None
    due: str | None
    done: str | None
    unstarted_months: int | None
    invest_total: str
    invested_total: str | None
    invested_year: str | None
    planned_year: str | None
    year_share: str | None
    problems_open: int
    problems_overdue: int
    red_lines: tuple[RedLineKind, ...]
    feeds: tuple[str, ...]
    invented: bool
    version: int
    known_at: datetime


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """One problem as of a date, with its project; `overdue`: open past its due date."""

    programme: str
    project: str
    name: Text
    district: str
    problem: str
    text: str
    factor: Factor
    factor_text: Text
    owner: str
    due: date
    state: str
    overdue: bool
    raised_in: str
    solved_in: str | None


class HeldProjectReport(msgspec.Struct, frozen=True, kw_only=True):
    """A month's report that came behind its lock and waits for the office, beside what counts of that month now.
    Amounts in 亿元; `present_status` None: the month has no report that counts."""

    source: str
    id: str
    project: str
    name: Text
    district: str
    department: str
    period: str
    revision: int
    status: Status | None
    invested_total: str
    reason: str | None
    subject: str
    unit: str | None  # the unit that said it
    received_at: datetime
    present_status: Status | None
    present_invested_total: str | None


def held(row: Mapping[str, Any], standing: ProjectStanding) -> HeldProjectReport:
    """A waiting report as it is listed."""
    said: Progress = row["said"]
    month = next((each for each in standing.months if each.period == said.period), None)
    plan = plan_at(standing, parse(said.period).end)
    return HeldProjectReport(
        source=row["source"],
        id=row["id"],
        project=row["project"],
        name=plan.name,
        district=plan.district,
        department=plan.department,
        period=said.period,
        revision=said.revision,
        status=said.status,
        invested_total=plain(invested(said)),
        reason=said.reason,
        subject=row["subject"],
        unit=row["department"],
        received_at=row["received_at"],
        present_status=None if month is None else month.status,
        present_invested_total=None if month is None else month.invested_total,
    )


def listed(standing: ProjectStanding, day: date) -> bool:
    """Whether the list knew the project on a day."""
    return any(stay.entered <= day for stay in standing.stays)


def project(standing: ProjectStanding, day: date, red_lines: Iterable[RedLineState]) -> ProjectView:
    """A project as of a day; red lines are those of the project that are open."""
    plan = plan_at(standing, day)
    month = next((m for m in reversed(standing.months) if m.end <= day and m.status is not None), None)
    problems = problems_at(standing, day)
    return ProjectView(
        programme=standing.programme,
        project=standing.project,
        name=plan.name,
        district=plan.district,
        department=plan.department,
        contact=plan.contact,
        lists=tuple(
            stay.list for stay in standing.stays if stay.entered <= day and (stay.ended is None or stay.ended > day)
        ),
        state=state(standing, day),
        period=None if month is None else month.period,
        lag_days=None if month is None else month.lag_days,
        lag_text=lag_text(standing, month),
        explanation=explanation(standing, month),
        late_node=None if month is None else month.late_node,
        due=None if month is None else month.due,
        done=None if month is None else month.done,
        unstarted_months=None if month is None else month.unstarted_months,
        invest_total=plan.invest_total,
        invested_total=None if month is None else month.invested_total,
        invested_year=None if month is None else month.invested_year,
        planned_year=None if month is None else month.planned_year,
        year_share=None if month is None else month.year_share,
        problems_open=sum(each.state == "open" for each in problems),
        problems_overdue=sum(each.overdue for each in problems),
        red_lines=tuple(sorted({line.red_line for line in red_lines if line.state == "open"})),
        feeds=plan.feeds,
        invented=plan.invented,
        version=standing.version,
        known_at=standing.known_at,
    )


def problems_at(standing: ProjectStanding, day: date) -> list[ProblemView]:
    """The problems raised by a day, oldest first."""
    plan = plan_at(standing, day)
    raised = [each for each in standing.problems if _end(standing, each.raised_in) <= day]
    return [
        ProblemView(
            programme=standing.programme,
            project=standing.project,
            name=plan.name,
            district=plan.district,
            problem=each.id,
            text=each.text,
            factor=each.factor,
            factor_text=FACTORS[each.factor],
            owner=each.owner,
            due=each.due,
            state="open" if _open(standing, each, day) else "solved",
            overdue=_open(standing, each, day) and each.due < day,
            raised_in=each.raised_in,
            solved_in=each.solved_in,
        )
        for each in raised
    ]


def _open(standing: ProjectStanding, problem: OpenProblem, day: date) -> bool:
    return problem.solved_in is None or _end(standing, problem.solved_in) > day


def _end(standing: ProjectStanding, period: str) -> date:
    return next(month.end for month in standing.months if month.period == period)
