"""A rule tried on one project's recorded history: every version of its standing is told again at the moment it became
known, time passing between, by the code that judges every day (rule 12). Pure; `trial/trying.py` is the same of a
series.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from contracts.editions import Editions
from contracts.events import Colour, Text
from contracts.project_events import ProjectStanding
from contracts.terms import Terms
from services.alerts.loading import BEGINNING
from services.alerts.projects.feeding import Shown
from services.alerts.projects.supervision import Project
from services.alerts.tickets import Event, NotApplicable
from services.alerts.trial.differences import Compared, Span, Subject
from services.alerts.trial.replaying import Episode

Succession = Sequence[tuple[datetime, Terms]]  # what holds of each month, from when on


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is stored of one project: every version of its standing in their order, its lights of record, what was done
    about its tickets, and what became of them."""

    project: str
    name: Text
    district: str
    lead: str
    versions: Sequence[ProjectStanding]
    records: Mapping[str, Colour | None]  # by period
    acts: Sequence[Event]
    tickets: Sequence[Episode]
    through: datetime  # how far its partition has been judged


@dataclass(frozen=True, slots=True)
class Tried:
    """A project under both rules: what differs, and what it showed on trial (whose ticket it stands for, rule 12)."""

    of: Recorded
    compared: Compared
    shown: Sequence[Shown]


def succession(editions: Editions) -> Succession:
    """The months as each version of the catalogue left them: a later one moves what is open (rule 2.9)."""
    every = editions.all
    return [(each.since, Terms(Editions(every[: n + 1]))) for n, each in enumerate(every)]


def tried(recorded: Recorded, present: Succession, trial: Succession, span: Span) -> Tried:
    """Replay one project on both sides; once where they are the same."""
    now = replayed(recorded, present)
    then = now if trial is present else replayed(recorded, trial)
    out = Compared(Subject(recorded.district, recorded.lead, project=recorded.project))
    for cell, ours, theirs in zip(now.cells, _records(now), _records(then), strict=True):
        period = cell.period.text
        out.check_light(period, recorded.records.get(period), ours)
        if span.holds(cell.period.end) and (ours, theirs) != (None, None):
            out.light(out.tally.projects, period, ours, theirs)
    before, after = told(now), told(then)
    out.check_tickets("project", recorded.tickets, before)
    ends = {cell.period.text: cell.period.end for cell in now.cells}
    one, other = ([e for e in each if span.holds(ends[e.first_period])] for each in (before, after))
    out.count(out.tally.projects, "project", one, other)
    return Tried(recorded, out, then.past)


def _records(of: Project) -> Sequence[Colour | None]:
    return [light.record for light in of.lights.months] or [None] * len(of.cells)


def told(project: Project) -> list[Episode]:
    """What became of its tickets, oldest first; within an episode a level never falls."""
    return [Episode(each.first_period, each.level, each.state) for each in project.episodes]


def replayed(recorded: Recorded, terms: Succession) -> Project:
    """The project after all that was recorded."""
    (_, first), *later = terms
    project = Project(first.months, first.calendar, BEGINNING)
    steps: list[tuple[datetime, int, Callable[[], object]]] = []
    steps += [(at, 0, partial(project.receive, standing, at)) for at, standing in _moments(recorded.versions).items()]
    steps += [(event.at, 1, partial(_act, project, event)) for event in recorded.acts]
    steps += [(since, 2, partial(_succeed, project, held, since)) for since, held in later]
    for at, _, step in sorted(steps, key=lambda each: each[:2]):
        if at <= recorded.through:
            _pass(project, at)
            step()
    _pass(project, recorded.through)
    return project


def _moments(versions: Sequence[ProjectStanding]) -> Mapping[datetime, ProjectStanding]:
    """The newest version of each moment: judged together, as every day (moments.py)."""
    found, came = dict[datetime, ProjectStanding](), BEGINNING
    for standing in versions:
        came = max(came, standing.known_at)
        found[came] = standing
    return found


def _pass(project: Project, to: datetime) -> None:
    """Time passes moment by moment, each message sent when it is due."""
    while (moment := project.next_at) is not None and moment <= to:
        project.pass_time(moment, moment)
    project.pass_time(to, to)


def _act(project: Project, event: Event) -> None:
    with contextlib.suppress(NotApplicable):
        project.act(event)


def _succeed(project: Project, terms: Terms, at: datetime) -> None:
    project.take(terms.months, terms.calendar)
    project.succeed(at)
