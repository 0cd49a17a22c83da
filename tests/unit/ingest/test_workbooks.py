"""Real-life files of clerks, made by openpyxl and by hand as WPS and others write them: every row read, or refused by
its address with what would be right."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from contracts.objections import Objection
from services.ingest.envelope import Item
from services.ingest.formats import read_table
from services.ingest.limits import Limits, Unusable
from services.ingest.tables.notes import Notes
from tests.support.intake import NOW, acceptance, grant, lookup
from tests.support.workbooks import HEADING, MAIN, ROW, book, inline, packed, raw, saved


def _read(content: bytes, limits: Limits | None = None) -> tuple[list[Item], Notes]:
    notes = Notes()
    return list(read_table(content, limits or Limits(), "clerk", lookup(), notes)), notes


def _said(content: bytes) -> list[tuple[str | None, str | None]]:
    """(value, period) of each row that was read, or (code, address)."""
    items, _ = _read(content)
    return [_of(item) for item in items]


def _of(item: Item) -> tuple[str | None, str | None]:
    if item.objection is None:
        return item.submitted.data.value, item.submitted.data.period
    assert item.place is not None
    field = (item.objection.pointer or "").rsplit("/", 1)[-1]
    return item.objection.code, item.place.address(field)


def _changed(**fields: Any) -> list[Any]:
    """A good row with other cells."""
    names = ("id", "name", "district", "period", "value", "unit", "reason")
    return [fields.get(name, cell) for name, cell in zip(names, ROW, strict=True)]


def _unusable(content: bytes, limits: Limits | None = None) -> tuple[int, str]:
    with pytest.raises(Unusable) as caught:
        _read(content, limits)
    return caught.value.status, caught.value.code


def test_a_plain_workbook() -> None:
    """Heading and rows: the event that the same row sent as JSON would be, accepted by the rules of intake."""
    items, notes = _read(saved(book(HEADING, ROW)[0]))
    data = items[0].submitted.data
    assert (data.indicator, data.district, data.period) == ("major_projects_investment", "deqing", "2026-10")
    assert (data.value, data.unit, data.programme) == ("6.35", "亿元", "huzhou-2023-2027")
    assert not isinstance(acceptance().accept(items[0].submitted, grant(), NOW), Objection)
    assert items[0].place is not None
    assert items[0].place.address("value") == "表1!E2"
    assert notes.document().sheets == ("表1",)


def test_a_title_a_heading_of_two_merged_rows_notes_and_totals() -> None:
    """A title above, a heading merged over two rows and columns, section rows, empty rows, totals and notes below."""
    made, sheet = book(
        ["湖州市县域综合承载能力提升工程2026年10月进度表"],
        ["指标名称", None, "区县", "统计期", "完成情况", None, "计量\n单位", "联系人"],
        [None, None, None, None, "计划完成值", "累计完成", None, None],
        ["一、县域产业"],
        ["重点(重大)项目完成投资额", None, "德清县", "2026年10月", "1,200", "1,234.5", "亿元", "张三"],
        [],
        ["重点(重大)项目完成投资额", None, "安吉县", "2026年10月", 80, 80.25, "亿元", None],
        ["合计", None, None, None, 1280, 1314.75, "亿元"],
        ["备注：数据为快报数。"],
        ["填报人：李四", None, None, "审核人：王五", "2026年11月3日", 5],
    )
    for merged in ("A1:H1", "A2:B3", "C2:C3", "D2:D3", "E2:F2", "G2:G3", "H2:H3", "A5:B5", "A7:B7", "A9:H9"):
        sheet.merge_cells(merged)
    items, notes = _read(saved(made))
    assert [_of(item) for item in items] == [("1234.5", "2026-10"), ("80.25", "2026-10")]
    assert [item.place.address("value") for item in items if item.place] == ["表1!F5", "表1!F7"]
    told = notes.document()
    assert [(row.address, row.why) for row in told.rows] == [
        ("表1!A4", "not_filled_in"), ("表1!A8", "total"), ("表1!A9", "note"), ("表1!A10", "note"),
    ]  # fmt: skip
    assert [column.heading for column in told.columns] == ["完成情况/计划完成值", "联系人"]


def test_a_name_merged_over_its_districts() -> None:
    """An indicator's name merged over several rows belongs to each; a value merged over several belongs to none."""
    made, sheet = book(HEADING[1:], _changed()[1:], _changed(name=None, district="安吉")[1:], _changed(value=None)[1:])
    sheet.merge_cells("A2:A3")
    assert _said(saved(made)) == [("6.35", "2026-10"), ("6.35", "2026-10")]
    sheet.merge_cells("D3:D4")
    assert [code for code, _ in _said(saved(made))] == ["6.35", "merged_value", "merged_value"]


def test_percent_cells() -> None:
    """A percentage format is the programme's percent exactly; without the format a number is what it is; in another
    unit it is refused; an empty unit is the cell's own %."""
    percent = {"id": "urban_sewage_treatment_rate", "name": None, "district": "湖州市", "unit": "%"}
    cases = [(0.125, "0.0%"), (0.9845, "0.00%"), (98.45, "General"), ("98.45%", "General"), (12.5, '0.0"%"')]
    made, sheet = book(HEADING, *(_changed(**percent | {"value": value}) for value, _ in cases))
    sheet.append(_changed(value=0.5))
    sheet.append(_changed(**percent | {"value": 0.5, "unit": None}))
    for row, (_, shown) in enumerate([*cases, (0, "0%"), (0, "0%")], 2):
        sheet.cell(row, 5).number_format = shown
    items, _ = _read(saved(made))
    assert [_of(item)[0] for item in items] == [
        "12.5",
        "98.45",
        "98.45",
        "98.45",
        "12.5",
        "percent_in_other_unit",
        "50",
    ]
    assert items[-1].submitted.data.unit == "%"


def test_units_are_those_of_the_column() -> None:
    """万 and 亿 count only in the unit column (or in brackets in the heading of the value), never in the value."""
    heading = [*HEADING[:4], "完成值（亿元）", "单位"]
    made, _ = book(heading, _changed(unit=None)[:6], _changed(unit="万元")[:6], _changed(value="6.35亿")[:6])
    assert [code for code, _ in _said(saved(made))] == ["6.35", "units_disagree", "unreadable_number"]
    items, _ = _read(saved(book(HEADING, _changed(unit="（万元）", value=63500))[0]))
    assert (items[0].submitted.data.value, items[0].submitted.data.unit) == ("63500", "万元")
    without = [each for each in heading if each != "单位"]
    assert _said(saved(book(without, _changed()[:5])[0])) == [("6.35", "2026-10")]


def test_dates_as_serials_and_as_texts() -> None:
    """A date stands for its month, in either calendar of Excel; a bare number that looks like a date does not."""
    periods = [date(2026, 10, 31), datetime(2026, 10, 1), "2026/10/31", "2026年10月", 2026.11, 202610, 46326, 2026.1]
    made, _ = book(HEADING, *(_changed(period=period) for period in periods))
    assert _said(saved(made)) == [
        *[("6.35", "2026-10")] * 4, ("6.35", "2026-11"), ("6.35", "2026-10"),
        ("unreadable_period", "表1!D8"), ("ambiguous_period", "表1!D9"),
    ]  # fmt: skip
    made.epoch = datetime(1904, 1, 1)
    assert _said(saved(made))[0] == ("6.35", "2026-10")


def test_formulas_and_errors() -> None:
    """A formula counts with the result that was saved; without one, and with an error, its cell is named."""
    names = [f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in ROW[:4]]
    unit = '<c r="F{0}" t="inlineStr"><is><t>亿元</t></is></c>'
    values = ["<f>SUM(A1)</f><v>6.3500000000000005</v>", "<f>SUM(A1)</f>", "<f>SUM(A1)</f><v/>"]
    cells = [f"<c>{value}</c>" for value in values] + [
        '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c t="e"><v>#N/A</v></c>',
    ]
    cells.append('<c t="str"><f>TEXT(1,0)</f><v>1,234.5</v></c>')
    rows = "".join(f'<row r="{n}">{"".join(names)}{cell}{unit.format(n)}</row>' for n, cell in enumerate(cells, 2))
    said = _said(raw(inline(1, HEADING[:6]) + rows))
    assert said == [
        ("6.35", "2026-10"), ("formula_without_result", "表1!E3"), ("formula_without_result", "表1!E4"),
        ("cell_error", "表1!E5"), ("cell_error", "表1!E6"), ("1234.5", "2026-10"),
    ]  # fmt: skip


def test_formats_that_hide_what_is_saved() -> None:
    """A format that shows ten-thousandths as 万 leaves what was meant open: refused."""
    made, sheet = book(HEADING, _changed(value=63500, unit="万元"))
    sheet["E2"].number_format = '0!.0,"万"'
    assert _said(saved(made)) == [("scaled_display", "表1!E2")]


def test_hidden_rows_and_columns_are_read_hidden_sheets_are_not() -> None:
    """A filter hides rows and a template columns, and both belong to the table; a hidden sheet is last month's copy."""
    made, sheet = book(HEADING, ROW, title="改过的名字")
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["A"].hidden = True
    copy = made.copy_worksheet(sheet)
    copy.sheet_state = "hidden"
    made.create_sheet("填表说明").append(["请按要求填写"])
    second = made.create_sheet("表2")
    second.append(HEADING)
    second.append(_changed(district="安吉县"))
    items, notes = _read(saved(made))
    assert [item.place.address("value") for item in items if item.place] == ["改过的名字!E2", "表2!E2"]
    assert notes.document().sheets == ("改过的名字", "表2")


def test_names_of_indicators_and_districts() -> None:
    """An id, a name in either language, width and blanks aside; a name beside another's id is a row out of place."""
    good = [
        _changed(id=None), _changed(name=None), _changed(id=None, name="重点（重大）项目完成投资额 "),
        _changed(id="重点(重大)项目完成投资额"), _changed(district="德清"), _changed(district=" 德清县 "),
        _changed(district="南太湖"),
    ]  # fmt: skip
    assert _said(saved(book(HEADING, *good)[0])) == [("6.35", "2026-10")] * len(good)
    wrong = [
        _changed(name="重点(重大)项目数"),
        _changed(id=None, name="重大项目投资额"),
        _changed(id=None, name=None),
    ]
    items, _ = _read(saved(book(HEADING, *wrong)[0]))
    assert [_of(item) for item in items] == [
        ("names_disagree", "表1!A2"), ("unknown_indicator", "表1!A3"), ("missing_field", "表1!A4")
    ]  # fmt: skip
    assert "重点(重大)项目完成投资额" in items[1].objection.text.zh if items[1].objection else False


def test_every_common_heading_is_known() -> None:
    """The variants of each column's name lead to the same report."""
    for heading in (
        ("指标", "县区", "月份", "实际值", "计量单位"),
        ("指标名称", "区县", "期间", "累计完成", "单位"),
        ("* 指标 编号", "所属区县", "报告期", "完成值(亿元)", "单位"),
        ("Indicator ID", "District", "Period", "VALUE", "Unit"),
        ("指标编号\nIndicator ID", "区县\nDistrict", "统计期\nPeriod", "完成值\nValue", "单位\nUnit"),
    ):
        row = ["重点(重大)项目完成投资额", "德清县", "2026-10", 6.35, "亿元"]
        assert _said(saved(book(heading, row)[0])) == [("6.35", "2026-10")]


def test_columns_that_are_other_figures() -> None:
    """Last year's value, the plan's and this month's alone are not the value; of two candidates none is taken."""
    heading = [*HEADING[:4], "上年同期完成值", "计划完成值", "完成值", "单位"]
    row = [*ROW[:4], 5, 7, 6.35, "亿元"]
    assert _said(saved(book(heading, row)[0])) == [("6.35", "2026-10")]
    assert _unusable(saved(book([*heading[:6], "本月完成值", "单位"], row)[0])) == (400, "wrong_header")
    assert _unusable(saved(book([*heading[:5], "实际值", "完成值", "单位"], row)[0])) == (400, "wrong_header")
    made, sheet = book(["指标", "区县", "月份", "完成值", None, "单位"], [None, None, None, "本月", "累计", None])
    sheet.merge_cells("D1:E1")
    sheet.append([ROW[0], "德清县", "2026-10", 1, 6.35, "亿元"])
    assert _said(saved(made)) == [("6.35", "2026-10")]


def test_as_wps_writes_it() -> None:
    """Parts of WPS's own, strings with readings and runs, prefixes, no dimension, styles that openpyxl refuses."""
    shared = f'<sst xmlns="{MAIN}"><si><r><t>6</t></r><r><rPr/><t xml:space="preserve">.35</t></r></si>'
    shared += "<si><t>亿元</t><rPh sb='0' eb='1'><t>yi</t></rPh></si></sst>"
    cells = "".join(f'<x:c t="inlineStr"><x:is><x:t>{cell}</x:t></x:is></x:c>' for cell in ROW[:4])
    cells += '<x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c>'
    heading = "".join(f'<x:c t="inlineStr"><x:is><x:t>{cell}</x:t></x:is></x:c>' for cell in HEADING[:6])
    sheet = f'<x:worksheet xmlns:x="{MAIN}" xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData">'
    sheet += f"<x:sheetData><x:row>{heading}</x:row><x:row>{cells}</x:row></x:sheetData><etc:own/></x:worksheet>"
    styles = '<fills><fill><odd/></fill></fills><cellXfs><xf numFmtId="0"/></cellXfs>'
    styles = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    assert _said(raw("", sheet=sheet, styles=styles, shared=shared)) == [("6.35", "2026-10")]


def test_the_numbers_of_the_file_are_the_decimals_typed() -> None:
    """What a double adds to a decimal is not sent on."""
    cells = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in ROW[:4])
    row = f'<row r="2">{cells}<c><v>0.30000000000000004</v></c><c t="inlineStr"><is><t>亿元</t></is></c></row>'
    assert _said(raw(inline(1, HEADING[:6]) + row)) == [("0.3", "2026-10")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_as_excel_and_wps_save_it(encoding: str, separator: str) -> None:
    """Every encoding with every separator, a title above and a note below, is the same report at the same address."""
    rows = [["进度表", *[""] * 5], HEADING[:6], [*ROW[:4], "1,234.5", "亿元"], ["备注：快报", *[""] * 5]]
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    items, _ = _read(text.encode(encoding))
    assert [_of(item) for item in items] == [("1234.5", "2026-10")]
    assert items[0].place is not None
    assert items[0].place.address("value") == "E3"


def test_the_same_row_is_the_same_report_in_every_form() -> None:
    """A CSV and a workbook that say the same are the same reports, sent twice (rule 2.7)."""
    text = "\n".join(",".join(map(str, row)) for row in (HEADING[:6], ROW[:6]))
    ids = {_read(content)[0][0].id for content in (text.encode(), saved(book(HEADING, ROW)[0]))}
    assert len(ids) == 1


def test_old_and_locked_workbooks_are_refused_with_the_remedy() -> None:
    """.xls, and .xlsx under a password, are no zip: the answer says how to save them."""
    with pytest.raises(Unusable) as caught:
        _read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    assert (caught.value.status, caught.value.code) == (415, "old_workbook")
    assert ".xlsx" in caught.value.zh


def test_broken_workbooks_are_refused_as_a_whole() -> None:
    """A cut-off zip, missing parts, XML that is none, a document type: 400, never a defect."""
    good = saved(book(HEADING, ROW)[0])
    assert _unusable(good[: len(good) // 2]) == (400, "malformed_workbook")
    assert _unusable(packed({"a.txt": "a"})) == (400, "malformed_workbook")
    assert _unusable(raw("", sheet="<worksheet><row>")) == (400, "malformed_workbook")
    bomb = f'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    assert _unusable(raw("", sheet=bomb)) == (400, "malformed_workbook")
    assert _unusable(raw('<row r="1"><c r="1A"><v>1</v></c></row>')) == (400, "malformed_workbook")
    assert _unusable(raw('<row r="1"><c t="s"><v>99</v></c></row>')) == (400, "malformed_workbook")
    assert _unusable(raw('<row r="1"><c><v>x</v></c></row>')) == (400, "malformed_workbook")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("at", [0.2, 0.5, 0.8])
def test_damaged_parts_are_no_defect(part: str, at: float) -> None:
    """A part cut off anywhere: read without it, or refused as a whole."""
    with zipfile.ZipFile(io.BytesIO(saved(book(HEADING, ROW)[0]))) as package:
        parts: dict[str, str | bytes] = {name: package.read(name) for name in package.namelist()}
    parts[part] = parts[part][: int(len(parts[part]) * at)]
    try:
        codes: list[object] = [item.objection for item in _read(packed(parts))[0]]
    except Unusable as refused:
        codes = [refused.code]
    assert codes in ([None], ["malformed_workbook"])


def test_bombs_and_giants() -> None:
    """What unpacks to too much is refused before it is unpacked; so are too many cells, rows, items."""
    bomb = packed({"xl/workbook.xml": b" " * 70_000_000})
    assert len(bomb) < 100_000
    assert _unusable(bomb) == (413, "workbook_too_large")
    rows = [_changed(value=n) for n in range(40)]
    content = saved(book(HEADING, *rows)[0])
    assert _unusable(content, Limits(max_cells=100)) == (413, "too_many_cells")
    assert _unusable(content, Limits(max_items=39)) == (413, "too_many_items")
    assert _unusable(raw('<row r="1048576"><c><v>1</v></c></row>'), Limits(max_items=39)) == (413, "too_many_items")
    whole = raw(inline(1, HEADING), after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    assert _read(whole)[0] == []


def test_a_heading_as_wide_as_a_sheet_can_be() -> None:
    """Thousands of cells in the first rows cost no more than the columns of a heading; one of those is still found."""
    wide = inline(1, [*HEADING, *["占位"] * 10_000]) + inline(2, [str(each) for each in ROW[:6]])
    items, notes = _read(raw(wide))
    assert [_of(item) for item in items] == [("6.35", "2026-10")]
    assert len(notes.columns) < 256


def test_sheets_without_a_heading() -> None:
    """No sheet with a heading: the columns that are needed are named. A sheet that lacks one is named, and nothing of
    the others is read."""
    with pytest.raises(Unusable) as caught:
        _read(saved(book(["姓名", "电话"], ["张三", 1])[0]))
    assert (caught.value.code, caught.value.members["sheet"]) == ("wrong_header", None)
    made, sheet = book(HEADING, ROW)
    made.create_sheet("表2").append(["指标编号", "完成值", "单位", "区县"])
    with pytest.raises(Unusable) as caught:
        _read(saved(made))
    assert (caught.value.members["sheet"], caught.value.members["missing"]) == ("表2", ["period"])
    assert "统计期" in caught.value.zh
    assert sheet.title not in caught.value.zh


def _rows(*rows: Sequence[Any]) -> list[str | None]:
    return [row.why for row in _read(saved(book(HEADING, *rows)[0]))[1].document().rows]


def test_rows_that_are_no_reports() -> None:
    """A heading again after a page break, totals, notes, rows not filled in: passed over, each with its why."""
    assert _rows(HEADING, ["小计", *[None] * 3, 5], _changed(district="合计"), _changed(value=None)) == [
        "heading_again", "total", "total", "not_filled_in"
    ]  # fmt: skip
    assert _rows(["注: 快报数", None, None, None, 3], ["审核人", "张三", None, None, "5"]) == ["note", "note"]
    assert _said(saved(book(HEADING, _changed(value=None, reason="重复报送"))[0])) == [(None, "2026-10")]
