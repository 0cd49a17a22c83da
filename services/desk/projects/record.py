"""One project as its page shows it, as of a day: nodes with the days they were done, months with their lights, acts on
the list, what waits for the office. Pure; made of the standing and the statements that metrics tells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.periods import parse
from contracts.project_events import Month, ProjectStanding
from contracts.projects import Node

Item = Mapping[str, Any]
COUNTING = ("applied", "unchanged")


@dataclass(frozen=True, slots=True)
class Milestone:
    """A node of the plan; `late` = days from its due date to the day it was done, or to the day asked for."""

    node: Node
    done_on: date | None
    late: int


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of the project and its lights; `light` None: never judged."""

    month: Month
    light: Item | None


def milestones(standing: ProjectStanding, statements: Iterable[Item], day: date) -> list[Milestone]:
    """The nodes of the plan in force, by due date. A day of completion that a later report took back is none."""
    done = done_by(statements, day)
    found = []
    for node in sorted(standing.plan_at(day).nodes, key=lambda each: each.due):
        on = done.get(node.id)
        found.append(Milestone(node, on, max(0, ((on or day) - node.due).days)))
    return found


def done_by(statements: Iterable[Item], day: date) -> dict[str, date]:
    """Each node's day, by the reports in force on months that ended by then, a later month over an earlier one."""
    found: dict[str, date] = {}
    for said in reports(statements, day):
        for node in said["nodes"]:
            if node["done_on"] is None:
                found.pop(node["id"], None)
            else:
                found[node["id"]] = date.fromisoformat(node["done_on"])
    return {name: on for name, on in found.items() if on <= day}


def reports(statements: Iterable[Item], day: date) -> list[Item]:
    """What the reports in force say, one a month, in the order of months; a month that was withdrawn is left out."""
    newest: dict[str, tuple[int, Item]] = {}
    for each in statements:
        if each["type"] == "ProjectReported" and each["outcome"] in COUNTING:
            said = each["said"]
            if said["period"] not in newest or newest[said["period"]][0] <= said["revision"]:
                newest[said["period"]] = said["revision"], said
    held = sorted((parse(period).end, said) for period, (_, said) in newest.items() if said["status"] is not None)
    return [said for end, said in held if end <= day]


def months(standing: ProjectStanding, lights: Iterable[Item], day: date) -> list[MonthRow]:
    """Every month that ended by then, and those that were judged without a report, in order."""
    known = {each["period"]: each for each in lights}
    return [MonthRow(each, known.get(each.period)) for each in standing.months if each.end <= day]


def acts(statements: Iterable[Item], day: date) -> list[Item]:
    """What was done with the list: entered, completed, left, amended; in the order in which they are true."""
    found = [
        each
        for each in statements
        if each["type"] == "ProjectListed"
        and each["outcome"] in COUNTING
        and each["said"]["act"] is not None
        and date.fromisoformat(each["said"]["on"]) <= day
    ]
    return sorted(
        found, key=lambda each: (each["said"]["on"], _OF_A_DAY[each["said"]["act"]], each["said"]["list"] or "")
    )


_OF_A_DAY = {"enter": 0, "amend": 1, "complete": 2, "leave": 2}  # as metrics takes them


def held(statements: Iterable[Item]) -> list[Item]:
    """Reports that came behind a month's lock and wait for the office (rule 2.9)."""
    return [each for each in statements if each["outcome"] == "held_for_approval"]


def judged_alone(lights: Iterable[Item], shown: Sequence[MonthRow]) -> list[Item]:
    """Lights of months that metrics has no month of: a start that did not come is judged without a report."""
    known = {each.month.period for each in shown}
    return [each for each in lights if each["period"] not in known]
