"""The forms in which reports come: JSON, batches, NDJSON, tables; each item is read on its own."""

import contextlib
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.submission import ATTRIBUTES, FIELDS, MAX_EVENT_BYTES
from services.ingest.envelope import Item, decode
from services.ingest.formats import MEDIA, TABLES, media_of, read, read_table
from services.ingest.limits import Limits, Unusable
from services.ingest.tables.notes import Notes
from tests.support.intake import event, lookup

LIMITS = Limits(max_items=3)
HEADER = "indicator,district,period,value,unit"
ROW = "major_projects_investment,deqing,2023-06,6.35,亿元"


def _read(body: str | bytes, media: str, limits: Limits = LIMITS) -> list[Item]:
    content = body.encode() if isinstance(body, str) else body
    if media in TABLES:
        return list(read_table(content, limits, "clerk", lookup(), Notes()))
    return list(read(content, media, limits))


def _table(*rows: str, header: str = HEADER) -> list[Item]:
    return _read("\n".join((header, *rows)), "text/csv")


def _unusable(body: str | bytes, media: str) -> tuple[int, str]:
    with pytest.raises(Unusable) as caught:
        _read(body, media)
    assert caught.value.zh
    return caught.value.status, caught.value.code


def _codes(items: list[Item]) -> list[str | None]:
    return [item.objection.code if item.objection else None for item in items]


def test_media_types() -> None:
    """The forms are known with their parameters; another type, or another character set of JSON, is 415."""
    assert media_of("application/json; charset=UTF-8") == "application/json"
    assert media_of('text/csv; header=present; charset="utf-8"') == "text/csv"
    assert media_of("text/csv; charset=GBK") == "text/csv"
    for wrong in (None, "", "text/plain", "application/xml", "text/csv; charset=big5", "application/json; charset=gbk"):
        with pytest.raises(Unusable) as caught:
            media_of(wrong)
        assert caught.value.status == 415


def test_one_event_or_an_array() -> None:
    """application/json takes one event or an array; a byte order mark is passed over."""
    one = json.dumps(event())
    assert _codes(_read(one, "application/json")) == [None]
    assert _codes(_read(f"\ufeff [{one}, {one}]", "application/json")) == [None, None]
    assert _read("[]", "application/cloudevents-batch+json") == []


def test_a_batch_is_read_item_by_item() -> None:
    """A bad item spoils nothing but itself, and keeps the names it gave itself."""
    body = json.dumps([event(id="a"), {"id": "b", "source": "/s"}, 7])
    items = _read(body, "application/cloudevents-batch+json")
    assert _codes(items) == [None, "missing_field", "not_an_object"]
    assert [item.id for item in items] == ["a", "b", None]


def test_what_is_no_json_at_all() -> None:
    """A body that cannot be read as a whole is 400, not a verdict."""
    assert _unusable("{", "application/json") == (400, "malformed_json")
    assert _unusable("[1,", "application/cloudevents-batch+json") == (400, "malformed_json")
    assert _unusable("{}", "application/cloudevents-batch+json") == (400, "not_a_batch")
    assert _unusable("7", "application/json") == (400, "not_an_object")
    assert _unusable(" \n", "text/csv") == (400, "empty_body")
    assert _unusable("[" * 100_000, "application/json") == (400, "malformed_json")
    assert _unusable(b'{"id": "\xff"}', "application/json") == (400, "malformed_json")


def test_lines() -> None:
    """NDJSON: a broken line is that line's; empty lines are passed over; the line is told."""
    body = f"{json.dumps(event(id='a'))}\r\n\n{{broken\n{json.dumps(event(id='b'))}"
    items = _read(body, "application/x-ndjson")
    assert _codes(items) == [None, "malformed_json", None]
    assert [item.row for item in items] == [1, 3, 4]
    assert [item.index for item in items] == [0, 1, 2]


def test_limits() -> None:
    """More items than allowed, or one event too large alone, is 413 with the limits; in a batch it is that item's."""
    four = json.dumps([event()] * 4)
    for body, media in ((four, "application/json"), ("\n".join([HEADER] + [ROW] * 4), "text/csv")):
        with pytest.raises(Unusable) as caught:
            _read(body, media)
        assert caught.value.status == 413
        limits = {"max_body_bytes", "max_event_bytes", "max_items", "max_unpacked_bytes", "max_cells"}
        assert set(caught.value.members) == limits
    large = json.dumps(event(comment="x" * MAX_EVENT_BYTES))
    assert _unusable(large, "application/json") == (413, "event_too_large")
    assert _codes(_read(f"[{large}, {json.dumps(event())}]", "application/json")) == ["event_too_large", None]


def test_a_crowd_of_nothings_is_turned_away() -> None:
    """A million one-byte elements are too many items before they are taken apart."""
    assert _unusable("[" + "1," * 1_000_000 + "1]", "application/json") == (413, "too_many_items")


@pytest.mark.parametrize("media", ["text/csv", "application/x-ndjson"])
def test_reading_stops_at_the_first_item_too_many(media: str) -> None:
    """What follows it is not even looked at: an open quote there would be 400, millions of rows would fill the memory.
    Empty rows are passed over, but not without end."""
    row = ROW if media == "text/csv" else json.dumps(event())
    assert _unusable("\n".join([HEADER, *[row] * 4, '"open']), media) == (413, "too_many_items")
    assert len(_read("\n".join([HEADER, *[""] * 20, row]), media)) == (1 if media == "text/csv" else 2)
    assert _unusable("\n".join([HEADER, *[""] * 40]), media) == (413, "too_many_items")
    body = f"{HEADER}\n" + "a\n" * 1_000_000
    tracemalloc.start()
    try:
        assert _unusable(body, media) == (413, "too_many_items")
        assert tracemalloc.get_traced_memory()[1] < 10 * len(body)
    finally:
        tracemalloc.stop()


def test_a_row_of_endless_cells() -> None:
    """A row or a header with more cells than any has is given up before it is taken apart, over however many lines."""
    assert _unusable("," * 1_000_000, "text/csv") == (400, "malformed_table")
    assert _unusable(f"{HEADER}\n{'a,' * 1_000_000}", "text/csv") == (400, "malformed_table")
    over_lines = '"\n",' * 20 + "," * 990
    with pytest.raises(Unusable, match="more than 1000 cells"):
        _read(f"{HEADER}\n{over_lines}", "text/csv", Limits())


def test_a_table_in_english_or_chinese() -> None:
    """Columns by either name, with or without a byte order mark, in any order."""
    plain = _table(ROW)[0]
    chinese = _read(
        "\ufeff区县,指标,报告期,单位,数值\r\ndeqing,major_projects_investment,2023-06,亿元,6.35\r\n", "text/csv"
    )[0]
    assert plain.submitted is not None
    assert chinese.submitted is not None
    assert plain.submitted.data == chinese.submitted.data
    assert plain.submitted.data.programme == "huzhou-2023-2027"
    assert plain.submitted.source == "/table/clerk"


def test_a_row_sent_twice_is_one_report_sent_twice() -> None:
    """Rows without an id get it from their content: the same row, the same id; another row, another id (rule 2.7)."""
    first, again, other = _table(ROW, ROW, ROW.replace("6.35", "6.36"))
    assert first.id == again.id
    assert first.id != other.id
    assert first.id is not None
    assert first.id.startswith("row-")


def test_columns_of_a_table() -> None:
    """All columns of a report: revision as a number, evidence as a list, names and moments as sent."""
    header = f"{HEADER},revision,reason,evidence,id,source,time,status,confidence,comment,recordedtime,programme"
    row = f"{ROW},2,录入错误,a.pdf;b.pdf,7,/s,2023-06-30T00:00:00+08:00,provisional,likely,ok,,p"
    item = _table(row, header=header)[0]
    assert item.submitted is not None
    report = item.submitted.data
    assert (report.revision, report.reason, report.evidence) == (2, "录入错误", ("a.pdf", "b.pdf"))
    assert (report.status, report.confidence, report.comment, report.programme) == ("provisional", "likely", "ok", "p")
    assert (item.submitted.id, item.submitted.source, item.submitted.recordedtime) == ("7", "/s", None)
    assert item.submitted.time is not None


def test_an_empty_value_is_no_figure() -> None:
    """An empty cell under `value` is null where the row says why: a withdrawal, which then needs its revision. A row
    that says neither has not been filled in and is passed over."""
    item = _table(f"{ROW.replace('6.35', '')},重复报送", header=f"{HEADER},reason")[0]
    assert item.submitted is not None
    assert item.submitted.data.value is None
    assert _table(f"{ROW.replace('6.35', '')},", header=f"{HEADER},reason") == []


def test_rows_are_numbered_as_in_a_spreadsheet() -> None:
    """The header is row 1; empty rows count and are passed over; a quoted line break is inside its row."""
    items = _table(ROW, ",,,,", "", f"{ROW.replace('deqing', chr(34) + 'deqing' + chr(34))}", "short,row")
    assert [item.row for item in items] == [2, 5, 6]
    assert _codes(items) == [None, None, "row_width"]
    lines = _table(f'{ROW},"a\nb"', f"{ROW},c", header=f"{HEADER},comment")
    assert [item.row for item in lines] == [2, 3]


def test_a_wrong_header_is_told_in_full() -> None:
    """Missing, unknown and repeated columns are named together (400), with the columns that there are."""
    with pytest.raises(Unusable) as caught:
        _table(ROW, header="indicator,indicator,period,value,amount")
    members = caught.value.members
    assert (members["missing"], members["unknown"]) == (["district", "unit"], ["amount"])
    assert members["twice"] == ["indicator"]
    assert "district" in members["columns"]


def test_tables_that_cannot_be_read() -> None:
    """Another encoding or an open quote is 400: half a file would be half said."""
    assert _unusable(f"{HEADER}\n{ROW}".encode() + b"\xff\xff\n", "text/csv") == (400, "unknown_encoding")
    assert _unusable(f'{HEADER}\n"open', "text/csv") == (400, "malformed_table")


def test_a_revision_that_is_no_number() -> None:
    """What is not a whole number in the revision column is told at that column."""
    item = _table(f"{ROW},1.0", header=f"{HEADER},revision")[0]
    assert item.objection is not None
    assert (item.objection.code, item.objection.pointer) == ("wrong_type", "/data/revision")


def test_names_too_long_are_not_echoed() -> None:
    """An item turned down for its id is not called by it."""
    item = decode(0, json.dumps(event(id="x" * 300)).encode())
    assert item.objection is not None
    assert item.id is None
    assert item.source == "/deqing/statistics"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)


@given(field=st.sampled_from([*ATTRIBUTES, *(f"data.{name}" for name in FIELDS), "other"]), value=_JSON)
def test_no_value_anywhere_is_a_defect(field: str, value: object) -> None:
    """Whatever JSON stands in whatever place, the item is read or has an objection with both texts."""
    sent = event()
    if field.startswith("data."):
        sent["data"][field.removeprefix("data.")] = value
    else:
        sent[field] = value
    item = decode(0, json.dumps(sent).encode())
    if item.objection is None:
        assert item.submitted is not None
    else:
        assert item.objection.text.zh
        assert item.objection.text.en


@given(st.binary(max_size=200), st.sampled_from(MEDIA))
def test_no_bytes_are_a_defect(body: bytes, media: str) -> None:
    """Whatever bytes come, in whatever form: items, or a refusal of the whole."""
    with contextlib.suppress(Unusable):
        assert all(item.submitted or item.objection for item in _read(body, media, Limits()))
