"""What the wall shows: four views of the series and one of the projects, the worst first, each as many rows as a screen
holds; and how series in brief are counted, and given all that is known of them, on every page. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.programme import CITY, Lookup

Item = Mapping[str, Any]
ROWS = 10  # of a view: what a screen of 1080 lines holds
COLOURS = ("red", "yellow", "grey", "green")


@dataclass(frozen=True, slots=True)
class Tally:
    """How a department's series stand, and its worst."""

    unit: str
    counts: Mapping[str, int]
    worst: Item


@dataclass(frozen=True, slots=True)
class Wall:
    """The four views, all of each, and the lights of the whole. Only what a screen holds is known whole (`filled`)."""

    city: Sequence[Item]
    districts: Sequence[Item]
    departments: Sequence[Tally]
    tickets: Sequence[Item]
    counts: Mapping[str, int]

    @property
    def shown(self) -> list[str]:
        """The series in the rows of the views, as `indicator/district`."""
        rows = (*self.city[:ROWS], *self.districts[:ROWS], *self.tickets[:ROWS])
        return names((*rows, *(each.worst for each in self.departments)))

    def filled(self, whole: Iterable[Item]) -> "Wall":
        """The same rows with all that is known of them."""
        known = {name_of(item): item for item in whole}
        return replace(
            self,
            city=filled(self.city, known),
            districts=filled(self.districts, known),
            departments=[replace(each, worst=known.get(name_of(each.worst), each.worst)) for each in self.departments],
            tickets=filled(self.tickets, known),
        )


def wall(items: Iterable[Item], lookup: Lookup, now: datetime) -> Wall:
    """The views at a moment. `items`: worst first."""
    shown = living(items, lookup, now)
    carried = sorted((i for i in shown if i["ticket"]), key=_by_level)
    return Wall(
        city=[i for i in shown if i["district"] == CITY],
        districts=[i for i in shown if i["district"] != CITY],
        departments=tallies(shown),
        tickets=carried,
        counts=count(shown),
    )


def living(items: Iterable[Item], lookup: Lookup, now: datetime) -> list[Item]:
    """Those whose indicator has not ended: the others are history, and counted nowhere."""
    known, today = lookup.indicators, now.date()
    return [i for i in items if i["indicator"] in known and today <= known[i["indicator"]].valid_to]


def advanced(lights: Iterable[Item]) -> list[Item]:
    """The projects that are on a list: the worst light first, of one light the longest behind."""
    listed = [each for each in lights if each["listed"]]
    return sorted(listed, key=lambda p: (COLOURS.index(p["shown"]), -(p["lag_days"] or 0), p["project"]))


def tallies(items: Iterable[Item]) -> list[Tally]:
    """Departments by red, then yellow lights of what they lead."""
    led: dict[str, list[Item]] = {}
    for item in items:
        led.setdefault(item["department"], []).append(item)
    found = [Tally(unit, count(each), each[0]) for unit, each in led.items()]
    return sorted(found, key=lambda t: (-t.counts["red"], -t.counts["yellow"], t.unit))


def count(items: Sequence[Item], light: str = "light") -> dict[str, int]:
    """How many of each colour."""
    return {colour: sum(item[light] == colour for item in items) for colour in COLOURS}


def days_since(moment: str | None, now: datetime) -> int | None:
    """Whole days since a moment; None before it, and for none."""
    if moment is None:
        return None
    passed = now - datetime.fromisoformat(moment)
    return passed.days if passed.total_seconds() >= 0 else None


def name_of(item: Item) -> str:
    """A series as the overview names it: `indicator/district`."""
    return f"{item['indicator']}/{item['district']}"


def names(items: Iterable[Item]) -> list[str]:
    """Those of some series, each once."""
    return list(dict.fromkeys(map(name_of, items)))


def filled(items: Iterable[Item], known: Mapping[str, Item]) -> list[Item]:
    """The same series with all that is known of them, by their names."""
    return [known.get(name_of(item), item) for item in items]


def _by_level(item: Item) -> tuple[int, str]:
    return -item["ticket"]["level"], item["ticket"]["opened_at"]
