"""The reporting calendar as a grid: months across, units or series down, each field what stands there. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.programme import Lookup
from services.desk.drawing import until
from services.desk.texts import Language

Item = Mapping[str, Any]
MONTHS = 6  # across: what a laptop and a phone can show
# The gravest first: what a field with several cells shows at its top.
STATES = (
    "overdue", "never_reported", "due", "received_late", "received_on_time", "excused", "not_due", "not_applicable",
)  # fmt: skip
OWED = ("overdue", "never_reported", "due")


@dataclass(frozen=True, slots=True)
class Months:
    """The months across, oldest first, and the days they span."""

    names: Sequence[str]
    first: date
    last: date
    before: str  # the month that ends the stretch before
    after: str


def months(until: str | None, today: date) -> Months:
    """The stretch that ends with a month (2023-07); anything else means the present one."""
    end = _month(until) or (today.year, today.month)
    count = end[0] * 12 + end[1] - 1
    names = [_name(number) for number in range(count - MONTHS + 1, count + 1)]
    last = date(*_pair(count + 1), 1).toordinal() - 1
    first = date(*_pair(count - MONTHS + 1), 1)
    return Months(names, first, date.fromordinal(last), _name(count - MONTHS), _name(count + MONTHS))


@dataclass(slots=True)
class Field:
    """What stands in one month of one row: how many cells in each state, how many are locked, how many awaited."""

    states: dict[str, int] = field(default_factory=dict)
    locked: int = 0
    owed: int = 0
    cells: list[Item] = field(default_factory=list)

    def add(self, state: str, locked: bool, count: int = 1) -> None:
        self.states[state] = self.states.get(state, 0) + count
        self.locked += count if locked else 0
        self.owed += count if state in OWED and not locked else 0

    @property
    def ordered(self) -> list[tuple[str, int]]:
        """The states, the gravest first."""
        return [(state, self.states[state]) for state in STATES if state in self.states]


@dataclass(frozen=True, slots=True)
class Row:
    """A unit, or a series; `fields` by month."""

    key: str
    district: str | None
    fields: Mapping[str, Field]

    @property
    def owed(self) -> int:
        """How many of its cells are awaited: without the office's approval nothing behind a lock is taken."""
        return sum(each.owed for each in self.fields.values())


def by_unit(counts: Iterable[Item], lookup: Lookup) -> list[Row]:
    """A row a unit: districts in the catalogue's order, then departments."""
    found: dict[str, dict[str, Field]] = {}
    for each in counts:
        month = found.setdefault(each["unit"], {}).setdefault(each["month"], Field())
        month.add(each["state"], each["locked"], each["cells"])
    order = {unit: place for place, unit in enumerate((*lookup.districts, *lookup.departments))}
    return [
        Row(unit, None, found[unit]) for unit in sorted(found, key=lambda unit: (order.get(unit, len(order)), unit))
    ]


def by_series(cells: Iterable[Item], lookup: Lookup) -> list[Row]:
    """A row a series in the plan's order; cells that nobody has to report are left out."""
    found: dict[tuple[str, str], dict[str, Field]] = {}
    for each in cells:
        if each["due_at"] is None and each["state"] != "not_applicable":
            continue
        month = found.setdefault((each["indicator"], each["district"]), {}).setdefault(each["period_end"][:7], Field())
        month.add(each["state"], each["locked"])
        month.cells.append(each)
    order = {indicator: place for place, indicator in enumerate(lookup.indicators)}
    ordered = sorted(found, key=lambda key: (order.get(key[0], len(order)), key))
    return [Row(indicator, district, found[indicator, district]) for indicator, district in ordered]


def with_state(rows: Sequence[Row], state: str) -> list[Row]:
    """The rows that have it somewhere, what never came counting as overdue; all of them where none is asked for."""
    asked = {"overdue", "never_reported"} if state == "overdue" else {state}
    return [row for row in rows if not state or any(asked & {*each.states} for each in row.fields.values())]


@dataclass(frozen=True, slots=True)
class Owing:
    """What a unit still owes, what is due first at the front."""

    unit: str
    cells: Sequence[Item]

    @property
    def overdue(self) -> int:
        return sum(each["state"] != "due" for each in self.cells)


def owing(cells: Iterable[Item], lookup: Lookup) -> list[Owing]:
    """The collective list: every unit that owes a cell which is not locked, the most owing first."""
    found: dict[str, list[Item]] = {}
    for each in cells:
        if not each["locked"] and each["state"] in OWED and each["due_at"] is not None:
            found.setdefault(each["answers"], []).append(each)
    order = {indicator: place for place, indicator in enumerate(lookup.indicators)}
    listed = [
        Owing(unit, sorted(of, key=lambda each: (each["due_at"], order.get(each["indicator"], 0), each["district"])))
        for unit, of in found.items()
    ]
    return sorted(listed, key=lambda each: (-each.overdue, -len(each.cells), each.unit))


def sheet(owing: Iterable[Owing], lookup: Lookup, language: Language, state: Callable[[str], str]) -> list[list[str]]:
    """The collective list as rows: unit, indicator, district, period, last day, state."""

    def name(of: Mapping[str, Any], key: str) -> str:
        return str(getattr(of[key].name, language)) if key in of else key

    units = {**lookup.departments, **lookup.districts}
    return [
        [
            name(units, each.unit),
            name(lookup.indicators, cell["indicator"]),
            name(units, cell["district"]),
            cell["period"],
            until(cell["due_at"]),
            state(cell["state"]),
        ]
        for each in owing
        for cell in each.cells
    ]


def _month(text: str | None) -> tuple[int, int] | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return (found.year, found.month) if 2000 < found.year < 2100 else None


def _pair(count: int) -> tuple[int, int]:
    return count // 12, count % 12 + 1


def _name(count: int) -> str:
    year, month = _pair(count)
    return f"{year}-{month:02}"
