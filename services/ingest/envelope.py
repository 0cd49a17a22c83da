"""One CloudEvent as a caller may send it → what it says, or the reason why it cannot be read (step `decoding`).

Well-formed events take one typed decode; only those that fail are read again, slowly, to say what would be right.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

import msgspec

from contracts.events import Report
from contracts.objections import Objection
from contracts.submission import ATTRIBUTES, FIELDS, MAX_EVENT_BYTES, MAX_NAME, MAX_TEXT, SERVER_SET, TYPE, Submitted

_YEARS = range(1970, 2200)


class Item:
    """One item of a request in the order sent; `row` is its line in a table or an NDJSON file."""

    __slots__ = ("id", "index", "objection", "row", "source", "submitted")

    def __init__(
        self, index: int, submitted: Submitted | None, objection: Objection | None = None, row: int | None = None
    ) -> None:
        self.index, self.row, self.submitted, self.objection = index, row, submitted, objection
        self.id: str | None = submitted.id if submitted else None
        self.source: str | None = submitted.source if submitted else None


_DECODER = msgspec.json.Decoder(Submitted)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # a text may have lines
_WHERE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"`(\w[^`]*)`")
_KINDS_ZH = {"str": "字符串", "int": "整数", "float": "小数", "bool": "布尔值", "null": "空值", "array": "数组"} | {
    "object": "对象"
}


def decode(index: int, raw: bytes | msgspec.Raw, row: int | None = None) -> Item:
    """One item from the JSON of one event."""
    if len(memoryview(raw)) > MAX_EVENT_BYTES:
        return Item(index, None, Objection("event_too_large", None, {"limit": str(MAX_EVENT_BYTES)}), row)
    try:
        return checked(index, _DECODER.decode(raw), row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _diagnosed(index, raw, error, row)


def convert(index: int, fields: Mapping[str, Any], row: int | None = None) -> Item:
    """One item from an event that is already split into its parts (a row of a table)."""
    try:
        return checked(index, msgspec.convert(fields, Submitted), row)
    except msgspec.ValidationError as error:
        return _named(Item(index, None, _objection(fields, str(error)), row), fields)


def checked(index: int, submitted: Submitted, row: int | None = None) -> Item:
    """The item; without its event, but with an objection, when one of its texts cannot be kept."""
    objection = _unkeepable(submitted)
    if objection is None:
        return Item(index, submitted, None, row)
    return _named(Item(index, None, objection, row), {"id": submitted.id, "source": submitted.source})


def _unkeepable(submitted: Submitted) -> Objection | None:
    return (
        _wrong_name("id", submitted.id)
        or _wrong_name("source", submitted.source)
        or _wrong_texts(submitted.data)
        or _wrong_moment("time", submitted.time)
        or _wrong_moment("recordedtime", submitted.recordedtime)
        or _wrong_content(submitted.datacontenttype)
    )


def _wrong_name(field: str, text: str) -> Objection | None:
    if 0 < len(text) <= MAX_NAME and not _CONTROL.search(text) and not text.isspace():
        return None
    return _text(field, f"/{field}", 1, MAX_NAME)


def _wrong_texts(report: Report) -> Objection | None:
    if report.reason is report.comment is None and not report.evidence:
        return None
    texts = {"reason": report.reason, "comment": report.comment}
    texts |= {f"evidence/{position}": text for position, text in enumerate(report.evidence)}
    for place, text in texts.items():
        if text is not None and (len(text) > MAX_TEXT or _CONTROL_IN_TEXT.search(text)):
            return _text(place.partition("/")[0], f"/data/{place}", 0, MAX_TEXT)
    return None


def _wrong_moment(field: str, moment: datetime | None) -> Objection | None:
    return None if moment is None or moment.year in _YEARS else Objection("invalid_time", f"/{field}")


def _wrong_content(media: str) -> Objection | None:
    if media == "application/json" or media.partition(";")[0].strip().lower().endswith(("/json", "+json")):
        return None
    return Objection("unsupported_content", "/datacontenttype")


def _text(field: str, pointer: str, least: int, most: int) -> Objection:
    return Objection("invalid_text", pointer, {"field": field, "least": str(least), "most": str(most)})


def _diagnosed(index: int, raw: bytes | msgspec.Raw, error: Exception, row: int | None) -> Item:
    """The second, slow reading of an event that failed the first."""
    try:
        event = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        return Item(index, None, Objection("malformed_json", None, {"why": str(why)}), row)
    if not isinstance(event, dict):
        return Item(index, None, Objection("not_an_object"), row)
    return _named(Item(index, None, _objection(event, str(error)), row), event)


def _named(item: Item, event: Mapping[str, Any]) -> Item:
    """An item that cannot be read is still called by the names it gave itself."""
    for name in ("id", "source"):
        value = event.get(name)
        if isinstance(value, str) and len(value) <= MAX_NAME:
            setattr(item, name, value)
    return item


def _objection(event: Mapping[str, Any], error: str) -> Objection:
    """The reason in words: foreign names first, then what the typed decoder said."""
    data = event.get("data")
    return (
        _foreign(event, ATTRIBUTES, "", "unknown_attribute")
        or _wrong_envelope(event)
        or (_foreign(data, FIELDS, "/data", "unknown_field") if isinstance(data, dict) else None)
        or _from_decoder(error)
    )


def _foreign(given: Mapping[str, Any], known: tuple[str, ...], at: str, code: str) -> Objection | None:
    for name in given:
        if name not in known:
            pointer = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in SERVER_SET:
                return Objection("server_set_attribute", pointer, {"field": name})
            if name == "data_base64":
                return Objection("unsupported_content", pointer)
            return Objection(code, pointer, {"field": name[:MAX_NAME], "known": ", ".join(known)})
    return None


def _wrong_envelope(event: Mapping[str, Any]) -> Objection | None:
    if event.get("specversion", "1.0") != "1.0":
        return Objection("unsupported_specversion", "/specversion")
    if event.get("type", TYPE) != TYPE:
        return Objection("unknown_type", "/type", {"wanted": TYPE})
    if not isinstance(event.get("data", {}), dict):
        return Objection("unsupported_content", "/data")
    return None


def _from_decoder(error: str) -> Objection:
    """msgspec's message → code, pointer and words; its form is pinned by the examples of the contract tests."""
    match = _WHERE.fullmatch(error)
    what, path = (match["what"], match["path"] or "") if match else (error, "")
    pointer = re.sub(r"\[(\d+)\]", r"/\1", path).replace(".", "/")
    if what.startswith("Object missing required field"):
        field = _NAMED.search(what)
        name = field[1] if field else ""
        return Objection("missing_field", f"{pointer}/{name}", {"field": name})
    name = pointer.rsplit("/", 1)[-1]
    if "datetime" in what:
        return Objection("invalid_time", pointer)
    if what.startswith("Invalid enum value"):
        return Objection("invalid_choice", pointer, {"field": name, "allowed": ", ".join(_choices(name))})
    kinds = _NAMED.findall(what)
    wanted, got = kinds if len(kinds) == 2 else (what, "")
    args = {"wanted": wanted, "got": got, "wanted_zh": _in_chinese(wanted), "got_zh": _in_chinese(got)}
    return Objection("wrong_type", pointer or None, args)


def _in_chinese(kinds: str) -> str:
    return "或".join(_KINDS_ZH.get(kind, kind) for kind in kinds.split(" | "))


def _choices(field: str) -> tuple[str, ...]:
    found = next((f for f in msgspec.structs.fields(Report) if f.name == field), None)
    options = get_args(found.type) if found else ()
    return tuple(o for option in options for o in (get_args(option) or (option,)) if isinstance(o, str))
