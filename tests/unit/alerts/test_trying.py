"""A rule tried on recorded history: both sides by the code that judges every day, the difference the rule's alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import given, settings

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cell
from contracts.events import Standing
from contracts.programme import Profile
from services.alerts.changes import Name
from services.alerts.judgement import raw
from services.alerts.overrides import Override
from services.alerts.remeasuring import remeasured
from services.alerts.replaying import Recorded, Rules, episodes, judged, replayed
from services.alerts.tickets import Event
from services.alerts.trying import Compared, Span, compared, light_text, ticket_text
from tests.support.histories import FAR, History, Path, histories
from tests.support.standings import CALENDAR, DISTRICT, INDICATOR, PROFILE, PROGRAMME, at, cells, coloured, standing

MILD = msgspec.structs.replace(PROFILE, y_pp="15", y_ratio="0.7")
NAME = Name(PROGRAMME, INDICATOR, DISTRICT)
OF = cells()


def rules(profile: Profile = PROFILE, of: Sequence[Cell] = OF) -> Rules:
    return Rules(lambda *_: of, CALENDAR, lambda _: profile)


def recorded(
    *standings: Standing, through: datetime, acts: Sequence[Event] = (), records: Mapping[str, Any] | None = None
) -> Recorded:
    """As the store holds it: lights of record under the present profile unless told otherwise."""
    told = {each.period: each for each in standings}
    found = Recorded(NAME, told, {}, acts, through)
    stored = {c.period.text: r for c, r in zip(OF, judged(found, rules()).records, strict=True)}
    return Recorded(NAME, told, stored | dict(records or {}), acts, through)


def tried(of: Recorded, profile: Profile = MILD, span: Span | None = None) -> Compared:
    return compared(of, rules(), rules(profile), span or Span())


def test_a_milder_profile_lets_a_light_go() -> None:
    """Rule 5: 12.5 points behind are yellow today and green where yellow begins at 15; its ticket is not opened."""
    found = tried(recorded(standing("2023-06", "30"), through=at("2023-07-20")))
    assert [(m.period, m.now, m.then) for m in found.lights] == [("2023-06", "yellow", "green")]
    assert [(m.first_period, m.now, m.then) for m in found.tickets] == [("2023-06", 3, None)]
    assert (found.tally.better, found.tally.worse) == (1, 0)
    assert (found.tally.opened.now, found.tally.opened.then) == (1, 0)


def test_the_same_rules_differ_in_nothing() -> None:
    """The difference is the rule's alone."""
    found = tried(recorded(standing("2023-06", "30"), coloured("2023-07", "red"), through=at("2023-09-01")), PROFILE)
    assert (found.lights, found.tickets, found.deviations) == ([], [], [])
    assert found.tally.opened.now == found.tally.opened.then == 1


def test_a_stored_light_that_the_present_rules_do_not_give_is_a_deviation() -> None:
    """The self-check is no formality."""
    found = tried(recorded(standing("2023-06", "30"), through=at("2023-07-20"), records={"2023-06": "red"}))
    assert [(m.period, m.now, m.then) for m in found.deviations] == [("2023-06", "red", "yellow")]


def test_recorded_acts_are_done_where_they_are_taken() -> None:
    """An answer keeps the timer from raising the level; on the side without a ticket it is left out."""
    answered = Event("answer", at("2023-07-07"), actor="deqing", cause="雨", plan="加班")
    of = recorded(standing("2023-06", "30"), through=at("2023-07-30"), acts=[answered])
    assert [m.now for m in tried(of).tickets] == [1]
    assert [e.state for e in episodes(of, judged(of, rules()), CALENDAR)] == ["ANSWERED"]


def test_recorded_overrides_hold_on_both_sides_where_they_worsen() -> None:
    """Rule 6.6: a light that the trial lets go is still worsened by hand, one that is red already cannot be; what the
    office took back is taken back."""
    red = Override("o", "red", "office", "现场核查滞后", at("2023-07-07"), at("2023-10-01"))
    of = recorded(standing("2023-06", "30"), coloured("2023-07", "green"), through=at("2023-08-20"))
    of = replace(of, overrides=[red])
    assert [(m.now, m.then) for m in tried(of).tickets] == []  # 3 on both sides: worsened by hand
    strict = msgspec.structs.replace(PROFILE, r_pp="12")
    assert [e.level for e in episodes(of, judged(of, rules(strict)), CALENDAR)] == [3]  # red by its numbers
    alone = replace(of, standings={"2023-07": of.standings["2023-07"]}, overrides=[replace(red, at=at("2023-08-07"))])
    assert [(e.first_period, e.state) for e in episodes(alone, judged(alone, rules()), CALENDAR)] == [
        ("2023-07", "OPEN")
    ]
    back = replace(of.overrides[0], ended_at=at("2023-07-20"), ended_by="office", end_reason="已整改")
    assert replayed(replace(of, overrides=[back]), judged(of, rules()), CALENDAR).override is None


def test_only_the_span_is_counted_and_all_is_replayed() -> None:
    """Rule 6.2: the margin of June follows from May, whether or not May is looked at."""
    of = recorded(coloured("2023-05", "yellow"), standing("2023-06", "33.4"), through=at("2023-08-01"))
    june = Span(at("2023-06-01").date(), at("2023-06-30").date())
    assert [(m.period, m.now) for m in tried(of, span=june).lights] == [("2023-06", "yellow")]


def test_due_dates_on_trial() -> None:
    """Rule 7.1: a value of the 7th is in time where the 10th is the due date."""
    later = tuple(_due(cell, at(f"2023-{cell.period.end.month % 12 + 1:02d}-11", 0)) for cell in OF[:10])
    late = coloured("2023-06", "red", known_at=at("2023-07-07"))
    of = recorded(late, through=at("2023-07-10", 0))
    then = Rules(lambda *_: later, CALENDAR, lambda _: PROFILE, same_time=False)
    found = compared(of, rules(), then, Span())
    assert [(m.period, m.now, m.then) for m in found.lights] == [("2023-06", "red", None)]


def _due(cell: Cell, due: datetime) -> Cell:
    return Cell(cell.indicator, cell.district, cell.period, due, cell.lock_at, True, due)


def test_remeasured_under_another_profile() -> None:
    """Rule 5: with p_min 0 January's ratio counts; with a wide minimal range the share becomes a bound, and back."""
    january = standing("2023-01", "0")
    early = msgspec.structs.replace(PROFILE, p_min="0")
    assert raw(january, PROFILE) == "green"
    assert raw(remeasured(january, early), early) == "red"
    wide = msgspec.structs.replace(PROFILE, min_range_tols=1000)
    bound = remeasured(standing("2023-06", "30"), wide)
    assert (bound.mode, bound.lag, bound.short_pct) == ("bound", None, "25.000")
    again = remeasured(bound, PROFILE)
    assert (again.mode, again.lag, again.ratio) == ("share", "12.500", "0.750")
    assert remeasured(january, PROFILE) is january


def test_told_in_words() -> None:
    """As an official would say it."""
    lookup = load(SHIPPED)
    found = tried(recorded(standing("2023-06", "30"), through=at("2023-07-20")))
    name = lookup.indicators[INDICATOR].name.zh
    assert light_text(found.lights[0], lookup).zh == f"德清县“{name}”2023年6月：现行规则黄灯，试行规则绿灯。"
    assert ticket_text(found.tickets[0], lookup).zh == (
        f"德清县“{name}”2023年6月：现行规则立督办单，最高至约谈；试行规则不立督办单。"
    )


@settings(max_examples=100, deadline=None)
@given(histories())
def test_the_replay_gives_what_is_stored(history: History) -> None:
    """Rule 6.1: whatever came in whatever order, the newest standings replayed give exactly the stored lights."""
    path = Path(history.shape).run([[fact] for fact in history.facts]).run([FAR])
    for district, series in path.series.items():
        of = series.cells
        newest = {p: v[-1].standing for (d, p), v in path.versions.items() if d == district}
        stored = {c.period.text: light.record for c, light in zip(of, series.lights.cells, strict=True)}
        found = compared(Recorded(series.name, newest, stored, (), FAR), rules(PROFILE, of), rules(PROFILE, of), Span())
        assert (found.deviations, found.lights, found.tickets) == ([], [], [])
