"""The rows of the upload page from intake's answer and recording's outcomes: order, kind, words, when to ask again."""

from typing import Any, get_args

import pytest

from contracts.events import OutcomeKind
from contracts.verdict_words import NOT_TAKEN, WAITING
from services.desk.pages.upload_rows import following, passed_over, rows_of
from tests.support.intake import lookup

UNDERSTOOD = {
    "indicator": "major_projects_investment", "district": "deqing", "period": "2026-10", "value": "6.35", "unit": "亿元"
}  # fmt: skip


def _item(row: int, status: str = "accepted", sheet: str = "表1", **more: Any) -> dict[str, Any]:
    own = {"source": "/table/clerk", "id": f"{sheet}-{row}", "sheet": sheet, "row": row, "address": f"{sheet}!E{row}"}
    return {"status": status, **own, "understood": UNDERSTOOD, **more}


def _answer(*items: dict[str, Any], dry_run: bool = False, **reading: Any) -> dict[str, Any]:
    read = {"sheets": ["表1", "表2"], "columns": [], "rows": [], **reading}
    return {"dry_run": dry_run, "receipt": None if dry_run else "R", "items": [*items], "reading": read}


def _outcome(row: int, outcome: str | None, code: str | None = None) -> dict[str, Any]:
    return {"source": "/table/clerk", "id": f"表1-{row}", "outcome": outcome, "code": code}


def test_what_has_to_be_mended_stands_first() -> None:
    """Refused rows, then the others in the order of the file; what was passed over is counted apart, by its reason."""
    rows = [
        {"address": f"表1!A{n}", "sheet": "表1", "row": n, "why": why}
        for n, why in ((3, "total"), (4, "note"), (5, "note"))
    ]
    bad = _item(11, "rejected", code="unknown_unit", detail_zh="单位", detail="unit")
    answer = _answer(_item(2), _item(10), bad, _item(2, sheet="表2"), rows=rows)
    found = rows_of(answer, [], lookup())
    assert [row.address for row in found] == ["表1!E11", "表1!E2", "表1!E10", "表2!E2"]
    assert [row.kind for row in found] == ["bad", "waiting", "waiting", "waiting"]
    assert [(each.words.en, each.addresses) for each in passed_over(answer)] == [
        ("a total, not read", ["表1!A3"]), ("a note, not read", ["表1!A4", "表1!A5"])
    ]  # fmt: skip


def test_a_row_says_what_was_understood() -> None:
    """Names in both languages, the number and unit as they go on; a row that could not be read has its remedy."""
    bad = _item(
        3,
        "rejected",
        code="unreadable_number",
        detail_zh="不是数",
        detail="no number",
        understood=UNDERSTOOD | {"value": "约3"},
    )
    wrong, good = rows_of(_answer(_item(2), bad, dry_run=True), [], lookup())
    assert (good.name.zh, good.value, good.period) == ("重点(重大)项目完成投资额", "6.35", "2026-10")
    assert (good.unit.zh, good.unit.en) == ("亿元", "hundred million yuan")
    assert (good.verdict.en, good.outcome) == ("can be sent", None)
    assert (wrong.kind, wrong.code) == ("bad", "unreadable_number")
    assert wrong.remedy is not None
    assert (wrong.remedy.zh, wrong.remedy.en) == ("不是数", "no number")
    assert (wrong.name.zh, wrong.value) == (good.name.zh, "约3")


@pytest.mark.parametrize("outcome", get_args(OutcomeKind))
def test_every_outcome_is_told(outcome: str) -> None:
    """In words, and by a kind that shows whether the clerk has something to do."""
    (row,) = rows_of(_answer(_item(2)), [_outcome(2, outcome)], lookup())
    assert row.outcome is not None
    assert row.outcome.zh != row.outcome.en
    assert row.kind == ("bad" if outcome in NOT_TAKEN else "waiting" if outcome in WAITING else "good")


def test_a_refusal_has_the_words_of_its_code() -> None:
    """A locked period says that a reason is needed."""
    (row,) = rows_of(_answer(_item(2)), [_outcome(2, "refused", "period_locked")], lookup())
    assert row.remedy is not None
    assert "更正说明" in row.remedy.zh


def test_the_page_goes_on_asking_until_all_is_told() -> None:
    """While an accepted row has no outcome; not for refused ones, not before it is sent."""
    answer = _answer(_item(2), _item(3, "rejected"), _item(4))
    assert following(answer, [])
    assert following(answer, [_outcome(2, "applied"), _outcome(4, None)])
    assert not following(answer, [_outcome(2, "applied"), _outcome(4, "refused")])
    assert not following(_answer(_item(2), dry_run=True), [])
    assert not following(_answer(_item(3, "rejected")) | {"receipt": None}, [])
