"""The use case of a trial: recorded history is read, replayed under two sets of rules and compared; nothing is written.

It runs beside judging on the same loop, one series or project at a time with a breath in between, one trial at a time,
and gives up after LONGEST seconds.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from contracts.editions import Catalogue, Editions
from contracts.events import Text
from contracts.operations.database import Pool
from contracts.programme import Lookup
from contracts.schemes import Scheme
from contracts.topics import partition_of
from services.alerts.inhibition import Duties, recounted
from services.alerts.loading import BEGINNING
from services.alerts.projects import recordings as recorded_projects
from services.alerts.projects import trying as trying_projects
from services.alerts.projects.reading import Reading as Projects
from services.alerts.scores.computing import Seats
from services.alerts.scores.items import Sheet
from services.alerts.scores.periods import before, edition_of
from services.alerts.scores.reading import Reading
from services.alerts.trial.differences import Compared, LightMoved, Span, Tally, TicketMoved, add
from services.alerts.trial.placing import PlaceMoved, places_moved
from services.alerts.trial.recordings import judged_through, knowns, recordings, silences
from services.alerts.trial.replaying import Rules
from services.alerts.trial.sides import Trial, converted, inhibits, moves_projects, on_trial, rules_of
from services.alerts.trial.trying import compared
from services.alerts.trial.words import examples

LONGEST = 120.0  # seconds
LISTED = 1000  # of the differences


class Busy(Exception):
    """Another trial is running."""


class TooLong(Exception):
    """It took too long: fewer series, please."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a trial may take; judging goes on in between."""

    until: float

    async def breathe(self) -> None:
        if time.monotonic() > self.until:
            raise TooLong
        await asyncio.sleep(0)


class Unit(msgspec.Struct, kw_only=True):
    """A district or a leading department with what differs for it."""

    id: str
    name: Text
    tally: Tally = msgspec.field(default_factory=Tally)


class SelfCheck(msgspec.Struct, kw_only=True):
    """Lights of record and tickets replayed under the rules in force, against those stored: none may differ."""

    cells: int = 0
    deviations: int = 0
    examples: list[LightMoved] = []
    tickets: int = 0
    ticket_deviations: int = 0
    ticket_examples: list[TicketMoved] = []


class Tried(msgspec.Struct, kw_only=True):
    """What would have differed."""

    programme: str
    trial: Trial
    series: int
    projects: int
    through: datetime
    self_check: SelfCheck
    total: Tally
    districts: list[Unit]
    departments: list[Unit]
    examples: list[Text]
    lights: list[LightMoved]
    tickets: list[TicketMoved]
    places: list[PlaceMoved]


@dataclass
class Trials:
    """Tries rules on the recorded history of one programme."""

    pool: Pool
    catalogue: Catalogue
    longest: float = LONGEST

    def __post_init__(self) -> None:
        self._running = asyncio.Lock()

    async def __call__(self, trial: Trial) -> Tried:
        """What would have differed; Unfit, Busy or TooLong."""
        scheme = converted(self.catalogue.lookup.programme.scheme, trial.scheme, Scheme)
        tried = {p: on_trial(self.catalogue.at(p), trial) for p in set(map(self._partition, self._names()))}
        if self._running.locked():
            raise Busy
        async with self._running:
            return await self._try(trial, tried, scheme)

    def _partition(self, indicator: str) -> int:
        return partition_of(self.catalogue.programme, indicator)

    def _names(self) -> list[str]:
        return [indicator.id for indicator in self.catalogue.lookup.programme.indicators]

    async def _try(self, trial: Trial, tried: Mapping[int, Editions], scheme: Scheme) -> Tried:
        patience, span = (
            Patience(time.monotonic() + self.longest),
            Span(trial.first or date.min, trial.last or date.max),
        )
        projects = await self._projects(trial, span, patience)
        sides = await self._sides(trial, tried, projects)
        found, through = [], BEGINNING
        async for recorded in recordings(self.pool, self.catalogue, trial.indicator, trial.district):
            present, other = sides[self._partition(recorded.name.indicator)]
            lead = self.catalogue.lookup.indicators[recorded.name.indicator].lead
            found.append(compared(recorded, present, other, span, lead))
            through = max(through, recorded.through)
            await patience.breathe()
        held = Seats(self.catalogue.lookup, lambda name: tried[self._partition(name)])
        places = await self._places(trial, Sheet(held, scheme), found, through)
        asked = [] if trial.indicator else [p for p in projects if trial.district in (None, p.of.district)]
        return told(trial, found, asked, through, self.catalogue.lookup, places)

    async def _projects(self, trial: Trial, span: Span, patience: Patience) -> list[trying_projects.Tried]:
        """Every project on both sides: whatever is looked at, a red one may stand for an indicator's ticket."""
        present = trying_projects.succession(self.catalogue.editions)
        other = present
        if moves_projects(trial):
            other = trying_projects.succession(on_trial(self.catalogue.editions, trial))
        found = []
        for recorded in await recorded_projects.recordings(self.pool, self.catalogue.programme):
            found.append(trying_projects.tried(recorded, present, other, span))
            await patience.breathe()
        return found

    async def _sides(
        self, trial: Trial, tried: Mapping[int, Editions], projects: Sequence[trying_projects.Tried]
    ) -> Mapping[int, tuple[Rules, Rules]]:
        """Of each partition the rules in force and those on trial."""
        programme = self.catalogue.programme
        fed = {each.id for each in self.catalogue.lookup.indicators.values() if each.fed_by}
        shown = await Projects(self.pool).past(programme, sorted(fed)) if fed else {}
        silent = await silences(self.pool, programme)
        now = then = inhibits(silent, fed, shown)
        if trial.calendar:
            duties = Duties.by(on_trial(self.catalogue.editions, trial).newest)
            silent = recounted(duties, await knowns(self.pool, programme), await judged_through(self.pool))
        if moves_projects(trial):
            then = inhibits(silent, fed, {each.of.project: each.shown for each in projects})
        same_time = not trial.calendar
        return {
            p: (rules_of(self.catalogue.at(p), now), rules_of(editions, then, same_time=same_time))
            for p, editions in tried.items()
        }

    async def _places(
        self, trial: Trial, other: Sheet, found: Sequence[Compared], through: datetime
    ) -> list[PlaceMoved]:
        """In the newest month that is all due; a trial of a part of the series has none."""
        if trial.indicator or trial.district:
            return []
        present, period = Sheet(Seats.of(self.catalogue)), edition_of("month", trial.last or through.date())
        while not present.all_due(period, through):
            period = before(period)
        facts = await Reading(self.pool, self.catalogue.programme).facts(period, through)
        moved = [each for one in found for each in one.binding]
        return await asyncio.to_thread(places_moved, present, other, facts, moved)


def told(
    trial: Trial,
    series: Sequence[Compared],
    projects: Sequence[trying_projects.Tried],
    through: datetime,
    lookup: Lookup,
    places: Sequence[PlaceMoved],
) -> Tried:
    """All series and projects added up, by unit."""
    found = [*series, *(each.compared for each in projects)]
    total, districts, departments, check = Tally(), dict[str, Tally](), dict[str, Tally](), SelfCheck()
    for each in found:
        of = each.subject
        for tally in (total, districts.setdefault(of.district, Tally()), departments.setdefault(of.lead, Tally())):
            add(tally, each.tally)
        check.cells += each.checked
        check.deviations += len(each.deviations)
        check.examples = [*check.examples, *each.deviations][:10]
        check.tickets += each.checked_tickets
        check.ticket_deviations += len(each.ticket_deviations)
        check.ticket_examples = [*check.ticket_examples, *each.ticket_deviations][:10]
    names = {key: each.name for key, each in lookup.districts.items()}
    names |= {key: each.name for key, each in lookup.departments.items()}
    return Tried(
        programme=lookup.programme.id,
        trial=trial,
        series=len(series),
        projects=len(projects),
        through=through,
        self_check=check,
        total=total,
        districts=[Unit(id=key, name=names[key], tally=tally) for key, tally in districts.items()],
        departments=[Unit(id=key, name=names[key], tally=tally) for key, tally in sorted(departments.items())],
        examples=examples(found, lookup, {each.of.project: each.of.name for each in projects}),
        lights=[moved for each in found for moved in each.lights][:LISTED],
        tickets=[moved for each in found for moved in each.tickets][:LISTED],
        places=list(places),
    )
