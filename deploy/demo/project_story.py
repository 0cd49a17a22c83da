"""What is said of the invented projects, by whom and when: list acts, monthly reports, contacts, red lines.

The office rules on corrections behind a lock and closes red lines; all of it a function of the seed.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from contracts.periods import SHANGHAI, Period, following, parse
from deploy.demo.office import OFFICE
from deploy.demo.projects import FIRST_YEAR, ROLLING, Project, told

LEAVES, LEFT_ON, BACK_ON = "demo_12", date(2024, 3, 20), date(2024, 10, 15)
LAST_DAY = date(2027, 12, 31)
YEAR_OVER = date(2024, 1, 2)
AMENDED, AMENDED_ON = "demo_20", date(2025, 1, 12)
RED_LINE, RED_LINE_IN, RED_LINE_CLOSED = "demo_05", "2023-01", date(2023, 5, 18)
TASK, TASK_UNIT, TASK_RAISED, TASK_CLOSED = "agri_standard_land", "anji", date(2025, 3, 12), date(2025, 4, 22)
CORRECTED = {"demo_09": "approve", "demo_10": "return"}  # what the office says of a correction behind the lock
CORRECTED_MONTH, CORRECTED_ON, RULED_ON = "2023-08", date(2024, 2, 20), date(2024, 2, 27)
LATE = 0.04
FACTORS = {"approval": "approvals", "land": "land", "start": "relocation", "structure": "funds",
           "completion": "procurement", "in_use": "approvals"}  # fmt: skip
EVIDENCE = ["演示材料 demonstration material"]
_REASON = "演示用虚构 invented for the demonstration"


@dataclass(slots=True)
class ProjectStory:
    """Statements by instant and unit; `due` says when a month's report is due (the calendar's monthly due dates)."""

    programme: str
    seed: str
    due: Mapping[str, datetime]
    said: dict[tuple[datetime, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def tell(self) -> Mapping[tuple[datetime, str], list[dict[str, Any]]]:
        for project in told(self.seed):
            self._list(project)
            self._months(project)
        self._red_lines()
        return self.said

    def _list(self, project: Project) -> None:
        if project.entered.year == 2023:
            self._act(project, project.entered, "enter", FIRST_YEAR, plan=project.plan)
            self._act(project, project.entered, "enter", ROLLING)
            self._act(
                project, YEAR_OVER, "leave", FIRST_YEAR, reason=f"2023年度清单结束 the year's list ends; {_REASON}"
            )
        else:
            self._act(project, project.entered, "enter", ROLLING, plan=project.plan)
        if project.id == LEAVES:
            self._act(project, LEFT_ON, "leave", ROLLING, reason=f"用地条件不具备,暂缓 land not available; {_REASON}")
            self._act(project, BACK_ON, "enter", ROLLING, reason=f"用地落实,重新列入 land secured; {_REASON}")
        if project.id == AMENDED:
            self._act(project, AMENDED_ON, "amend", None, plan=_postponed(project), reason=f"调整计划 {_REASON}")
        if _completed(project) <= LAST_DAY:
            self._act(project, _completed(project), "complete", ROLLING, reason=f"建成投用 in use; {_REASON}")

    def _act(self, project: Project, on: date, act: str, list_: str | None, **more: Any) -> None:
        data = {"programme": self.programme, "project": project.id, "on": on.isoformat(), "act": act, "list": list_}
        self._say(_at(on, 9), OFFICE, "project.listed.v1", f"{project.id}.{act}.{list_}.{on}", data | more)

    def _months(self, project: Project) -> None:
        period, problems = parse(f"{project.entered:%Y-%m}"), _Problems(project)
        while period.text in self.due and period.start <= _completed(project):
            if project.id != LEAVES or not LEFT_ON < period.end < BACK_ON:
                self._month(project, period, problems)
            period = following(period)

    def _month(self, project: Project, period: Period, problems: "_Problems") -> None:
        random = Random(f"{self.seed}/{project.id}/{period}")
        due = self.due[period.text]
        at = (
            due + timedelta(days=3, hours=10)
            if random.random() < LATE
            else due - timedelta(days=1) + timedelta(hours=9)
        )
        data = self._report(project, period, problems)
        self._say(at, project.unit, "project.reported.v1", f"{project.id}.{period}", data)
        behind = data["problems"] and period.end.month % 3 == 0
        if behind:
            self._contact(project, period, at)
        if project.id in CORRECTED and period.text == CORRECTED_MONTH:
            self._correct(project, data)

    def _report(self, project: Project, period: Period, problems: "_Problems") -> dict[str, Any]:
        started = project.started_on <= period.end
        done = [name for name, on in project.done.items() if period.start <= on <= period.end]
        over = all(on <= period.end for on in project.done.values())
        data: dict[str, Any] = {
            "programme": self.programme, "project": project.id, "district": project.plan["district"],
            "period": period.text,
            "status": "completed" if over else "under_way" if started else "not_started",
            "invested_total": format(project.invested(period.end), "f") if started else "0", "unit": "CNY_100M",
            "nodes": [{"id": name, "done_on": project.done[name].isoformat()} for name in done],
            "problems": problems.of(period),
            "comment": _REASON,
            "confidence": _confidence(project, period),
        }  # fmt: skip
        if started:
            data["started_on"] = project.started_on.isoformat()
        if project.id == RED_LINE and period.text == RED_LINE_IN:
            data["red_lines"] = [
                {
                    "kind": "cultivated_land",
                    "text": f"疑似占用耕地 arable land may be used; {_REASON}",
                    "evidence": EVIDENCE,
                }
            ]
        return data

    def _contact(self, project: Project, period: Period, at: datetime) -> None:
        name = project.plan["contact"]["name"]
        data = {
            "programme": self.programme, "project": project.id, "district": project.plan["district"],
            "on": period.end.isoformat(), "by": name,
            "text": f"{name}现场调度 on-site meeting; {_REASON}", "agreed": "倒排工期,每周报告 weekly reports",
        }  # fmt: skip
        self._say(at, project.unit, "project.contacted.v1", f"{project.id}.contact.{period}", data)

    def _correct(self, project: Project, data: Mapping[str, Any]) -> None:
        """A correction behind the lock, and the office's word on it."""
        name, source = f"{project.id}.{CORRECTED_MONTH}.r1", f"/simulated/{project.unit}"
        more = {"revision": 1, "reason": f"投资额核实更正 checked; {_REASON}", "invested_total": "0.50"}
        self._say(_at(CORRECTED_ON, 9), project.unit, "project.reported.v1", name, {**data, **more})
        ruling = {
            "programme": self.programme, "project": project.id, "report_source": source, "report_id": name,
            "decision": CORRECTED[project.id], "reason": _REASON,
        }  # fmt: skip
        self._say(_at(RULED_ON, 11), OFFICE, "project.ruled.v1", f"{project.id}.ruled", ruling)

    def _red_lines(self) -> None:
        project = next(each for each in told(self.seed) if each.id == RED_LINE)
        about = {"programme": self.programme, "district": project.plan["district"], "project": RED_LINE}
        closed = {"kind": "cultivated_land", "reason": f"核查未占用耕地 no arable land was used; {_REASON}"}
        self._say(_at(RED_LINE_CLOSED, 11), OFFICE, "redline.closed.v1", f"{RED_LINE}.closed", about | closed)
        task = {"programme": self.programme, "district": TASK_UNIT, "indicator": TASK, "kind": "farmers_interests"}
        raised = {
            "text": f"征地补偿群众有异议 compensation disputed; {_REASON}",
            "on": TASK_RAISED.isoformat(),
            "evidence": EVIDENCE,
        }
        self._say(_at(TASK_RAISED, 11), TASK_UNIT, "redline.raised.v1", f"{TASK}.raised", task | raised)
        settled = {"reason": f"补偿到位 compensation paid; {_REASON}"}
        self._say(_at(TASK_CLOSED, 11), OFFICE, "redline.closed.v1", f"{TASK}.closed", task | settled)

    def _say(self, at: datetime, unit: str, kind: str, name: str, data: dict[str, Any]) -> None:
        event = {"specversion": "1.0", "type": kind, "source": f"/simulated/{unit}", "id": name, "data": data}
        self.said[at, unit].append(event)


@dataclass(slots=True)
class _Problems:
    """A node that is overdue at a month's end is a problem until it is done."""

    project: Project
    _open: set[str] = field(default_factory=set)

    def of(self, period: Period) -> list[dict[str, Any]]:
        found = []
        for node in self.project.plan["nodes"]:
            name, due = node["id"], date.fromisoformat(node["due"])
            late = due <= period.end < self.project.done[name] and (period.end - due).days >= 15
            if late and name not in self._open:
                self._open.add(name)
                found.append(self._said(node, period, "open"))
            elif not late and name in self._open:
                self._open.discard(name)
                found.append(self._said(node, period, "solved"))
        return found

    def _said(self, node: Mapping[str, Any], period: Period, state: str) -> dict[str, Any]:
        return {
            "id": f"{node['id']}-late", "text": f"{node['name']['zh']}滞后 {node['name']['en']} is late",
            "factor": FACTORS[node["id"]], "owner": self.project.plan["department"],
            "due": (period.end + timedelta(days=60)).isoformat(), "state": state,
        }  # fmt: skip


def _confidence(project: Project, period: Period) -> str:
    """What the unit thinks of the date itself: by how long the first due node is overdue."""
    due = ((date.fromisoformat(node["due"]), project.done[node["id"]]) for node in project.plan["nodes"])
    late = max(((period.end - on).days for on, done in due if on <= period.end < done), default=0)
    return "unlikely" if late > 60 else "at_risk" if late else "likely"


def _completed(project: Project) -> date:
    """The office takes a project off the list as completed on the 20th of the month after its last node."""
    last = max(project.done.values())
    return following(parse(f"{last:%Y-%m}")).start.replace(day=20)


def _postponed(project: Project) -> dict[str, Any]:
    """The plan with everything that is not due yet put off to the end of the quarter after."""
    nodes = []
    for node in project.plan["nodes"]:
        due = date.fromisoformat(node["due"])
        if due > AMENDED_ON:
            later = parse(f"{due:%Y-%m}")
            for _ in range(3):
                later = following(later)
            due = later.end
        nodes.append({**node, "due": due.isoformat()})
    return replace(project, plan={**project.plan, "nodes": nodes}).plan


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)
