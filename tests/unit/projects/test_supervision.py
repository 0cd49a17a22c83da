"""Lights and tickets of projects (rules 8 and 12): days, starts, months without reports, restatements, ends."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Colour
from contracts.programme import Profile
from contracts.project_events import ProjectStanding, Stated
from contracts.terms import Terms
from services.alerts.projects.feeding import Shown, inhibits
from services.alerts.projects.lights import colour
from services.alerts.projects.supervision import Project
from services.alerts.table import LAGGING
from services.metrics.projects.fold import fold
from tests.support.intake import catalogue, lookup
from tests.support.projects import facts, listed, plan, progress
from tests.support.recorded import at

TERMS = Terms(catalogue().editions)
PROFILE = lookup().programme.profile
DONE: dict[str, str | None] = {"permit": "2023-03-20"}
STARTED = listed(plan=plan(starts_in="2023-09"))  # its start is no matter here


def standing(version: int, *events: Stated) -> ProjectStanding:
    """What metrics announces of these statements."""
    found = fold(TERMS, facts(*events)).standing
    assert found is not None
    return msgspec.structs.replace(found, version=version)


def project() -> Project:
    """One nobody has heard of."""
    return Project(TERMS.months, TERMS.calendar, at("2023-01-01"))


def supervised(*days: tuple[str, tuple[Stated, ...]], until: str) -> Project:
    """The project after statements were known on some days, time passing between them."""
    found, version = project(), 0
    said: tuple[Stated, ...] = ()
    for day, events in days:
        found.pass_time(at(day), at(day))
        said, version = (*said, *events), version + 1
        found.receive(standing(version, *said), at(day))
    found.pass_time(at(until), at(until))
    return found


def records(found: Project) -> dict[str, Colour]:
    """The lights of record by month."""
    return {
        cell.period.text: light.record
        for cell, light in zip(found.cells, found.lights.months, strict=True)
        if light.record is not None
    }


@pytest.mark.parametrize(
    ("days", "unstarted", "light"),
    [
        (0, 0, "green"), (7, 0, "green"), (8, 0, "yellow"), (15, 0, "yellow"), (16, 0, "red"), (37, 0, "red"),
        (0, 1, "yellow"), (0, 2, "yellow"), (0, 3, "red"), (20, 1, "red"), (None, 0, None), (None, 1, "yellow"),
        (None, 3, "red"),
    ],
)  # fmt: skip
def test_days_and_starts_give_the_colour(days: int | None, unstarted: int, light: Colour | None) -> None:
    """Rule 12's profile: 0 green, 1-7 green marked, 8-15 yellow, > 15 red; no start yellow, three months red."""
    assert colour(days, unstarted, Profile(id="p", version=1)) == light


def test_a_few_days_are_green_and_marked() -> None:
    """1-7 days behind: green, and marked."""
    nodes = (msgspec.structs.replace(plan().nodes[0], due=at("2023-03-27").date()), *plan().nodes[1:])
    march = progress("2023-03", received=at("2023-04-02"))
    found = supervised(("2023-04-02", (listed(plan=plan(nodes=nodes)), march)), until="2023-04-03")
    assert (found.lights.light, found.lights.marked) == ("green", True)


def test_a_red_month_opens_one_ticket_that_escalates_and_recovers() -> None:
    """Of record on the 5th; 30 days behind, then 61: level 2, then 3; done: recovered, and no objection closes it."""
    found = supervised(
        ("2023-03-02", (listed(), progress("2023-02"))),
        ("2023-05-02", (progress("2023-04"),)),
        ("2023-06-02", (progress("2023-05"),)),
        ("2023-07-02", (progress("2023-06", {"permit": "2023-06-20", "frame": "2023-06-30"}),)),
        ("2023-07-07", ()),  # its light of record is fixed, and the review begins
        until="2023-08-01",
    )
    assert [records(found)[month] for month in ("2023-03", "2023-04", "2023-05")] == ["grey", "red", "red"]
    assert records(found)["2023-06"] == "green"
    ticket = found.ticket
    assert (ticket.state, ticket.close_code, ticket.episode) == ("CLOSED", "no_objection", 1)
    reasons = [message.reason for message in found.messages]
    assert reasons[0] == "first"
    assert reasons[-2:] == ["recovered", "closed"]


def test_a_start_that_does_not_come_is_judged_without_any_report() -> None:
    """A month ends without a report: yellow at the end of the planned month, red at the third in a row (rule 12)."""
    found = supervised(("2023-01-10", (listed(),)), until="2023-06-20")
    assert records(found) == {
        "2023-01": "grey", "2023-02": "yellow", "2023-03": "yellow", "2023-04": "red", "2023-05": "red",
    }  # fmt: skip
    assert (found.lights.light, found.ticket.level, found.ticket.severity) == ("red", 3, "red")


def test_a_started_project_that_falls_silent_is_stale_then_grey() -> None:
    """Rule 6.4: one due date missed marks the light, two make it grey; no lag, no ticket (rule 4.1)."""
    events = (STARTED, progress("2023-03", DONE, received=at("2023-04-02")))
    one = supervised(("2023-04-02", events), until="2023-05-08")
    assert (one.lights.light, one.lights.stale) == ("green", True)
    two = supervised(("2023-04-02", events), until="2023-06-08")
    assert (two.lights.light, two.lights.stale) == ("grey", False)
    assert two.episodes == []


def test_a_correction_before_the_lock_cancels_the_ticket() -> None:
    """April was never late: the ticket is cancelled, and cancelled is said."""
    found = supervised(
        ("2023-05-02", (STARTED, progress("2023-04", received=at("2023-05-02")))),
        ("2023-05-10", (progress("2023-04", DONE, at("2023-05-10"), revision=1),)),
        until="2023-05-12",
    )
    assert records(found)["2023-04"] == "green"
    assert found.ticket.state == "CANCELLED"
    assert [message.reason for message in found.messages] == ["first", "cancelled"]


def test_a_project_that_leaves_ends_its_ticket() -> None:
    """Its last month locks: the ticket is closed as ended; until then it goes on."""
    found = supervised(
        ("2023-05-02", (listed(), progress("2023-04", received=at("2023-05-02")))),
        ("2023-05-20", (listed("leave", "2023-05-20", reason="用地未落实"),)),
        until="2023-07-02",
    )
    assert (found.ticket.state, found.ticket.close_code) == ("CLOSED", "ended")
    assert set(records(found)) == {"2023-01", "2023-02", "2023-03", "2023-04", "2023-05"}


def test_how_time_is_cut_changes_nothing() -> None:
    """A watermark a day or one for a quarter: the same lights of record, and the same light shown."""
    statements = ((listed(), progress("2023-04", received=at("2023-05-02"))),)
    once = supervised(("2023-05-02", statements[0]), until="2023-07-20")
    found = project()
    found.pass_time(at("2023-05-02"), at("2023-05-02"))
    found.receive(standing(1, *statements[0]), at("2023-05-02"))
    days = sorted(random.Random(3).sample(range(3, 80), 30))
    for day in days:
        moment = at("2023-05-02").replace(month=5 + day // 31, day=day % 31 or 1)
        found.pass_time(max(moment, found.through), moment)
    found.pass_time(at("2023-07-20"), at("2023-07-20"))
    assert records(found) == records(once)
    assert found.lights == once.lights


def test_a_version_that_is_known_is_nothing() -> None:
    """The same standing again, or an older one, changes nothing."""
    found = supervised(("2023-05-02", (listed(), progress("2023-04"))), until="2023-05-10")
    before = len(found.messages), len(found.changes)
    known = found.standing
    assert known is not None
    assert not found.receive(known, at("2023-05-11"))
    assert (len(found.messages), len(found.changes)) == before


HOSPITALS = "county_hospital_investment"


def shown(since: str, light: Colour = "red", *, district: str = "deqing", listed: bool = True) -> Shown:
    """A project that feeds the hospitals' investment, since noon of a day."""
    return Shown(at(since), district, listed, (HOSPITALS,), light)


def test_only_a_project_that_feeds_alone_inhibits() -> None:
    """Rule 12: a red project inhibits the ticket of an indicator that it alone feeds; the city's if alone anywhere."""
    red, other = [shown("2023-05-01")], [shown("2023-05-01", "green", district="anji")]
    due = at("2023-05-06")
    assert inhibits({"a": red}, HOSPITALS, "deqing", due)
    assert inhibits({"a": red}, HOSPITALS, "huzhou", due)
    assert inhibits({"a": red, "b": other}, HOSPITALS, "deqing", due)
    assert not inhibits({"a": red, "b": other}, HOSPITALS, "huzhou", due)
    assert not inhibits({"a": red, "b": [shown("2023-05-02", "green")]}, HOSPITALS, "deqing", due)
    assert inhibits({"a": red, "b": [shown("2023-05-02", listed=False)]}, HOSPITALS, "deqing", due)
    assert not inhibits({"a": [shown("2023-05-01", "yellow")]}, HOSPITALS, "deqing", due)
    assert not inhibits({"a": red}, "grain_output", "deqing", due)
    assert not inhibits({}, HOSPITALS, "deqing", due)


def test_what_was_shown_just_before_the_moment_counts() -> None:
    """Red from the due moment itself on is too late; red until then and green from it on still inhibits."""
    turned = [shown("2023-05-01", "green"), shown("2023-06-01"), shown("2023-07-01", "green")]
    days = ("2023-06-01", "2023-06-02", "2023-07-01", "2023-07-02")
    found = [inhibits({"a": turned}, HOSPITALS, "deqing", at(day)) for day in days]
    assert found == [False, True, True, False]


def test_each_turn_of_what_is_shown_is_kept_with_its_moment() -> None:
    """By a report, by time alone, by a list act: one line each, nothing for what changes nothing."""
    fed = listed(plan=plan(feeds=(HOSPITALS,)))
    found = supervised(("2023-01-10", (fed,)), until="2023-03-06")
    found.receive(standing(2, fed, progress("2023-02", status="not_started")), at("2023-03-07"))
    gone = listed("leave", "2023-03-08", plan=None)
    found.receive(standing(3, fed, progress("2023-02", status="not_started"), gone), at("2023-03-08"))
    kept = [(f"{each.since:%m-%d %H:%M}", each.light, each.listed) for each in found.past]
    assert kept == [
        ("01-10 12:00", "grey", True), ("03-06 00:00", "yellow", True), ("03-08 12:00", "yellow", False),
    ]  # fmt: skip
    assert {each.feeds for each in found.past} == {(HOSPITALS,)}


STATEMENTS: tuple[Stated, ...] = (
    progress("2023-02", received=at("2023-06-10")),
    progress("2023-03", received=at("2023-06-10")),
    progress("2023-04", received=at("2023-06-10")),
    progress("2023-04", DONE, at("2023-06-10"), revision=1),
    progress("2023-05", {"permit": None}, at("2023-06-10")),
    progress("2023-05", DONE, at("2023-06-10"), revision=1),
    progress("2023-05", received=at("2023-06-10"), revision=2, identity="other"),
)


@settings(max_examples=80)
@given(st.permutations(STATEMENTS), st.integers(0, len(STATEMENTS)))
def test_late_statements_in_any_order_end_with_the_same_lights_and_open_ticket(
    order: list[Stated], left_out: int
) -> None:
    """Rule 6.1: what is known decides, not the order in which it became known."""
    kept = {each.id for each in STATEMENTS[left_out:]}
    ends = []
    for way in (STATEMENTS, order):
        days: list[tuple[str, tuple[Stated, ...]]] = [("2023-02-01", (STARTED,))]
        days += [("2023-06-10", (each,)) for each in way if each.id in kept]
        found = supervised(*days, until="2023-06-10")
        open_ = found.ticket.state in LAGGING
        ends.append((records(found), found.lights, open_, found.ticket.severity if open_ else None))
    assert ends[0] == ends[1]
