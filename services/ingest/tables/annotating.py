"""A clerk's table and what became of each row → the workbook that goes back, with the verdicts written beside the rows.

Pure: nothing is kept, nothing is asked. The clerk's own sheet is kept as it looks; a CSV, and a workbook that openpyxl
cannot open, is written out afresh, cell by cell.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from contracts.columns import columns, height, plain_name
from contracts.verdict_words import NOT_TAKEN, OUTCOMES, PASSED_OVER, REMEDIES, STATUSES, WAITING
from contracts.verdicts import Answer, Verdict
from services.ingest.limits import Limits
from services.ingest.tables import headers, reading
from services.ingest.tables.grid import Sheet

_COLOURS = {"good": "FFE2F0D9", "waiting": "FFFFEB9C", "bad": "FFFFC7CE", "none": "FFEDEDED"}
_SIGNS = {"good": "✓", "waiting": "…", "bad": "✗", "none": "–"}
_WIDTHS = {"verdict": 22, "outcome": 24, "code": 22, "remedy": 60}
_OPENED = 16 * 1024 * 1024  # bytes unpacked; openpyxl needs some fifty times the room
_FURTHEST = 16_000  # a column beyond this leaves no room


class Outcome(msgspec.Struct, frozen=True):
    """What metrics' receipt says of one item."""

    source: str
    id: str
    outcome: str | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """What stands beside one row."""

    kind: str
    verdict: str
    outcome: str = ""
    code: str = ""
    remedy: str = ""
    address: str | None = None  # of the cell to be mended


def annotated(body: bytes, answer: Answer, outcomes: Iterable[Outcome], limits: Limits) -> bytes:
    """The .xlsx. Unusable for a file that intake would not read either."""
    sheets = [Sheet(each.name, [*each.rows]) for each in reading.sheets(body, limits)]
    lines = _lines(answer, {(each.source, each.id): each for each in outcomes})
    book = _opened(body) or _afresh(sheets)
    pages = {page.title.strip(): page for page in book.worksheets}
    for sheet in sheets:
        page = pages.get(sheet.name or book.worksheets[0].title)
        told = lines.get(sheet.name, {})
        if page is not None and told:
            _write(page, sheet, told)
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True  # formulas lose their saved results when they are written here
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines(answer: Answer, outcomes: Mapping[tuple[str, str], Outcome]) -> dict[str | None, dict[int, _Line]]:
    """By sheet and row."""
    found: dict[str | None, dict[int, _Line]] = {}
    for row in answer.reading.rows if answer.reading else ():
        words = PASSED_OVER.get(row.why)
        if words is not None:
            found.setdefault(row.sheet, {})[row.row] = _Line("none", f"{words.zh} {words.en}")
    for item in answer.items:
        if item.row is not None:
            outcome = outcomes.get((item.source or "", item.id or ""))
            found.setdefault(item.sheet, {})[item.row] = _line(item, outcome, dry=answer.dry_run)
    return found


def _line(item: Verdict, outcome: Outcome | None, *, dry: bool) -> _Line:
    status = STATUSES[item.status]
    verdict = f"{status.zh} {status.en}"
    if dry and item.status == "accepted":
        verdict = "可以报送 can be sent"
    remedy = "\n".join(filter(None, (item.detail_zh, item.detail)))
    if outcome is None or outcome.outcome is None:
        kind = "bad" if item.status in NOT_TAKEN else "good"
        return _Line(kind, verdict, "", item.code or "", remedy, item.address if kind == "bad" else None)
    said, words = outcome.outcome, OUTCOMES.get(outcome.outcome)
    kind = "bad" if said in NOT_TAKEN else "waiting" if said in WAITING else "good"
    why = REMEDIES.get(outcome.code or said) or REMEDIES.get(said)
    told = f"{words.zh} {words.en}" if words else said
    return _Line(kind, verdict, told, outcome.code or "", f"{why.zh}\n{why.en}" if why else remedy)


def _opened(body: bytes) -> Workbook | None:
    """As openpyxl has it; None for a CSV, for what it cannot open, and for what would fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            if sum(part.file_size for part in package.infolist()) > _OPENED:
                return None
        return load_workbook(io.BytesIO(body))
    except Exception:  # openpyxl stumbles in as many ways as there are programs that write workbooks
        return None


def _afresh(sheets: Sequence[Sheet]) -> Workbook:
    """The sheets' cells as they were read, without their looks."""
    book = Workbook()
    book.remove(book.active)
    for number, sheet in enumerate(sheets, 1):
        page = book.create_sheet(sheet.name or f"Sheet{number}")
        for row in sheet.rows:
            for column, cell in row.cells.items():
                written = page.cell(row.number, column + 1)
                written.value, written.data_type = cell.text, "s"  # a text that looks like a formula stays a text
                written.number_format = "@"
    return book


def _write(page: Worksheet, sheet: Sheet, told: Mapping[int, _Line]) -> None:
    header, _ = headers.found(sheet.rows)
    heading = header.last if header is not None else min(told)
    first = _column(page, sheet, heading)
    words = columns().verdicts
    for place, name in enumerate(_WIDTHS, first):
        _put(page, heading, place, f"{words[name].zh}\n{words[name].en}", bold=True)
        page.column_dimensions[get_column_letter(place)].width = _WIDTHS[name]
    for number, line in told.items():
        texts = (f"{_SIGNS[line.kind]} {line.verdict}", line.outcome, line.code, line.remedy)
        for place, text in enumerate(texts, first):
            _put(page, number, place, text, colour=_COLOURS[line.kind])
        _make_room(page, number, max(map(height, texts, _WIDTHS.values())))
        if line.address is not None:
            _point(page, line.address.rpartition("!")[2], line.remedy)
    page.print_area = None  # what was added is printed too


def _column(page: Worksheet, sheet: Sheet, heading: int) -> int:
    """Where the verdicts begin: over those of the last time, else beyond everything that is there."""
    name = plain_name(columns().verdicts["verdict"].zh)
    last = 0
    for row in sheet.rows:
        for column, cell in row.cells.items():
            if row.number == heading and plain_name(cell.text.split("\n")[0]) == name:
                return column + 1
            last = max(last, column + 1)
    merged = [int(area.max_col) for area in page.merged_cells.ranges if area.max_col < _FURTHEST]
    return min(max([last, *merged]), _FURTHEST) + 1


def _put(page: Worksheet, row: int, column: int, text: str, *, bold: bool = False, colour: str | None = None) -> None:
    cell = page.cell(row, column)
    if isinstance(cell, MergedCell):
        return
    cell.value, cell.data_type = text or None, "s"
    cell.font, cell.alignment = Font(bold=bold), Alignment(wrap_text=True, vertical="center")
    if colour is not None:
        cell.fill = PatternFill("solid", start_color=colour)


def _make_room(page: Worksheet, row: int, points: int) -> None:
    """A row whose height its sheet has fixed is made higher where the words beside it need it; others grow alone."""
    if (fixed := page.row_dimensions[row].height) is not None:
        page.row_dimensions[row].height = max(fixed, points)


def _point(page: Worksheet, address: str, remedy: str) -> None:
    """The cell to be mended: coloured, with the remedy where the pointer rests."""
    cell = page[address]
    if not isinstance(cell, MergedCell):
        cell.fill = PatternFill("solid", start_color=_COLOURS["bad"])
        cell.comment = Comment(remedy, "亮晒 liangshai", height=120, width=360)
