"""The programme as tables: what boards and the API join with, made from the catalogue. Pure.

`python -m services.metrics load` writes them (store/programme.py), again and again to the same end.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.cells import Cell, reporting_frequency
from contracts.doubts import check
from contracts.programme import Indicator, Lookup
from contracts.responsibility import writer
from contracts.topics import partition_of


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for one table; `key` names its first columns that identify a row."""

    name: str
    columns: str  # "name type, name type"
    key: int
    rows: tuple[tuple[Any, ...], ...]


def tables(
    lookup: Lookup,
    cells: Iterable[Cell],
    partition: int | None = None,
    *,
    shared: bool = True,
    held_to: Callable[[Cell], Lookup] | None = None,
) -> tuple[Table, ...]:
    """All tables of the programme, each after those it refers to; of one partition's indicators where it is named.

    `shared`: with the rows that belong to no indicator. `held_to`: the version of each cell, where there are several.
    """
    programme = lookup.programme.id

    def here(indicator: str) -> bool:
        return partition is None or partition_of(programme, indicator) == partition

    common = (
        Table("programme", _PROGRAMME, 1, (_programme(lookup),)),
        Table("district", _DISTRICT, 2, tuple(_districts(lookup))),
        Table("department", _DEPARTMENT, 2, tuple(_departments(lookup))),
        Table("finding", _FINDING, 3, tuple(_findings(lookup))),
    )
    return (
        *(common if shared else ()),
        Table("indicator", _INDICATOR, 2, tuple(row for row in _indicators(lookup) if here(row[1]))),
        Table("series", SERIES, 3, tuple(row for row in _series(lookup) if here(row[1]))),
        Table(
            "cell",
            CELL,
            4,
            tuple(_cells((cell, held_to(cell) if held_to else lookup) for cell in cells if here(cell.indicator))),
        ),
    )


_PROGRAMME = """programme text, catalogue_version text, name_zh text, name_en text,
    first_day date, last_day date, live_since timestamptz"""
_DISTRICT = "programme text, district text, name_zh text, name_en text, kind text, position integer"
_DEPARTMENT = "programme text, department text, name_zh text, name_en text, position integer"
_FINDING = """programme text, catalogue_version text, position integer, code text, place text, severity text,
    zh text, en text"""
_INDICATOR = """programme text, indicator text, name_zh text, name_en text, area text, area_zh text, area_en text,
    unit text, unit_zh text, direction smallint, goal text, schedule text, frequency text, writer text, lead text,
    aggregate text, rankable boolean, position integer"""
SERIES = "programme text, indicator text, district text, partition integer, answers text, department text"
CELL = """programme text, indicator text, district text, period text, period_end date,
    due_at timestamptz, lock_at timestamptz, applicable boolean, answers text"""


def _programme(lookup: Lookup) -> tuple[Any, ...]:
    it = lookup.programme
    return it.id, it.version, it.name.zh, it.name.en, it.first_day, it.last_day, it.live_since


def _districts(lookup: Lookup) -> Iterator[tuple[Any, ...]]:
    for position, each in enumerate(lookup.programme.districts):
        yield lookup.programme.id, each.id, each.name.zh, each.name.en, each.kind, position


def _departments(lookup: Lookup) -> Iterator[tuple[Any, ...]]:
    for position, each in enumerate(lookup.programme.departments):
        yield lookup.programme.id, each.id, each.name.zh, each.name.en, position


def _findings(lookup: Lookup) -> Iterator[tuple[Any, ...]]:
    """What this version leaves in doubt, a decomposition that does not add up among it (rule 3.3)."""
    for position, each in enumerate(check(lookup)):
        yield (
            *(lookup.programme.id, lookup.programme.version, position),
            *(each.code, each.place, each.severity, each.zh, each.en),
        )


def _indicators(lookup: Lookup) -> Iterator[tuple[Any, ...]]:
    for position, each in enumerate(lookup.programme.indicators):
        area = lookup.areas[each.area]
        yield (
            *(lookup.programme.id, each.id, each.name.zh, each.name.en, area.id, area.name.zh, area.name.en),
            *(each.unit, each.unit_zh, each.direction, each.goal, each.schedule, reporting_frequency(each).value),
            *(each.writer, each.lead, each.aggregate, each.rankable, position),
        )


def _series(lookup: Lookup) -> Iterator[tuple[Any, ...]]:
    for indicator, district in lookup.series:
        yield (
            *(lookup.programme.id, indicator.id, district, _partition(lookup, indicator)),
            *(writer(lookup, indicator.id, district), indicator.lead),
        )


def _partition(lookup: Lookup, indicator: Indicator) -> int:
    return partition_of(lookup.programme.id, indicator.id)


def _cells(cells: Iterable[tuple[Cell, Lookup]]) -> Iterator[tuple[Any, ...]]:
    for each, lookup in cells:
        yield (
            *(lookup.programme.id, each.indicator, each.district, each.period.text, each.period.end),
            *(each.due_at, each.lock_at, each.applicable),
            writer(lookup, each.indicator, each.district, each.period),
        )
