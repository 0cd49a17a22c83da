"""A rule tried on a project's recorded history: both sides by the code that judges every day (rule 12)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from contracts.editions import Edition, Editions
from contracts.events import Text
from contracts.programme import Lookup
from contracts.project_events import ProjectStanding, Stated
from contracts.terms import Terms
from services.alerts.projects.trying import Recorded, Succession, replayed, succession, told, tried
from services.alerts.tickets import Event
from services.alerts.trial.differences import Span
from services.metrics.projects.fold import fold
from tests.support.intake import catalogue, lookup
from tests.support.projects import facts, listed, progress
from tests.support.recorded import at

PRESENT = succession(catalogue().editions)
SAID: Sequence[tuple[Stated, ...]] = (
    (listed(), progress("2023-02")),
    (progress("2023-04"),),  # 30 days behind
    (progress("2023-05"),),  # 61
    (progress("2023-06", {"permit": "2023-06-20", "frame": "2023-06-30"}),),
)
ACK = Event("ack", at("2023-05-09"), actor="deqing")


def versions() -> list[ProjectStanding]:
    """Each version as it became known."""
    found, so_far = [], list[Stated]()
    for number, events in enumerate(SAID, 1):
        so_far += events
        folded = fold(Terms(catalogue().editions), facts(*so_far)).standing
        assert folded is not None
        found.append(msgspec.structs.replace(folded, version=number))
    return found


def recorded(through: datetime, *acts: Event) -> Recorded:
    """As the store holds it."""
    of = Recorded("hospital", Text("医院", "hospital"), "deqing", "health", versions(), {}, acts, (), through)
    found = replayed(of, PRESENT)
    records = {c.period.text: m.record for c, m in zip(found.cells, found.lights.months, strict=True)}
    return Recorded(
        of.project, of.name, of.district, of.lead, of.versions, records, acts, told(found), through
    )  # fmt: skip


def other(since: datetime | None = None, **changes: Any) -> Succession:
    """Other thresholds, from the beginning or from a later version of the catalogue on."""
    programme = lookup().programme
    profile = msgspec.structs.replace(programme.profile, **changes)
    changed = Lookup(msgspec.structs.replace(programme, profile=profile, version="2"))
    if since is None:
        return succession(Editions([Edition.of(changed)]))
    return succession(Editions([*catalogue().editions.all, Edition.of(changed, since)]))


def test_the_same_rules_differ_in_nothing() -> None:
    """The self-check finds every light and ticket again, and the ticket goes to its review."""
    found = tried(recorded(at("2023-07-20"), ACK), PRESENT, PRESENT, Span()).compared
    assert (found.deviations, found.ticket_deviations, found.lights, found.tickets) == ([], [], [], [])
    assert (found.checked_tickets, found.tally.projects.opened.now) == (1, 1)


def test_milder_thresholds_let_lights_and_the_ticket_go() -> None:
    """30 and 61 days are green where yellow begins at 90; what was done about the ticket is left out."""
    milder = other(project_yellow_days=90, project_red_days=200)
    found = tried(recorded(at("2023-07-20"), ACK), PRESENT, milder, Span())
    moved = [(m.project, m.period, m.now, m.then) for m in found.compared.lights]
    assert moved == [("hospital", "2023-04", "red", "green"), ("hospital", "2023-05", "red", "green")]
    assert [(m.rule, m.now, m.then) for m in found.compared.tickets] == [("project", 3, None)]
    assert found.compared.tally.projects.better == 2
    assert {each.light for each in found.shown} <= {"green", "grey"}  # for whom it stands on trial (rule 12)


def test_only_the_span_is_counted() -> None:
    """May alone: April is replayed all the same."""
    may = Span(at("2023-05-01").date(), at("2023-05-31").date())
    found = tried(recorded(at("2023-07-20")), PRESENT, other(project_red_days=200), may).compared
    assert [(m.period, m.now, m.then) for m in found.lights] == [("2023-05", "red", "yellow")]
    assert found.tickets == []  # it begins with April


def test_a_stored_light_or_ticket_that_is_not_replayed_is_a_deviation() -> None:
    """The self-check is no formality."""
    of = recorded(at("2023-07-20"))
    wrong = Recorded(
        of.project, of.name, of.district, of.lead, of.versions, {**of.records, "2023-04": "green"}, (), (), of.through
    )
    found = tried(wrong, PRESENT, PRESENT, Span()).compared
    assert [(m.period, m.now, m.then) for m in found.deviations] == [("2023-04", "green", "red")]
    assert [(m.rule, m.now) for m in found.ticket_deviations] == [("project", None)]


def test_a_later_version_of_the_catalogue_moves_open_months_only() -> None:
    """Rule 2.9: a version of 20 June finds May open and April locked; the ticket goes on as it was judged then."""
    of = recorded(at("2023-07-20"))
    later = replayed(of, other(at("2023-06-20"), project_red_days=200))
    lights = {c.period.text: m.record for c, m in zip(later.cells, later.lights.months, strict=True)}
    assert (lights["2023-04"], lights["2023-05"]) == ("red", "yellow")
    assert [each.first_period for each in told(later)] == ["2023-04"]
