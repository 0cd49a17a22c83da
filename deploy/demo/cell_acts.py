"""What the office says of cells and reports in the story: held corrections decided, cells excused or published, flags
explained.

Each is one CloudEvent for POST /v1/acts (rule 2.9); who says it and when is a function of the seed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from contracts.cells import Cell, Cells
from contracts.programme import Lookup
from deploy.demo.office import OFFICE

ACTS = "/v1/acts"
APPROVES = 0.65  # of the held corrections that are decided
DECIDES = 0.9
EXCUSES = 0.3  # of the cells that would be forgotten
EXCUSES_SILENT = 0.3  # of the series that never report: their first two cells
_APPROVED = "已核对台账,同意更正 / checked, approved"
_RETURNED = "佐证材料不全,退回 / evidence missing, returned"
_EXCUSED = "统计制度调整,本期免报 / excused for this period"


def decision(
    about: Mapping[str, Any], report: tuple[str, str], held_at: datetime, random: Random
) -> tuple[datetime, str, dict[str, Any]] | None:
    """The office's word on a held report, some working days later; None: it is left lying."""
    if random.random() >= DECIDES:
        return None
    approved = random.random() < APPROVES
    at = (held_at + timedelta(days=random.randint(3, 6))).replace(hour=11)
    data = {
        **about,
        "act": "report.approved" if approved else "report.returned",
        "report": {"source": report[0], "id": report[1]},
        "reason": _APPROVED if approved else _RETURNED,
    }
    return at, OFFICE, event(OFFICE, f"{report[1]}.decided", data)


def excuse(about: Mapping[str, Any], cell: Cell, random: Random) -> list[tuple[datetime, str, dict[str, Any]]]:
    """A cell excused before it is due, or some days after; some excuses are taken back or end by themselves."""
    assert cell.due_at is not None
    days = random.choice((-3, -3, 6))
    at = cell.due_at + timedelta(days=days) + timedelta(hours=11)
    name = f"{cell.indicator}.{cell.district}.{cell.period}.excused"
    data: dict[str, Any] = {**about, "act": "cell.excused", "reason": _EXCUSED}
    ends = random.random()
    if ends < 0.2:
        data["until"] = (cell.due_at + timedelta(days=40)).date().isoformat()
    said = [(at, OFFICE, event(OFFICE, name, data))]
    if 0.2 <= ends < 0.35:
        back = {**about, "act": "cell.unexcused", "reason": "恢复报送要求 / no longer excused"}
        said.append((at + timedelta(days=20), OFFICE, event(OFFICE, f"{name}.back", back)))
    return said


def comment(
    about: Mapping[str, Any], report: tuple[str, str], unit: str, at: datetime
) -> tuple[datetime, str, dict[str, Any]]:
    """The writer explains what a quality flag asks about (rule 2.11)."""
    data = {
        **about,
        "act": "flag.commented",
        "report": {"source": report[0], "id": report[1]},
        "reason": "年度目标调整,进度集中体现 / the year's target changed",
    }
    return at, unit, event(unit, f"{report[1]}.comment", data)


def publications(lookup: Lookup, cells: Cells) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    """The quarter's ranking of the core indicators, published on the 25th of the month after: it names every cell that
    ends with the quarter and is due, and locks it a week before the calendar would (rule 2.9)."""
    for name in lookup.programme.scheme.core:
        indicator = lookup.indicators[name]
        if indicator.fed_by is not None:  # locked with the lists that feed them
            continue
        for district in indicator.districts:
            for cell in cells.of(name, district):
                end = cell.period.end
                at = cell.period.closes_at + timedelta(days=24, hours=11)
                if end.month % 3 == 0 and cell.applicable and cell.due_at is not None and cell.due_at <= at:
                    about = {"programme": lookup.programme.id, "indicator": name, "district": district}
                    edition = f"{end.year}年第{end.month // 3}季度排位 ranking of Q{end.month // 3} {end.year}"
                    data = {**about, "period": cell.period.text, "act": "cell.published", "publication": edition}
                    yield at, OFFICE, event(OFFICE, f"{name}.{district}.{cell.period}.published", data)


def event(unit: str, name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """As it is sent."""
    about = {"specversion": "1.0", "type": "progress.acted.v1", "source": f"/simulated/{unit}", "id": name}
    return {**about, "data": dict(data)}
