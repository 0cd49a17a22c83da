"""A table (CSV with a header) → items: how a clerk with a spreadsheet reports (step `decoding`).

Columns are named as the fields of a report, in English or Chinese; a row without id or source gets them from its
content and its sender, so that the same file sent twice is the same reports sent twice (rule 2.7). Several pieces of
evidence stand in one cell, with semicolons (; or ；) or line breaks between them.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from contracts.objections import Objection
from contracts.submission import FIELDS, MAX_EVENT_BYTES, TYPE
from services.ingest.envelope import Item, convert
from services.ingest.limits import Limits, Unusable

REQUIRED = ("indicator", "district", "period", "value", "unit")
ATTRIBUTES = ("id", "source", "time", "recordedtime")
COLUMNS = (*FIELDS, *ATTRIBUTES)
CHINESE = {
    "工程": "programme",
    "指标": "indicator",
    "区县": "district",
    "报告期": "period",
    "数值": "value",
    "单位": "unit",
    "修订号": "revision",
    "原因": "reason",
    "信心": "confidence",
    "状态": "status",
    "说明": "comment",
    "佐证": "evidence",
    "编号": "id",
    "来源": "source",
    "时间": "time",
    "记录时间": "recordedtime",
}
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_SEPARATORS = re.compile("[;；\n]")
csv.field_size_limit(8 * 1024 * 1024)  # the limit is the event's, said per row
_MOST_CELLS = 1000  # of one row; no text has so many commas


def read(body: bytes, limits: Limits, subject: str, programme: str) -> Iterator[Item]:
    """The items of a table, row by row; Unusable (400) when its header or its quoting cannot be read, (413) at the
    first row too many: what follows it is not even looked at."""
    rows = _rows(body, limits)
    columns = _columns(next(rows, (0, []))[1])
    for index, (row, cells) in enumerate(rows):
        limits.check_items(index + 1)
        yield _item(index, row, cells, columns, subject, programme)


def _rows(body: bytes, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, numbered as a spreadsheet numbers them (the header is row 1)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        zh = "文件不是 UTF-8 编码；请在电子表格中另存为“CSV UTF-8”"
        raise Unusable(400, "not_utf8", zh, "the file is not UTF-8; save it as 'CSV UTF-8'") from error
    lines = _Lines(io.StringIO(text, newline=""), limits)
    reader = csv.reader(lines, strict=True)
    try:
        for row, cells in enumerate(reader, 1):
            lines.commas = 0
            if any(cell.strip() for cell in cells):
                yield row, cells
    except csv.Error as error:
        line = reader.line_num
        zh, en = f"第 {line} 行附近引号或分隔有误：{error}", f"near line {line}: {error}"
        raise Unusable(400, "malformed_table", zh, en, {"line": line}) from error


class _Lines:
    """The lines of a table, as long as no row can have too many cells and there are not too many of them."""

    def __init__(self, lines: Iterable[str], limits: Limits) -> None:
        self._lines, self._limits = enumerate(lines, 1), limits
        self.commas = 0  # of the row that is being read

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self._limits.check_lines(number)
        self.commas += line.count(",")
        if self.commas >= _MOST_CELLS:
            raise csv.Error(f"more than {_MOST_CELLS} cells in one row")
        return line


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(CHINESE.get(name.strip(), name.strip().lower()) for name in header)
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in columns]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    wrong = {"missing": missing, "unknown": [name[:80] for name in unknown], "twice": twice}
    if not any(wrong.values()):
        return columns
    said = {kind: ", ".join(names) or "-" for kind, names in wrong.items()}
    zh = "表头有误(缺少：{missing}；多余：{unknown}；重复：{twice})".format_map(said)
    en = "the header is wrong (missing: {missing}; unknown: {unknown}; twice: {twice})".format_map(said)
    raise Unusable(400, "wrong_header", zh, en, wrong | {"columns": list(COLUMNS)})


def _item(index: int, row: int, cells: Sequence[str], columns: Sequence[str], subject: str, programme: str) -> Item:
    if len(cells) != len(columns):
        args = {"got": str(len(cells)), "wanted": str(len(columns))}
        return Item(index, None, Objection("row_width", None, args), row)
    if sum(len(cell.encode()) for cell in cells) > MAX_EVENT_BYTES:
        return Item(index, None, Objection("event_too_large", None, {"limit": str(MAX_EVENT_BYTES)}), row)
    given = {name: text for name, cell in zip(columns, cells, strict=True) if (text := cell.strip())}
    return convert(index, _event(given, subject, programme), row)


def _event(given: dict[str, str], subject: str, programme: str) -> dict[str, Any]:
    data: dict[str, Any] = {"programme": programme, "value": None, "unit": ""}
    data |= {name: text for name, text in given.items() if name not in ATTRIBUTES}
    if _WHOLE.fullmatch(given.get("revision", "")):
        data["revision"] = int(given["revision"])
    if "evidence" in given:
        data["evidence"] = [part.strip() for part in _SEPARATORS.split(given["evidence"]) if part.strip()]
    names = {"id": _content_id(given), "source": f"/table/{subject}"}
    attributes = {name: given[name] for name in ATTRIBUTES if name in given}
    return {"specversion": "1.0", "type": TYPE, "data": data} | names | attributes


def _content_id(given: dict[str, str]) -> str:
    """The same row, the same id."""
    said = "\x1f".join(f"{name}={text}" for name, text in sorted(_of_content(given)))
    return f"row-{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _of_content(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in given.items() if name not in ("id", "source"))
