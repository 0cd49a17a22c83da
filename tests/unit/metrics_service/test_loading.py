"""The catalogue as tables: complete, keyed once, answered for by one unit."""

from services.metrics.loading import Table, tables
from tests.support.recorded import CELLS, LOOKUP, PROGRAMME

TABLES = {table.name: table for table in tables(LOOKUP, CELLS)}


def column(table: Table, name: str) -> list[object]:
    """One column of a table."""
    names = [each.split()[0] for each in table.columns.split(",")]
    return [row[names.index(name)] for row in table.rows]


def test_every_row_has_its_columns_and_its_own_key() -> None:
    """What `INSERT … ON CONFLICT` relies on."""
    for table in TABLES.values():
        width = len(table.columns.split(","))
        assert {len(row) for row in table.rows} == {width}
        assert len({row[: table.key] for row in table.rows}) == len(table.rows)


def test_the_tables_hold_the_whole_programme() -> None:
    """All parts of the catalogue, all series, all cells."""
    assert len(TABLES["indicator"].rows) == len(LOOKUP.indicators) == 185
    assert len(TABLES["department"].rows) == len(LOOKUP.departments) == 33
    assert len(TABLES["series"].rows) == len(LOOKUP.series)
    assert len(TABLES["cell"].rows) == sum(1 for _ in CELLS)
    assert {row[0] for table in TABLES.values() for row in table.rows} == {PROGRAMME}


def test_every_series_is_answered_for() -> None:
    """Rule 2.4: by a district's government or a department that exists; the lead is a department."""
    known = LOOKUP.departments.keys() | LOOKUP.districts.keys()
    assert set(column(TABLES["series"], "answers")) <= known
    assert set(column(TABLES["series"], "department")) <= LOOKUP.departments.keys()


def test_the_base_year_is_never_due() -> None:
    """Rule 2.9: a cell of 2022 has no due date."""
    due = dict(zip(column(TABLES["cell"], "period"), column(TABLES["cell"], "due_at"), strict=True))
    assert due["2022"] is None
    assert due["2023-06"] is not None
