"""The Excel template: exactly a unit's cells, with what is known of each; filled in, intake takes back every row."""

import io
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from contracts.events import Standing, Text
from contracts.numbers import exact
from contracts.periods import parse
from contracts.responsibility import writer
from services.ingest.acceptance import Acceptable
from services.ingest.tables.workbook import XLSX
from services.metrics.fold import Fact, fold, plan_of
from services.metrics.templates import rows, sheet
from tests.support.intake import acceptance, cells, grant, items_of, lookup

PERIOD = parse("2026-12")
INVESTMENT = "major_projects_investment"


def _rows(unit: str, **known: Any) -> list[rows.Row]:
    own = rows.cells_of(lookup(), [*cells()], unit, PERIOD)
    return rows.rows(lookup(), own, known.get("now", {}), known.get("earlier", {}), known.get("revisions", {}))


def _sheet(content: bytes) -> Worksheet:
    return load_workbook(io.BytesIO(content)).active


def _columns(found: Worksheet) -> dict[str, int]:
    return {str(cell.value).split("\n")[0]: cell.column for cell in found[3]}


def _units() -> list[str]:
    due = [each for each in cells() if each.period.end == PERIOD.end and each.due_at is not None and each.applicable]
    return sorted({writer(lookup(), each.indicator, each.district, each.period) for each in due})


@pytest.mark.parametrize("unit", _units())
def test_what_is_filled_in_is_accepted(unit: str) -> None:
    """Round trip for every unit: each row of its template, filled in, is accepted from it, for its own cell."""
    wanted = _rows(unit)
    made = load_workbook(io.BytesIO(sheet.workbook(Text("标题", "title"), wanted)))
    found = made.active
    columns = _columns(found)
    for number, row in enumerate(wanted, 4):
        found.cell(number, columns["完成值"]).value = "是" if row.yes_no else 12.5
    stream = io.BytesIO()
    made.save(stream)
    items = items_of(stream.getvalue(), XLSX, unit)
    assert [item.objection for item in items] == [None] * len(wanted)
    now = max(row.due_at for row in wanted) + timedelta(days=1)
    for item, row in zip(items, wanted, strict=True):
        said = acceptance().accept(item.submitted, grant(department=unit), now)
        assert isinstance(said, Acceptable), said
        assert (said.cell.indicator, said.cell.district, said.cell.period.text) == (
            row.indicator, row.district, row.period
        )  # fmt: skip


def test_an_empty_template_says_nothing() -> None:
    """Rows that were not filled in are no reports, and no withdrawals, though they carry a revision."""
    revisions = {(INVESTMENT, "deqing", "2026-12"): 0}
    content = sheet.workbook(Text("标题", "title"), _rows("deqing", revisions=revisions))
    assert items_of(content, XLSX, "deqing") == []


def test_exactly_the_units_cells_that_end_with_the_period() -> None:
    """December lists the quarter's and the year's cells too, November only the month's; none of another unit's."""
    december = {(row.indicator, row.district, row.period) for row in _rows("deqing")}
    due = [c for c in cells() if c.period.end == PERIOD.end and c.due_at is not None and c.applicable]
    assert december == {
        (c.indicator, c.district, c.period.text)
        for c in due
        if writer(lookup(), c.indicator, c.district, c.period) == "deqing"
    }
    assert {period for *_, period in december} == {"2026", "2026-12", "2026-Q4"}
    november = rows.cells_of(lookup(), [*cells()], "deqing", parse("2026-11"))
    assert {cell.period.text for cell in november} == {"2026-11"}


def _stands(indicator: str, district: str, *periods: str) -> dict[str, Standing]:
    """A series with a small value in each of these periods."""
    facts = []
    for period in periods:
        cell = cells().resolve(indicator, district, period)
        assert cell is not None
        moment = (cell.due_at or cell.lock_at) - timedelta(days=1)
        facts.append(Fact("/t", period, district, period, 0, Fraction(1), moment, None, None, "final"))
    found = fold(lookup(), cells(), lookup().indicators[indicator], facts).standings
    return {period: each for (where, period), each in found.items() if where == district}


def test_what_the_plan_expects_is_what_the_standing_will_say() -> None:
    """For every cell of every unit: the expectation printed before the report is the one its standing has after it."""
    compared = 0
    for cell in cells():
        if cell.period.end != PERIOD.end or cell.due_at is None or not cell.applicable:
            continue
        series = [each for each in cells().of(cell.indicator, cell.district) if each.applicable]
        earlier = [each.period.text for each in series if each.period.end < PERIOD.end and each.due_at][-3:]
        last = _stands(cell.indicator, cell.district, *earlier).get(earlier[-1]) if earlier else None
        after = _stands(cell.indicator, cell.district, *earlier, cell.period.text)[cell.period.text]
        plan = plan_of(lookup(), lookup().indicators[cell.indicator], cell.district)
        told = rows.expected(plan, cell.period, last)
        if last is None and after.baseline_source == "first_report":
            assert told is None  # there is no start before the first report
            continue
        assert (told is None) == (after.expected is None), cell
        if told is not None and after.expected is not None:
            assert exact(told) == exact(after.expected), cell
            compared += 1
    assert compared > 200


def test_what_is_known_stands_beside_the_input() -> None:
    """The last value with its period, what was reported already with the next revision, a yes or no in words."""
    key = (INVESTMENT, "deqing")
    stands = _stands(INVESTMENT, "deqing", "2026-11", "2026-12")
    known = {"now": {key: stands["2026-12"]}, "earlier": {key: stands["2026-11"]}}
    found = _rows("deqing", **known, revisions={(*key, "2026-12"): 0})
    row = next(each for each in found if each.indicator == INVESTMENT)
    assert (row.last_period, row.reported, row.revision) == ("2026-11", stands["2026-12"].value, 1)
    assert (row.last, row.expected) == (stands["2026-11"].value, stands["2026-12"].expected)
    page = _sheet(sheet.workbook(Text("标题", "title"), found))
    columns, number = _columns(page), 4 + found.index(row)
    shown = {
        name: page.cell(number, columns[name]).value for name in ("上期值", "上期统计期", "本期已报", "修订号", "单位")
    }
    assert shown == {"上期值": 1, "上期统计期": "2026-11", "本期已报": 1, "修订号": 1, "单位": "亿元"}


def test_the_sheet_guards_itself() -> None:
    """Only inputs can be typed in, ids are hidden, the heading stays in sight and on every page, checks are by kind."""
    found = _rows("deqing")
    page = _sheet(sheet.workbook(Text("标题", "title"), found))
    columns, last = _columns(page), 3 + len(found)
    assert page.protection.sheet
    open_ = {name for name, at in columns.items() if not page.cell(4, at).protection.locked}
    assert open_ == {"完成值", "更正说明", "说明"}
    hidden = {name for name, at in columns.items() if page.column_dimensions[get_column_letter(at)].hidden}
    assert hidden == {"指标编号", "修订号"}
    assert page.freeze_panes == "C4"
    assert page.print_title_rows == "$3:$3"
    assert page.page_setup.orientation == "landscape"
    value = get_column_letter(columns["完成值"])
    checked = {str(cell): check for check in page.data_validations.dataValidation for cell in check.sqref.ranges}
    cells_checked = sum(
        each.size["rows"] for check in page.data_validations.dataValidation for each in check.sqref.ranges
    )
    assert cells_checked == len(found)
    assert all(str(each).startswith(value) for each in checked)
    for number, row in enumerate(found, 4):
        check = next(c for c in page.data_validations.dataValidation if f"{value}{number}" in c.sqref)
        assert (check.type == "list") == row.yes_no
    assert number == last


def test_rows_are_high_enough_and_a_midnight_belongs_to_the_day_it_ends() -> None:
    """A name that wraps in its column has the height for it; what is due at 24:00 of the 5th says so."""
    found = _sheet(sheet.workbook(Text("标题", "title"), _rows("deqing")))
    columns = _columns(found)
    names = [
        (str(found.cell(row, columns["指标名称"]).value), found.row_dimensions[row].height)
        for row in range(4, found.max_row + 1)
    ]
    assert all(high >= 48 for name, high in names if len(name.split("\n")[1]) > 34)
    assert {str(found.cell(row, columns["截止时间"]).value)[-5:] for row in range(4, found.max_row + 1)} == {"24:00"}
