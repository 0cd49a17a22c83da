"""The list of projects: which of them a person asked for, the worst first, what is completed or gone last. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    """The filters of the page; empty: no matter. `feeds`: those that an indicator's figure is made of."""

    light: str = ""
    state: str = ""
    district: str = ""
    department: str = ""
    feeds: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """From the address; words that are none of ours are left out."""
        said = {name: query.get(name, "").strip() for name in cls.__slots__}
        light = said["light"] if said["light"] in COLOURS else ""
        return cls(**said | {"light": light, "state": said["state"] if said["state"] in STATES else ""})

    @property
    def query(self) -> dict[str, str]:
        """The filters as an address has them."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


def rows(projects: Iterable[Item], lights: Iterable[Item]) -> list[Row]:
    """Every project with its light; grey where alerts has not judged it yet. Worst first, what is over last."""
    known = {each["project"]: each for each in lights}
    return sorted((Row(each, known.get(each["project"], _NO_LIGHT)) for each in projects), key=_order)


def fitting(found: Iterable[Row], wanted: Wanted) -> list[Row]:
    """Those asked for."""
    return [each for each in found if _fits(each, wanted)]


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
