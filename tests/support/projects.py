"""Statements about one project, as a sender writes them and as the topic carries them (rule 12).

The project of the vectors' style: three nodes of 30, 30 and 40 points, due in March, June and December 2023.
"""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from contracts.catalogue import SHIPPED, load
from contracts.codec import Record
from contracts.delivery import Received
from contracts.editions import Edition, Editions
from contracts.events import Text
from contracts.periods import parse
from contracts.project_events import (
    ProjectContacted,
    ProjectListed,
    ProjectReported,
    ProjectRuled,
    ProjectStanding,
    RedLineClosed,
    RedLineRaised,
    Stated,
)
from contracts.projects import (
    Closed,
    Contact,
    Contacted,
    Listed,
    Node,
    NodeDone,
    Plan,
    Progress,
    Raised,
    Ruled,
    subject_of,
)
from contracts.terms import Terms
from contracts.topics import PROJECT, partition_of
from services.metrics.projects.facts import Fact
from services.metrics.projects.fold import fold
from tests.support.recorded import at

PROGRAMME = "huzhou-2023-2027"
PROJECT_ID = "deqing_hospital"
ROLLING, OF_2023 = "rolling_county_seat_projects", "major_projects_2023"
OFFICE = "agri_rural_bureau"
NODES = (
    Node(id="permit", name=Text("施工许可", "building permit"), weight="30", due=date(2023, 3, 31)),
    Node(id="frame", name=Text("主体封顶", "structure topped out"), weight="30", due=date(2023, 6, 30)),
    Node(id="opening", name=Text("竣工验收", "completion"), weight="40", due=date(2023, 12, 31)),
)


def plan(**changes: Any) -> Plan:
    """A hospital in Deqing: 12 亿元 in all, 4 of them planned for 2023."""
    fields: dict[str, Any] = {
        "name": Text("德清县人民医院迁建", "Deqing hospital"),
        "district": "deqing",
        "department": "health_commission",
        "contact": Contact(name="张某", role="副市长", unit="health_commission"),
        "starts_in": "2023-02",
        "nodes": NODES,
        "invest_total": "12",
        "invest_by_year": {"2023": "4", "2024": "8"},
        "invented": True,
    }
    return Plan(**fields | changes)


def listed(
    act: str | None = "enter",
    on: str = "2023-01-10",
    lst: str | None = ROLLING,
    received: datetime | None = None,
    **said: Any,
) -> ProjectListed:
    """A list act of the office, received on its day."""
    project = said.pop("project", PROJECT_ID)
    if act == "enter":
        said.setdefault("plan", plan())
    if act in ("leave", "amend"):
        said.setdefault("reason", "调整")
    statement = Listed(programme=PROGRAMME, project=project, on=date.fromisoformat(on), act=act, list=lst, **said)  # type: ignore[arg-type]
    identity = f"{project}/{lst}/{on}/{statement.act}/{statement.revision}"
    return ProjectListed(said=statement, **_stamps(identity, received or at(on), OFFICE))


def progress(
    period: str,
    done: dict[str, str | None] | None = None,
    received: datetime | None = None,
    *,
    by: str = "deqing",
    identity: str | None = None,
    **said: Any,
) -> ProjectReported:
    """A month's report by Deqing's government, two days after the month's end."""
    nodes = tuple(
        NodeDone(id=name, done_on=None if day is None else date.fromisoformat(day))
        for name, day in (done or {}).items()
    )
    said.setdefault("status", "under_way")
    said.setdefault("project", PROJECT_ID)
    said.setdefault("district", "deqing")
    statement = Progress(programme=PROGRAMME, period=period, nodes=nodes, **said)
    identity = identity or f"{statement.project}/{period}/{statement.revision}"
    moment = received or parse(period).closes_at + timedelta(days=2)
    return ProjectReported(said=statement, **_stamps(identity, moment, by))


def contacted(on: str = "2023-05-10", unit: str = OFFICE, project: str = PROJECT_ID) -> ProjectContacted:
    """A line of the contact log."""
    said = Contacted(
        programme=PROGRAMME, project=project, district="deqing", on=date.fromisoformat(on), by="张某", text="现场调研"
    )
    return ProjectContacted(said=said, **_stamps(f"contact/{project}/{on}", at(on), unit))


def raised(on: str = "2023-05-20", unit: str = "deqing", **said: Any) -> RedLineRaised:
    """A red line on the project, or on a task where an indicator is named."""
    if "indicator" not in said:
        said.setdefault("project", PROJECT_ID)
    said = {"district": "deqing", "kind": "cultivated_land", "text": "占用耕地", "evidence": ("卫片图斑 12",)} | said
    statement = Raised(programme=PROGRAMME, on=date.fromisoformat(on), **said)
    return RedLineRaised(said=statement, **_stamps(f"raised/{said.get('kind')}/{on}/{unit}", at(on), unit))


def closed(on: str = "2023-06-20", **said: Any) -> RedLineClosed:
    """The office closes it."""
    if "indicator" not in said:
        said.setdefault("project", PROJECT_ID)
    said = {"district": "deqing", "kind": "cultivated_land", "reason": "已复耕"} | said
    return RedLineClosed(said=Closed(programme=PROGRAMME, **said), **_stamps(f"closed/{on}", at(on), OFFICE))


def ruled(report: ProjectReported, decision: str, received: datetime) -> ProjectRuled:
    """The office's word on a report that a lock holds back."""
    said = Ruled(
        programme=PROGRAMME,
        project=report.said.project,
        report_source=report.source,
        report_id=report.id,
        decision=decision,  # type: ignore[arg-type]
    )
    return ProjectRuled(said=said, **_stamps(f"ruled/{report.id}/{decision}", received, OFFICE))


def facts(*events: Stated) -> list[Fact]:
    """Statements as recorded."""
    return [Fact(event, event.received_at) for event in events]


@cache
def _terms() -> Terms:
    return Terms(Editions([Edition.of(load(SHIPPED))]))


def standing(*events: Stated) -> ProjectStanding:
    """What these statements about one project come to."""
    found = fold(_terms(), facts(*events)).standing
    assert found is not None
    return found


def received(event: Stated, offset: int = 0) -> Received[Stated]:
    """The event in its record."""
    partition = partition_of(event.said.programme, subject_of(event.said)[1])
    return Received(event, Record(PROJECT.name, partition, offset, event.key.encode(), b"", 0))


def _stamps(identity: str, moment: datetime, unit: str) -> dict[str, Any]:
    return {
        "source": "/test",
        "id": identity,
        "received_at": moment,
        "receipt": f"receipt-{identity}",
        "receipt_size": 1,
        "subject": f"{unit}-clerk",
        "department": unit,
    }
