"""Workbooks for tests: made by openpyxl, and by hand as WPS and other programs write their XML."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADING = ("指标编号", "指标名称", "区县", "统计期", "完成值", "单位", "更正说明")
ROW = ("major_projects_investment", "重点(重大)项目完成投资额", "德清县", "2026-10", 6.35, "亿元", None)
_CONTENT = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = '<sheet name="表1" r:id="rId1"/>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book(*rows: Sequence[Any], title: str = "表1") -> tuple[Workbook, Worksheet]:
    """A workbook of one sheet with these rows."""
    made = Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return made, sheet


def saved(made: Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def raw(rows: str, *, strings: Sequence[str] = (), formats: Sequence[tuple[int, str]] = (), **changes: str) -> bytes:
    """A package written by hand: `rows` is the XML inside sheetData; style n+1 has the n-th of `formats` (id, code).
    Other parts by name: workbook, styles, shared, sheet."""
    numbered = "".join(f'<numFmt numFmtId="{n}" formatCode="{code}"/>' for n, code in formats if code)
    cells = '<xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{n}"/>' for n, _ in formats)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_CONTENT}"/>',
        "_rels/.rels": _relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _relations(
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "sharedStrings", "sharedStrings.xml"),
            ("rId3", "styles", "/xl/styles.xml"),
        ),
        "xl/workbook.xml": changes.get("workbook")
        or f'<workbook xmlns="{MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{_SHEET}</sheets></workbook>',
        "xl/sharedStrings.xml": changes.get("shared")
        or f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in strings)}</sst>',
        "xl/styles.xml": changes.get("styles")
        or f'<styleSheet xmlns="{MAIN}"><numFmts>{numbered}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": changes.get("sheet")
        or f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{changes.get("after", "")}</worksheet>',
    }
    return packed(parts)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def inline(number: int, cells: Sequence[str]) -> str:
    """A row of inline strings, without addresses, as some exporters write them."""
    said = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{said}</row>'


def _relations(*each: tuple[str, str, str]) -> str:
    said = "".join(f'<Relationship Id="{i}" Type="{_DOCUMENT}/{kind}" Target="{to}"/>' for i, kind, to in each)
    return f'<Relationships xmlns="{_PACKAGE}">{said}</Relationships>'
