"""A red line on an indicator's task (rule 12): red for tickets while it is open, shown above the computed light."""

from datetime import datetime

from contracts.events import Text
from services.alerts.redlines import RedLine, followed, open_ones, said
from services.alerts.supervision import Series
from tests.support.standings import at, coloured, replay, series
from tests.support.standings import said as messages


def line(since: datetime, until: datetime | None = None, episode: int = 1) -> RedLine:
    return RedLine("cultivated_land", episode, since, until)


def touched(found: Series, *lines: RedLine, now: datetime) -> Series:
    found.touch(followed(found.lines, lines), now)
    return found


def test_it_opens_a_ticket_on_a_green_series_and_the_light_stays_as_computed() -> None:
    """May green of record; raised in June: the ticket opens red at level 2, the record stays green."""
    found = replay(series(), [coloured("2023-05", "green"), at("2023-06-06", 0)])
    touched(found, line(at("2023-06-10")), now=at("2023-06-10"))
    assert (found.ticket.state, found.ticket.severity, found.ticket.level) == ("OPEN", "red", 2)
    assert found.lights.cells[4].record == "green"
    lag = [(m.reason, m.code) for m in found.messages if m.ticket is not None and m.ticket.rule == "lag"]
    assert lag == [("first", "red_line")]
    assert [(c.kind, c.before, c.after, c.worse) for c in found.changes if c.kind == "red_line"] == [
        ("red_line", "green", "red", True),
    ]  # fmt: skip


def test_it_holds_until_it_is_closed_and_the_next_light_decides_anew() -> None:
    """June fixed while open: red again; closed; July green: recovered."""
    found = replay(series(), [coloured("2023-05", "green"), at("2023-06-06", 0)])
    touched(found, line(at("2023-06-10")), now=at("2023-06-10"))
    replay(found, [coloured("2023-06", "green"), at("2023-07-06", 0)])
    assert (found.ticket.state, found.ticket.run) == ("OPEN", 2)
    touched(found, line(at("2023-06-10"), at("2023-07-20")), now=at("2023-07-20"))
    assert found.ticket.state == "OPEN"  # what it made red stays red for tickets
    assert open_ones(found.lines) == []
    replay(found, [coloured("2023-07", "green"), at("2023-08-06", 0)])
    assert messages(found)[-1] == ("recovered", "2023-07")


def test_a_yellow_series_gets_the_worse_of_both() -> None:
    """Yellow has a ticket of level 1 already: worsened to red."""
    found = replay(series(), [coloured("2023-05", "yellow"), at("2023-06-06", 0)])
    touched(found, line(at("2023-06-10")), now=at("2023-06-10"))
    assert (found.ticket.severity, found.ticket.level) == ("red", 2)
    assert messages(found)[-1] == ("worsened", "2023-05")


def test_nothing_measured_opens_nothing() -> None:
    """Grey, or no light yet: shown red, no ticket; the first measured light fixed while it is open does."""
    found = touched(series(), line(at("2023-06-10")), now=at("2023-06-10"))
    assert found.ticket.state == "NONE"
    replay(found, [coloured("2023-06", "green"), at("2023-07-06", 0)])
    assert (found.ticket.state, found.ticket.severity) == ("OPEN", "red")
    assert [m.code for m in found.messages if m.ticket is not None and m.ticket.rule == "lag"] == ["red_line"]


def test_the_light_first_or_the_red_line_first_end_alike() -> None:
    """Two consumptions: a light fixed before its red line was judged is red all the same."""
    raised = line(at("2023-07-01"))
    one = touched(series(), raised, now=at("2023-07-01"))
    replay(one, [coloured("2023-06", "green"), at("2023-07-06", 0)])
    other = replay(series(), [coloured("2023-06", "green"), at("2023-07-06", 0)])
    touched(other, raised, now=at("2023-07-06", 0))
    assert (one.ticket.state, one.ticket.severity, one.ticket.level) == (
        other.ticket.state, other.ticket.severity, other.ticket.level,
    )  # fmt: skip


def test_what_is_touched_is_said() -> None:
    """Each kind once, in both languages."""
    found = said(["cultivated_land", "ecological_line", "cultivated_land"], Text("与序时进度持平", "on schedule"))
    assert found is not None
    assert found.zh == "触碰红线（耕地红线、生态保护红线），销号前一律红灯；与序时进度持平"
    assert found.en.endswith("red until it is closed; on schedule")
    assert said([], None) is None
