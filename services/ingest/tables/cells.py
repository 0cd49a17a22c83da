"""One sheet's XML, event by event → rows of typed cells, merged ranges filled (step `decoding`)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, InvalidOperation

from services.ingest.tables.grid import Cell, column_of, ranged
from services.ingest.tables.styles import PLAIN, Format, day_of

_SHOWN = Context(prec=15)  # rounds half to even
_WRITTEN_OUT = 30  # digits
_MERGES = 20_000  # cells that merging may fill in one sheet
Attributes = Mapping[str, str]


def plain_number(text: str) -> str:
    """A number's text in the file → its decimal text; decimal.InvalidOperation for what is none."""
    shown = _SHOWN.create_decimal(text)
    if not shown.is_finite():
        raise InvalidOperation(text)
    if abs(shown.adjusted()) > _WRITTEN_OUT:
        return str(shown)  # no figure of ours: a few bytes are not written out as a million zeros
    return format(shown.normalize(_SHOWN) + 0, "f")


class SheetReader:
    """The events of a sheet's XML → rows of cells."""

    def __init__(
        self, strings: Sequence[str], formats: Sequence[Format], count: Callable[[int], None], *, from_1904: bool
    ) -> None:
        self._strings, self._formats, self._count, self._from_1904 = strings, formats, count, from_1904
        self.rows: dict[int, dict[int, Cell]] = {}
        self._merged: list[tuple[int, int, int, int]] = []
        self._row = self._column = 0
        self._type = self._style = self._within = ""
        self._value: list[str] = []
        self._formula = self._reading = False

    def start(self, name: str, given: Attributes) -> None:
        if name == "row":
            self._row = int(given.get("r", self._row + 1))
            self._column = -1
        elif name == "c":
            self._column = column_of(given["r"])[0] if "r" in given else self._column + 1
            self._type, self._style = given.get("t", "n"), given.get("s", "0")
            self._value, self._formula, self._reading = [], False, False
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._reading = True
        elif name == "mergeCell":
            (left, top), (right, bottom) = ranged(given["ref"]) if ":" in given["ref"] else [*ranged(given["ref"])] * 2
            self._merged.append((left, top, right, bottom))
        self._within = name

    def data(self, text: str) -> None:
        if self._within in ("v", "t") and not self._reading:
            self._value.append(text)

    def end(self, name: str) -> None:
        self._within = ""
        if name == "rPh":
            self._reading = False
        if name == "c":
            cell = self._cell("".join(self._value))
            if cell is not None:
                self._count(self._row)
                self.rows.setdefault(self._row, {})[self._column] = cell

    def _cell(self, value: str) -> Cell | None:
        """What a cell holds; None: nothing."""
        if self._formula and not value and self._type != "str":
            return Cell("", "formula")
        if self._type == "s":
            value = self._strings[int(value)] if value else ""
        if self._type == "e":
            return Cell(value.strip() or "#ERROR!", "error")
        if self._type == "b":
            return Cell("TRUE" if value.strip() == "1" else "FALSE")
        if self._type == "d":
            return Cell(value[:10], "date")
        if not value.strip():
            return None
        return self._number(value.strip()) if self._type == "n" else Cell(value)

    def _number(self, value: str) -> Cell:
        style = int(self._style)
        shown = self._formats[style] if style < len(self._formats) else PLAIN
        text = plain_number(value)
        day = day_of(text, from_1904=self._from_1904) if shown.date else None
        return Cell(day, "date") if day else Cell(text, "number", shown.percent, shown.scaled)

    def merge(self) -> None:
        """Every cell of a merged range says what its first one does."""
        filled = 0
        for left, top, right, bottom in self._merged:
            cell = self.rows.get(top, {}).get(left)
            if cell is None:
                continue
            filled += (right - left + 1) * (bottom - top + 1)
            if filled > _MERGES:
                return  # nobody merges so much: the rest is read as it is
            shared = cell._replace(rows=bottom - top + 1)
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    self.rows.setdefault(row, {})[column] = shared._replace(across=column > left)
