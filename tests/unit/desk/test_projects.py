"""The pages of major projects, pure: who may say what, what a form becomes, nodes and months, the drawing."""

from datetime import date
from typing import Any

import msgspec
import pytest

from contracts.project_events import Stated
from contracts.projects import Problem
from services.desk.people import Person
from services.desk.projects import chart, record, saying
from services.desk.projects.listing import Wanted, count, fitting, rows
from tests.support.projects import PROJECT_ID, contacted, listed, plan, progress, standing
from tests.support.recorded import at

LAND = Problem(id="land", text="征地未完成", factor="land", owner="deqing", due=date(2023, 5, 31))
SAID = (
    listed(),
    contacted(),
    progress("2023-03", {"permit": "2023-04-10"}, invested_total="1.5"),
    progress("2023-04", {"permit": None, "frame": "2023-04-20"}),
    progress("2023-06", invested_total="2.4", problems=(LAND,)),
)
STANDING = standing(*SAID)


def told(*events: Stated, outcome: str = "applied") -> list[dict[str, Any]]:
    """Statements as metrics lists them."""
    return [
        {"type": type(each).__name__, "outcome": outcome, "said": msgspec.to_builtins(each.said)} for each in events
    ]


def row(project: str, light: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A project and its light as the two services list them."""
    said = {"project": project, "state": "under_way", "district": "deqing", "department": "x", "feeds": []}
    said |= {"lag_days": 0, "unstarted_months": 0} | more
    return said, {"project": project, "shown": light}


def test_worst_first_and_what_is_over_last() -> None:
    """By light, then days behind, then months without a start; grey without a light; what is over counts nowhere."""
    said = [
        row("green", "green"), row("late", "red", lag_days=37), row("later", "red", lag_days=90),
        row("idle", "yellow", unstarted_months=2), row("over", "red", state="left"),
    ]  # fmt: skip
    unjudged, _ = row("new", "")
    found = rows([*(each for each, _ in said), unjudged], [light for _, light in said])
    assert [each.project["project"] for each in found] == ["later", "late", "idle", "new", "green", "over"]
    assert count(found) == {"red": 2, "yellow": 1, "grey": 1, "green": 1}


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, ["a", "b"]), ({"light": "red"}, ["a"]), ({"light": "blue"}, ["a", "b"]), ({"state": "left"}, ["b"]),
        ({"state": "x"}, ["a", "b"]), ({"district": "anji"}, ["b"]), ({"department": "y"}, []), ({"feeds": "i"}, ["b"]),
        ({"factor": "land"}, ["a"]), ({"factor": "luck"}, ["a", "b"]), ({"factor": "funds"}, []),
    ],
)  # fmt: skip
def test_filters(asked: dict[str, str], kept: list[str]) -> None:
    """Each narrows the list; words that are none of ours do not."""
    said = [row("a", "red"), row("b", "green", state="left", district="anji", feeds=["i"])]
    problems = [{"project": "a", "factor": "land"}]
    found = fitting(rows([each for each, _ in said], [light for _, light in said]), Wanted.of(asked), problems)
    assert [each.project["project"] for each in found] == kept


@pytest.mark.parametrize(
    ("role", "unit", "forms"),
    [
        ("district_clerk", "deqing", {"contact", "progress", "raise"}),
        ("district_lead", "deqing", {"contact", "progress", "raise"}),
        ("district_lead", "anji", set()),
        ("department_lead", "health_commission", {"contact", "raise"}),
        ("department_clerk", "construction_bureau", set()),
        ("office_director", None, {"contact", "raise", "close", "rule", "list"}),
        ("office_deputy", None, {"contact", "raise", "close", "rule", "list"}),
        ("office_full_time_deputy", None, {"contact", "raise", "close", "rule", "list"}),
        ("function_group", "group_1", set()),
        ("leader", None, set()),
        ("operator", None, set()),
    ],
)
def test_forms_are_those_of_role_and_unit(role: str, unit: str | None, forms: set[str]) -> None:
    """The writer reports, who has to do with it keeps the log and raises red lines, the office decides besides."""
    assert saying.offered(Person(subject="x", name="x", role=role, unit=unit), plan()) == forms


def test_the_department_reports_where_the_plan_says_so() -> None:
    """Then the district does not."""
    by_lead = plan(reports="department")
    lead, clerk = (
        Person(subject="x", name="x", role=role, unit=unit)
        for role, unit in (("department_lead", "health_commission"), ("district_clerk", "deqing"))
    )
    assert "progress" in saying.offered(lead, by_lead)
    assert "progress" not in saying.offered(clerk, by_lead)


def test_months_that_may_be_told_are_over_and_on_a_list() -> None:
    """The newest first, not the running one, none after it left."""
    left = standing(*SAID, listed("leave", "2023-05-15"))
    assert [each.text for each in saying.periods(STANDING, date(2023, 7, 31))][:2] == ["2023-06", "2023-05"]
    assert len(saying.periods(STANDING, date(2023, 12, 5))) == saying.MONTHS
    assert saying.periods(left, date(2023, 7, 5))[0].text == "2023-05"
    assert saying.periods(STANDING, date(2023, 1, 20)) == []


def test_nodes_are_told_by_the_reports_in_force() -> None:
    """A later month takes a day back; as of an earlier day it still stands; what is not done is late until that day."""
    said = told(*SAID) + told(progress("2023-05", {"opening": "2023-05-01"}), outcome="superseded")
    now = {n.node.id: (n.done_on, n.late) for n in record.milestones(STANDING, said, date(2023, 7, 10))}
    then = {n.node.id: (n.done_on, n.late) for n in record.milestones(STANDING, said, date(2023, 4, 15))}
    assert now == {"permit": (None, 101), "frame": (date(2023, 4, 20), 0), "opening": (None, 0)}
    assert then == {"permit": (date(2023, 4, 10), 10), "frame": (None, 0), "opening": (None, 0)}


def test_months_acts_and_what_waits_as_of_a_day() -> None:
    """Months that ended by then with their lights; list acts by their day; a light without a month stands alone."""
    lights = [{"period": "2023-03", "record": "red"}, {"period": "2023-09", "record": "yellow"}]
    found = record.months(STANDING, lights, date(2023, 4, 30))
    assert [(each.month.period, each.light) for each in found][2:] == [("2023-03", lights[0]), ("2023-04", None)]
    assert record.judged_alone(lights, found) == lights[1:]
    said = told(listed("leave", "2023-09-01"), *SAID) + told(listed(act=None, on="2023-02-01", revision=1))
    assert [each["said"]["act"] for each in record.acts(said, date(2023, 12, 31))] == ["enter", "leave"]
    assert [each["said"]["act"] for each in record.acts(said, date(2023, 8, 31))] == ["enter"]
    assert len(record.held([*said, *told(SAID[-1], outcome="held_for_approval")])) == 1


def test_the_drawing_is_nodes_and_money_against_plan() -> None:
    """Stairs due and done to the day, a node where it is due, investment by month and by the plan's years."""
    day, said = date(2023, 7, 10), told(*SAID)
    nodes, months = record.milestones(STANDING, said, day), record.months(STANDING, [], day)
    drawn = chart.document(STANDING, nodes, months, day, "zh")
    assert drawn["due"][-1] == ["2023-12-31", 100.0]
    assert drawn["done"] == [["2023-01-10", 0.0], ["2023-04-20", 30.0], ["2023-07-10", 30.0]]
    assert drawn["nodes"][1] == ["2023-06-30", 60.0, "主体封顶", True]
    assert drawn["invested"][-1] == ["2023-06-30", 2.4]
    assert drawn["planned"] == [["2023-01-01", 0.0], ["2023-12-31", 4.0], ["2024-12-31", 12.0]]
    assert chart.summary(plan().name, nodes, months, plan()).zh.startswith(
        "德清县人民医院迁建：3个节点中已完成1个，累计投资2.4"
    )


@pytest.mark.parametrize(
    ("act", "said", "wanted"),
    [
        ("contact", {"on": "x", "by": "y"}, ["text"]),
        ("rule", {"source": "a", "id": "b", "decision": "approve"}, []),
        ("rule", {"source": "a", "id": "b", "decision": "return"}, ["reason"]),
        ("list", {"act": "leave", "list": "l", "on": "x"}, ["reason"]),
        ("list", {"act": "enter", "list": "l", "on": "x"}, []),
        ("progress", {"period": "p", "status": "s", "invested_total": "1", "problem_factor": "land"}, []),
        (
            "progress",
            {"period": "p", "status": "s", "invested_total": "1", "problem_text": "x", "problem_factor": "land"},
            ["problem_owner", "problem_due"],
        ),
    ],
)
def test_what_a_form_has_to_say(act: str, said: dict[str, str], wanted: list[str]) -> None:
    """Of a new problem everything or nothing; who returns or takes off a list says why."""
    assert saying.missing(act, said) == wanted


def test_a_first_report_and_a_correction() -> None:
    """The first is revision 0 with what is new only; a correction is one higher and says again what it replaces, the
    red line too; a refused report is no revision."""
    said = told(*SAID) + told(progress("2023-07"), outcome="refused")
    form = {"period": "2023-07", "status": "under_way", "invested_total": "3", "node.frame": "2023-04-20"}
    first = saying.data("progress", form, [], STANDING, said)
    assert (first["revision"], first["nodes"], first["problems"]) == (0, [], [])
    form = {"period": "2023-06", "status": "suspended", "invested_total": "3", "node.opening": "2023-06-30"}
    second = saying.data("progress", form, ["land"], STANDING, said)
    assert (second["revision"], second["nodes"]) == (1, [{"id": "opening", "done_on": "2023-06-30"}])
    assert [(each["id"], each["state"]) for each in second["problems"]] == [("land", "solved")]
    assert (
        saying.event("progress", {"request": "r"}, second)["id"]
        != saying.event("progress", {"request": "s"}, second)["id"]
    )
    assert second["project"] == PROJECT_ID
    assert at("2023-07-02") > SAID[1].received_at
