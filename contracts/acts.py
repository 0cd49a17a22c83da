"""Acts on a cell as events (rule 2.9): what the office, or for a flag its writer, says about a report or a cell.

They enter through ingest, travel beside the reports of their cell on `progress.reported`, and metrics decides.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

ActKind = Literal[
    "report.approved",  # a held report becomes the restated value of its locked cell
    "report.returned",  # the office's no to a held report
    "cell.excused",  # nothing is owed for the cell as long as nothing is received, at most through `until`
    "cell.unexcused",  # the end of that
    "flag.commented",  # the explanation that a report's quality flags ask for (rule 2.11)
    "cell.published",  # a publication contains the cell: it locks now, if it is not locked yet
]


class ReportName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report an act is about, by its transport key (rule 2.7)."""

    source: str
    id: str


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act. `report` is for report.* and flag.commented; `until` (the last excused day) for cell.excused;
    `publication` names, for cell.published, what contains the cell. `reason` of a comment is the comment itself."""

    act: ActKind
    programme: str
    indicator: str
    district: str
    period: str
    report: ReportName | None = None
    reason: str | None = None
    until: date | None = None
    publication: str | None = None


class ProgressActed(msgspec.Struct, frozen=True, kw_only=True):
    """`progress.acted.v1`: an act that intake accepted, with what the server stamped on it."""

    source: str
    id: str
    act: Act
    received_at: datetime  # platform time: the moment from which it counts
    receipt: str
    receipt_size: int  # items of the request handed to the broker; some may have failed there
    subject: str  # the token's subject: who acted, never sent by the caller
    department: str | None
    time: datetime | None = None
    recordedtime: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.act.programme}/{self.act.indicator}"


ActOutcomeKind = Literal["applied", "unchanged", "duplicate", "id_conflict", "refused"]


class ActOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`progress.act_outcome.v1`: what became of an accepted act. The newest version holds: an act that came before its
    report is `refused` (unknown_report) until the report is there.

    `unchanged`: there was nothing left to do (excused or locked already). Codes of `refused`: unknown_report, not_held,
    already_decided, not_flagged, not_excused, outside_life, unknown_indicator, unknown_programme.
    """

    source: str
    id: str
    receipt: str
    programme: str
    indicator: str
    district: str
    period: str
    act: ActKind
    version: int
    outcome: ActOutcomeKind
    code: str | None
    decided_at: datetime  # platform time

    @property
    def key(self) -> str:
        return f"{self.source}/{self.id}"
