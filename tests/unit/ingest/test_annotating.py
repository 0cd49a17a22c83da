"""The file that goes back: verdicts and outcomes beside the rows they are about, whatever file it was."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, get_args

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from contracts.events import OutcomeKind
from contracts.objections import Objection
from contracts.verdict_words import NOT_TAKEN, OUTCOMES, STATUSES, WAITING
from contracts.verdicts import Answer, Links, Status
from services.ingest.answering import Accepted, answer
from services.ingest.batches import judge, judge_alone
from services.ingest.formats import read_table
from services.ingest.limits import Limits
from services.ingest.tables import annotating
from services.ingest.tables.annotating import Outcome, annotated
from services.ingest.tables.notes import Notes
from tests.support.intake import NOW, acceptance, grant, lookup
from tests.support.workbooks import HEADING, MAIN, ROW, book, inline, raw, saved

WRONG = [*ROW[:4], "约6", *ROW[5:]]
EMPTY = [*ROW[:4], None, *ROW[5:]]
TOTAL = ["合计", None, None, None, 12.7]


def _answered(content: bytes, *, dry_run: bool = False) -> Answer:
    """What intake answers to it."""
    notes = Notes()
    items = list(read_table(content, Limits(), "clerk", lookup(), notes))
    alone = [judge_alone(item, lambda said: acceptance().accept(said, grant(), NOW)) for item in items]
    decided = judge(items, alone, atomic=False)
    results = [each if isinstance(each, Objection) else Accepted(each, None) for each in decided]
    links = Links(receipt="r", report="r")
    return answer(
        items, results, receipt="r", received_at=NOW, dry_run=dry_run, atomic=False, links=links,
        reading=notes.document(),
    )  # fmt: skip


def _back(content: bytes, outcomes: Iterable[tuple[str, str | None]] = (), **options: bool) -> Worksheet:
    """The first sheet that goes back; outcomes of the accepted rows in turn."""
    said = _answered(content, **options)
    accepted = [item for item in said.items if item.status == "accepted"]
    told = [
        Outcome(item.source or "", item.id or "", outcome, code)
        for item, (outcome, code) in zip(accepted, outcomes, strict=False)
    ]
    return load_workbook(io.BytesIO(annotated(content, said, told, Limits()))).worksheets[0]


def _lines(page: Worksheet, first: int = 8) -> list[list[Any]]:
    return [[cell.value for cell in row[first - 1 : first + 3]] for row in page.iter_rows(min_row=1)]


def test_every_row_has_its_verdict_beside_it() -> None:
    """Accepted, refused with code and remedy in both languages, not filled in, a total: words, sign and colour."""
    page = _back(saved(book(HEADING, ROW, WRONG, EMPTY, TOTAL)[0]), [("applied", None)])
    heading, good, bad, empty, total = _lines(page)
    assert [str(each).split("\n")[0] for each in heading] == ["答复", "入库结果", "错误代码", "问题与改法"]
    assert good == ["✓ 已接收 accepted", "已入库 applied", None, None]
    assert bad[:3] == ["✗ 退回 rejected", None, "unreadable_number"]
    assert "约6" in bad[3]
    assert "definite" in bad[3]
    assert empty[0] == "– 未填，未报送 not filled in, not sent"
    assert total[0] == "– 合计行，不读取 a total, not read"
    colours = {page.cell(row, 8).fill.start_color.rgb for row in (2, 3, 4)}
    assert len(colours) == 3
    assert page["E3"].fill.start_color.rgb == page["H3"].fill.start_color.rgb
    assert "约6" in page["E3"].comment.text
    assert page["E2"].comment is None


def test_before_it_is_sent_it_only_can_be() -> None:
    """A dry run says that a row can be sent, not that it was."""
    page = _back(saved(book(HEADING, ROW)[0]), dry_run=True)
    assert _lines(page)[1][0] == "✓ 可以报送 can be sent"


@pytest.mark.parametrize("outcome", get_args(OutcomeKind))
def test_every_outcome_has_words_and_a_sign(outcome: str) -> None:
    """Taken, waiting or not taken; where the clerk can do something, what."""
    line = _lines(_back(saved(book(HEADING, ROW)[0]), [(outcome, None)]))[1]
    assert line[1] == f"{OUTCOMES[outcome].zh} {OUTCOMES[outcome].en}"
    assert line[0][0] == ("✗" if outcome in NOT_TAKEN else "…" if outcome in WAITING else "✓")


def test_a_locked_period_says_what_to_do() -> None:
    """Recording's no comes with its code and the way out."""
    line = _lines(_back(saved(book(HEADING, ROW)[0]), [("refused", "period_locked")]))[1]
    assert line[2] == "period_locked"
    assert "更正说明" in line[3]


def test_every_status_has_words() -> None:
    """No verdict is without its name."""
    assert set(STATUSES) == set(get_args(Status))


def test_the_clerks_sheet_stays_as_it_was() -> None:
    """Titles, merged cells, widths, formulas and other sheets are kept; what was hidden stays hidden."""
    made, sheet = book(["进度表"], HEADING, ROW, ["备注：快报"], title="我的表")
    sheet.merge_cells("A1:I1")
    sheet.column_dimensions["B"].width = 44
    sheet.column_dimensions["A"].hidden = True
    made.create_sheet("附表").append(["=1+1"])
    content = saved(made)
    back = load_workbook(io.BytesIO(annotated(content, _answered(content), [], Limits())))
    page = back["我的表"]
    assert page["A1"].value == "进度表"
    assert str(page.merged_cells) == "A1:I1"
    assert (page.column_dimensions["B"].width, page.column_dimensions["A"].hidden) == (44, True)
    assert back["附表"]["A1"].value == "=1+1"
    assert str(page["J2"].value).startswith("答复")  # beyond the merged title
    assert page["J3"].value == "✓ 已接收 accepted"


def test_sent_again_it_is_read_again_and_written_over() -> None:
    """The file that went back can be mended and sent: its verdict columns are no figures, and are written over."""
    content = saved(book(HEADING, WRONG)[0])
    once = annotated(content, _answered(content), [], Limits())
    said = _answered(once)
    assert [item.code for item in said.items] == ["unreadable_number"]
    assert said.reading is not None
    assert said.reading.columns == ()
    page = load_workbook(io.BytesIO(annotated(once, said, [], Limits()))).worksheets[0]
    assert page.max_column == len(HEADING) + 4


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_csv_goes_back_as_a_workbook(encoding: str) -> None:
    """Its cells as they were, the verdicts beside them; what looks like a formula stays a text."""
    rows: Sequence[Sequence[Any]] = [HEADING, [*ROW[:6], "=HYPERLINK(1)"], [*WRONG[:6], ""]]
    page = _back("\n".join(",".join(map(str, row)) for row in rows).encode(encoding))
    assert page["G2"].value == "=HYPERLINK(1)"
    assert page["G2"].data_type == "s"
    assert [line[0] for line in _lines(page)][1:] == ["✓ 已接收 accepted", "✗ 退回 rejected"]


def test_what_openpyxl_cannot_open_is_written_afresh() -> None:
    """A workbook with styles that it refuses still comes back with every cell and every verdict."""
    styles = '<fills><fill><odd/></fill></fills><cellXfs><xf numFmtId="0"/></cellXfs>'
    styles = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    content = raw(inline(1, HEADING) + inline(2, [str(each) for each in ROW[:6]]), styles=styles)
    page = _back(content)
    assert page.title == "表1"
    assert page["B2"].value == ROW[1]
    assert page["H2"].value == "✓ 已接收 accepted"


def test_what_would_fill_the_memory_is_written_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a size openpyxl is not asked: the cells and verdicts come back without the looks."""
    made, sheet = book(HEADING, ROW)
    sheet.column_dimensions["B"].width = 44
    monkeypatch.setattr(annotating, "_OPENED", 100)
    page = _back(saved(made))
    assert page["H2"].value == "✓ 已接收 accepted"
    assert page.column_dimensions["B"].width != 44


def test_several_sheets_each_have_theirs() -> None:
    """Rows of the same number on two sheets keep their own verdicts."""
    made, _ = book(HEADING, ROW)
    second = made.create_sheet("表2")
    second.append(HEADING)
    second.append(WRONG)
    content = saved(made)
    back = load_workbook(io.BytesIO(annotated(content, _answered(content), [], Limits())))
    assert back["表1"]["H2"].value == "✓ 已接收 accepted"
    assert back["表2"]["H2"].value == "✗ 退回 rejected"
