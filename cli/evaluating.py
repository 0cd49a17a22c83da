"""What the rules say of a case, by the very code of the services: facts → fold → lights and tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from cli.case import Case, Misread, facts_of, profile_of, programme_of
from cli.case_acts import Nameless, acts_of, overrides_of, told_acts, told_cells, told_overrides
from cli.consequences import project, scores, supervised
from contracts.catalogue import SHIPPED
from contracts.cells import Cell, Cells
from contracts.events import Colour, Standing
from contracts.numbers import exact
from contracts.periods import midnight
from contracts.programme import Lookup
from services.alerts.lights import fold as fold_lights
from services.alerts.lights import raw
from services.alerts.trial.replaying import Episode, told
from services.metrics.acts import CellAct
from services.metrics.fold import Fact, Folded, fold


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The newest cell with a value by `as_of`, its light, and the lights of the whole series up to then."""

    standing: Standing
    light: Colour
    raw: Colour
    lights: Sequence[tuple[str, Colour]]
    outcomes: Sequence[tuple[str, str | None, tuple[str, ...]]]  # of the reports, in the file's order
    tickets: Sequence[Episode]  # up to the same moment as the lights
    reporting: Sequence[Episode]
    acts: Sequence[Mapping[str, Any]]
    cells: Sequence[Mapping[str, Any]]  # excused or locked by acts
    overrides: Sequence[Mapping[str, Any]]
    override: Colour | None  # the one in force

    def document(self) -> Mapping[str, Any]:
        outcomes = [{"outcome": kind, "code": code, "flags": flags} for kind, code, flags in self.outcomes]
        lights = [{"period": period, "light": light} for period, light in self.lights]
        return {
            "standing": self.standing,
            "light": self.light,
            "raw": self.raw,
            "explanation": self.standing.explanation,
            "lights": lights,
            "outcomes": outcomes,
            "tickets": [_ticket(each) for each in self.tickets],
            "reporting_tickets": [_ticket(each) for each in self.reporting],
            "acts": self.acts,
            "cells": self.cells,
            "override": self.override,
            "overrides": self.overrides,
        }


def _ticket(of: Episode) -> dict[str, Any]:
    return {"first_period": of.first_period, "level": of.level, "state": of.state}


def beyond(case: Case, catalogue: Path) -> dict[str, Any]:
    """What the case asks for beside its indicator: scores and a project."""
    found: dict[str, Any] = {}
    if case.scores:
        found["scores"] = scores(case.scores, exact(case.gate))
    if case.project is not None:
        found["project"] = project(case.project, case.as_of, profile_of(case, catalogue))
    if case.indicator is None and not found:
        raise Misread("案例没有指标、得分或项目", "the case has no indicator, scores or project")
    return found


def evaluate(case: Case, catalogue: Path = SHIPPED) -> Evaluated:
    """The services' own path: facts → fold → lights."""
    lookup = programme_of(case, catalogue)
    cells = Cells(lookup)
    (indicator,) = lookup.programme.indicators
    facts, through = facts_of(case, lookup, cells), _through(case)
    acts = _acts(case, facts)
    folded = fold(lookup, cells, indicator, list(facts.values()), acts)
    told_of = [cell for cell in cells.of(indicator.id, case.district)[1:] if cell.period.end <= case.as_of]
    standing, lights = _newest(case, told_of, folded), _lights(case, lookup, told_of, folded)
    versions = _versions(case, lookup, cells, list(facts.values()), acts)
    overrides = overrides_of(case.overrides, through)
    series = supervised(lookup, cells.of(indicator.id, case.district), versions, case.ticket_acts, overrides, through)
    return Evaluated(
        standing,
        dict(lights)[standing.period],
        raw(standing, lookup.programme.profile),
        lights,
        [folded.outcomes[fact.identity] for fact in facts.values()],
        told(series, "lag"),
        told(series, "reporting"),
        told_acts(acts, folded),
        told_cells(folded),
        told_overrides(overrides, series),
        None if series.override is None else series.override.colour,
    )


def _acts(case: Case, facts: Mapping[int, Fact]) -> list[CellAct]:
    try:
        return acts_of(case.acts, facts, case.district, case.known_at)
    except Nameless as nameless:
        zh = f"{nameless} 没有指明报送或报告期"
        raise Misread(zh, f"{nameless} names no report of the case and no period") from nameless


def _versions(
    case: Case, lookup: Lookup, cells: Cells, facts: Sequence[Fact], acts: Sequence[CellAct]
) -> list[tuple[datetime, Standing]]:
    """Each version of the series' standings at the moment it came: the fold of what was known by then (rule 2.10)."""
    (indicator,) = lookup.programme.indicators
    came = {fact.received_at for fact in facts} | {act.received_at for act in acts}
    moments = sorted(came | {fact.approved_at for fact in facts if fact.approved_at is not None})
    versions: list[tuple[datetime, Standing]] = []
    last: dict[str, Standing] = {}
    for number, at in enumerate(moments, 1):
        known = [_by(fact, at) for fact in facts if fact.received_at <= at]
        found = fold(lookup, cells, indicator, known, [act for act in acts if act.received_at <= at])
        for (district, period), standing in found.standings.items():
            if district == case.district and standing != last.get(period):
                last[period] = standing
                versions.append((at, msgspec.structs.replace(standing, version=number)))
    return versions


def _by(fact: Fact, at: datetime) -> Fact:
    """A report as it was known: not approved yet."""
    return replace(fact, approved_at=None) if fact.approved_at is not None and fact.approved_at > at else fact


def _newest(case: Case, told: Sequence[Cell], folded: Folded) -> Standing:
    """The newest period with a value that ends by `as_of` (rule 2.10); without one, the newest that says why."""
    found = [folded.standings[case.district, cell.period.text] for cell in told if _known(case, cell, folded)]
    if not found:
        zh = f"{case.district} 没有截至 {case.as_of} 的报告期的报送"
        raise Misread(zh, f"no report of {case.district} for a period that ends by {case.as_of}")
    return next((standing for standing in reversed(found) if standing.value is not None), found[-1])


def _known(case: Case, cell: Cell, folded: Folded) -> bool:
    return (case.district, cell.period.text) in folded.standings


def _lights(case: Case, lookup: Lookup, told: Sequence[Cell], folded: Folded) -> list[tuple[str, Colour]]:
    standings = {period: each for (district, period), each in folded.standings.items() if district == case.district}
    found = fold_lights(told, standings, lookup.programme.profile, _through(case))
    reported = (period for period in zip(told, found.cells, strict=True) if _known(case, period[0], folded))
    return [(cell.period.text, light.live or "grey") for cell, light in reported]


def _through(case: Case) -> datetime:
    return case.known_at or midnight(case.as_of + timedelta(days=1))
