"""The lists' figures counted by date (rule 12): 80 and 800 亿, 40 and 80 亿 for 2023, beside the plan's."""

from datetime import date
from typing import Any

import msgspec

from contracts.programme import FedBy
from contracts.project_events import ProjectStanding, Stated
from contracts.projects import Problem
from services.metrics.projects.exposition import gauges
from services.metrics.projects.figures import ListFigures, feeds, figures, state
from services.metrics.projects.views import problems_at, project
from tests.support.intake import lookup
from tests.support.projects import OF_2023, ROLLING, listed, plan, progress, standing
from tests.support.recorded import at


def told(list_: str, day: str, *standings: ProjectStanding) -> ListFigures:
    found = figures(lookup().programme.projects, standings, date.fromisoformat(day))
    return next(each for each in found if each.list == list_)


def whole_list() -> list[ProjectStanding]:
    """80 projects of 10 亿元 each, 40 of them also of 2023's list with 2 亿元 in that year, all done in 2026."""
    found = []
    for number in range(80):
        named: dict[str, Any] = {"project": f"project_{number:02d}"}
        events: list[Stated] = [listed(plan=plan(invest_total="15", invested_before="5"), **named)]
        if number < 40:
            events.append(listed("enter", "2023-01-15", OF_2023, plan=None, **named))
        events.append(progress("2023-12", invested_total="7", **named))
        events.append(progress("2026-11", invested_total="15", **named))
        events.append(listed("complete", "2026-11-30", **named))
        found.append(standing(*events))
    return found


def test_the_plan_s_figures_are_reached_and_stand_beside_the_counted() -> None:
    """80 projects, 800 亿 by 2027; 40 and 80 亿 in 2023, counted to its last day whatever the date asked for."""
    projects = whole_list()
    rolling = told(ROLLING, "2027-12-31", *projects)
    assert (rolling.planned_projects, rolling.advanced, rolling.completed, rolling.listed) == (80, 80, 80, 0)
    assert (rolling.planned_investment, rolling.invested) == ("800", "800")
    for day in ("2023-12-31", "2026-12-31"):
        first = told(OF_2023, day, *projects)
        assert (first.planned_projects, first.advanced, first.as_of) == (40, 40, date(2023, 12, 31))
        assert (first.planned_investment, first.invested) == ("80", "80")
    assert (rolling.planned_total, first.planned_total, first.total) == (None, "600", "600")


def test_a_project_that_leaves_does_not_rewrite_the_year_before() -> None:
    """2023 counts it, 2024 does not; what it invested while it was on the list stays the list's."""
    one = standing(
        listed(), progress("2023-12", invested_total="3"), progress("2024-03", invested_total="4"),
        listed("leave", "2024-03-20", reason="用地"), listed("enter", "2025-06-01", plan=None),
        progress("2025-06", invested_total="6"),
    )  # fmt: skip
    before, after, again = (told(ROLLING, day, one) for day in ("2023-12-31", "2024-06-30", "2025-06-30"))
    assert (before.listed, before.left, before.invested) == (1, 0, "3")
    assert (after.listed, after.left, after.advanced, after.invested) == (0, 1, 0, "4")
    assert (again.listed, again.left, again.invested) == (1, 0, "6")


def test_nothing_is_counted_before_it_entered() -> None:
    """A list as of a day before the first act is empty."""
    one = standing(listed("enter", "2023-05-10"), progress("2023-05", invested_total="3"))
    empty = told(ROLLING, "2023-05-09", one)
    assert (empty.advanced, empty.invested, empty.total) == (0, "0", "0")


def test_projects_feed_an_indicator_only_by_an_explicit_link() -> None:
    """Rule 12: sums per indicator and district; two lists at once count once."""
    linked = standing(
        listed(plan=plan(feeds=("major_projects_investment",))), listed("enter", "2023-02-01", OF_2023, plan=None),
        progress("2023-06", invested_total="2.5"),
    )  # fmt: skip
    free = standing(listed(project="free"), progress("2023-06", project="free", invested_total="9"))
    fed_by: dict[str, FedBy] = {"major_projects_investment": "investment"}
    [feed] = feeds([linked, free], fed_by, date(2023, 6, 30))
    assert (feed.indicator, feed.district, feed.projects) == ("major_projects_investment", "deqing", (linked.project,))
    assert (feed.figure, feed.value) == ("investment", "2.5")


def test_a_project_s_state_is_of_the_day() -> None:
    """Not listed, unreported, as reported, completed, left."""
    one = standing(listed(), progress("2023-03", status="not_started"), listed("complete", "2024-01-20"))
    days = ("2023-01-01", "2023-02-01", "2023-03-31", "2024-02-01")
    assert [state(one, date.fromisoformat(day)) for day in days] == [
        "not_listed", "unreported", "not_started", "completed",
    ]  # fmt: skip
    gone = standing(listed(), listed("leave", "2023-09-01"))
    assert state(gone, date(2023, 9, 1)) == "left"


def test_a_view_says_how_far_behind_in_words() -> None:
    """落后37天 with the node, the start that did not come, nothing reported."""
    late = standing(listed(), progress("2023-05", {"permit": "2023-03-30"}), progress("2023-08"))
    assert project(late, date(2023, 8, 31), []).lag_text.zh == "落后62天（主体封顶）"
    slow = standing(listed(), progress("2023-04", status="not_started"))
    assert project(slow, date(2023, 4, 30), []).lag_text.zh == "计划2023年2月开工，至今未开工，已连续3个月末"
    assert project(standing(listed()), date(2023, 4, 30), []).lag_text.zh == "尚无报送"


def test_overdue_problems_are_named_with_their_owner() -> None:
    """Open past the due date on the day asked for; solved later is open before."""
    land = Problem(id="land", text="征地", factor="land", owner="deqing", due=date(2023, 4, 15))
    solved = msgspec.structs.replace(land, state="solved")
    one = standing(listed(), progress("2023-03", problems=(land,)), progress("2023-05", problems=(solved,)))
    seen = {day: problems_at(one, date.fromisoformat(day)) for day in ("2023-03-31", "2023-04-30", "2023-05-31")}
    assert [(p.state, p.overdue) for each in seen.values() for p in each] == [
        ("open", False), ("open", True), ("solved", False),
    ]  # fmt: skip
    assert problems_at(one, date(2023, 3, 30)) == []


def test_gauges_say_lists_projects_and_problems() -> None:
    """Each family once with its words; ids as labels, amounts in 亿元, shares 0-1 (rule 13)."""
    one = standing(listed(), progress("2023-07", {"permit": "2023-03-20"}, invested_total="1.5"))
    text = "".join(gauges(lookup(), [one], at("2023-08-03").date()))
    labels = '{programme="huzhou-2023-2027",project="deqing_hospital"}'
    for line in (
        f"liangshai_project_lag_days{labels} 31",
        f"liangshai_project_due_ratio{labels} 0.6000",
        f"liangshai_project_done_ratio{labels} 0.3000",
        f"liangshai_project_invested{labels} 1.5",
        f"liangshai_project_planned_year{labels} 4",
        'liangshai_projects{programme="huzhou-2023-2027",district="deqing",state="under_way"} 1',
        f'liangshai_project_list_projects{{programme="huzhou-2023-2027",list="{ROLLING}",state="advanced"}} 1',
        f'liangshai_project_list_planned_projects{{programme="huzhou-2023-2027",list="{ROLLING}"}} 80',
    ):
        assert line in text.splitlines()
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
