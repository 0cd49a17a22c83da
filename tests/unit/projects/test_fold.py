"""Projects folded (rule 12): earned schedule in steps and days, starts, investment, the rolling list, red lines."""

import random
from datetime import date
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Text
from contracts.periods import parse
from contracts.project_events import Month, ProjectStanding, Stated
from contracts.projects import Node, Problem, RedLine
from contracts.terms import Terms
from services.metrics.projects.fold import Folded, fold
from services.metrics.projects.months import expected, lag_days, unstarted_months
from tests.support.intake import catalogue
from tests.support.projects import (
    NODES,
    OF_2023,
    ROLLING,
    closed,
    contacted,
    facts,
    listed,
    plan,
    progress,
    raised,
    ruled,
)
from tests.support.recorded import at

TERMS = Terms(catalogue().editions)


def folded(*events: Stated) -> Folded:
    """What these statements come to."""
    return fold(TERMS, facts(*events))


def standing(*events: Stated) -> ProjectStanding:
    """The project's standing."""
    found = folded(*events).standing
    assert found is not None
    return found


def month(period: str, *events: Stated) -> Month:
    """One month of the project."""
    return next(each for each in standing(listed(), *events).months if each.period == period)


@pytest.mark.parametrize(
    ("day", "owed"),
    [("2023-03-30", 0), ("2023-03-31", 30), ("2023-06-29", 30), ("2023-06-30", 60), ("2023-12-31", 100)],
)
def test_what_is_expected_grows_in_steps(day: str, owed: int) -> None:
    """Rule 12: E = the weights due by t; nothing is owed between two due dates."""
    assert expected(NODES, date.fromisoformat(day)) == owed


@pytest.mark.parametrize(
    ("done", "day", "days"),
    [
        ({}, "2023-03-31", 0),  # due today
        ({}, "2023-05-07", 37),  # 落后37天
        ({"permit": "2023-04-20"}, "2023-05-31", 0),  # done late, nothing open
        ({"frame": "2023-05-01"}, "2023-07-31", 122),  # the first in order is still open
        ({"permit": "2023-04-20"}, "2023-07-31", 31),
        ({"permit": "2023-04-20"}, "2023-04-19", 19),  # not done yet on that day
        ({"permit": "2023-03-01", "frame": "2023-06-30"}, "2023-12-30", 0),  # the next is not due
    ],
)
def test_lag_is_days_since_the_first_open_due_node(done: dict[str, str], day: str, days: int) -> None:
    """Rule 12: end of the reported period minus the due date of the first due node in order that is not done."""
    known = {name: date.fromisoformat(on) for name, on in done.items()}
    assert lag_days(NODES, known, date.fromisoformat(day)) == days


@pytest.mark.parametrize(
    ("starts_in", "started", "period", "months"),
    [
        ("2023-03", False, "2023-02", 0),
        ("2023-03", False, "2023-03", 1),
        ("2023-03", False, "2023-05", 3),
        ("2023-11", False, "2024-01", 3),
        ("2023-03", True, "2023-09", 0),
    ],
)
def test_a_start_that_did_not_come_is_counted_in_month_ends(
    starts_in: str, started: bool, period: str, months: int
) -> None:
    """Rule 12: the planned month itself is the first."""
    assert unstarted_months(starts_in, started, parse(period)) == months


def test_a_month_says_what_is_due_done_late_and_invested() -> None:
    """Points, days, the late node and the year's investment against its plan (rule 12)."""
    found = month(
        "2023-07",
        progress("2023-03", {"permit": "2023-03-20"}, invested_total="0.5"),
        progress("2023-07", invested_total="15000", unit="万元"),
    )
    assert (found.due, found.done, found.lag_days, found.late_node) == ("60", "30", 31, "frame")
    assert (found.invested_total, found.invested_year, found.planned_year) == ("1.5", "1.5", "4")
    assert found.year_share == "37.50"


def test_a_new_year_counts_its_own_investment() -> None:
    """The year's share begins after the newest figure of the year before."""
    found = month("2024-02", progress("2023-12", invested_total="4"), progress("2024-02", invested_total="5"))
    assert (found.invested_year, found.planned_year, found.year_share) == ("1", "8", "12.50")


def test_a_month_without_a_report_measures_nothing_but_the_start() -> None:
    """A missing report is no lag (rule 4.1)."""
    found = standing(listed(), progress("2023-02", status="not_started"), progress("2023-05", status="not_started"))
    assert [each.status for each in found.months] == [None, "not_started", None, None, "not_started"]
    assert [each.unstarted_months for each in found.months] == [0, 1, 2, 3, 4]


def test_an_amended_plan_holds_from_its_day() -> None:
    """A later due date moves later months only: what was late stays late on record."""
    later = (NODES[0], msgspec.structs.replace(NODES[1], due=date(2023, 9, 30)), NODES[2])
    events = (
        progress("2023-03", {"permit": "2023-03-20"}),
        progress("2023-07"),
        progress("2023-08"),
        listed("amend", "2023-08-15", None, plan=plan(nodes=later)),
    )
    assert [month(period, *events).lag_days for period in ("2023-07", "2023-08")] == [31, 0]


def test_the_highest_revision_holds_and_a_conflict_is_flagged() -> None:
    """Rule 2.8, as for indicators."""
    first = progress("2023-03", {"permit": "2023-03-20"})
    other = progress("2023-03", identity="other", received=at("2023-04-04"))
    found = folded(listed(), first, other)
    assert [found.outcomes[e.source, e.id][0] for e in (first, other)] == ["applied", "revision_conflict"]
    assert found.standing is not None
    assert found.standing.months[-1].conflict
    newer = progress("2023-03", revision=1)
    again = folded(listed(), first, other, newer)
    assert [again.outcomes[e.source, e.id][0] for e in (first, newer)] == ["superseded", "applied"]


def test_equal_in_value_is_unchanged() -> None:
    """Rule 2.8: equality is numeric, across units."""
    first, same = (
        progress("2023-03", invested_total="1.5"),
        progress("2023-03", invested_total="15000.0", unit="万元", revision=1),
    )
    assert folded(listed(), first, same).outcomes[same.source, same.id] == ("unchanged", None)


def test_a_withdrawn_month_is_not_reported() -> None:
    """Status null withdraws."""
    gone = progress("2023-04", status=None, revision=1, reason="报错项目")
    found = standing(listed(), progress("2023-03"), progress("2023-04"), gone)
    assert [each.period for each in found.months] == ["2023-01", "2023-02", "2023-03"]


def test_only_the_writer_of_a_listed_project_reports() -> None:
    """Outcome refused, with the reason: unknown project, wrong unit, before the list, an unknown node (rule 2.6)."""
    early = progress("2022-12")
    cases = {
        "not_authorised_for_project": progress("2023-04", by="anji"),
        "unknown_node": progress("2023-05", {"roof": "2023-05-01"}),
        "not_on_list": early,
    }
    found = folded(listed(), *cases.values())
    assert {code: found.outcomes[e.source, e.id] for code, e in cases.items()} == {
        code: ("refused", code) for code in cases
    }
    alone = progress("2023-04")
    assert folded(alone).outcomes[alone.source, alone.id] == ("refused", "unknown_project")
    assert folded(alone, listed()).outcomes[alone.source, alone.id] == ("applied", None)


def test_behind_the_lock_the_office_decides() -> None:
    """Rule 2.9: June locks on 1 August; then a report waits, with a reason, for the office's word."""
    late = progress("2023-06", {"permit": "2023-03-20"}, at("2023-08-02"), reason="补报")
    silent = progress("2023-06", received=at("2023-08-02"), identity="silent")
    found = folded(listed(), late, silent)
    assert found.outcomes[late.source, late.id] == ("held_for_approval", None)
    assert found.outcomes[silent.source, silent.id] == ("refused", "period_locked")
    assert found.standing is not None
    assert found.standing.months == ()
    approved = folded(listed(), late, ruled(late, "approve", at("2023-08-03")))
    assert approved.outcomes[late.source, late.id][0] == "applied"
    assert (
        folded(listed(), late, ruled(late, "return", at("2023-08-03"))).outcomes[late.source, late.id][0] == "returned"
    )


def test_the_list_rolls_without_rewriting() -> None:
    """Enter, leave, enter again, complete: each with its day and reason; what does not fit is refused (rule 12)."""
    again = listed("enter", "2024-05-01", plan=None)
    twice = listed("enter", "2024-06-01", plan=None)
    found = folded(
        listed(), listed("enter", "2023-02-01", OF_2023, plan=None), listed("leave", "2023-09-01", reason="用地未落实"),
        again, twice, listed("complete", "2025-03-01"), listed("leave", "2025-04-01"),
    )  # fmt: skip
    assert found.standing is not None
    assert [(s.list, str(s.entered), s.how, s.end_reason) for s in found.standing.stays] == [
        (ROLLING, "2023-01-10", "leave", "用地未落实"),
        (OF_2023, "2023-02-01", None, None),
        (ROLLING, "2024-05-01", "complete", None),
    ]
    assert found.outcomes[twice.source, twice.id] == ("refused", "already_on_list")


@pytest.mark.parametrize("day", ["2023-01-10", "2023-09-01"])
def test_a_plan_may_be_amended_on_the_day_of_entry_and_of_leaving(day: str) -> None:
    """Of one day the list is entered first, then the plan amended, then the list left; the amended plan holds."""
    amended = listed("amend", day, None, plan=plan(invest_total="13"))
    found = folded(listed(), amended, listed("leave", "2023-09-01"))
    assert found.standing is not None
    assert set(found.outcomes.values()) == {("applied", None)}
    assert [(str(each.on), each.plan.invest_total) for each in found.standing.plans] == [
        ("2023-01-10", "12"),
        (day, "13"),
    ]
    assert found.standing.plan_at(at(day).date()).invest_total == "13"


def test_an_earlier_year_is_not_rewritten() -> None:
    """A list act locks with the December of its year (1 February)."""
    late = listed("leave", "2023-10-01", received=at("2024-02-01", "00:00"))
    found = folded(listed(), late)
    assert found.outcomes[late.source, late.id] == ("refused", "year_locked")
    in_time = listed("leave", "2023-10-01", received=at("2024-01-31"))
    assert folded(listed(), in_time).outcomes[in_time.source, in_time.id] == ("applied", None)


def test_problems_are_carried_until_they_are_solved() -> None:
    """Owner, due date, factor; what a later month does not name stays as it was said."""
    land = Problem(id="land", text="征地未完成", factor="land", owner="deqing", due=date(2023, 5, 31))
    solved = msgspec.structs.replace(land, state="solved")
    found = standing(listed(), progress("2023-03", problems=(land,)), progress("2023-04"))
    assert [(p.id, p.raised_in, p.solved_in) for p in found.problems] == [("land", "2023-03", None)]
    done = standing(listed(), progress("2023-03", problems=(land,)), progress("2023-05", problems=(solved,)))
    assert [(p.raised_in, p.solved_in) for p in done.problems] == [("2023-03", "2023-05")]


def test_a_red_line_stays_open_until_the_office_closes_it() -> None:
    """Raised by a statement or in a report; raised again it is noted; after a closing it is a new episode."""
    line = RedLine(kind="cultivated_land", text="图斑", evidence=("照片",))
    events = listed(), progress("2023-03", red_lines=(line,)), raised()
    [open_] = folded(*events).red_lines
    assert (open_.state, open_.repeated, open_.raised_by) == ("open", 1, "deqing-clerk")
    corrected = progress("2023-03", revision=1)
    assert [each.state for each in folded(*events, corrected).red_lines] == ["open"]
    both = folded(*events, closed(), raised("2023-07-01")).red_lines
    assert [(each.episode, each.state) for each in both] == [(1, "closed"), (2, "open")]
    nothing = closed()
    assert folded(listed(), nothing).outcomes[nothing.source, nothing.id] == ("refused", "not_open")


def test_a_red_line_on_a_task_needs_no_project() -> None:
    """The four flags can be raised on any indicator's task."""
    found = folded(raised(indicator="grain_output", kind="farmers_interests"))
    assert [(each.kind, each.name, each.district) for each in found.red_lines] == [
        ("indicator", "grain_output", "deqing")
    ]
    assert found.standing is None


def test_the_contact_log_is_kept_in_the_order_of_its_days() -> None:
    """By whoever has to do with the project; others are refused."""
    stranger = contacted("2023-05-11", "anji")
    found = folded(listed(), contacted("2023-06-01"), contacted("2023-05-10"), stranger)
    assert found.standing is not None
    assert [str(line.on) for line in found.standing.contacts] == ["2023-05-10", "2023-06-01"]
    assert found.outcomes[stranger.source, stranger.id] == ("refused", "not_authorised_for_project")


STORY: tuple[Stated, ...] = (
    listed(), listed("enter", "2023-02-01", OF_2023, plan=None), listed("leave", "2023-09-01"),
    listed("enter", "2023-10-01", plan=None), progress("2023-03", {"permit": "2023-03-20"}, invested_total="1"),
    progress("2023-03", {"permit": "2023-03-22"}, revision=1, invested_total="1.2"), progress("2023-04"),
    progress("2023-04", identity="other", received=at("2023-05-03")), progress("2023-06", {"frame": "2023-06-11"}),
    progress("2023-06", {"permit": None}, at("2023-08-20"), revision=1, reason="更正"), raised(), closed(),
    raised("2023-06-21"), contacted(), progress("2023-05", by="anji", identity="stranger"),
)  # fmt: skip


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, len(STORY)))
def test_any_order_and_repetition_folds_to_the_same(seed: int, repeated: int) -> None:
    """Rule 6.1 of projects: a fold over what is known, never over the order of arrival."""
    events = [*STORY, *STORY[:repeated]]
    random.Random(seed).shuffle(events)
    assert folded(*events) == _sorted(folded(*STORY), folded(*events))


def _sorted(expected_: Folded, like: Folded) -> Folded:
    """The same with outcomes in the other's order: a mapping has none."""
    assert expected_.outcomes == like.outcomes
    return Folded(expected_.standing, like.outcomes, expected_.red_lines)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 400)), min_size=1, max_size=8), st.integers(0, 500))
def test_the_expected_points_never_fall_and_end_with_all(parts: list[tuple[int, int]], days: int) -> None:
    """E is a step function of the due dates: it never falls, and after the last due date it is the sum."""
    start = date(2023, 1, 1).toordinal()
    nodes = [
        Node(id=str(n), name=Text("", ""), weight=str(weight), due=date.fromordinal(start + due))
        for n, (weight, due) in enumerate(parts)
    ]
    day = date.fromordinal(start + days)
    later = date.fromordinal(start + days + 1)
    assert expected(nodes, day) <= expected(nodes, later)
    assert expected(nodes, date.fromordinal(start + 401)) == sum(Fraction(weight) for weight, _ in parts)
    assert lag_days(nodes, {}, day) == max((day.toordinal() - node.due.toordinal() for node in nodes), default=0) or (
        lag_days(nodes, {}, day) == 0
    )
