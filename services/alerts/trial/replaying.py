"""One recorded series replayed under given rules: its lights of record and what became of its tickets, of lag, forecast
and missing reports. Pure.

Two replays of the same recorded standings differ by their rules alone. Every version of each standing is told at the
moment it became known, and time passes between.
Recorded acts (签收, 反馈, 复核, escalation, suppression), overrides of the light (rule 6.6) and red lines on its task
(rule 12) are done at their moment where that side takes them and left out where it does not: nobody knows what would
have been done instead. What keeps a light from opening a ticket (rule 8) each side answers by its own due dates.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Colour, Standing
from contracts.programme import Profile
from services.alerts.changes import Heard, Name
from services.alerts.episodes import Episodes
from services.alerts.judgement import Judgement
from services.alerts.lights import fold_judgements
from services.alerts.loading import BEGINNING
from services.alerts.overrides import NotWorse, Override
from services.alerts.redlines import RedLine, followed
from services.alerts.series import never
from services.alerts.supervision import Series
from services.alerts.table import Rule
from services.alerts.tickets import Event, Lane, NotApplicable
from services.alerts.trial.remeasuring import remeasured


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is stored of one series: its newest standings and those they replaced, its lights of record, what was done
    about its tickets, how its light was overridden, the red lines on its task, and what became of its tickets: those of
    lag and forecast, and those of missing reports."""

    name: Name
    standings: Mapping[str, Standing]  # by period
    records: Mapping[str, Colour | None]  # by period
    acts: Sequence[Event]  # on tickets of lag and forecast
    through: datetime  # how far its partition has been judged
    overrides: Sequence[Override] = ()
    lines: Sequence[RedLine] = ()
    tickets: Sequence["Episode"] = ()
    replaced: Sequence[Standing] = ()
    reporting_acts: Sequence[Event] = ()
    reporting_tickets: Sequence["Episode"] = ()


LAG: Sequence[Rule] = ("lag", "forecast")
REPORTING: Sequence[Rule] = ("reporting",)


def nothing(_: Name, __: Cell) -> None:
    """Nothing inhibits anything."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one side: the cells with their due dates (given when publications locked some), business days, the
    profile of a standing, and why the light of a cell opens no ticket (rule 8)."""

    cells: Callable[[str, str, Mapping[str, datetime]], Sequence[Cell]]
    calendar: Calendar
    profile: Callable[[Standing], Profile]
    same_time: bool = True  # due dates and business days as in force
    inhibits: Callable[[Name, Cell], str | None] = nothing


@dataclass(frozen=True, slots=True)
class Episode:
    """What became of one ticket: the highest level it reached, and its last state."""

    first_period: str
    level: int
    state: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A series judged by the rules of one side: its cells, the newest judgement and the light of record of each, and
    every version as it comes."""

    cells: Sequence[Cell]
    judgements: Sequence[Judgement | None]
    records: Sequence[Colour | None]
    receipts: Sequence["Receipt"]


def judged(recorded: Recorded, rules: Rules) -> Judged:
    """The lights of record: one fold."""
    published = {p: s.published_at for p, s in recorded.standings.items() if isinstance(s.published_at, datetime)}
    cells = rules.cells(recorded.name.indicator, recorded.name.district, published)
    told = (recorded.standings.get(cell.period.text) for cell in cells)
    judgements = [None if standing is None else _judgement(standing, rules) for standing in told]
    lights = fold_judgements(cells, judgements, recorded.through)
    return Judged(cells, judgements, [light.record for light in lights.cells], _receipts(recorded, cells, rules))


def replayed(recorded: Recorded, found: Judged, rules: Rules) -> Series:
    """The series after all that was recorded."""
    series = blank(recorded.name, found.cells, rules.calendar)
    series.inhibitor = lambda i: rules.inhibits(recorded.name, found.cells[i])
    acts = [(LAG, event) for event in recorded.acts] + [(REPORTING, event) for event in recorded.reporting_acts]
    lead(series, found.receipts, acts, recorded.overrides, recorded.through, recorded.lines)
    return series


@dataclass(frozen=True, slots=True)
class Receipt:
    """A standing of a cell, with the moment at which it comes and how it is judged."""

    at: datetime
    cell: int
    standing: Standing
    judgement: Judgement


def _receipts(recorded: Recorded, cells: Sequence[Cell], rules: Rules) -> list[Receipt]:
    """Each version at its moment; a later one never before those it replaced, whatever reports it is known from."""
    places = {cell.period.text: i for i, cell in enumerate(cells)}
    found: list[Receipt] = []
    came: dict[str, datetime] = {}
    for standing in sorted((*recorded.replaced, *recorded.standings.values()), key=lambda each: each.version):
        if standing.period in places:
            came[standing.period] = max(standing.known_at, came.get(standing.period, BEGINNING))
            judgement = _judgement(standing, rules)
            found.append(Receipt(came[standing.period], places[standing.period], standing, judgement))
    return found


def lead(
    series: Series,
    receipts: Sequence[Receipt],
    acts: Sequence[tuple[Sequence[Rule], Event]],
    overrides: Sequence[Override],
    through: datetime,
    lines: Sequence[RedLine] = (),
) -> None:
    """Lead a series through everything in its order, time passing between, by the code that judges every day."""
    steps: list[tuple[datetime, int, Callable[[], object]]] = []
    for at, heard in _moments(receipts).items():
        steps.append((at, 0, partial(series.receive, heard, at)))
    for of, event in acts:
        steps.append((event.at, 1, partial(_act, series, of, event)))
    for override in overrides:
        steps.append((override.at, 2, partial(_overrule, series, override)))
        if override.ended_at is not None and override.ended_by is not None:
            steps.append((override.ended_at, 3, partial(_lift, series, override)))
    for line in lines:
        steps.append((line.since, 4, partial(_touch, series, replace(line, until=None), line.since)))
        if line.until is not None:
            steps.append((line.until, 5, partial(_touch, series, line, line.until)))
    for at, _, step in sorted(steps, key=lambda each: each[:2]):
        _pass(series, at)
        step()
    _pass(series, through)


def _moments(receipts: Sequence[Receipt]) -> dict[datetime, list[Heard]]:
    """What comes at each moment, of each cell its newest version: judged together, as every day (moments.py)."""
    found: dict[datetime, dict[int, Heard]] = {}
    for each in receipts:  # the versions of a cell are in their order
        found.setdefault(each.at, {})[each.cell] = each.cell, each.standing, each.judgement
    return {at: list(heard.values()) for at, heard in found.items()}


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


def _judgement(standing: Standing, rules: Rules) -> Judgement:
    profile = rules.profile(standing)
    return Judgement.of(remeasured(standing, profile), profile)


def _act(series: Series, of: Sequence[Rule], event: Event) -> None:
    """On the ticket of one of these rules: there is at most one that takes it."""
    for rule in of:
        with contextlib.suppress(NotApplicable):
            series.act(event, series.tickets.current(rule))
            return


def _overrule(series: Series, override: Override) -> None:
    """As it was done: the tickets of a light that was worsened by hand nothing inhibits."""
    with _uninhibited(series), contextlib.suppress(NotWorse):
        series.overrule(replace(override, ended_at=None, ended_by=None, end_reason=None))


def _touch(series: Series, line: RedLine, at: datetime) -> None:
    """Likewise of a red line; what is fixed while it is open is inhibited as any other light."""
    with _uninhibited(series):
        series.touch(followed(series.lines, [line]), at)


@contextlib.contextmanager
def _uninhibited(series: Series) -> Iterator[None]:
    inhibitor, series.inhibitor = series.inhibitor, never
    try:
        yield
    finally:
        series.inhibitor = inhibitor


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
