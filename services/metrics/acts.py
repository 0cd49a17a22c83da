"""What the acts on a series' cells say: who is excused, what is published, which held report was decided how.

Pure and order-free (rules 2.9, 2.11 and 7.2): acts count in the order of their own moments of receipt, then of source
and id, never in the order of their arrival; what one says of a report waits until the report is there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from contracts.acts import ActKind, ActOutcomeKind
from contracts.periods import midnight

Identity = tuple[str, str]  # source, id
ActVerdict = tuple[ActOutcomeKind, str | None]


@dataclass(frozen=True, slots=True)
class CellAct:
    """One recorded act on a cell; `period` is the cell's."""

    source: str
    id: str
    kind: ActKind
    district: str
    period: str
    received_at: datetime
    report: Identity | None = None
    reason: str | None = None
    until: date | None = None

    @property
    def identity(self) -> Identity:
        return self.source, self.id

    @property
    def order(self) -> tuple[datetime, str, str]:
        return self.received_at, self.source, self.id


@dataclass(frozen=True, slots=True)
class Ruling:
    """How acts left a cell: excused (until a moment or for good), locked by its first publication."""

    excused: bool = False
    excused_until: datetime | None = None
    published_at: datetime | None = None
    moved_at: datetime | None = field(default=None, compare=False)  # of the act that last began or ended an excuse


@dataclass
class Ruled:
    """All acts of one cell, read: its ruling, the first decision and the newest comment on each report."""

    ruling: Ruling = field(default_factory=Ruling)
    verdicts: dict[Identity, ActVerdict] = field(default_factory=dict)  # of those that need no report
    decisions: dict[Identity, CellAct] = field(default_factory=dict)
    approved: set[Identity] = field(default_factory=set)  # reports that some approval names, decided by it or not
    comments: dict[Identity, CellAct] = field(default_factory=dict)
    about_reports: list[CellAct] = field(default_factory=list)
    last: datetime = datetime.min  # of the newest act


def rule(acts: Iterable[CellAct], lock_at: datetime) -> Ruled:
    """The acts (at least one) of one cell whose calendar locks it at `lock_at`."""
    ordered = sorted({act.identity: act for act in acts}.values(), key=lambda act: act.order)
    ruled = Ruled(last=ordered[-1].received_at)
    published_at = _published(ordered, lock_at, ruled.verdicts)
    excuse, moved_at = _excused(ordered, ruled.verdicts)
    until = None if excuse is None else _end(excuse)
    ruled.ruling = Ruling(excuse is not None, until, published_at, moved_at)
    for act in ordered:
        if act.report is None:
            continue
        ruled.about_reports.append(act)
        if act.kind == "flag.commented":
            ruled.comments[act.report] = act  # the newest is shown
        else:
            ruled.decisions.setdefault(act.report, act)  # the first holds
            ruled.approved |= {act.report} if act.kind == "report.approved" else set()
    return ruled


def verdict_on(
    act: CellAct, ruled: Ruled, held: Mapping[Identity, bool], flagged: Mapping[Identity, bool]
) -> ActVerdict:
    """What became of an act about a report: `held` names every report of the cell, `flagged` the one that counts."""
    assert act.report is not None
    if act.report not in held:
        return "refused", "unknown_report"
    if act.kind == "flag.commented":
        return ("applied", None) if flagged.get(act.report) else ("refused", "not_flagged")
    if not held[act.report]:
        return "refused", "not_held"
    return ("applied", None) if ruled.decisions[act.report] is act else ("refused", "already_decided")


def _published(acts: Sequence[CellAct], lock_at: datetime, verdicts: dict[Identity, ActVerdict]) -> datetime | None:
    """The first publication locks the cell, unless the calendar did before (rule 2.9)."""
    first: datetime | None = None
    for act in acts:
        if act.kind != "cell.published":
            continue
        locks = first is None and act.received_at < lock_at
        verdicts[act.identity] = ("applied" if locks else "unchanged", None)
        first = act.received_at if locks else first
    return first


def _excused(acts: Sequence[CellAct], verdicts: dict[Identity, ActVerdict]) -> tuple[CellAct | None, datetime | None]:
    """The excuse that stands after all acts, and when the last of them changed something."""
    standing: CellAct | None = None
    moved_at: datetime | None = None
    for act in acts:
        if act.kind not in ("cell.excused", "cell.unexcused"):
            continue
        over = standing is not None and (end := _end(standing)) is not None and end <= act.received_at
        present = None if over else standing
        if act.kind == "cell.unexcused" and present is None:
            verdicts[act.identity] = "refused", "not_excused"
        elif act.kind == "cell.excused" and present is not None and present.until == act.until:
            verdicts[act.identity] = "unchanged", None
        else:
            verdicts[act.identity] = "applied", None
            standing, moved_at = (act if act.kind == "cell.excused" else None), act.received_at
    return standing, moved_at


def _end(excuse: CellAct) -> datetime | None:
    """24:00 of the last excused day."""
    return None if excuse.until is None else midnight(excuse.until + timedelta(days=1))
