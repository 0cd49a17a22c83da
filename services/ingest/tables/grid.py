"""What a table is before anyone knows what it means: named sheets of rows of typed cells, with their addresses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

# plain: text of a CSV, which may be a number as it was shown; formula: one without a saved result
Kind = Literal["text", "plain", "number", "date", "error", "formula"]


class Cell(NamedTuple):
    """A cell that holds something. `text` of a number: its decimal text; of a date: YYYY-MM-DD."""

    text: str
    kind: Kind = "text"
    percent: bool = False  # shown as a percentage: 0.125 is seen as 12.5%
    scaled: bool = False  # its format shows thousandths or less of it
    rows: int = 1  # over how many rows it is merged
    across: bool = False  # says what the column to its left does, with which it is merged


EMPTY = Cell("")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds something: its number as a spreadsheet counts, its cells by column (0 is A)."""

    number: int
    cells: Mapping[int, Cell]
    width: int | None = None  # of a CSV: how many cells it has, empty ones too

    def cell(self, column: int | None) -> Cell:
        return EMPTY if column is None else self.cells.get(column, EMPTY)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; a CSV has no name."""

    name: str | None
    rows: Iterable[Row]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, and in which columns its fields do."""

    sheet: str | None
    row: int
    columns: Mapping[str, int] = field(default_factory=dict)

    def address(self, name: str | None) -> str:
        """表1!D17; the row's first cell for what is said of no column that is there."""
        return address(self.sheet, self.row, self.columns.get(name or "", 0))


def address(sheet: str | None, row: int, column: int) -> str:
    cell = f"{letters(column)}{row}"
    return f"{sheet}!{cell}" if sheet else cell


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_of(reference: str) -> tuple[int, int]:
    """D17 → (3, 17); ValueError for what is no address."""
    digits = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    name = reference[: len(reference) - len(digits)]
    if not 0 < len(name) < 4:
        raise ValueError(reference)
    column = 0
    for letter in name:
        column = 26 * column + ord(letter) - 64
    return column - 1, int(digits)


def ranged(reference: str) -> Iterator[tuple[int, int]]:
    """A1:B3 → its two corners, (column, row) each."""
    return (column_of(part) for part in reference.split(":", 1))
