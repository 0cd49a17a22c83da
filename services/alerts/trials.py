"""The use case of a trial: recorded history is read, replayed under two sets of rules and compared; nothing is written.

It runs beside judging on the same loop, one series at a time with a breath in between, one trial at a time, and gives
up after LONGEST seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

from contracts.calendar import Calendar
from contracts.cells import Cells
from contracts.editions import Catalogue, Edition, Editions
from contracts.events import Standing, Text
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from contracts.programme import Lookup, Profile, ReportingCalendar, Scheme
from contracts.topics import partition_of
from services.alerts.changes import Name
from services.alerts.loading import BEGINNING
from services.alerts.placing import PlaceMoved, places_moved
from services.alerts.replaying import Recorded, Rules
from services.alerts.scores.items import Sheet
from services.alerts.scores.periods import before, edition_of
from services.alerts.scores.reading import Reading
from services.alerts.tickets import Event
from services.alerts.trying import Compared, LightMoved, Span, Tally, TicketMoved, add, compared, examples

LONGEST = 120.0  # seconds
LISTED = 1000  # of the differences
_ACTS = ("ack", "answer", "review_passed", "review_refused", "escalate", "suppress", "unsuppress")
_DETAILS = ("reason", "cause", "plan", "promised_on", "approver", "until")  # of an act, as its row keeps them


class Busy(Exception):
    """Another trial is running."""


class TooLong(Exception):
    """It took too long: fewer series, please."""


class Unfit(ValueError):
    """The rules on trial do not fit: an unknown name, or no number."""


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is on trial: only what differs from the rules in force; and which part of history is looked at."""

    profile: dict[str, str | int] = {}
    calendar: dict[str, Any] = {}
    scheme: dict[str, Any] = {}
    first: date | None = msgspec.field(default=None, name="from")
    last: date | None = msgspec.field(default=None, name="to")
    indicator: str | None = None
    district: str | None = None


class Unit(msgspec.Struct, kw_only=True):
    """A district or a leading department with what differs for it."""

    id: str
    name: Text
    tally: Tally = msgspec.field(default_factory=Tally)


class SelfCheck(msgspec.Struct, kw_only=True):
    """Lights of record replayed under the rules in force, against those stored: none may differ."""

    cells: int = 0
    deviations: int = 0
    examples: list[LightMoved] = []


class Tried(msgspec.Struct, kw_only=True):
    """What would have differed."""

    programme: str
    trial: Trial
    series: int
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
        present = {p: self.catalogue.at(p) for p in {partition_of(self.catalogue.programme, i) for i in self._names()}}
        _converted(self.catalogue.lookup.programme.scheme, trial.scheme, Scheme)
        sides = {partition: (rules_of(found), rules_of(found, trial)) for partition, found in present.items()}
        if self._running.locked():
            raise Busy
        async with self._running:
            return await self._try(trial, sides)

    def _names(self) -> list[str]:
        return [indicator.id for indicator in self.catalogue.lookup.programme.indicators]

    async def _try(self, trial: Trial, sides: Mapping[int, tuple[Rules, Rules]]) -> Tried:
        began, span = time.monotonic(), Span(trial.first or date.min, trial.last or date.max)
        found, through = [], BEGINNING
        async for recorded in self._recorded(trial):
            present, other = sides[partition_of(recorded.name.programme, recorded.name.indicator)]
            found.append(compared(recorded, present, other, span))
            through = max(through, recorded.through)
            if time.monotonic() - began > self.longest:
                raise TooLong
            await asyncio.sleep(0)  # judging goes on in between
        places = await self._places(trial, found, through)
        return told(trial, found, through, self.catalogue.lookup, places)

    async def _places(self, trial: Trial, found: Sequence[Compared], through: datetime) -> list[PlaceMoved]:
        """In the newest month that is all due; a trial of a part of the series has none."""
        if trial.indicator or trial.district:
            return []
        lookup, cells = self.catalogue.lookup, self.catalogue.cells
        present, period = Sheet(lookup, cells), edition_of("month", trial.last or through.date())
        while not present.all_due(period, through):
            period = before(period)
        facts = await Reading(self.pool, lookup.programme.id).facts(period, through)
        scheme = _converted(lookup.programme.scheme, trial.scheme, Scheme)
        other = Sheet(Lookup(msgspec.structs.replace(lookup.programme, scheme=scheme)), cells)
        moved = [each for one in found for each in one.binding]
        return await asyncio.to_thread(places_moved, present, other, facts, moved)

    async def _recorded(self, trial: Trial) -> AsyncIterator[Recorded]:
        programme = self.catalogue.programme
        throughs = {row["partition"]: row["through"] for row in await self._fetch(_THROUGH)}
        for name in [trial.indicator] if trial.indicator else self._names():
            rows = [await self._fetch(query, programme, name, trial.district) for query in (_STANDINGS, _LIGHTS)]
            acts = await self._fetch(_ACTED, programme, name, trial.district, list(_ACTS))
            through = throughs.get(partition_of(programme, name))
            if through is None:
                continue
            for district in sorted({row["district"] for row in rows[1]}):
                yield Recorded(
                    Name(programme, name, district),
                    {r["period"]: _standing(r) for r in rows[0] if r["district"] == district},
                    {r["period"]: r["record"] for r in rows[1] if r["district"] == district},
                    [_act(r) for r in acts if r["district"] == district],
                    through.astimezone(SHANGHAI),
                )

    async def _fetch(self, question: str, *given: Any) -> list[asyncpg.Record]:
        with sorted_errors():
            return await self.pool.fetch(question, *given)


def rules_of(editions: Editions, trial: Trial | None = None) -> Rules:
    """The rules in force, or those on trial: each version of the catalogue with what differs. `Unfit`."""
    if trial is not None and trial.calendar:
        editions = Editions([_recalendared(edition, trial.calendar) for edition in editions.all])
    changes = trial.profile if trial is not None else {}
    profiles = {edition.version: _changed(edition.lookup.programme.profile, changes) for edition in editions.all}
    newest = profiles[editions.newest.version]
    return Rules(
        editions.of,
        Calendar.of(editions.lookup.programme.calendar),
        lambda standing: profiles.get(standing.catalogue_version, newest),
        same_time=trial is None or not trial.calendar,
    )


def _recalendared(edition: Edition, changes: Mapping[str, Any]) -> Edition:
    programme = edition.lookup.programme
    calendar = _converted(programme.calendar, changes, ReportingCalendar)
    lookup = Lookup(msgspec.structs.replace(programme, calendar=calendar))
    return replace(edition, lookup=lookup, cells=Cells(lookup))


def _changed(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    found: Profile = _converted(profile, changes, Profile)
    for name in msgspec.structs.asdict(found):
        value = getattr(found, name)
        if name != "id" and isinstance(value, str) and not _number(value):
            raise Unfit(f"profile.{name}: {value!r}")
    return found


def _converted(record: Any, changes: Mapping[str, Any], kind: Any) -> Any:
    try:
        return msgspec.convert(msgspec.to_builtins(record) | dict(changes), kind, strict=False)
    except msgspec.ValidationError as problem:
        raise Unfit(str(problem)) from problem


def _number(text: str) -> bool:
    whole, _, places = text.partition(".")
    return whole.isdecimal() and (not places or places.isdecimal())


def told(
    trial: Trial, found: list[Compared], through: datetime, lookup: Lookup, places: Sequence[PlaceMoved] = ()
) -> Tried:
    """All series added up, by unit."""
    total, districts, departments, check = Tally(), dict[str, Tally](), dict[str, Tally](), SelfCheck()
    for each in found:
        indicator, district = each.name
        for tally in (
            total,
            districts.setdefault(district, Tally()),
            departments.setdefault(lookup.indicators[indicator].lead, Tally()),
        ):
            add(tally, each.tally)
        check.cells += each.checked
        check.deviations += len(each.deviations)
        check.examples = [*check.examples, *each.deviations][:10]
    names = {key: each.name for key, each in lookup.districts.items()}
    names |= {key: each.name for key, each in lookup.departments.items()}
    return Tried(
        programme=lookup.programme.id,
        trial=trial,
        series=len(found),
        through=through,
        self_check=check,
        total=total,
        districts=[Unit(id=key, name=names[key], tally=tally) for key, tally in districts.items()],
        departments=[Unit(id=key, name=names[key], tally=tally) for key, tally in sorted(departments.items())],
        examples=examples(found, lookup),
        lights=[moved for each in found for moved in each.lights][:LISTED],
        tickets=[moved for each in found for moved in each.tickets][:LISTED],
        places=list(places),
    )


_decode = msgspec.json.Decoder(Standing).decode


def _standing(row: asyncpg.Record) -> Standing:
    return _decode(row["document"])


def _act(row: asyncpg.Record) -> Event:
    """A recorded act as it was done."""
    detail = msgspec.json.decode(row["detail"] or "{}", type=dict[str, Any])
    done = {"kind": row["event"], "at": row["at"].astimezone(SHANGHAI), "actor": row["actor"]}
    return msgspec.convert(done | {name: detail[name] for name in _DETAILS if name in detail}, Event)


_OF = "programme = $1 AND indicator = $2 AND ($3::text IS NULL OR district = $3)"
_THROUGH = "SELECT partition, through FROM alerts.watermark"
_STANDINGS = f"SELECT district, period, document::text AS document FROM alerts.standing WHERE {_OF}"
_LIGHTS = f"SELECT district, period, record FROM alerts.light WHERE {_OF}"
_ACTED = f"""
SELECT district, e.event, e.at, e.actor, e.detail::text AS detail
FROM alerts.ticket_event e JOIN alerts.ticket k USING (ticket)
WHERE {_OF} AND k.rule <> 'reporting' AND e.actor IS NOT NULL AND e.event = ANY ($4) ORDER BY e.at, e.position
"""
