"""A short notation for answers whose types live in the services: `name`, `name:type`, `name?`, `name:(…)`, `name:[…]`.

Types: text (the default) string · text two languages · int · bool · date · moment · decimal · colour · list · object.
"""

import re
from typing import Any, get_args

from contracts.description.schemas import MOMENT
from contracts.events import Colour

Schema = dict[str, Any]

_KINDS: dict[str, Schema] = {
    "string": {"type": "string"},
    "text": {
        "type": "object",
        "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
        "required": ["zh", "en"],
    },
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time", "pattern": MOMENT},
    "decimal": {"type": "string", "description": "a decimal number"},
    "colour": {"enum": list(get_args(Colour))},
    "list": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object"},
}
_TOKEN = re.compile(r"\s*([a-z_][a-z_0-9]*)(?::([a-z]+|[(\[]))?(\?)?|\s*([)\]])")


def schema_of(shape: str) -> Schema:
    """The schema of a shape; ValueError when it cannot be read."""
    made, rest = _object(shape)
    if rest.strip():
        raise ValueError(f"not a shape: {rest!r}")
    return made


def _object(text: str) -> tuple[Schema, str]:
    """The members up to the closing bracket or the end, and what follows."""
    properties: Schema = {}
    while text.strip():
        match = _TOKEN.match(text)
        if match is None:
            raise ValueError(f"not a shape: {text!r}")
        text = text[match.end() :]
        name, kind, optional, closing = match.groups()
        if closing:
            break
        if kind in ("(", "["):
            made, text = _object(text)
            properties[name] = made if kind == "(" else {"type": "array", "items": made}
        else:
            properties[name] = _nullable(_KINDS[kind or "string"], optional is not None)
    return {"type": "object", "properties": properties, "required": list(properties)}, text


def _nullable(schema: Schema, nullable: bool) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if nullable else schema
