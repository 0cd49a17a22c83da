"""One recorded series replayed under given rules: its lights of record and what became of its tickets. Pure.

Two replays of the same recorded standings differ by their rules alone. The newest version of each standing is told at
the moment it became known, and time passes between; versions that a correction has replaced are replayed on no side.
Recorded acts (签收, 反馈, 复核, escalation, suppression) and overrides of the light (rule 6.6) are done at their moment
where that side takes them and left out where it does not: nobody knows what would have been done instead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Colour, Standing
from contracts.programme import Profile
from services.alerts.changes import Name
from services.alerts.episodes import Episodes
from services.alerts.judgement import Judgement
from services.alerts.lights import fold_judgements
from services.alerts.loading import BEGINNING
from services.alerts.overrides import NotWorse, Override
from services.alerts.remeasuring import remeasured
from services.alerts.supervision import Series
from services.alerts.tickets import Event, Lane, NotApplicable


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is stored of one series: its newest standings, its lights of record, what was done about its tickets and
    how its light was overridden."""

    name: Name
    standings: Mapping[str, Standing]  # by period
    records: Mapping[str, Colour | None]  # by period
    acts: Sequence[Event]
    through: datetime  # how far its partition has been judged
    overrides: Sequence[Override] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one side: the cells with their due dates, business days, and the profile of a standing."""

    cells: Callable[[str, str], Sequence[Cell]]
    calendar: Calendar
    profile: Callable[[Standing], Profile]
    same_time: bool = True  # due dates and business days as in force


@dataclass(frozen=True, slots=True)
class Episode:
    """What became of one ticket: the highest level it reached, and its last state."""

    first_period: str
    level: int
    state: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A series judged by the rules of one side; `judgements` tell whether another side can differ at all."""

    cells: Sequence[Cell]
    judgements: Sequence[Judgement | None]
    records: Sequence[Colour | None]


def judged(recorded: Recorded, rules: Rules) -> Judged:
    """The lights of record alone: one fold."""
    cells = rules.cells(recorded.name.indicator, recorded.name.district)
    judgements = [_judgement(recorded.standings.get(cell.period.text), rules) for cell in cells]
    lights = fold_judgements(cells, judgements, recorded.through)
    return Judged(cells, judgements, [light.record for light in lights.cells])


def episodes(recorded: Recorded, found: Judged, calendar: Calendar) -> list[Episode]:
    """The tickets that lights make, those among them that a forecast opened."""
    return told(replayed(recorded, found, calendar), "lag")


def replayed(recorded: Recorded, found: Judged, calendar: Calendar) -> Series:
    """The series after all that was recorded."""
    receipts = [
        Receipt(judgement.known_at, i, recorded.standings[cell.period.text], judgement)
        for i, (cell, judgement) in enumerate(zip(found.cells, found.judgements, strict=True))
        if judgement is not None
    ]
    series = blank(recorded.name, found.cells, calendar)
    lead(series, receipts, recorded.acts, recorded.overrides, recorded.through)
    return series


@dataclass(frozen=True, slots=True)
class Receipt:
    """A standing of a cell, with the moment at which it comes and how it is judged."""

    at: datetime
    cell: int
    standing: Standing
    judgement: Judgement


def lead(
    series: Series,
    receipts: Sequence[Receipt],
    acts: Sequence[Event],
    overrides: Sequence[Override],
    through: datetime,
) -> None:
    """Lead a series through everything in its order, time passing between, by the code that judges every day."""
    steps: list[tuple[datetime, int, Callable[[], object]]] = []
    for each in receipts:
        steps.append((each.at, 0, partial(series.receive, each.cell, each.standing, each.judgement, each.at)))
    for event in acts:
        steps.append((event.at, 1, partial(_act, series, event)))
    for override in overrides:
        steps.append((override.at, 2, partial(_overrule, series, override)))
        if override.ended_at is not None and override.ended_by is not None:
            steps.append((override.ended_at, 3, partial(_lift, series, override)))
    for at, _, step in sorted(steps, key=lambda each: each[:2]):
        _pass(series, at)
        step()
    _pass(series, through)


def _pass(series: Series, to: datetime) -> None:
    """Time passes moment by moment, each message sent when it is due."""
    while (moment := series.next_at) is not None and moment <= to:
        series.pass_time(moment, moment)
    series.pass_time(to, to)


def blank(name: Name, cells: Sequence[Cell], calendar: Calendar) -> Series:
    """A series about which nothing is known yet."""
    nothing: list[Judgement | None] = [None] * len(cells)
    return Series(
        name, cells, calendar, BEGINNING, nothing, fold_judgements(cells, nothing, BEGINNING), Episodes(calendar)
    )


def _judgement(standing: Standing | None, rules: Rules) -> Judgement | None:
    if standing is None:
        return None
    profile = rules.profile(standing)
    return Judgement.of(remeasured(standing, profile), profile)


def _act(series: Series, event: Event) -> None:
    try:
        series.act(event)
    except NotApplicable:
        return


def _overrule(series: Series, override: Override) -> None:
    try:
        series.overrule(replace(override, ended_at=None, ended_by=None, end_reason=None))
    except NotWorse:
        return


def _lift(series: Series, override: Override) -> None:
    """Taken back by hand; where another has taken its place it has ended already."""
    if series.override is not None and series.override.id == override.id:
        assert override.ended_at is not None
        series.lift(override.ended_at, override.ended_by or "", override.end_reason or "")


def told(series: Series, lane: Lane) -> list[Episode]:
    """What became of the tickets of one lane, oldest first."""
    levels: dict[int, int] = {}
    for transition in (each for each in series.tickets.transitions if each.after.lane == lane):
        after = transition.after
        levels[after.episode] = max(after.level, levels.get(after.episode, 0))
    return [Episode(t.first_period, levels.get(t.episode, t.level), t.state) for t in series.tickets.lanes[lane]]
