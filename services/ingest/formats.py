"""A request's body → its items: one CloudEvent, a batch, NDJSON or a table, each read on its own (step `decoding`).

What concerns the whole body is `Unusable` (an answer 4xx); what concerns one item is that item's objection.
"""

import io
from collections.abc import Iterator

import msgspec

from contracts.programme import Lookup
from services.ingest.envelope import REPORTS, Form, Item, decode
from services.ingest.limits import Limits, Unusable
from services.ingest.tables import reading
from services.ingest.tables.naming import names_of
from services.ingest.tables.notes import Notes
from services.ingest.tables.workbook import XLSX

ONE = frozenset({"application/cloudevents+json", "application/json"})
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"
TABLES = frozenset({"text/csv", XLSX, "application/vnd.ms-excel"})  # the last is what browsers on Windows call a CSV
MEDIA = (*sorted(ONE), BATCH, LINES, *sorted(TABLES))
_CHARSETS = frozenset({"utf-8", "utf8"})
_OF_TABLES = _CHARSETS | {"gb18030", "gbk", "gb2312", "utf-16", "utf-16le"}  # a table's is seen from its bytes
_BOM = b"\xef\xbb\xbf"
_COMMAS = 100  # more than an item has: millions of tiny elements are not even taken apart
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def media_of(content_type: str | None, media: tuple[str, ...] = MEDIA) -> str:
    """The media type of a body that can be read here; Unusable (415) otherwise."""
    name, *parameters = [part.strip().lower() for part in (content_type or "").split(";")]
    if name not in media:
        raise Unusable(
            415,
            "unsupported_media_type",
            f"Content-Type 应为：{'、'.join(media)}",
            f"send one of: {', '.join(media)}",
            {"supported": list(media)},
        )
    charset = next((p.removeprefix("charset=").strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if charset not in (_OF_TABLES if name in TABLES else _CHARSETS):
        raise Unusable(415, "unsupported_charset", "只接受 UTF-8 编码", "only UTF-8 is read", {"charset": charset[:40]})
    return name


def read_table(body: bytes, limits: Limits, subject: str, lookup: Lookup, notes: Notes) -> Iterator[Item]:
    """The items of a table; `subject` and the programme stand in for what a row may leave out."""
    if not body.strip():
        raise _empty()
    return reading.read(body, limits, subject, lookup.programme.id, names_of(lookup), notes)


def read(body: bytes, media: str, limits: Limits, form: Form = REPORTS) -> Iterator[Item]:
    """The items of a body of JSON in turn."""
    body = body.removeprefix(_BOM)
    if not body.strip():
        raise _empty()
    if media == LINES:
        return _lines(body, limits, form)
    if media == BATCH or body.lstrip()[:1] == b"[":
        return (decode(index, raw, form=form) for index, raw in enumerate(_batch(body, limits)))
    limits.check_event(len(body))
    item = decode(0, body, form=form)
    if item.objection is not None and item.objection.code in ("malformed_json", "not_an_object"):
        text = item.objection.text
        raise Unusable(400, item.objection.code, text.zh, text.en)
    return iter([item])


def _empty() -> Unusable:
    return Unusable(400, "empty_body", "请求体为空", "the body is empty")


def _batch(body: bytes, limits: Limits) -> list[msgspec.Raw]:
    limits.check_items(body.count(b",") // _COMMAS)
    try:
        items: list[msgspec.Raw] = _ITEMS.decode(body)
    except msgspec.ValidationError as error:
        raise Unusable(
            400, "not_a_batch", "批量请求体应为 JSON 数组", "a batch is a JSON array of CloudEvents"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(400, "malformed_json", f"不是合法的 JSON：{error}", f"not valid JSON: {error}") from error
    limits.check_items(len(items))
    return items


def _lines(body: bytes, limits: Limits, form: Form) -> Iterator[Item]:
    """One item a line; empty lines are passed over, a broken one is that line's objection alone."""
    index = 0
    for row, line in enumerate(io.BytesIO(body), 1):
        limits.check_lines(row)
        if line.strip():
            limits.check_items(index + 1)
            yield decode(index, line.rstrip(b"\r\n"), row, form)
            index += 1
