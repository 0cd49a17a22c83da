"""Which cells of a month may be published (通报, rule 2.9), how they stand, and the acts that publish the chosen. Pure.

Publishing locks a cell before the calendar does. What is locked already, by a publication or by the calendar, is shown
and not offered; a summed city figure is locked with its districts and is no choice of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.periods import Frequency, Period, ending
from contracts.programme import Lookup
from services.desk.acted import ASKING, CELL, acted

Item = Mapping[str, Any]
Place = tuple[str, str, str]  # indicator, district, period
FREQUENCIES = ("all", "monthly", "quarterly", "yearly")
# How a cell stands to a publication, in the order in which the page counts; the first five may be chosen.
KINDS = (
    "complete", "late", "overdue", "never_reported", "excused",
    "awaited", "held", "published", "locked",
)  # fmt: skip
CHOOSABLE = KINDS[:5]
SUGGESTED = ("complete", "late")
_OF_STATE = {
    "received_on_time": "complete", "received_late": "late", "overdue": "overdue", "never_reported": "never_reported",
    "excused": "excused",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A month and the periods that end with it, of one frequency or of all."""

    month: str
    frequency: str
    periods: Sequence[Period]

    @property
    def span(self) -> dict[str, str]:
        """The days between which metrics is asked for cells."""
        return {"first": f"{self.month}-01", "last": ending(Frequency.MONTHLY, _first(self.month)).end.isoformat()}


def choice(month: str, frequency: str) -> Choice:
    """Of a month like 2023-06 and a frequency of FREQUENCIES."""
    last = ending(Frequency.MONTHLY, _first(month)).end
    asked = [Frequency(frequency)] if frequency in FREQUENCIES[1:] else list(Frequency)
    found = [ending(each, last) for each in asked]
    return Choice(month, frequency, [each for each in found if each.end == last])


@dataclass(frozen=True, slots=True)
class Candidate:
    """One cell and how it stands; `act`: the publication that contains it already."""

    cell: Item
    kind: str
    act: Item | None = None

    @property
    def name(self) -> str:
        """As a form says it."""
        return "/".join(place(self.cell))

    @property
    def choosable(self) -> bool:
        return self.kind in CHOOSABLE

    @property
    def doubtful(self) -> bool:
        """A quality flag waits for its explanation (rule 2.11)."""
        return self.cell["value"] is not None and any(flag in ASKING for flag in self.cell["flags"])

    @property
    def suggested(self) -> bool:
        """Chosen unless somebody says otherwise: it has a value that nobody disputes."""
        return self.kind in SUGGESTED and not self.cell["conflict"]


@dataclass(slots=True)
class Unit:
    """The cells of one unit that reports."""

    unit: str
    cells: list[Candidate] = field(default_factory=list)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many there are of each kind, in the order of KINDS."""
        found = [each.kind for each in self.cells]
        return [(kind, found.count(kind)) for kind in KINDS if kind in found]

    @property
    def choosable(self) -> int:
        return sum(each.choosable for each in self.cells)

    @property
    def suggested(self) -> int:
        return sum(each.suggested for each in self.cells)


def units(
    chosen: Choice, cells: Iterable[Item], held: Iterable[Item], acts: Iterable[Item], lookup: Lookup
) -> list[Unit]:
    """Every unit with what it owes of the periods: districts in the catalogue's order, then departments."""
    periods = {each.text for each in chosen.periods}
    waiting = {place(each) for each in held}
    published = {place(each): each for each in acts if each["outcome"]["outcome"] == "applied"}
    found: dict[str, Unit] = {}
    for cell in cells:
        if cell["period"] in periods and cell["due_at"] is not None and cell["state"] != "not_applicable":
            act = published.get(place(cell))
            of = found.setdefault(cell["answers"], Unit(cell["answers"]))
            of.cells.append(Candidate(cell, _kind(cell, waiting, act), act))
    order = {unit: number for number, unit in enumerate((*lookup.districts, *lookup.departments))}
    plan = {name: number for number, name in enumerate((*lookup.indicators, *lookup.districts))}
    for unit in found.values():
        unit.cells.sort(key=lambda each: [plan.get(name, 0) for name in place(each.cell)])
    return [found[unit] for unit in sorted(found, key=lambda unit: (order.get(unit, len(order)), unit))]


def place(of: Item) -> Place:
    """The cell of a cell, a report or an act."""
    return of["indicator"], of["district"], of["period"]


def events(names: Iterable[str], publication: str, request: str, programme: str) -> list[dict[str, Any]]:
    """An act for each cell that a form named; the same click twice is the same acts (rule 2.7)."""
    said = {"act": "cell.published", "publication": publication, "request": request}
    return [acted(said | dict(zip(CELL, name.split("/"), strict=True)), programme) for name in dict.fromkeys(names)]


def _kind(cell: Item, waiting: Collection[Place], act: Item | None) -> str:
    if place(cell) in waiting:
        return "held"
    if act is not None:
        return "published"
    if cell["locked"]:
        return "locked"
    return _OF_STATE.get(cell["state"], "awaited")


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
