"""Rows to be filled in → the workbook a clerk downloads: guarded headings, inputs that check themselves, set for print.

Its columns are contracts/columns.yaml's, so that intake reads back what was written here.
"""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from contracts.columns import columns, height
from contracts.events import Text
from services.metrics.templates.rows import Row

_WIDTHS = {
    "indicator": 4, "indicator_name": 34, "district": 14, "period": 11, "last_value": 12, "last_period": 11,
    "expected": 13, "reported": 12, "value": 16, "unit": 10, "revision": 4, "reason": 26, "comment": 26, "due_at": 17,
}  # fmt: skip
_ORDER = tuple(_WIDTHS)
_HIDDEN = ("indicator", "revision")  # for intake alone
_INPUTS = ("value", "reason", "comment")
_FIRST = 4  # the row of the first cell to fill in: under title, instructions and heading
_HEAD, _INPUT, _SHOWN = (PatternFill("solid", start_color=each) for each in ("FF1F4E79", "FFFFF8DC", "FFF2F2F2"))
_LINE = Border(*(Side(style="thin", color="FFBFBFBF") for _ in range(4)))
_HOW = Text(
    "只填黄色格。没有数据请留空，零请填 0；单位以单位栏为准，数值不要带“万、亿”。更正已报数据请写更正说明。",
    "Fill in the yellow cells only. Leave empty what is not known; write 0 for zero, in the unit of the unit column. "
    "Say why where a figure that was reported is corrected.",
)


def workbook(title: Text, rows: Sequence[Row]) -> bytes:
    """The .xlsx."""
    made = Workbook()
    sheet: Worksheet = made.active
    sheet.title = "填报"
    made.properties.title = title.zh
    _top(sheet, title)
    checks = _checks(sheet)
    for number, row in enumerate(rows, _FIRST):
        _write(sheet, number, row)
        checks["yes_no" if row.yes_no else "free" if row.free else "percent" if row.percent else "amount"].add(
            f"{_letter('value')}{number}"
        )
    _finish(sheet, _FIRST + len(rows) - 1)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _top(sheet: Worksheet, title: Text) -> None:
    last = _letter(_ORDER[-1])
    for number, (text, tall) in enumerate(((title, 38), (_HOW, 48)), 1):
        sheet.merge_cells(f"A{number}:{last}{number}")
        cell = sheet.cell(number, 1, f"{text.zh}\n{text.en}")
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if number == 1 else "left")
        cell.font = Font(bold=number == 1, size=14 if number == 1 else 10)
        sheet.row_dimensions[number].height = tall
    words = {**columns().columns, **columns().shown}
    for place, name in enumerate(_ORDER, 1):
        cell = sheet.cell(_FIRST - 1, place, f"{words[name].zh}\n{words[name].en}")
        cell.font, cell.fill, cell.border = Font(bold=True, color="FFFFFFFF"), _HEAD, _LINE
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width, dimension.hidden = _WIDTHS[name], name in _HIDDEN
    sheet.row_dimensions[_FIRST - 1].height = 44


def _write(sheet: Worksheet, number: int, row: Row) -> None:
    held: dict[str, Any] = {
        "indicator": row.indicator,
        "indicator_name": f"{row.name.zh}\n{row.name.en}",
        "district": f"{row.district_name.zh}\n{row.district_name.en}",
        "period": row.period,
        "last_value": _shown(row, row.last),
        "last_period": row.last_period,
        "expected": _shown(row, row.expected),
        "reported": _shown(row, row.reported),
        "unit": row.unit,
        "revision": row.revision or None,
        "due_at": _until(row.due_at),
    }
    for place, name in enumerate(_ORDER, 1):
        cell = sheet.cell(number, place, held.get(name))
        cell.border, cell.fill = _LINE, _INPUT if name in _INPUTS else _SHOWN
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=_side(name))
        cell.protection = Protection(locked=name not in _INPUTS)
        if name in ("period", "last_period"):
            cell.number_format = "@"
    sheet.row_dimensions[number].height = max(
        height(str(held[name]), _WIDTHS[name]) for name in ("indicator_name", "district")
    )


def _until(due: datetime) -> str:
    """2023-07-05 24:00, as everywhere: midnight belongs to the day that it ends."""
    day = due - timedelta(days=1) if (due.hour, due.minute) == (0, 0) else due
    return f"{day:%Y-%m-%d} 24:00" if day != due else f"{due:%Y-%m-%d %H:%M}"


def _side(name: str) -> str:
    return "left" if name in ("indicator_name", "reason", "comment") else "center"


def _shown(row: Row, value: str | None) -> Decimal | str | None:
    """A number as a number; a yes or no in words."""
    if value is None:
        return None
    return ("否" if Decimal(value) == 0 else "是") if row.yes_no else Decimal(value)


def _checks(sheet: Worksheet) -> dict[str, DataValidation]:
    """What the sheet itself says to a figure that cannot be (rule 2.2)."""
    made = {
        "yes_no": _check("请选择“是”或“否” choose 是 (yes) or 否 (no)", type="list", formula1='"是,否"'),
        "percent": _check("0 至 100 的百分数 a percentage from 0 to 100", operator="between", formula1=0, formula2=100),
        "amount": _check("不小于 0 的数 a number of 0 or more", operator="greaterThanOrEqual", formula1=0),
        "free": _check("数字 a number", operator="between", formula1=-1e14, formula2=1e14),
    }
    for each in made.values():
        sheet.add_data_validation(each)
    return made


def _check(words: str, **rule: Any) -> DataValidation:
    check = DataValidation(**{"type": "decimal", "allow_blank": True, **rule})
    check.error, check.errorTitle, check.showErrorMessage = words, "请核对 Please check", True
    return check


def _finish(sheet: Worksheet, last: int) -> None:
    """Guarded without a password, frozen under the heading, on landscape A4 with the heading on each page."""
    sheet.freeze_panes = sheet.cell(_FIRST, _ORDER.index("district") + 1)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.protection.sort = sheet.protection.autoFilter = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    sheet.print_title_rows = f"{_FIRST - 1}:{_FIRST - 1}"
    sheet.print_area = f"A1:{_letter(_ORDER[-1])}{max(last, _FIRST)}"
    sheet.oddFooter.center.text = "&P / &N"


def _letter(name: str) -> str:
    return str(get_column_letter(_ORDER.index(name) + 1))
