"""The events of projects between the services (rule 12): stamped statements, outcomes, standings and red lines.

A project's standing holds all of its months: one document a project, versioned, so that alerts that was down loses no
month. Topic progress.project carries the statements, progress.project.standing what metrics makes of them.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from contracts.events import OutcomeKind
from contracts.projects import (
    Closed,
    Contacted,
    Factor,
    Listed,
    Plan,
    Progress,
    Raised,
    RedLineKind,
    Ruled,
    Statement,
    Status,
    subject_of,
)


class Stamped(msgspec.Struct, frozen=True, kw_only=True):
    """What the server stamps on every statement it accepts."""

    source: str
    id: str
    received_at: datetime  # platform time
    receipt: str
    receipt_size: int  # items of the request handed to the broker; some may have failed there
    subject: str  # the token's subject, never sent by the caller
    department: str | None  # the unit it speaks for: a department's id, a district's, or nobody's
    time: datetime | None = None


class ProjectListed(Stamped, frozen=True, kw_only=True):
    """`project.listed.v1`: an act on the list."""

    said: Listed

    @property
    def key(self) -> str:
        return key_of(self.said)


class ProjectReported(Stamped, frozen=True, kw_only=True):
    """`project.reported.v1`: a month of a project."""

    said: Progress

    @property
    def key(self) -> str:
        return key_of(self.said)


class ProjectContacted(Stamped, frozen=True, kw_only=True):
    """`project.contacted.v1`: a line of the contact log."""

    said: Contacted

    @property
    def key(self) -> str:
        return key_of(self.said)


class ProjectRuled(Stamped, frozen=True, kw_only=True):
    """`project.ruled.v1`: the office's word on a report behind a lock."""

    said: Ruled

    @property
    def key(self) -> str:
        return key_of(self.said)


class RedLineRaised(Stamped, frozen=True, kw_only=True):
    """`redline.raised.v1`: a red line said to be touched."""

    said: Raised

    @property
    def key(self) -> str:
        return key_of(self.said)


class RedLineClosed(Stamped, frozen=True, kw_only=True):
    """`redline.closed.v1`: a red line closed by the office."""

    said: Closed

    @property
    def key(self) -> str:
        return key_of(self.said)


Stated = ProjectListed | ProjectReported | ProjectContacted | ProjectRuled | RedLineRaised | RedLineClosed


def key_of(said: Statement) -> str:
    """The record's key: programme/project, or programme/indicator for a red line on a task."""
    return f"{said.programme}/{subject_of(said)[1]}"


class ProjectOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`project.outcome.v1`: what became of an accepted statement (rule 2.6). The newest version holds."""

    source: str
    id: str
    receipt: str
    programme: str
    kind: Literal["project", "indicator"]
    name: str  # of the project or the indicator
    period: str | None
    revision: int
    version: int
    outcome: OutcomeKind
    code: str | None
    decided_at: datetime  # platform time

    @property
    def key(self) -> str:
        return f"{self.source}/{self.id}"


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """One stay on a list: from the day it entered to the day it was completed or left."""

    list: str
    entered: date
    reason: str | None
    ended: date | None = None
    how: Literal["complete", "leave"] | None = None
    end_reason: str | None = None


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A month of a project against its plan. Without a report `status` is null and nothing of it is measured.

    `lag_days` counts from the due date of the first due node in order that is not done to the month's end; `due` and
    `done` are the points of the nodes due and done by then. Amounts in 亿元; the year's are within the calendar year.
    """

    period: str
    end: date
    status: Status | None
    received_at: datetime | None
    lag_days: int
    late_node: str | None
    late_since: date | None
    due: str
    done: str
    started_on: date | None
    unstarted_months: int  # month ends since the planned month of the start without one; 0 when started or not due
    invested_total: str | None
    invested_year: str | None
    planned_year: str | None
    year_share: str | None  # invested of what is planned for the year, in percent
    confidence: str | None
    conflict: bool = False


class OpenProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem as it stands: raised in one month, perhaps solved in a later one."""

    id: str
    text: str
    factor: Factor
    owner: str
    due: date
    raised_in: str
    solved_in: str | None = None


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the contact log, with who wrote it and when."""

    on: date
    by: str
    text: str
    agreed: str | None
    unit: str | None
    received_at: datetime


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and the day from which it holds."""

    on: date
    plan: Plan


class ProjectStanding(msgspec.Struct, frozen=True, kw_only=True):
    """`project.standing.v1`: a project with its stays, its plans and every month up to the newest one reported."""

    programme: str
    project: str
    version: int
    rule_version: str
    known_at: datetime  # platform time at which this version became known
    plans: tuple[Planned, ...]  # the newest last
    stays: tuple[Stay, ...]
    months: tuple[Month, ...]
    problems: tuple[OpenProblem, ...]
    contacts: tuple[LogLine, ...]

    @property
    def key(self) -> str:
        return f"{self.programme}/{self.project}"

    @property
    def plan(self) -> Plan:
        return self.plans[-1].plan

    def plan_at(self, day: date) -> Plan:
        """The plan in force on a day: the newest from then or before, before the first one the first."""
        held = [each for each in self.plans if each.on <= day]
        return (held or self.plans[:1])[-1].plan


class RedLineState(msgspec.Struct, frozen=True, kw_only=True):
    """`redline.standing.v1`: a red line on a project or a task, open until the office closes it."""

    programme: str
    kind: Literal["project", "indicator"]
    name: str  # of the project or the indicator
    district: str
    red_line: RedLineKind
    episode: int
    version: int
    state: Literal["open", "closed"]
    text: str
    evidence: tuple[str, ...]
    raised_by: str
    raised_on: date
    raised_at: datetime
    repeated: int  # how often it was raised again while open
    closed_by: str | None = None
    closed_at: datetime | None = None
    reason: str | None = None

    @property
    def key(self) -> str:
        return f"{self.programme}/{self.kind}/{self.name}/{self.district}/{self.red_line}/{self.episode}"


TYPES: dict[str, type[msgspec.Struct]] = {
    "project.listed.v1": ProjectListed,
    "project.reported.v1": ProjectReported,
    "project.contacted.v1": ProjectContacted,
    "project.ruled.v1": ProjectRuled,
    "redline.raised.v1": RedLineRaised,
    "redline.closed.v1": RedLineClosed,
    "project.outcome.v1": ProjectOutcome,
    "project.standing.v1": ProjectStanding,
    "redline.standing.v1": RedLineState,
}
STATED: tuple[type[Stated], ...] = (
    ProjectListed,
    ProjectReported,
    ProjectContacted,
    ProjectRuled,
    RedLineRaised,
    RedLineClosed,
)
