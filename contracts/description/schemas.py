"""JSON Schema (2020-12) of every event and answer, from the types the services use and what they check beyond them.

A schema says what a message alone can prove; what catalogue, calendar and token prove stands in `objections.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from contracts.kinds import TYPES
from contracts.numbers import DECIMAL
from contracts.submission import MAX_NAME, MAX_REVISION, MAX_TEXT, Submitted, SubmittedAct
from contracts.verdicts import Answer

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"
PERIOD = r"^[1-9]\d{3}(-(Q[1-4]|(0[1-9]|1[0-2])))?$"
_NAME = {"minLength": 1, "maxLength": MAX_NAME, "pattern": r"^[^\u0000-\u001f\u007f]*$"}
_TEXT = {"maxLength": MAX_TEXT, "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"}
_MOMENT = {"format": "date-time", "pattern": MOMENT}
_DECIMAL = {"pattern": f"^{DECIMAL.pattern}$"}
# What the services check of a field beyond its type.
_BEYOND: Mapping[tuple[str, str], Schema] = {
    ("Submitted", "id"): _NAME,
    ("Submitted", "source"): _NAME,
    ("Submitted", "datacontenttype"): {"pattern": r"^[^;]*[/+]json\s*(;.*)?$"},
    ("SubmittedAct", "id"): _NAME,
    ("SubmittedAct", "source"): _NAME,
    ("SubmittedAct", "datacontenttype"): {"pattern": r"^[^;]*[/+]json\s*(;.*)?$"},
    ("ReportName", "id"): _NAME,
    ("ReportName", "source"): _NAME,
    ("Act", "period"): {"pattern": PERIOD},
    ("Act", "reason"): _TEXT,
    ("Act", "publication"): _TEXT,
    ("Report", "period"): {"pattern": PERIOD, "examples": ["2023", "2023-Q2", "2023-06"]},
    ("Report", "value"): _DECIMAL | {"examples": ["41.20"]},
    ("Report", "unit"): {"examples": ["亿元", "CNY_100M"]},
    ("Report", "revision"): {"minimum": 0, "maximum": MAX_REVISION},
    ("Report", "reason"): _TEXT,
    ("Report", "comment"): _TEXT,
    ("Report", "evidence"): _TEXT,
}


def documents() -> dict[str, Schema]:
    """Every schema by the name of its file."""
    made = {f"{name}.json": event(name) for name in TYPES}
    made["report.v1.json"] = _rooted("report.v1", Submitted)
    made["act.v1.json"] = _rooted("act.v1", SubmittedAct)
    made["verdicts.v1.json"] = _rooted("verdicts.v1", Answer)
    made["problem.json"] = PROBLEM
    return made


def event(name: str) -> Schema:
    """The CloudEvent on a topic: its envelope, as `codec.py` writes it, around the data of the type."""
    data, parts = components([TYPES[name]])
    text: Schema = {"type": "string", "minLength": 1}
    properties: Schema = {
        "specversion": {"const": "1.0"},
        "id": text,
        "source": text,
        "type": {"const": name},
        "time": {"type": "string"} | _MOMENT,
        "datacontenttype": {"const": "application/json"},
        "partitionkey": text,
        "data": data[0],
    }
    required = [key for key in properties if key != "datacontenttype"]
    return _head(name) | {"type": "object", "properties": properties, "required": required, "$defs": parts}


def components(types: list[type], ref: str = "#/$defs/{name}") -> tuple[list[Schema], dict[str, Schema]]:
    """The schemas of these types and the parts they refer to, refined by what is checked beyond the types."""
    roots, parts = msgspec.json.schema_components(types, ref_template=ref)
    moments = {place for kind in types for place in _moments(inspect.type_info(kind))}
    for name, part in parts.items():
        for field, schema in part.get("properties", {}).items():
            beyond = _MOMENT if (name, field) in moments else {}
            _refine(schema, beyond | _BEYOND.get((name, field), {}))
    return list(roots), dict(sorted(parts.items()))


def _moments(kind: inspect.Type) -> Iterator[tuple[str, str]]:
    """Where moments stand, by struct and field; msgspec calls them mere strings."""
    match kind:
        case inspect.StructType():
            for field in kind.fields:
                if _is_moment(field.type):
                    yield kind.cls.__name__, field.encode_name
                yield from _moments(field.type)
        case inspect.UnionType():
            for each in kind.types:
                yield from _moments(each)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _moments(kind.item_type)


def _is_moment(kind: inspect.Type) -> bool:
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return any(isinstance(each, inspect.DateTimeType) for each in options)


def _rooted(name: str, kind: type) -> Schema:
    roots, parts = components([kind])
    return _head(name) | roots[0] | {"$defs": parts}


def _head(name: str) -> Schema:
    return {"$schema": DIALECT, "$id": f"urn:liangshai:schema:{name}", "title": name}


def _refine(schema: Schema, beyond: Schema) -> None:
    """Add to the member that is no null, in a list to its items."""
    options = schema.get("anyOf", [schema.get("items", schema)])
    next((each for each in options if each.get("type") != "null"), schema).update(beyond)


PROBLEM: Schema = _head("problem") | {
    "description": "RFC 9457 with a stable `code` and texts in Chinese and English.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "title_zh": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string"},
    },
    "required": ["type", "title", "title_zh", "status", "code", "detail", "detail_zh"],
}
