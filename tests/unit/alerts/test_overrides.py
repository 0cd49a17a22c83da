"""Override of a light (rule 6.6): only worse, beside the computed light, for tickets the worse of both."""

from typing import Literal

import pytest

from services.alerts.overrides import NotOverridden, NotWorse, Override
from tests.support.standings import at, coloured, replay, said, series, told

JUNE, JULY = at("2023-06-06", 0), at("2023-07-06", 0)


def override(colour: Literal["yellow", "red"], day: str = "2023-06-10", until: str = "2023-08-01") -> Override:
    """By the office, from a day on."""
    return Override(f"o-{day}", colour, "office", "现场核查滞后", at(day), at(until, 0))


def test_it_opens_a_ticket_at_once_and_stands_beside_the_light() -> None:
    """The newest light of record counts as the worse of both; the record itself stays green (deductions)."""
    found = replay(series(), [coloured("2023-05", "green"), JUNE])
    found.overrule(override("red"))
    assert (found.lights.light, found.lights.cells[4].record) == ("green", "green")
    assert found.override is not None
    assert found.override.colour == "red"
    assert (found.ticket.state, found.ticket.level, found.ticket.severity) == ("OPEN", 2, "red")
    first = told(found)[-1]
    assert (first.reason, first.code) == ("first", "override")
    change = found.changes[-1]
    assert (change.kind, change.before, change.after, change.worse, change.message) == (
        "override", "green", "red", True, first,
    )  # fmt: skip


def test_lights_fixed_while_it_holds_are_worsened() -> None:
    """A green July under a red override raises the run; after the end the next light decides."""
    found = replay(series(), [coloured("2023-05", "green"), JUNE])
    found.overrule(override("yellow"))
    replay(found, [coloured("2023-06", "green"), JULY])
    assert (found.ticket.run, found.worsened) == (2, {4: "yellow", 5: "yellow"})
    assert found.next_at is not None
    replay(found, [at("2023-08-01", 0)])
    assert (found.override, found.overrides[-1].ended_at, found.overrides[-1].ended_by) == (
        None,
        at("2023-08-01", 0),
        None,
    )
    replay(found, [coloured("2023-07", "green"), at("2023-08-06", 0)])
    assert found.ticket.state == "RECOVERED"


def test_it_may_only_worsen() -> None:
    """Not milder, not the same, and not where there is no colour."""
    found = replay(series(), [coloured("2023-05", "red"), JUNE])
    for colour in ("yellow", "red"):
        with pytest.raises(NotWorse):
            found.overrule(override(colour))
    with pytest.raises(NotWorse):
        series().overrule(override("red"))
    assert found.overrides == []


def test_it_raises_what_is_open_and_is_taken_back() -> None:
    """Yellow made red by hand is worsened; whoever takes it back is written down, and only one can."""
    found = replay(series(), [coloured("2023-05", "yellow"), JUNE])
    found.overrule(override("red", "2023-06-07"))
    assert said(found)[-1] == ("worsened", "2023-05")
    found.lift(at("2023-06-08"), "office", "已整改")
    ended = found.overrides[-1]
    assert (ended.ended_by, ended.end_reason, found.override) == ("office", "已整改", None)
    with pytest.raises(NotOverridden):
        found.lift(at("2023-06-09"), "office", "x")


def test_a_second_one_takes_the_place_of_the_first() -> None:
    """One is in force at a time; the first is in the history with its end."""
    found = replay(series(), [coloured("2023-05", "green"), JUNE])
    found.overrule(override("yellow"))
    found.overrule(override("red", "2023-06-12"))
    assert [(o.id, o.ended_at is not None) for o in found.overrides] == [
        ("o-2023-06-10", False), ("o-2023-06-10", True), ("o-2023-06-12", False),
    ]  # fmt: skip
    assert (found.ticket.level, found.ticket.severity) == (2, "red")
