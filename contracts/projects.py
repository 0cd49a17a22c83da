"""What is said of the major-project list (重大项目清单, rule 12): list acts, progress reports, contacts, red lines.

Each statement is the `data` of one CloudEvent. The list rolls (滚动): it is made of dated acts only, and every figure
is counted from them by date, so that no act rewrites an earlier year. Amounts of a plan are in 亿元 (CNY_100M).
"""

from datetime import date
from typing import Literal

import msgspec

from contracts.events import Text

Act = Literal["enter", "complete", "leave", "amend"]
Status = Literal["not_started", "under_way", "suspended", "completed"]
Factor = Literal["land", "funds", "approvals", "relocation", "design", "procurement", "weather", "other"]
RedLineKind = Literal["land_ownership", "cultivated_land", "farmers_interests", "ecological_line"]

FACTORS: dict[Factor, Text] = {
    "land": Text("用地", "land"),
    "funds": Text("资金", "funds"),
    "approvals": Text("审批", "approvals"),
    "relocation": Text("征迁", "relocation"),
    "design": Text("设计方案", "design"),
    "procurement": Text("招标采购", "procurement"),
    "weather": Text("天气", "weather"),
    "other": Text("其他", "other"),
}
RED_LINES: dict[RedLineKind, Text] = {
    "land_ownership": Text("土地公有制", "public land ownership"),
    "cultivated_land": Text("耕地红线", "arable-land red line"),
    "farmers_interests": Text("农民利益", "farmers' interests"),
    "ecological_line": Text("生态保护红线", "ecological red line"),
}


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every statement is: immutable and closed to unknown fields."""


class Node(Said, frozen=True, kw_only=True):
    """A planned node (节点): its share of the project in points, all nodes together 100, and the day it is due."""

    id: str
    name: Text
    weight: str
    due: date


class Contact(Said, frozen=True, kw_only=True):
    """The city's contact for the project (市级联系人): one named leader, with role and unit."""

    name: str
    role: str
    unit: str | None = None


class Plan(Said, frozen=True, kw_only=True):
    """What is planned for a project, from the day of the act that carries it.

    `reports` says who reports on it: the district's government, or the lead department. `invested_before` was invested
    before it entered the list and is not the list's. `feeds` links it to indicators whose figure is made of projects.
    """

    name: Text
    district: str
    department: str
    contact: Contact
    starts_in: str  # the planned month of its start, YYYY-MM
    nodes: tuple[Node, ...]
    invest_total: str
    invest_by_year: dict[str, str]
    invested_before: str = "0"
    reports: Literal["district", "department"] = "district"
    feeds: tuple[str, ...] = ()
    invented: bool = False  # not a real project: made for a demonstration
    note: str | None = None

    @property
    def writer(self) -> str:
        """The unit that reports on it."""
        return self.district if self.reports == "district" else self.department


class Listed(Said, frozen=True, kw_only=True):
    """An act on the list, true from the day `on`: the office's. `amend` changes the plan and names no list.

    One statement a (project, list, day); a higher revision replaces it, `act` null withdraws it.
    """

    programme: str
    project: str
    on: date
    act: Act | None
    list: str | None = None
    plan: Plan | None = None
    reason: str | None = None
    revision: int = 0


class NodeDone(Said, frozen=True, kw_only=True):
    """A node and the day it was done; null takes an earlier statement back."""

    id: str
    done_on: date | None


class Problem(Said, frozen=True, kw_only=True):
    """A problem with its cause, the unit that has to solve it, and by when (问题清单)."""

    id: str
    text: str
    factor: Factor
    owner: str
    due: date
    state: Literal["open", "solved"] = "open"


class RedLine(Said, frozen=True, kw_only=True):
    """A red line said to be touched (底线红线), with its evidence."""

    kind: RedLineKind
    text: str
    evidence: tuple[str, ...] = ()


class Progress(Said, frozen=True, kw_only=True):
    """A monthly report on a project (rule 12). `status` null withdraws the report of that month and needs a reason.

    Nodes and problems are told once: what a later month does not name stays as it was said.
    """

    programme: str
    project: str
    district: str
    period: str
    status: Status | None
    invested_total: str = "0"
    unit: str = "CNY_100M"
    started_on: date | None = None
    nodes: tuple[NodeDone, ...] = ()
    problems: tuple[Problem, ...] = ()
    red_lines: tuple[RedLine, ...] = ()
    confidence: Literal["likely", "at_risk", "unlikely"] | None = None
    revision: int = 0
    reason: str | None = None
    comment: str | None = None
    evidence: tuple[str, ...] = ()


class Contacted(Said, frozen=True, kw_only=True):
    """One line of the contact log (联系督导记录): who was there on which day, and what was found and agreed."""

    programme: str
    project: str
    district: str
    on: date
    by: str
    text: str
    agreed: str | None = None


class Raised(Said, frozen=True, kw_only=True):
    """A red line raised on a project or, without one, on an indicator's task in a district."""

    programme: str
    district: str
    kind: RedLineKind
    text: str
    on: date
    project: str | None = None
    indicator: str | None = None
    evidence: tuple[str, ...] = ()


class Closed(Said, frozen=True, kw_only=True):
    """A red line closed, with the reason: the office's alone."""

    programme: str
    district: str
    kind: RedLineKind
    reason: str
    project: str | None = None
    indicator: str | None = None
    evidence: tuple[str, ...] = ()


class Ruled(Said, frozen=True, kw_only=True):
    """The office's word on a report that its month's lock holds back (rule 2.9): approved or returned."""

    programme: str
    project: str
    report_source: str
    report_id: str
    decision: Literal["approve", "return"]
    reason: str | None = None


Statement = Listed | Progress | Contacted | Raised | Closed | Ruled
STATEMENTS: dict[str, type[Statement]] = {
    "project.listed.v1": Listed,
    "project.reported.v1": Progress,
    "project.contacted.v1": Contacted,
    "project.ruled.v1": Ruled,
    "redline.raised.v1": Raised,
    "redline.closed.v1": Closed,
}


def subject_of(said: Statement) -> tuple[Literal["project", "indicator"], str]:
    """What a statement is about: a project, or the task of an indicator."""
    project = said.project
    if project is not None:
        return "project", project
    assert isinstance(said, Raised | Closed)
    return "indicator", said.indicator or ""
