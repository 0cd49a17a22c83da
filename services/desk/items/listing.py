"""The list of series: which of them a person asked for, in which order, a page at a time. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.programme import Lookup
from contracts.responsibility import writer
from services.desk import glances

Light = Mapping[str, Any]
Key = tuple[str, str]
ON_A_PAGE = 50
_WORST = ("red", "yellow", "grey", "green")
_OPEN = ("OPEN", "ACKED", "ANSWERED", "RECOVERED")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the page; empty: no matter. `words` are looked for in names, quotes and ids."""

    words: str = ""
    light: str = ""
    district: str = ""
    department: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """From the address; a page that is no number is the first."""
        page = query.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
        words, light, district, department = (
            query.get(name, "").strip() for name in ("q", "light", "district", "department")
        )
        return cls(words, light, district, department, max(1, number))

    @property
    def query(self) -> dict[str, str]:
        """The filters as an address has them, without the page."""
        said = {"q": self.words, "light": self.light, "district": self.district, "department": self.department}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the list: the rows of the person's unit, then the others; how many there are of each in all."""

    own: Sequence[Light]
    others: Sequence[Light]
    own_count: int
    count: int
    pages: int
    page: int
    ended: frozenset[str] = frozenset()  # the names of those whose indicator has ended

    @property
    def names(self) -> list[str]:
        """The series on the page, as `indicator/district`."""
        return glances.names((*self.own, *self.others))

    def filled(self, whole: Iterable[Light]) -> "Shown":
        """The same page with all that is known of its series."""
        known = {glances.name_of(each): each for each in whole}
        return replace(self, own=glances.filled(self.own, known), others=glances.filled(self.others, known))


def fits(light: Light, wanted: Wanted, lookup: Lookup) -> bool:
    """Whether a series is one of those asked for."""
    if wanted.light and light["light"] != wanted.light:
        return False
    if wanted.district and light["district"] != wanted.district:
        return False
    indicator = lookup.indicators.get(light["indicator"])
    departments = (light["department"], *(indicator.departments if indicator else ()))
    if wanted.department and wanted.department not in departments:
        return False
    if not wanted.words:
        return True
    district = lookup.districts.get(light["district"])
    texts = [light["indicator"], light["district"]]
    if indicator is not None:
        texts += [indicator.name.zh, indicator.name.en, indicator.quote, indicator.quote_2023 or ""]
    if district is not None:
        texts += [district.name.zh, district.name.en]
    text = " ".join(texts).casefold()
    return all(word in text for word in wanted.words.casefold().split())


def shown(lights: Iterable[Light], wanted: Wanted, unit: str | None, lookup: Lookup, today: date) -> Shown:
    """The page asked for, the unit's own series first, the worst first within each, those that have ended last."""
    places = {each: place for place, each in enumerate(lookup.indicators)}
    found = [each for each in lights if fits(each, wanted, lookup)]

    def order(each: Light) -> tuple[bool, int, Decimal, int]:
        worst = _WORST.index(each["light"]), -_lag(each), places.get(each["indicator"], 0)
        return (_ended(each, lookup, today), *worst)

    found.sort(key=order)
    own = [each for each in found if belongs(each, unit, lookup)]
    rest = [each for each in found if not belongs(each, unit, lookup)]
    ordered = [*own, *rest]
    pages = max(1, -(-len(ordered) // ON_A_PAGE))
    page = min(wanted.page, pages)
    first = (page - 1) * ON_A_PAGE
    last = first + ON_A_PAGE
    split = len(own)
    own, rest = ordered[first : min(last, split)], ordered[max(first, split) : last]
    ended = frozenset(glances.name_of(each) for each in (*own, *rest) if _ended(each, lookup, today))
    return Shown(own, rest, split, len(ordered), pages, page, ended)


def belongs(light: Light, unit: str | None, lookup: Lookup) -> bool:
    """Whether the unit writes the series, or answers for its district."""
    if unit is None or light["indicator"] not in lookup.indicators:
        return False
    return unit in (light["district"], writer(lookup, light["indicator"], light["district"]))


def tickets_of(tickets: Iterable[Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    """The ticket that stands for each series' open ones, the same as on the walls: what is owed before what awaits its
    review, then the gravest, what lags before what is missing, then the oldest."""
    found: dict[Key, Mapping[str, Any]] = {}
    for each in sorted((each for each in tickets if each["state"] in _OPEN), key=_carried):
        found.setdefault((each["indicator"], each["district"]), each)
    return found


def _ended(light: Light, lookup: Lookup, today: date) -> bool:
    indicator = lookup.indicators.get(light["indicator"])
    return indicator is not None and indicator.valid_to < today


def _carried(ticket: Mapping[str, Any]) -> tuple[bool, int, bool, str]:
    return ticket["state"] == "RECOVERED", -ticket["level"], ticket["rule"] == "reporting", ticket["opened_at"]


def _lag(light: Light) -> Decimal:
    return Decimal(str(light["lag"])) if light["lag"] is not None else Decimal(0)
