"""One series period by period: its standings, lights and reports side by side, for the table of its page. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.numbers import ENGLISH_UNITS, UNITS, published, unit_of
from contracts.periods import parse
from contracts.programme import Indicator, Lookup, Target
from contracts.responsibility import writer
from contracts.targets import Aim, aims_of

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One period; `standing` None: nothing in force; `light` None: never judged."""

    period: str
    standing: Item | None
    light: Item | None
    reports: Sequence[Item] = ()
    acts: Sequence[Item] = ()

    @property
    def corrected(self) -> int:
        """How often its value was corrected: the reports that a later one took the place of."""
        return sum(each["outcome"]["outcome"] == "superseded" for each in self.reports)


@dataclass(frozen=True, slots=True)
class Dated:
    """A dated target of the series with the words of the plan that it comes from; `target` None: worked out between
    printed ones, or allocated to the district."""

    aim: Aim
    value: str | None
    target: Target | None


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a series: ids of the lead, the other departments, the unit that writes."""

    lead: str
    others: Sequence[str]
    writer: str
    printed: bool  # the plan prints responsible units


@dataclass(slots=True)
class _Found:
    standing: Item | None = None
    light: Item | None = None
    reports: list[Item] = field(default_factory=list)
    acts: list[Item] = field(default_factory=list)


def rows(standings: Iterable[Item], lights: Iterable[Item], reports: Iterable[Item], acts: Iterable[Item]) -> list[Row]:
    """Every period of which something is known, in order; cells without a light and without a word are left out."""
    found: dict[str, _Found] = {}
    for each in standings:
        found.setdefault(each["period"], _Found()).standing = each
    for each in reports:
        found.setdefault(each["period"], _Found()).reports.append(each)
    for each in acts:
        found.setdefault(each["period"], _Found()).acts.append(each)
    for each in lights:
        if each["period"] in found or each["live"] or each["record"]:
            found.setdefault(each["period"], _Found()).light = each
    ordered = sorted(found.items(), key=lambda item: (parse(item[0]).end, item[0]))
    return [Row(period, of.standing, of.light, of.reports, of.acts) for period, of in ordered]


def newest(standings: Sequence[Item]) -> Item | None:
    """The last standing with a value: what today's light is about."""
    return next((each for each in reversed(standings) if each["value"] is not None), None)


def dated(lookup: Lookup, indicator: Indicator, district: str) -> list[Dated]:
    """Every target of the series in order of date."""
    printed = {(each.on, each.bound): each for each in indicator.targets}
    return [
        Dated(aim, _written(aim, indicator.decimals), printed.get((aim.on, aim.bound)))
        for aim in aims_of(lookup, indicator, district)
    ]


def answering(lookup: Lookup, indicator: Indicator, district: str) -> Answering:
    """The units of a series (rule 2.4)."""
    lead, *others = indicator.departments or (indicator.lead,)
    return Answering(lead, others, writer(lookup, indicator.id, district), bool(indicator.departments))


def unit_in(indicator: Indicator, district: str, language: str) -> str:
    """The unit of a series as the plan writes it; in English none for pieces, grades and ranks."""
    unit = indicator.unit_at(district)
    if language == "zh" and unit == indicator.unit:
        return indicator.unit_zh
    return unit_words(unit, language)


def unit_words(said: str, language: str) -> str:
    """A unit as it was sent, by its id or in Chinese, in words; one that is none as it was written."""
    unit = unit_of(said)
    if unit is None or (language == "zh" and said not in UNITS):
        return said
    if language == "zh":
        return unit.zh
    return "%" if unit.id == "percent" else ENGLISH_UNITS.get(unit.id, "")


def _written(aim: Aim, decimals: int) -> str | None:
    """With two places more than its indicator has, zeros at the end left out: steps may be thirds."""
    if aim.value is None:
        return None
    text = published(aim.value, decimals + 2)
    return text.rstrip("0").rstrip(".")
