"""Whether an act can be meant and may be done by its sender: pure, from message, catalogue, time and token.

Rules 2.4, 2.9 and 2.11: the office acts (kind `approve`); a flag is commented by the series' writer or the office. What
needs memory, such as whether a report waits for the office, is decided by metrics.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts.acts import Act, ActKind
from contracts.authority import Grant
from contracts.cells import Cell
from contracts.objections import Objection
from contracts.roles import Act as Granted
from contracts.submission import SubmittedAct
from services.ingest.acceptance import Acceptance as Reports

DECISIONS = ("report.approved", "report.returned")
ABOUT_REPORTS = (*DECISIONS, "flag.commented")
NEEDS: dict[ActKind, Granted] = {
    "report.approved": "approve",
    "report.returned": "approve",
    "cell.excused": "excuse",
    "cell.unexcused": "excuse",
    "flag.commented": "comment",
    "cell.published": "publish",
}
NEEDS_REASON = ("report.returned", "cell.excused", "flag.commented")
_ONLY_FOR = {"report": ABOUT_REPORTS, "until": ("cell.excused",), "publication": ("cell.published",)}


@dataclass(frozen=True, slots=True)
class Acceptable:
    """An act that passed, and its cell."""

    submitted: SubmittedAct
    cell: Cell

    @property
    def claim(self) -> tuple[str, ...] | None:
        """A report is approved or returned once, not both."""
        act = self.submitted.data
        return (act.report.source, act.report.id) if act.report and act.act in DECISIONS else None

    @property
    def value(self) -> str:
        return self.submitted.data.act

    @property
    def dissent(self) -> tuple[str, str]:
        return "acts_disagree", "/data/act"

    @property
    def renamed(self) -> str | None:
        """The cell's period, where another form of it was sent (rule 2.1)."""
        return self.cell.period.text if self.cell.period.text != self.submitted.data.period else None


class Acceptance:
    """The rules of acts over the catalogue of the reports' rules."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def accept(self, submitted: SubmittedAct, grant: Grant, now: datetime) -> Acceptable | Objection:
        """The cell an act is on at platform time `now` (in Shanghai's zone), or the first reason against it."""
        act = submitted.data
        cell = self._reports.cell(act)
        if isinstance(cell, Objection):
            return cell
        objection = next(_against(act, cell, now), None) or self._unauthorised(act, grant, cell)
        return objection or Acceptable(submitted, cell)

    def _unauthorised(self, act: Act, grant: Grant, cell: Cell) -> Objection | None:
        needed = NEEDS[act.act]
        granted, writer = grant.allows(needed, act.indicator, act.district), self._reports.writer(cell)
        if granted and (needed not in grant.own or grant.unit == writer):
            return None
        if act.act != "flag.commented":
            return Objection("not_authorised_for_act", "/data", {"kinds": needed})
        args = {"indicator": act.indicator, "district": act.district, "writer": writer}
        return Objection("not_authorised_for_comment", "/data", args)


def _against(act: Act, cell: Cell, now: datetime) -> Iterator[Objection]:
    """What speaks against the act itself."""
    if act.report is None and act.act in ABOUT_REPORTS:
        yield Objection("act_needs_report", "/data/report", {"act": act.act})
    for field, acts in _ONLY_FOR.items():
        if getattr(act, field) is not None and act.act not in acts:
            yield Objection("not_for_this_act", f"/data/{field}", {"field": field, "acts": ", ".join(acts)})
    if act.act in NEEDS_REASON and not (act.reason or "").strip():
        yield Objection("act_needs_reason", "/data/reason", {"act": act.act})
    if act.act == "cell.excused" and (cell.due_at is None or not cell.applicable):
        yield Objection("cell_never_due", "/data", {"district": act.district, "period": cell.period.text})
    if act.until is not None and act.until < now.date():
        yield Objection("until_passed", "/data/until", {"until": str(act.until), "today": str(now.date())})
