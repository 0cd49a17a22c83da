"""The events between the services: frozen, typed, keyed, versioned.

On Kafka each is a CloudEvent 1.0 in structured mode (`codec.py`); this module holds the `data` of each type.
Decimals of the domain are strings; exact rationals are "n/d" strings; moments carry their offset.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal

import msgspec

from contracts.acts import ActOutcome, ProgressActed

Colour = Literal["green", "yellow", "red", "grey"]


class Text(msgspec.Struct, frozen=True):
    """A text for people, Chinese first."""

    zh: str
    en: str


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A department's statement of a value for a cell (报送). `value` null withdraws the cell and needs a reason."""

    programme: str
    indicator: str
    district: str
    period: str
    value: str | None
    unit: str
    revision: int = 0
    reason: str | None = None
    confidence: Literal["likely", "at_risk", "unlikely"] | None = None
    status: Literal["final", "provisional", "estimated"] = "final"
    comment: str | None = None
    evidence: tuple[str, ...] = ()


class ProgressReported(msgspec.Struct, frozen=True, kw_only=True):
    """`progress.reported.v1`: a report that intake accepted, with what the server stamped on it; or one that metrics
    derived from the list of projects (fed.py)."""

    source: str
    id: str
    report: Report
    received_at: datetime  # platform time
    receipt: str
    receipt_size: int  # items of the request handed to the broker; some may have failed there
    subject: str  # the token's subject, never sent by the caller
    department: str | None
    kind: Literal["report", "correct"]
    time: datetime | None = None
    recordedtime: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.report.programme}/{self.report.indicator}"


OutcomeKind = Literal[
    "applied",
    "unchanged",
    "duplicate",
    "superseded",
    "revision_conflict",
    "id_conflict",
    "held_for_approval",
    "returned",
    "refused",
]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`progress.outcome.v1`: what became of an accepted report (入库结果, rule 2.6). The newest version holds."""

    source: str
    id: str
    receipt: str
    programme: str
    indicator: str
    district: str
    period: str
    revision: int
    version: int
    outcome: OutcomeKind
    code: str | None
    flags: tuple[str, ...]
    decided_at: datetime  # platform time

    @property
    def key(self) -> str:
        return f"{self.source}/{self.id}"


class Exact(msgspec.Struct, frozen=True, kw_only=True):
    """The inputs and results of a standing as exact "n/d" rationals, for whoever judges it (rule 1.1)."""

    actual: str | None = None
    expected: str | None = None
    start: str | None = None
    target: str | None = None
    tolerance: str | None = None
    short: str | None = None
    lag: str | None = None  # percentage points
    ratio: str | None = None
    attained: str | None = None  # 0…100, of a binding target (rule 10.1)


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """The latest past dated target that the value has not reached yet (rule 4.10)."""

    on: date
    value: str
    period: str  # the cell whose light of record rules


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """The city's figure from its districts (rule 3.2)."""

    value: str | None
    missing: tuple[str, ...]
    reported: str | None  # the lead's comparison figure
    difference: str | None


class Fed(msgspec.Struct, frozen=True, kw_only=True):
    """A value that is a sum over major projects (rule 12), their names, and what the unit reports itself beside it."""

    value: str
    projects: Text
    reported: str | None
    difference: str | None


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """Where a series is heading at the end of its window (预测, rule 6.7), `target_on` of its standing.

    `method` is `tempo` for what grows along its plan, `trend` for levels. `tempo_k` is the achieved over the planned of
    the last k periods, `required` what the rest of the way takes; `reason` says why there is no forecast:
    fewer_than_3_reports, fewer_than_4_reports (levels), too_early, window_over, no_plan_in_window, missing_period.
    `gap` = direction·(T − F), above 0 when the target will be short; `monthly_required` and `monthly_recent` are units
    a month that the target takes and that the last three periods brought. `lost_k` are percentage points of lag gained
    in k months (monthly series only); `falling_fast` the badge, with the months left until red (0: red now).
    """

    value: str | None
    tempo_3: str | None
    tempo_1: str | None
    required: str | None
    will_miss: bool | None
    reason: str | None
    method: Literal["tempo", "trend"] = "tempo"
    gap: str | None = None
    monthly_required: str | None = None
    monthly_recent: str | None = None
    lost_1: str | None = None
    lost_3: str | None = None
    falling_fast: bool = False
    months_to_red: int | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`progress.standing.v1`: a cell against its plan with every input (进度状态). The newest version holds.

    `mode` says how it can be judged: `share` (part of the way to a target), `bound` (a floor, a ceiling, a small
    range), `due` (yes/no and rank, rule 5.1), `none` (`reason` says why: no_value, incomplete, no_target, no_baseline,
    not_due, ended, disputed, not_applicable, excused). `incomplete`: reported, but what is judged cannot be computed.
    `excused_until` is when an excuse ends by itself; null with the flag `excused`: it does not. `published_at` is there
    where a publication locked the cell before the calendar (rule 2.9).
    """

    programme: str
    indicator: str
    district: str
    period: str
    version: int
    catalogue_version: str
    rule_version: str
    as_of: date
    known_at: datetime  # platform time at which this version became known
    received_at: datetime | None  # first non-null applied value (rule 7.2)
    unit: str
    direction: int  # 1 or -1
    goal: str
    schedule: str
    mode: Literal["share", "bound", "due", "none"]
    reason: str | None
    value: str | None
    expected: str | None
    target: str | None
    target_on: date | None
    baseline: str | None
    baseline_on: date | None
    baseline_source: str | None
    tolerance: str | None
    short: str | None
    short_pct: str | None
    lag: str | None  # percentage points, 3 places
    ratio: str | None
    attainment: str | None
    binding: bool
    confidence: str | None
    flags: tuple[str, ...]
    owed: Owed | None
    derived: Derived | None
    window_years: tuple[int, int] | None  # the years in which S and T lie: a new quota year folds afresh
    exact: Exact
    explanation: Text
    forecast: Forecast | None = None  # only where a share is measured (rule 6.7)
    excused_until: datetime | None = None
    fed: Fed | None = None  # where projects feed the cell
    published_at: datetime | msgspec.UnsetType = msgspec.UNSET

    @property
    def key(self) -> str:
        return f"{self.programme}/{self.indicator}/{self.district}/{self.period}"

    @property
    def received(self) -> bool:
        """Whether the cell's duty to report is done."""
        return in_force(self.received_at, self.flags)


def in_force(received_at: datetime | None, marks: Collection[str]) -> bool:
    """Whether a report with a value has come and was not taken back (rule 7.2).

    The one answer for completeness, the calendar, reminders, reporting tickets and inhibition. That what is judged
    cannot be computed from it (an earlier month is missing) is another defect, and said as such.
    """
    return received_at is not None and "withdrawn" not in marks


class Watermark(msgspec.Struct, frozen=True, kw_only=True):
    """`progress.watermark.v1`: everything received before `through` is recorded and announced in this partition.

    `position` is the next offset of progress.reported that metrics has not handled yet.
    """

    partition: int
    through: datetime
    position: int

    @property
    def key(self) -> str:
        return f"watermark/{self.partition}"


TYPES: dict[str, type[msgspec.Struct]] = {
    "progress.reported.v1": ProgressReported,
    "progress.acted.v1": ProgressActed,
    "progress.outcome.v1": Outcome,
    "progress.act_outcome.v1": ActOutcome,
    "progress.standing.v1": Standing,
    "progress.watermark.v1": Watermark,
}
