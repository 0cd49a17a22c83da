"""Vectors that tell a story month by month: the same programme, fold and lights as in the services, no servers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from contracts.cells import Cells
from contracts.numbers import exact
from contracts.periods import SHANGHAI, parse
from contracts.programme import CITY, Baseline, Indicator, Profile, Target
from services.alerts.lights import fold as fold_lights
from services.metrics.fold import Fact, fold
from tests.support.programmes import indicator, lookup

LONG_AFTER = datetime(2030, 1, 1, tzinfo=SHANGHAI)


def lights(profile: Profile, *, reports: Sequence[Mapping[str, Any]], tolerance: str, **plan: Any) -> list[Any]:
    """The light of each period told, once all are due; periods that are not told do not exist."""
    return _Story(profile, tolerance, plan).lights(reports)


def corrected_lights(
    profile: Profile,
    *,
    reports: Sequence[Mapping[str, Any]],
    correction: Mapping[str, Any],
    published_through: str | None,
    tolerance: str,
    **plan: Any,
) -> tuple[list[Any], list[Any]]:
    """The lights before and after a correction. What a publication contained is locked by it: there the correction
    counts when it is approved (rule 2.9)."""
    story = _Story(profile, tolerance, plan)
    locked = published_through is not None and parse(correction["period"]) <= parse(published_through)
    counts = correction.get("approved", False) if locked else True
    again = {"revision": 1, **correction}
    return story.lights(reports), story.lights([*reports, again] if counts else reports)


class _Story:
    """One series and what it reports."""

    def __init__(self, profile: Profile, tolerance: str, plan: dict[str, Any]) -> None:
        self.profile = profile
        self.of = _quota(tolerance, **plan) if "yearly_quota" in plan else _anchored(tolerance, **plan)
        self.programme = lookup(self.of)
        self.cells = Cells(self.programme)

    def lights(self, reports: Sequence[Mapping[str, Any]]) -> list[Any]:
        facts = [_fact(**each) for each in reports if each["value"] is not None]
        folded = fold(self.programme, self.cells, self.of, facts)
        standings = {period: standing for (_, period), standing in folded.standings.items()}
        periods = {each["period"] for each in reports}
        told = [cell for cell in self.cells.of(self.of.id, CITY) if cell.period.text in periods]
        found = fold_lights(told, standings, self.profile, LONG_AFTER)
        return [
            {"period": cell.period.text, "light": light.shown, "stale": light.stale}
            for cell, light in zip(told, found.cells, strict=True)
        ]


def _quota(tolerance: str, *, yearly_quota: str, restart_each_year: bool = False) -> Indicator:
    """A yearly quota restarts by its kind; the flag only tells whether the vector reaches into another year."""
    assert isinstance(restart_each_year, bool)
    targets = tuple(Target(on=date(year, 12, 31), value=yearly_quota) for year in range(2023, 2028))
    return indicator(schedule="quota", judged_as="ytd", tolerance=tolerance, targets=targets)


def _anchored(tolerance: str, *, anchors: Sequence[Mapping[str, str]]) -> Indicator:
    first, *later = ((date.fromisoformat(each["on"]), each["value"]) for each in anchors)
    return indicator(
        tolerance=tolerance,
        baseline=Baseline(on=first[0], value=first[1]),
        targets=tuple(Target(on=on, value=value) for on, value in later),
    )


def _fact(*, period: str, value: str, revision: int = 0, approved: bool = True) -> Fact:
    """Received before its cell locks: what an approval lets in counts like that."""
    assert approved
    received = parse(period).closes_at + timedelta(days=1 + revision)
    return Fact("/vectors", f"{period}/{revision}", CITY, period, revision, exact(value), received, None, None, "final")
