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
    of = _quota(tolerance, **plan) if "yearly_quota" in plan else _anchored(tolerance, **plan)
    programme = lookup(of)
    cells = Cells(programme)
    facts = [_fact(cells, of, each["period"], each["value"]) for each in reports if each["value"] is not None]
    standings = {period: s for (_, period), s in fold(programme, cells, of, facts).standings.items()}
    told = [cell for cell in cells.of(of.id, CITY) if cell.period.text in {each["period"] for each in reports}]
    found = fold_lights(told, standings, profile, LONG_AFTER)
    return [
        {"period": cell.period.text, "light": light.shown, "stale": light.stale}
        for cell, light in zip(told, found.cells, strict=True)
    ]


def _quota(tolerance: str, *, yearly_quota: str, restart_each_year: bool) -> Indicator:
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


def _fact(cells: Cells, of: Indicator, period: str, value: str) -> Fact:
    received = parse(period).closes_at + timedelta(days=1)
    return Fact("/vectors", period, CITY, period, 0, exact(value), received, None, None, "final")
