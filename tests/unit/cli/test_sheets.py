"""Targets and shares from Excel (rules 3.3, 4.3): understood they are an overlay, else told by cell."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.sheets import read, write
from contracts.catalogue import SHIPPED, load, load_over

openpyxl = pytest.importorskip("openpyxl", reason="the environment is older than the locks: make setup")
LOOKUP = load(SHIPPED)
TARGETS = ["指标", "日期", "数值", "比较", "约束性", "来源"]
SHARES = ["指标", "区县", "日期", "数值"]
INDICATOR = "major_projects"


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def test_two_sheets_become_an_overlay(tmp_path: Path) -> None:
    """Names in Chinese, dates of Excel, years, floats and words of comparison are understood."""
    name = LOOKUP.indicators[INDICATOR].name.zh
    path = book(
        tmp_path / "points.xlsx",
        表1=[
            ["2024年目标"],
            TARGETS,
            [name, date(2024, 12, 31), 55, "不低于", "是", "要点"],
            [INDICATOR, "2025", 60.5, "左右", "力争", "虚构"],
        ],
        表2=[SHARES, [INDICATOR, "德清县", 2024, "1,000"], [], [INDICATOR, "anji", "2024-12-31", 0]],
        说明=[["不是表格"]],
    )
    found = read(path, LOOKUP)
    assert found.doubts == []
    write(found, tmp_path / "v2024", version="2024", reason={"zh": "要点", "en": "points"})
    after, reason = load_over(tmp_path / "v2024", LOOKUP)
    dated = {each.on: each for each in after.indicators[INDICATOR].targets}
    first, second = dated[date(2024, 12, 31)], dated[date(2025, 12, 31)]
    assert (first.value, first.bound, first.binding, first.source) == ("55", "ge", True, "points")
    assert (second.value, second.bound, second.binding, second.source) == ("60.5", "approx", False, "invented")
    assert after.allocations[INDICATOR, "deqing"].targets["2024-12-31"] == "1000"
    assert after.allocations[INDICATOR, "anji"].targets["2024-12-31"] == "0"
    assert (after.programme.version, reason.zh) == ("2024", "要点")


def test_what_is_not_understood_is_told_with_its_cell(tmp_path: Path) -> None:
    """Each wrong cell by its address, whatever else is right; and nothing is written."""
    path = book(
        tmp_path / "wrong.xlsx",
        表1=[
            TARGETS,
            ["nothing", "2024-12-31", 1],
            [INDICATOR, "soon", 1],
            [INDICATOR, "2024-12-31", "many", "perhaps"],
            [INDICATOR, "2024-12-31", None],
            [INDICATOR, 2024, 5],
            [INDICATOR, 2024, 6],
        ],
        表2=[SHARES, [INDICATOR, "上海", 2024, 1]],
    )
    found = read(path, LOOKUP)
    places = ["表1!A2", "表1!B3", "表1!C4", "表1!D4", "表1!C5", "表1!B7", "表2!B2"]
    assert [each.at for each in found.doubts] == places
    out = tmp_path / "out"
    said = ["--version", "2024", "--reason-zh", "要点", "--reason-en", "points"]
    assert main(["catalogue", "import", str(path), str(out), *said]) == 1
    assert not out.exists()


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    """Neither a broken file nor a workbook without such sheets makes an overlay."""
    empty = book(tmp_path / "empty.xlsx", 表1=[["甲", "乙"]])
    assert [each.at for each in read(empty, LOOKUP).doubts] == ["empty.xlsx"]
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"not a workbook")
    said = ["--version", "2024", "--reason-zh", "要点", "--reason-en", "points"]
    assert main(["catalogue", "import", str(broken), str(tmp_path / "out"), *said]) == 2
