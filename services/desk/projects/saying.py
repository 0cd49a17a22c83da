"""What a person may say of a project on its page, and each form as the statement that intake takes (rule 12). Pure.

The services decide when a form is sent; this leaves out what would be refused, and says what is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from contracts.periods import Frequency, Period, ending, preceding
from contracts.project_events import ProjectStanding
from contracts.projects import Plan
from services.desk.people import Person
from services.desk.projects.record import COUNTING, Item, done_by

TYPES: Mapping[str, str] = {
    "contact": "project.contacted.v1",
    "progress": "project.reported.v1",
    "raise": "redline.raised.v1",
    "close": "redline.closed.v1",
    "rule": "project.ruled.v1",
    "list": "project.listed.v1",
}
# What each form has to say; the services check the rest.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "contact": ("on", "by", "text"),
    "progress": ("period", "status", "invested_total"),
    "raise": ("kind", "text", "on", "evidence"),
    "close": ("kind", "reason"),
    "rule": ("source", "id", "decision"),
    "list": ("act", "list", "on"),
}
OF_OFFICE = ("close", "rule", "list")
MONTHS = 6  # that a report may be made or corrected for on the page, the newest first
_PROBLEM = ("problem_text", "problem_factor", "problem_owner", "problem_due")


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was not taken: which, what was typed, and why not."""

    act: str
    said: Mapping[str, str]
    words: str
    status: int = 422


def offered(person: Person, plan: Plan) -> frozenset[str]:
    """The forms of the page that the person's role and unit allow: the writer reports, who has to do with the project
    keeps the contact log and raises red lines, the office does so too and decides."""
    office = person.may("approve")
    concerned = person.unit is not None and person.unit in (plan.district, plan.department, plan.contact.unit)
    speaks = concerned and person.may("report", own=True)
    found = {"contact", "raise"} if speaks or office else set[str]()
    if speaks and person.unit == plan.writer:
        found.add("progress")
    return frozenset(found | set(OF_OFFICE) if office else found)


def periods(standing: ProjectStanding, today: date) -> list[Period]:
    """The months that may be told: over, and on a list; the newest first."""
    period, found = preceding(ending(Frequency.MONTHLY, today)), list[Period]()
    first = min(stay.entered for stay in standing.stays)
    while period.end >= first and len(found) < MONTHS:
        if any(s.entered <= period.end and (s.ended is None or s.ended >= period.start) for s in standing.stays):
            found.append(period)
        period = preceding(period)
    return found


def missing(act: str, said: Mapping[str, str]) -> list[str]:
    """The fields that have to be filled in and are not. Of a new problem all or nothing; a return says why."""
    found = [name for name in REQUIRED[act] if not said.get(name)]
    if act == "progress" and any(said.get(name) for name in _PROBLEM if name != "problem_factor"):
        found += [name for name in _PROBLEM if not said.get(name)]
    if (act == "rule" and said.get("decision") == "return") or (act == "list" and said.get("act") == "leave"):
        found += [] if said.get("reason") else ["reason"]
    return found


def data(
    act: str, said: Mapping[str, str], solved: Sequence[str], standing: ProjectStanding, statements: Sequence[Item]
) -> dict[str, Any]:
    """The statement's data as its sender writes it. `solved`: the problems that are ticked."""
    of = {"programme": standing.programme, "project": standing.project}
    place = {"district": standing.plan.district}
    match act:
        case "contact":
            return of | place | _told(said, "on", "by", "text", "agreed")
        case "raise":
            lines = [line.strip() for line in said["evidence"].splitlines() if line.strip()]
            return of | place | _told(said, "kind", "text", "on") | {"evidence": lines}
        case "close":
            return of | place | _told(said, "kind", "reason")
        case "rule":
            named = {"report_source": said["source"], "report_id": said["id"]}
            return of | named | _told(said, "decision", "reason")
        case "list":
            return of | _told(said, "act", "list", "on", "reason")
    return of | place | _progress(said, solved, standing, statements)


def event(act: str, said: Mapping[str, str], document: Mapping[str, Any]) -> dict[str, Any]:
    """The CloudEvent; one click sent twice is one statement (rule 2.7)."""
    about = "|".join((said.get("request", ""), act, str(document["project"])))
    return {
        "specversion": "1.0",
        "id": sha256(about.encode()).hexdigest()[:32],
        "source": "/desk/projects",
        "type": TYPES[act],
        "data": dict(document),
    }


def earlier(statements: Sequence[Item], period: str) -> Item | None:
    """The report in force for a month: what a correction starts from."""
    found = [
        each["said"]
        for each in statements
        if each["type"] == "ProjectReported" and each["said"]["period"] == period and each["outcome"] in COUNTING
    ]
    return max(found, key=lambda each: int(each["revision"]), default=None)


def _progress(
    said: Mapping[str, str], solved: Sequence[str], standing: ProjectStanding, statements: Sequence[Item]
) -> dict[str, Any]:
    """A month's report. A correction says again what the report before it said and is not changed (rule 2.8)."""
    period = said["period"]
    before = earlier(statements, period)
    nodes = {each["id"]: each["done_on"] for each in (before or {}).get("nodes", ())}
    known = done_by(statements, date.max)
    for name, day in said.items():
        node = name.removeprefix("node.")
        if name.startswith("node.") and day and (node not in known or known[node].isoformat() != day):
            nodes[node] = day
    problems = {each["id"]: dict(each) for each in (before or {}).get("problems", ())}
    for each in standing.problems:
        if each.id in solved:
            problems[each.id] = {
                "id": each.id, "text": each.text, "factor": each.factor, "owner": each.owner,
                "due": each.due.isoformat(), "state": "solved",
            }  # fmt: skip
    if said.get("problem_text"):
        name = _new_problem(period, standing, problems)
        new = {name.removeprefix("problem_"): said[name] for name in _PROBLEM}
        problems[name] = {"id": name, **new, "state": "open"}
    kept = {"red_lines": list((before or {}).get("red_lines", ()))}
    return {
        "period": period,
        "revision": _revision(statements, period),
        "nodes": [{"id": name, "done_on": day} for name, day in nodes.items()],
        "problems": list(problems.values()),
        "unit": "CNY_100M",
        **kept,
        **_told(said, "status", "invested_total", "started_on", "confidence", "reason", "comment"),
    }


def _new_problem(period: str, standing: ProjectStanding, told: Mapping[str, Any]) -> str:
    """An id that no problem of the project has."""
    known = {each.id for each in standing.problems} | set(told)
    return next(name for n in range(1, len(known) + 2) if (name := f"desk-{period}-{n}") not in known)


def _revision(statements: Sequence[Item], period: str) -> int:
    """One more than the highest that was ever said of the month."""
    said = [
        int(each["said"]["revision"])
        for each in statements
        if each["type"] == "ProjectReported" and each["said"]["period"] == period and each["outcome"] != "refused"
    ]
    return max(said, default=-1) + 1


def _told(said: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: said[name] for name in names if said.get(name)}
