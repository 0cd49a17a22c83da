"""The two sides of a trial: the rules in force and those on trial, made of what differs. Pure."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from contracts.calendar import Calendar
from contracts.cells import Cell, Cells
from contracts.editions import Edition, Editions
from contracts.programme import Lookup, Profile, ReportingCalendar
from services.alerts.changes import Name
from services.alerts.inhibition import NOT_REPORTING, Place, place_of
from services.alerts.projects.feeding import RED_PROJECT, Shown
from services.alerts.projects.feeding import inhibits as stands_for
from services.alerts.trial.replaying import Rules, nothing

Inhibits = Callable[[Name, Cell], str | None]


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


def rules_of(editions: Editions, inhibiting: Inhibits = nothing, *, same_time: bool = True) -> Rules:
    """The rules of one side: each version of the catalogue with its thresholds and its calendar."""
    profiles = {edition.version: edition.lookup.programme.profile for edition in editions.all}
    newest = profiles[editions.newest.version]
    return Rules(
        lambda *asked: [seat.cell for seat in editions.held(*asked)],
        Calendar.of(editions.lookup.programme.calendar),
        lambda standing: profiles.get(standing.catalogue_version, newest),
        same_time=same_time,
        inhibits=inhibiting,
    )


def inhibits(silent: Set[Place], fed: Set[str], shown: Mapping[str, Sequence[Shown]]) -> Inhibits:
    """What keeps the light of a cell from opening a ticket (rules 8 and 12): its district did not report, or a project
    that alone feeds the indicator was red; `fed` are the indicators that projects may feed, by what these showed."""

    def reason(name: Name, cell: Cell) -> str | None:
        if place_of(cell) in silent:
            return NOT_REPORTING
        if name.indicator not in fed or cell.record_at is None:
            return None
        return RED_PROJECT if stands_for(shown, name.indicator, name.district, cell.record_at) else None

    return reason


def moves_projects(trial: Trial) -> bool:
    """Whether projects may be judged otherwise: by thresholds of theirs, or by due dates."""
    return bool(trial.calendar) or any(name.startswith("project_") for name in trial.profile)


def on_trial(editions: Editions, trial: Trial) -> Editions:
    """Each version with what differs on trial. `Unfit`."""
    return Editions([_edition(edition, trial) for edition in editions.all])


def _edition(edition: Edition, trial: Trial) -> Edition:
    programme = edition.lookup.programme
    changed = msgspec.structs.replace(
        programme,
        calendar=converted(programme.calendar, trial.calendar, ReportingCalendar),
        profile=_changed(programme.profile, trial.profile),
    )
    lookup = Lookup(changed)
    return replace(edition, lookup=lookup, cells=Cells(lookup) if trial.calendar else edition.cells)


def _changed(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    found: Profile = converted(profile, changes, Profile)
    for name, value in msgspec.structs.asdict(found).items():
        if name != "id" and isinstance(value, str) and not _number(value):
            raise Unfit(f"profile.{name}: {value!r}")
    return found


def converted(record: Any, changes: Mapping[str, Any], kind: Any) -> Any:
    try:
        return msgspec.convert(msgspec.to_builtins(record) | dict(changes), kind, strict=False)
    except msgspec.ValidationError as problem:
        raise Unfit(str(problem)) from problem


def _number(text: str) -> bool:
    whole, _, places = text.partition(".")
    return whole.isdecimal() and (not places or places.isdecimal())
