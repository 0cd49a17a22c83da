"""A CSV → one sheet (step `decoding`): UTF-8, UTF-16 (Excel's Unicode text) or GB18030; commas, tabs or semicolons."""

import csv
import io
from collections.abc import Iterable, Iterator

from services.ingest.limits import Limits, Unusable
from services.ingest.tables.grid import Cell, Row, Sheet

csv.field_size_limit(8 * 1024 * 1024)  # the limit is the event's, said per row
SEPARATORS = (",", "\t", ";")
_MOST_CELLS = 1000  # of one row; no text has so many separators
_HEAD = 50  # lines in which the separator is looked for


def decoded(body: bytes) -> str:
    """The text of a file; UTF-8 first, for what is valid UTF-8 is hardly ever anything else."""
    encodings = ["utf-16"] if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    zh = "无法识别文件编码；请在电子表格中另存为“CSV UTF-8”或 .xlsx"
    raise Unusable(400, "unknown_encoding", zh, "neither UTF-8 nor GB18030; save the file as 'CSV UTF-8' or as .xlsx")


def sheet(text: str, separator: str, limits: Limits) -> Sheet:
    """The rows that hold something; read as they are asked for."""
    return Sheet(None, _rows(text, separator, limits))


def head(text: str, separator: str, limits: Limits) -> list[Row]:
    """The first rows under one separator; none where they cannot be read with it."""
    lines = "".join(io.StringIO(text, newline="").readlines(8192)[:_HEAD])
    rows: list[Row] = []
    try:
        rows.extend(_rows(lines, separator, limits))
    except Unusable:
        return rows
    return rows


def _rows(text: str, separator: str, limits: Limits) -> Iterator[Row]:
    """Numbered as a spreadsheet numbers them."""
    lines = _Lines(io.StringIO(text, newline=""), separator, limits)
    reader = csv.reader(lines, strict=True, delimiter=separator)
    try:
        for number, cells in enumerate(reader, 1):
            lines.separators = 0
            held = {column: Cell(cell, "plain") for column, cell in enumerate(cells) if cell.strip()}
            if held:
                yield Row(number, held, max(len(cells), max(held) + 1))
    except csv.Error as error:
        line = reader.line_num
        zh, en = f"第 {line} 行附近引号或分隔有误：{error}", f"near line {line}: {error}"
        raise Unusable(400, "malformed_table", zh, en, {"line": line}) from error


class _Lines:
    """The lines of a table, as long as no row can have too many cells and there are not too many of them."""

    def __init__(self, lines: Iterable[str], separator: str, limits: Limits) -> None:
        self._lines, self._limits, self._separator = enumerate(lines, 1), limits, separator
        self.separators = 0  # of the row that is being read

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self._limits.check_lines(number)
        self.separators += line.count(self._separator)
        if self.separators >= _MOST_CELLS:
            raise csv.Error(f"more than {_MOST_CELLS} cells in one row")
        return line
