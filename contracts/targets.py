"""The dated targets of one series: printed, allocated to the district, or stepped in between (rules 3.3, 4.6, 4.11)."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from contracts.numbers import exact
from contracts.programme import CITY, Bound, Indicator, Lookup, Target

DONE_EVERYWHERE = Fraction(100)  # the city's target of a share of districts done (rule 3.2)


@dataclass(frozen=True, slots=True)
class Aim:
    """One dated target of one series. `value` None: the text is damaged, prints none, or the district has none."""

    on: date
    value: Fraction | None
    bound: Bound
    binding: bool
    disputed: bool
    nothing_owed: bool = False  # allocated 0: not applicable for the stretch it ends (rule 3.3)

    @property
    def usable(self) -> bool:
        """Fit for E: known and not disputed."""
        return self.value is not None and not self.disputed


def restarts(indicator: Indicator) -> bool:
    """Yearly flows and things asked for every year: each year stands alone, nothing is carried over (4.5, 4.10)."""
    return indicator.judged_as in ("ytd", "increment") or indicator.every_year


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a period's end is on its way to: `aim`, or the `reason` why nothing is judged there; `usable` are the
    targets that count in its window, in order (within its year for what restarts)."""

    reason: str | None
    aim: Aim | None
    usable: Sequence[Aim] = ()


def ahead_of(indicator: Indicator, aims: Sequence[Aim], end: date) -> Ahead:
    """The next target from `end` on that can be used, else the last one (rules 4.2, 4.3, 4.7, 4.11, 3.3)."""
    found = [aim for aim in aims if aim.on.year == end.year] if restarts(indicator) else aims
    usable = [aim for aim in found if aim.usable]
    ahead = bisect_left([aim.on for aim in usable], end)
    if ahead == len(usable):
        later = [aim for aim in found if aim.on >= end]  # only damaged or disputed ones are left
        if later or not usable:
            aim = later[0] if later else found[-1] if found else None
            return Ahead("disputed" if aim and aim.disputed else "no_target", aim)
        ahead -= 1
    aim = usable[ahead]
    if aim.nothing_owed:
        return Ahead("not_applicable", aim)
    if indicator.yearly_floor and end.month != 12:
        return Ahead("not_due", aim)
    return Ahead(None, aim, usable)


def aims_of(lookup: Lookup, indicator: Indicator, district: str) -> tuple[Aim, ...]:
    """The dated targets of a series in order, with the yearly steps of rule 4.6."""
    aims = sorted(_printed(lookup, indicator, district), key=lambda aim: (aim.on, aim.bound))
    return tuple(_filled(indicator, aims)) if restarts(indicator) else tuple(aims)


def _printed(lookup: Lookup, indicator: Indicator, district: str) -> list[Aim]:
    allocation = lookup.allocations.get((indicator.id, district))
    if allocation is not None:
        return _allocated(indicator, allocation.targets)
    if district != CITY and (indicator.aggregate == "sum" or indicator.own_targets):
        return [replace(_aim(target), value=None) for target in indicator.targets]
    aims = [_aim(target) for target in indicator.targets]
    if district == CITY and indicator.aggregate == "share_done":
        return [replace(aim, value=DONE_EVERYWHERE if aim.value is not None else None) for aim in aims]
    return aims


def _aim(target: Target) -> Aim:
    value = exact(target.value) if target.value is not None else None
    return Aim(target.on, value, target.bound, target.binding, target.disputed)


def _allocated(indicator: Indicator, allocated: dict[str, str]) -> list[Aim]:
    """What the district owes, at the printed dates and at those that only the decomposition names."""
    values = {date.fromisoformat(on): exact(value) for on, value in allocated.items()}
    printed = {target.on: _aim(target) for target in indicator.targets}
    blank = Aim(date.max, None, "ge", True, False)
    return [
        replace(printed.get(on, blank), on=on, value=values.get(on), nothing_owed=values.get(on) == 0)
        for on in printed.keys() | values.keys()
    ]


def _filled(indicator: Indicator, aims: list[Aim]) -> list[Aim]:
    """A yearly flow has a target for each year that lies between, or of which the text says 每年."""
    year_ends = {aim.on.year: aim for aim in aims}
    printed = {year: aim.value if aim.usable else None for year, aim in year_ends.items()}
    years = range(indicator.valid_from.year, indicator.valid_to.year + 1)
    stepped = yearly(printed, years, every_year=indicator.every_year)
    filled = [_stepped(_giver(year_ends, year), year, value) for year, value in stepped.items() if year not in printed]
    return sorted(aims + filled, key=lambda aim: aim.on)


def _stepped(giver: Aim, year: int, value: Fraction) -> Aim:
    nothing_owed = giver.nothing_owed and value == 0
    return replace(giver, on=date(year, 12, 31), value=value, disputed=False, nothing_owed=nothing_owed)


def _giver(year_ends: dict[int, Aim], year: int) -> Aim:
    """The printed target whose wording a filled year takes: the next one, else the last."""
    return next((aim for on, aim in sorted(year_ends.items()) if on > year), year_ends[max(year_ends)])


def yearly(printed: Mapping[int, Fraction | None], years: range, *, every_year: bool) -> dict[int, Fraction]:
    """The target of each year of a yearly flow (rule 4.6); a year that is absent has none.

    每年: the printed exception for its year, the last printed figure for all others. Otherwise equal yearly steps
    between two printed years. A printed None (damaged, disputed) ends the steps on both sides.
    """
    known = {year: value for year, value in sorted(printed.items()) if value is not None}
    if every_year and known:
        figure = list(known.values())[-1]
        return {year: known.get(year, figure) for year in years if year in known or year not in printed}
    found = dict(known)
    for (first, start), (last, target) in zip(list(known.items()), list(known.items())[1:], strict=False):
        if any(first < year < last for year in printed):
            continue
        for year in range(first + 1, last):
            found[year] = start + (target - start) * Fraction(year - first, last - first)
    return {year: found[year] for year in years if year in found}
