"""What a named situation is made of: a made-up indicator and a few reports; the district names are the catalogue's."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

import msgspec

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.events import Text
from contracts.periods import Frequency
from contracts.programme import CITY, Lookup, Target
from tests.support.programmes import Trial, indicator, lookup

END = {year: date(year, 12, 31) for year in range(2023, 2028)}
PLAN = (Target(on=END[2023], value="80"), Target(on=END[2027], value="800"))
PERCENT: dict[str, Any] = {"judged_as": "level", "unit": "percent", "unit_zh": "%", "tolerance": "0.05"}
QUARTERLY: dict[str, Any] = {"frequency": Frequency.QUARTERLY}
YEARLY: dict[str, Any] = {"frequency": Frequency.YEARLY}
PIECES: dict[str, Any] = {"unit": "count", "unit_zh": "个", "decimals": 0, "tolerance": "0.5"}
PER_YEAR: dict[str, Any] = {"judged_as": "ytd", "schedule": "quota", "measure": "annual", "every_year": True}
FLOOR: dict[str, Any] = {"goal": "hold_floor", "schedule": "hold"}
RATIO: dict[str, Any] = {
    "judged_as": "level",
    "unit": "ratio",
    "unit_zh": "",
    "decimals": 2,
    "tolerance": "0.005",
    "direction": -1,
}
YES_NO: dict[str, Any] = {"goal": "yes_no", "schedule": "due_date", "targets": (Target(on=END[2023], value="100"),)}
BAND: dict[str, Any] = {
    **PERCENT,
    **QUARTERLY,
    "goal": "band",
    "schedule": "band",
    "targets": (Target(on=END[2027], value="50"), Target(on=END[2027], value="60", bound="le")),
}
HALVES = {each: {"2023-12-31": "40", "2027-12-31": "400"} for each in ("deqing", "anji")}
SUM: dict[str, Any] = {"targets": PLAN, "applicable": ("deqing", "anji"), "aggregate": "sum"}

Situation = Callable[[], Text]
SITUATIONS: dict[str, Situation] = {}


def told(allocations: Mapping[str, Mapping[str, str]] | None = None, **given: Any) -> Trial:
    """A trial whose districts have the names of the catalogue."""
    made = lookup(indicator(**given), allocations=allocations)
    named = Lookup(msgspec.structs.replace(made.programme, districts=_shipped().programme.districts))
    return Trial(named, Cells(named))


@cache
def _shipped() -> Lookup:
    return load(SHIPPED)


def situation(name: str, period: str, district: str = CITY) -> Callable[[Callable[[], Trial]], Callable[[], Trial]]:
    def keep(made: Callable[[], Trial]) -> Callable[[], Trial]:
        SITUATIONS[name] = lambda: made().standing(period, district).explanation
        return made

    return keep


def simple(name: str, period: str, values: Mapping[str, str | None], **given: Any) -> None:
    situation(name, period)(lambda: told(**given).tell_all(values))
