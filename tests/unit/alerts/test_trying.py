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
from services.alerts.redlines import RedLine
from services.alerts.tickets import Event
from services.alerts.trial.differences import Compared, Span
from services.alerts.trial.remeasuring import remeasured
from services.alerts.trial.replaying import Episode, Judged, Recorded, Rules, judged, replayed, told
from services.alerts.trial.trying import compared
from services.alerts.trial.words import light_text, ticket_text
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
    newest = {each.period: each for each in standings}
    found = Recorded(NAME, newest, {}, acts, through)
    stored = {c.period.text: r for c, r in zip(OF, judged(found, rules()).records, strict=True)}
    return Recorded(NAME, newest, stored | dict(records or {}), acts, through)


def episodes(of: Recorded, found: Judged, by: Rules) -> list[Episode]:
    """Its tickets of lag and forecast."""
    return told(replayed(of, found, by), "lag")


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
    assert [e.state for e in episodes(of, judged(of, rules()), rules())] == ["ANSWERED"]


def test_recorded_overrides_hold_on_both_sides_where_they_worsen() -> None:
    """Rule 6.6: a light that the trial lets go is still worsened by hand, one that is red already cannot be; what the
    office took back is taken back."""
    red = Override("o", "red", "office", "现场核查滞后", at("2023-07-07"), at("2023-10-01"))
    of = recorded(standing("2023-06", "30"), coloured("2023-07", "green"), through=at("2023-08-20"))
    of = replace(of, overrides=[red])
    assert [(m.now, m.then) for m in tried(of).tickets] == []  # 3 on both sides: worsened by hand
    strict = msgspec.structs.replace(PROFILE, r_pp="12")
    assert [e.level for e in episodes(of, judged(of, rules(strict)), rules(strict))] == [3]  # red by its numbers
    alone = replace(of, standings={"2023-07": of.standings["2023-07"]}, overrides=[replace(red, at=at("2023-08-07"))])
    assert [(e.first_period, e.state) for e in episodes(alone, judged(alone, rules()), rules())] == [
        ("2023-07", "OPEN")
    ]
    back = replace(of.overrides[0], ended_at=at("2023-07-20"), ended_by="office", end_reason="已整改")
    assert replayed(replace(of, overrides=[back]), judged(of, rules()), rules()).override is None


def inhibited(*periods: str) -> Rules:
    """The rules in force, the lights of some periods opening nothing."""
    return replace(rules(), inhibits=lambda _, cell: "district_not_reporting" if cell.period.text in periods else None)


def test_what_inhibits_is_replayed() -> None:
    """Rule 8: June opens nothing and July does; a hand that worsens the newest light, and a red line, open all the
    same, as they did; what is fixed while the line is open is inhibited like any other light."""
    of = recorded(coloured("2023-06", "red"), coloured("2023-07", "yellow"), through=at("2023-08-08"))
    assert [e.first_period for e in episodes(of, judged(of, rules()), rules())] == ["2023-06"]
    assert [e.first_period for e in episodes(of, judged(of, rules()), inhibited("2023-06"))] == ["2023-07"]
    green = recorded(coloured("2023-06", "green"), coloured("2023-07", "green"), through=at("2023-08-08"))
    by_hand = replace(green, overrides=[Override("o", "red", "office", "核查", at("2023-07-10"), at("2023-07-12"))])
    assert len(episodes(by_hand, judged(green, rules()), inhibited("2023-06"))) == 1
    touched = replace(green, lines=[RedLine("cultivated_land", 1, at("2023-07-10"))])
    assert [e.first_period for e in episodes(touched, judged(green, rules()), inhibited("2023-06"))] == ["2023-06"]
    before = replace(green, lines=[RedLine("cultivated_land", 1, at("2023-06-20"))])
    assert episodes(before, judged(green, rules()), inhibited("2023-06", "2023-07")) == []


def test_red_lines_are_replayed_to_their_end() -> None:
    """Rule 12: green months are red for tickets from 20 June to 20 July; August's light decides anew. The lights of
    record stay as computed."""
    months = [coloured(f"2023-0{n}", "green") for n in (5, 6, 7)]
    of = recorded(*months, through=at("2023-08-10"))
    of = replace(of, lines=[RedLine("cultivated_land", 1, at("2023-06-20"), at("2023-07-20"))])
    found = compared(of, rules(), rules(MILD), Span())
    assert (found.deviations, found.lights, found.tickets) == ([], [], [])
    assert [(e.first_period, e.level, e.state) for e in episodes(of, judged(of, rules()), rules())] == [
        ("2023-05", 3, "RECOVERED")
    ]


def test_a_stored_ticket_that_is_not_replayed_is_a_deviation() -> None:
    """The self-check is no formality: a missing one, one too many, another level."""
    of = recorded(coloured("2023-06", "red"), through=at("2023-07-08"))
    ticket = Episode("2023-06", 2, "OPEN")

    def deviations(*stored: Episode) -> list[tuple[int | None, int | None]]:
        found = tried(replace(of, tickets=stored), PROFILE).ticket_deviations
        return [(m.now, m.then) for m in found if m.rule == "lag"]

    assert deviations(ticket) == []
    assert deviations() == [(None, 2)]
    assert deviations(replace(ticket, level=3)) == [(3, 2)]
    assert deviations(ticket, Episode("2023-07", 1, "OPEN")) == [(1, None)]


def test_replaced_versions_are_replayed() -> None:
    """A wrong number opened a ticket that its correction cancelled: on both sides, unless the number was good there."""
    wrong, right = standing("2023-06", "30"), standing("2023-06", "40", version=2, known_at=at("2023-07-09"))
    of = replace(recorded(right, through=at("2023-07-20")), replaced=[wrong])
    found = tried(of)
    assert [(e.level, e.state) for e in episodes(of, judged(of, rules()), rules())] == [(1, "CANCELLED")]
    assert (found.tally.cancelled.now, found.tally.cancelled.then) == (1, 0)
    assert [(m.now, m.cancelled_now, m.then) for m in found.tickets] == [(1, True, None)]


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


def test_missing_reports_are_replayed() -> None:
    """Rules 7.1 and 8: May and June not reported by the 5th are two due dates missed, by the 25th June's value of the
    20th is in time; what was done about the ticket is done where there is one."""
    june = coloured("2023-06", "green", known_at=at("2023-07-20"))
    of = recorded(*(coloured(f"2023-0{n}", "green") for n in range(1, 5)), june, through=at("2023-07-26", 0))
    signed = Event("ack", at("2023-06-07"), actor="agri")
    of = replace(of, reporting_acts=[signed], reporting_tickets=[Episode("2023-05", 2, "CLOSED")])
    found = compared(of, rules(), replace(rules(of=_by_the_25th()), same_time=False), Span())
    assert found.ticket_deviations == []
    assert [(m.rule, m.first_period, m.now, m.then) for m in found.tickets] == [("reporting", "2023-05", 2, 1)]
    counted = found.tally.reporting
    assert (counted.opened.now, counted.opened.then, counted.letters.now, counted.letters.then) == (1, 1, 1, 0)
    assert found.tally.opened.now == found.tally.opened.then == 0
    assert [t.row for t in replayed(of, judged(of, rules()), rules()).tickets.transitions] == [
        *("missed", "ack", "missed", "received"),
    ]
    assert [(m.rule, m.now, m.then) for m in tried(replace(of, reporting_tickets=[])).ticket_deviations] == [
        ("reporting", None, 2)
    ]


def _by_the_25th() -> tuple[Cell, ...]:
    """The first ten months of 2023, each due at the end of the 25th of the next."""
    return tuple(_due(cell, at(f"2023-{cell.period.end.month + 1:02d}-26", 0)) for cell in OF[:10])


def test_several_tickets_of_one_period_are_told_apart() -> None:
    """Rule 8: a value that is withdrawn opens the next episode from the same period; none hides the other."""
    value = coloured("2023-06", "green", known_at=at("2023-07-08"))
    gone = standing("2023-06", None, version=2, known_at=at("2023-07-10"), reason="withdrawn")
    again = coloured("2023-06", "green", version=3, known_at=at("2023-07-12"))
    of = recorded(*(coloured(f"2023-0{n}", "green") for n in range(1, 6)), again, through=at("2023-07-20"))
    of = replace(of, replaced=[value, gone], reporting_tickets=[Episode("2023-06", 1, "CLOSED")] * 2)
    found = tried(of)
    assert (found.ticket_deviations, found.tickets, found.tally.reporting.opened.now) == ([], [], 2)


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
    assert light_text(found.lights[0], lookup, {}).zh == f"德清县“{name}”2023年6月：现行规则黄灯，试行规则绿灯。"
    assert ticket_text(found.tickets[0], lookup, {}).zh == (
        f"德清县“{name}”2023年6月：现行规则立督办单，最高至约谈；试行规则不立督办单。"
    )


@settings(max_examples=100, deadline=None)
@given(histories())
def test_the_replay_gives_what_is_stored(history: History) -> None:
    """Rules 6.1 and 8: every version told at its moment gives exactly the stored lights and tickets, corrected,
    withdrawn and restated ones included."""
    path = Path(history.shape)
    for event in history.events:
        _led(path, event.received_at)
        path.deliver([event])
    _led(path, FAR)
    for district, series in path.series.items():
        of = series.cells
        versions_of = [[moved.standing for moved in v] for (d, _), v in path.versions.items() if d == district]
        found = Recorded(
            series.name,
            {versions[-1].period: versions[-1] for versions in versions_of},
            {c.period.text: light.record for c, light in zip(of, series.lights.cells, strict=True)},
            (),
            FAR,
            tickets=[Episode(t.first_period, t.level, t.state) for t in series.tickets.lanes["lag"]],
            replaced=[each for versions in versions_of for each in versions[:-1]],
            reporting_tickets=[Episode(t.first_period, t.level, t.state) for t in series.tickets.lanes["reporting"]],
        )
        same = compared(found, rules(PROFILE, of), rules(PROFILE, of), Span())
        assert (same.deviations, same.ticket_deviations, same.lights, same.tickets) == ([], [], [], [])
        assert same.checked_tickets == len(found.tickets) + len(found.reporting_tickets)


def _led(path: Path, to: datetime) -> None:
    """Time passes moment by moment, as the platform's clock has it."""
    while coming := [s.next_at for s in path.series.values() if s.next_at is not None and s.next_at <= to]:
        path.pass_time(min(coming))
    path.pass_time(to)
