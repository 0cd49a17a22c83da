"""Forecasts (rules 6.7 and 8): a raised light, the ticket about it, and what becomes of it, in whatever order."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import Forecast, Standing
from services.alerts.supervision import Series
from services.alerts.table import LAGGING
from services.alerts.tickets import Event
from tests.support.standings import at, coloured, replay, said, series, standing


def due(month: int) -> datetime:
    """When a month of 2023 is due."""
    return at(f"2023-{month + 1:02d}-06", 0)


def missing(month: int, colour: str = "green", **given: Any) -> Standing:
    """A month of this colour that is heading for less than its target."""
    forecast = Forecast(value="67.0", tempo_3="0.6", tempo_1="0.6", required="1.25", will_miss=True, reason=None)
    return coloured(f"2023-{month:02d}", colour, forecast=forecast, **given)


def tickets(of: Series) -> list[tuple[str, int, str, int]]:
    """(rule, episode, state, level) of the tickets about lights."""
    return [(ticket.rule, ticket.episode, ticket.state, ticket.level) for ticket in of.tickets.lanes["lag"]]


def test_the_light_is_raised_and_marked() -> None:
    """Rule 6.7: green becomes yellow marked forecast; yellow and red stay what they are; records stay observed."""
    found = replay(series(), [missing(5)])
    assert (found.lights.light, found.lights.forecast, found.lights.cells[4].live) == ("yellow", True, "green")
    for colour in ("yellow", "red"):
        other = replay(series(), [missing(5, colour)])
        assert (other.lights.light, other.lights.forecast) == (colour, False)
    replay(found, [due(5), coloured("2023-06", "green"), due(6)])
    assert [found.lights.cells[i].record for i in (4, 5)] == ["green", "green"]
    assert (found.lights.light, found.lights.forecast) == ("green", False)


def test_it_holds_nothing_back() -> None:
    """Rule 6.7: never the previous light of hysteresis: 7 % behind is green after a forecast, not after yellow."""
    near = standing("2023-06", str(40 - 7))
    after_yellow = replay(series(), [coloured("2023-05", "yellow"), near])
    after_forecast = replay(series(), [missing(5), near])
    assert (after_yellow.lights.light, after_forecast.lights.light) == ("yellow", "green")


def test_a_forecast_opens_at_the_light_of_record() -> None:
    """Rule 8: level 1, never higher; each further month keeps it; no warning is made of it; no longer → recovered."""
    found = replay(series(), [missing(5), due(5), missing(6), due(6)])
    assert tickets(found) == [("forecast", 1, "OPEN", 1)]
    reasons = [reason for reason, _ in said(found, "forecast")]
    assert (reasons[0], set(reasons[1:])) == ("first", {"reminder"})  # T_ack passed: reminded, never escalated
    assert said(found) == []
    replay(found, [coloured("2023-07", "green"), due(7)])
    assert tickets(found) == [("forecast", 1, "RECOVERED", 1)]


def test_observed_after_all() -> None:
    """Rule 8: yellow or red of record makes the same ticket the lag ticket: Update/worsened, the level of its run."""
    found = replay(series(), [missing(5), due(5)])
    found.act(Event("ack", at("2023-06-07")), found.tickets.current("forecast"))
    found.act(Event("answer", at("2023-06-08"), cause="c", plan="p"), found.tickets.current("forecast"))
    replay(found, [coloured("2023-06", "red"), due(6)])
    assert tickets(found) == [("lag", 1, "OPEN", 2)]
    last = found.messages[-1] if found.messages[-1].reason == "worsened" else found.messages[-2]
    assert (last.reason, last.code, last.ticket and last.ticket.rule) == ("worsened", "observed", "lag")
    assert found.ticket.run == 1
    replay(found, [missing(7), due(7)])
    assert tickets(found) == [("lag", 1, "RECOVERED", 3), ("forecast", 2, "OPEN", 1)]  # T_ack passed in July
    replay(found, [coloured("2023-08", "yellow"), due(8)])
    assert tickets(found) == [("lag", 1, "CLOSED", 3), ("lag", 2, "OPEN", 1)]


def test_a_forecast_restated_away() -> None:
    """Rule 8: no forecast of a miss is left: cancelled."""
    found = replay(series(), [missing(5), due(5), coloured("2023-05", "green", version=2, known_at=at("2023-06-07"))])
    assert tickets(found) == [("forecast", 1, "CANCELLED", 1)]
    assert said(found, "forecast") == [("first", "2023-05"), ("cancelled", "2023-05")]


def test_not_binding_has_no_forecast_ticket() -> None:
    """Rules 4.11 and 6.7: the light is raised, nobody is written to."""
    found = replay(series(), [missing(5, binding=False), due(5)])
    assert (found.lights.light, tickets(found)) == ("yellow", [])


def test_an_act_needs_the_ticket_it_is_about() -> None:
    """The office may suppress a forecast ticket; it becomes the lag ticket silently, and is told when that is over."""
    found = replay(series(), [missing(5), due(5)])
    until = at("2023-08-01")
    suppress = Event("suppress", at("2023-06-07"), reason="r", approver="a", until=until)
    found.act(suppress, found.tickets.current("forecast"))
    replay(found, [coloured("2023-06", "red"), due(6)])
    assert (found.ticket.rule, found.ticket.level, found.ticket.suppressed) == ("lag", 2, True)
    assert [s[0] for s in said(found)] == ["early"]
    replay(found, [until])
    assert said(found)[-1] == ("reminder", "2023-06")


MONTHS = st.lists(st.sampled_from(["green", "yellow", "red", "grey", "misses", None]), min_size=8, max_size=8)
CORRECTIONS = st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["green", "misses", "yellow"])), max_size=3,
                       unique_by=lambda each: each[0])  # fmt: skip
FAR = due(9)


def history(months: Sequence[str | None], corrections: Sequence[tuple[int, str]]) -> list[Standing]:
    """First versions and corrections of some."""

    def one(month: int, kind: str, version: int) -> Standing:
        told = missing(month) if kind == "misses" else coloured(f"2023-{month:02d}", kind)
        return msgspec.structs.replace(told, version=version, known_at=at(f"2023-09-{19 + version}"))

    first = [one(month, kind, 1) for month, kind in enumerate(months, 1) if kind]
    return first + [one(month, kind, 2) for month, kind in corrections if months[month - 1]]


def without_review(found: Series) -> Series:
    """No timer does anything in between: what they do is theirs."""
    for ticket in found.tickets:
        if ticket.timer is not None:
            found.tickets.lanes[ticket.lane][ticket.episode - 1] = replace(ticket, timer=None, timer_at=None)
    return found


@given(MONTHS, CORRECTIONS, st.randoms(use_true_random=False), st.data())
def test_any_order_among_watermarks(
    months: list[str | None], corrections: list[tuple[int, str]], shuffled: random.Random, data: st.DataObject
) -> None:
    """Rules 6.1 and 8: the same lights of record, and of each rule a ticket is open or it is not."""
    news: list[Standing | datetime] = [*history(months, corrections)]
    straight = replay(series(), [*news, FAR])
    shuffled.shuffle(news)
    mixed = [*news, *news[:2]]
    for month in range(1, 9):
        mixed.insert(data.draw(st.integers(0, len(mixed))), due(month))
    other, reached = series(), due(1)
    for each in mixed:
        if isinstance(each, datetime):
            reached = each = max(reached, each)
        without_review(replay(other, [each]))
    replay(other, [FAR])
    assert [c.record for c in other.lights.cells] == [c.record for c in straight.lights.cells]
    assert (other.lights.light, other.lights.forecast) == (straight.lights.light, straight.lights.forecast)
    for rule in ("lag", "forecast", "reporting"):
        ends = [found.tickets.current(rule).state in LAGGING for found in (straight, other)]
        assert ends[0] == ends[1], rule
