"""One CloudEvent as a caller may send it → what it says, or the reason why it cannot be read (step `decoding`).

Well-formed events take one typed decode; only those that fail are read again, slowly, to say what would be right.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

import msgspec

from contracts.events import Report
from contracts.fed import PLATFORM
from contracts.objections import Objection
from contracts.project_submission import SubmittedStatement
from contracts.submission import (
    ATTRIBUTES,
    FIELDS,
    MAX_EVENT_BYTES,
    MAX_NAME,
    MAX_TEXT,
    SERVER_SET,
    TYPE,
    Submitted,
    SubmittedAct,
)
from services.ingest.tables.grid import Place

_YEARS = range(1970, 2200)


AnySubmitted = Submitted | SubmittedAct | SubmittedStatement


class Item:
    """One item of a request in the order sent; `row` is its line in a table or an NDJSON file, `place` where a
    table has it, with what was `given` there, as far as it was understood."""

    __slots__ = ("given", "id", "index", "objection", "place", "row", "source", "submitted")

    def __init__(
        self, index: int, submitted: AnySubmitted | None, objection: Objection | None = None, row: int | None = None
    ) -> None:
        self.index, self.row, self.objection = index, row, objection
        self.place: Place | None = None
        self.given: Mapping[str, str] = {}
        self.submitted: Any = submitted  # of the form it was read by
        self.id: str | None = submitted.id if submitted else None
        self.source: str | None = submitted.source if submitted else None


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of event is read: its types with the fields of their data, and what of it cannot be kept."""

    decoder: msgspec.json.Decoder[Any]
    fields: Mapping[str, tuple[str, ...]]
    unkeepable: Callable[[Any], Objection | None]
    choices: Callable[[str], tuple[str, ...]]


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # a text may have lines
_WHERE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"`(\w[^`]*)`")
_KINDS_ZH = {"str": "字符串", "int": "整数", "float": "小数", "bool": "布尔值", "null": "空值", "array": "数组"} | {
    "object": "对象"
}


def decode(index: int, raw: bytes | msgspec.Raw, row: int | None = None, form: Form | None = None) -> Item:
    """One item from the JSON of one event, a report's where no other form is named."""
    form = form or REPORTS
    if len(memoryview(raw)) > MAX_EVENT_BYTES:
        return Item(index, None, Objection("event_too_large", None, {"limit": str(MAX_EVENT_BYTES)}), row)
    try:
        return checked(index, form.decoder.decode(raw), row, form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _diagnosed(index, raw, error, row, form)


def convert(index: int, fields: Mapping[str, Any], row: int | None = None) -> Item:
    """One item from an event that is already split into its parts (a row of a table)."""
    try:
        return checked(index, msgspec.convert(fields, Submitted), row, REPORTS)
    except msgspec.ValidationError as error:
        return _named(Item(index, None, _objection(fields, str(error), REPORTS), row), fields)


def checked(index: int, submitted: AnySubmitted, row: int | None, form: Form) -> Item:
    """The item; without its event, but with an objection, when one of its texts cannot be kept."""
    objection = _unkeepable(submitted, form)
    if objection is None:
        return Item(index, submitted, None, row)
    return _named(Item(index, None, objection, row), {"id": submitted.id, "source": submitted.source})


def _unkeepable(submitted: AnySubmitted, form: Form) -> Objection | None:
    return (
        _wrong_name("id", submitted.id)
        or _wrong_name("source", submitted.source)
        or _reserved(submitted.source)
        or form.unkeepable(submitted.data)
        or _wrong_moment("time", submitted.time)
        or _wrong_moment("recordedtime", submitted.recordedtime)
        or _wrong_content(submitted.datacontenttype)
    )


def wrong_text(text: str) -> bool:
    """Whether a text is too long or holds control characters."""
    return len(text) > MAX_TEXT or _CONTROL_IN_TEXT.search(text) is not None


def wrong_name(text: str) -> bool:
    """Whether an id or a source cannot name anything."""
    return not 0 < len(text) <= MAX_NAME or _CONTROL.search(text) is not None or text.isspace()


def _reserved(source: str) -> Objection | None:
    """Nobody speaks as the platform itself."""
    return Objection("reserved_source", "/source", {"prefix": PLATFORM}) if source.startswith(PLATFORM) else None


def _wrong_name(field: str, text: str) -> Objection | None:
    return unkept(field, f"/{field}", 1, MAX_NAME) if wrong_name(text) else None


def _wrong_texts(report: Report) -> Objection | None:
    if report.reason is report.comment is None and not report.evidence:
        return None
    texts = {"reason": report.reason, "comment": report.comment}
    texts |= {f"evidence/{position}": text for position, text in enumerate(report.evidence)}
    for place, text in texts.items():
        if text is not None and wrong_text(text):
            return unkept(place.partition("/")[0], f"/data/{place}", 0, MAX_TEXT)
    return None


def _wrong_moment(field: str, moment: datetime | None) -> Objection | None:
    return None if moment is None or moment.year in _YEARS else Objection("invalid_time", f"/{field}")


def _wrong_content(media: str) -> Objection | None:
    if media == "application/json" or media.partition(";")[0].strip().lower().endswith(("/json", "+json")):
        return None
    return Objection("unsupported_content", "/datacontenttype")


def unkept(field: str, pointer: str, least: int = 0, most: int = MAX_TEXT) -> Objection:
    """The objection against a text that cannot be kept."""
    return Objection("invalid_text", pointer, {"field": field, "least": str(least), "most": str(most)})


def _diagnosed(index: int, raw: bytes | msgspec.Raw, error: Exception, row: int | None, form: Form) -> Item:
    """The second, slow reading of an event that failed the first."""
    try:
        event = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        return Item(index, None, Objection("malformed_json", None, {"why": str(why)}), row)
    if not isinstance(event, dict):
        return Item(index, None, Objection("not_an_object"), row)
    return _named(Item(index, None, _objection(event, str(error), form), row), event)


def _named(item: Item, event: Mapping[str, Any]) -> Item:
    """An item that cannot be read is still called by the names it gave itself."""
    for name in ("id", "source"):
        value = event.get(name)
        if isinstance(value, str) and len(value) <= MAX_NAME:
            setattr(item, name, value)
    return item


def _objection(event: Mapping[str, Any], error: str, form: Form) -> Objection:
    """The reason in words: foreign names first, then what the typed decoder said."""
    data = event.get("data")
    return (
        _foreign(event, ATTRIBUTES, "", "unknown_attribute")
        or _wrong_envelope(event, form)
        or _foreign(data if isinstance(data, dict) else {}, form.fields[_type(event, form)], "/data", "unknown_field")
        or _from_decoder(error, form)
    )


def _type(event: Mapping[str, Any], form: Form) -> str:
    """The type it names, or the usual one where it names none."""
    return str(event.get("type", next(iter(form.fields))))


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


def _wrong_envelope(event: Mapping[str, Any], form: Form) -> Objection | None:
    if event.get("specversion", "1.0") != "1.0":
        return Objection("unsupported_specversion", "/specversion")
    if _type(event, form) not in form.fields:
        return Objection("unknown_type", "/type", {"wanted": ", ".join(form.fields)})
    if not isinstance(event.get("data", {}), dict):
        return Objection("unsupported_content", "/data")
    return None


def _from_decoder(error: str, form: Form) -> Objection:
    """msgspec's message → code, pointer and words; its form is pinned by the examples of the contract tests."""
    match = _WHERE.fullmatch(error)
    what, path = (match["what"], match["path"] or "") if match else (error, "")
    pointer = re.sub(r"\[(\d+)\]", r"/\1", path).replace(".", "/")
    if what.startswith("Object missing required field"):
        field = _NAMED.search(what)
        name = field[1] if field else ""
        return Objection("missing_field", f"{pointer}/{name}", {"field": name})
    name = pointer.rsplit("/", 1)[-1]
    if what.startswith("Object contains unknown field"):  # of a part within the data
        found = _NAMED.search(what)
        return Objection("unknown_field", pointer, {"field": found[1] if found else "", "known": "…"})
    if "datetime" in what:
        return Objection("invalid_time", pointer)
    if what.endswith("encoded date"):
        return Objection("invalid_date", pointer)
    if what.startswith("Invalid enum value"):
        return Objection("invalid_choice", pointer, {"field": name, "allowed": ", ".join(form.choices(name))})
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


REPORTS = Form(msgspec.json.Decoder(Submitted), {TYPE: FIELDS}, _wrong_texts, _choices)
