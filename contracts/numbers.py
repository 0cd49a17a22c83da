"""Exact numbers and units (rules 1.1-1.3 and 2.2).

Values travel as decimal strings, are calculated as `fractions.Fraction` and are rounded once, when written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

DECIMAL = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,8})?", re.ASCII)  # no full-width digits


class UnitMismatch(ValueError):
    """The unit sent cannot be converted exactly into the indicator's unit (rule 2.2)."""


@lru_cache(maxsize=16384)  # weights and thresholds are read again at every fold
def exact(text: str) -> Fraction:
    """The number a decimal string says, by the grammar of rule 2.2; ValueError for anything else."""
    if DECIMAL.fullmatch(text) is None:
        raise ValueError(f"not a decimal number: {text!r}")
    return Fraction(text)


def published(value: Fraction, places: int) -> str:
    """`value` with `places` decimals, HALF_UP, ties away from zero, never -0 (rule 1.2)."""
    numerator, denominator = value.numerator, value.denominator
    digits = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    sign = "-" if numerator < 0 and digits else ""
    whole, rest = divmod(digits, 10**places)
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def plain(value: Fraction) -> str:
    """The shortest decimal string of a value that has a finite one (60, 1.2, 0.005); ValueError otherwise."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise ValueError(f"{value} has no finite decimal form")
    return published(value, max(twos, fives))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: `factor` tells how many of the quantity's smallest unit it holds."""

    id: str
    zh: str
    quantity: str
    factor: Fraction = Fraction(1)
    whole: bool = False  # counted in whole items (rule 4.8)


_UNITS = (
    Unit("CNY", "元", "money"),
    Unit("CNY_1k", "千元", "money", Fraction(10**3)),
    Unit("CNY_10k", "万元", "money", Fraction(10**4)),
    Unit("CNY_1M", "百万元", "money", Fraction(10**6)),
    Unit("CNY_100M", "亿元", "money", Fraction(10**8)),
    Unit("mu", "亩", "land"),
    Unit("mu_10k", "万亩", "land", Fraction(10**4)),
    Unit("household", "户", "households", whole=True),
    Unit("10k_households", "万户", "households", Fraction(10**4)),
    Unit("dwelling", "套", "dwellings"),
    Unit("10k_dwellings", "万套", "dwellings", Fraction(10**4)),
    Unit("jin", "斤", "grain"),
    Unit("jin_100M", "亿斤", "grain", Fraction(10**8)),
    Unit("t", "吨", "mass"),
    Unit("t_10k", "万吨", "mass", Fraction(10**4)),
    Unit("t_100M", "亿吨", "mass", Fraction(10**8)),
    Unit("TEU", "标箱", "containers"),
    Unit("10k_TEU", "万标箱", "containers", Fraction(10**4)),
    Unit("count", "个", "count", whole=True),
    Unit("person", "人", "person", whole=True),
    Unit("person_times", "人次", "person_times", whole=True),
    Unit("percent", "%", "percent"),
    Unit("ratio", "比", "ratio"),
    Unit("km", "公里", "length"),
    Unit("hour", "小时", "duration"),
    Unit("count_per_1000_people", "个/千人", "count_per_1000_people"),
    Unit("person_per_household", "人/户", "person_per_household"),
    Unit("m2_per_person", "平方米/人", "m2_per_person"),
    Unit("grade_A", "A级", "grade"),
    Unit("rank", "位", "rank"),
    Unit("m3_10k", "万立方米", "volume"),
    Unit("ha", "公顷", "hectares"),
)
UNITS: Mapping[str, Unit] = MappingProxyType({unit.id: unit for unit in _UNITS})

# The words of a unit after a number in English sentences; pieces, grades and ranks have none.
ENGLISH_UNITS: Mapping[str, str] = {
    "CNY": "yuan", "CNY_1k": "thousand yuan", "CNY_10k": "ten thousand yuan", "CNY_1M": "million yuan",
    "CNY_100M": "hundred million yuan", "mu": "mu", "mu_10k": "ten thousand mu", "household": "households",
    "10k_households": "ten thousand households", "dwelling": "dwellings", "10k_dwellings": "ten thousand dwellings",
    "jin_100M": "hundred million jin", "t": "t", "t_10k": "ten thousand t", "t_100M": "hundred million t",
    "10k_TEU": "ten thousand TEU", "person": "persons", "person_times": "attendances", "km": "km", "hour": "hours",
    "count_per_1000_people": "per 1,000 people", "person_per_household": "per household",
    "m2_per_person": "m² per person", "m3_10k": "ten thousand m³", "ha": "ha",
}  # fmt: skip

# How departments write a unit. The counters of pieces all mean one piece.
_SPOKEN: Mapping[str, str] = MappingProxyType(
    {unit.zh: unit.id for unit in _UNITS}
    | dict.fromkeys(("家", "条", "处", "项", "宗", "座", "所", "村", "场"), "count")
    | {"名": "person", "％": "percent", "百分比": "percent", "": "ratio", "平方米": "m2_per_person", "张": "count"}
)


def unit_of(text: str) -> Unit | None:
    """The unit named by an id or in Chinese, or None."""
    return UNITS.get(text) or UNITS.get(_SPOKEN.get(text.strip(), ""))


def convert(value: Fraction, sent: str, wanted: str) -> Fraction:
    """`value` in the unit `sent`, exactly, in the unit `wanted`; UnitMismatch across quantities (rule 2.2)."""
    source, target = unit_of(sent), unit_of(wanted)
    if source is None or target is None or source.quantity != target.quantity:
        raise UnitMismatch(f"{sent!r} cannot be converted into {wanted!r}")
    return value if source is target else value * source.factor / target.factor


def trimmed(number: str, like: str | None = None) -> str:
    """A published number as people read it: without zeros at its end, but with the places that `like` has.

    `20.00` like `80` is `20`, `1.6000` like `1.60` is `1.60`.
    """
    whole, _, places = number.partition(".")
    least = len(like.partition(".")[2]) if like else 0
    kept = places[:least] + places[least:].rstrip("0")
    return f"{whole}.{kept}" if kept else whole
