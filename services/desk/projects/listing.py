"""The list of projects: which of them a person asked for, the worst first, what is completed or gone last. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.projects import FACTORS

Item = Mapping[str, Any]
STATES = ("not_started", "under_way", "suspended", "completed", "left", "unreported")
COLOURS = ("red", "yellow", "grey", "green")
_OVER = ("completed", "left")
_NO_LIGHT: Item = {"shown": "grey", "stale": False, "marked": False}


@dataclass(frozen=True, slots=True)
class Row:
    """A project as metrics knows it, and the light that alerts shows for it."""

    project: Item
    light: Item

    @property
    def over(self) -> bool:
        """Completed, or off every list: history."""
        return self.project["state"] in _OVER


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the page; empty: no matter. `feeds`: those that an indicator's figure is made of; `factor`:
    those that an open problem of that cause holds up."""

    light: str = ""
    state: str = ""
    district: str = ""
    department: str = ""
    feeds: str = ""
    factor: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """From the address; words that are none of ours are left out."""
        said = {name: query.get(name, "").strip() for name in cls.__slots__}
        known: Mapping[str, Collection[str]] = {"light": COLOURS, "state": STATES, "factor": FACTORS}
        return cls(**said | {name: said[name] if said[name] in words else "" for name, words in known.items()})

    @property
    def query(self) -> dict[str, str]:
        """The filters as an address has them."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


def rows(projects: Iterable[Item], lights: Iterable[Item]) -> list[Row]:
    """Every project with its light; grey where alerts has not judged it yet. Worst first, what is over last."""
    known = {each["project"]: each for each in lights}
    return sorted((Row(each, known.get(each["project"], _NO_LIGHT)) for each in projects), key=_order)


def fitting(found: Iterable[Row], wanted: Wanted, problems: Iterable[Item]) -> list[Row]:
    """Those asked for. `problems`: the open ones of all projects."""
    held_up = {each["project"] for each in problems if each["factor"] == wanted.factor}
    mine = [each for each in found if _fits(each, wanted)]
    return [each for each in mine if not wanted.factor or each.project["project"] in held_up]


def count(found: Sequence[Row]) -> dict[str, int]:
    """How many of each colour, without what is over."""
    living = [each for each in found if not each.over]
    return {colour: sum(each.light["shown"] == colour for each in living) for colour in COLOURS}


def _fits(row: Row, wanted: Wanted) -> bool:
    said = row.project
    return (
        wanted.light in ("", row.light["shown"])
        and wanted.state in ("", said["state"])
        and wanted.district in ("", said["district"])
        and wanted.department in ("", said["department"])
        and (not wanted.feeds or wanted.feeds in said["feeds"])
    )


def _order(row: Row) -> tuple[bool, int, int, int, str]:
    said = row.project
    late = said["lag_days"] or 0, said["unstarted_months"] or 0
    return row.over, COLOURS.index(row.light["shown"]), -late[0], -late[1], said["project"]
