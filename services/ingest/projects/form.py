"""How statements about projects are read, and which of their texts cannot be kept (step `decoding`)."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from contracts.objections import Objection
from contracts.project_submission import STATEMENT_FIELDS, Statements
from contracts.projects import Contact, Node, NodeDone, Plan, Problem, RedLine, Said, Statement
from services.ingest.envelope import Form, unkept, wrong_text

_PARTS = (Node, Contact, Plan, NodeDone, Problem, RedLine, *get_args(Statement))


def _unkeepable(said: Said) -> Objection | None:
    """The first text that is too long or holds control characters."""
    for pointer, text in _texts(said, "/data"):
        if wrong_text(text):
            return unkept(pointer.rsplit("/", 1)[-1], pointer)
    return None


def _texts(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """Every text within a value with its JSON pointer."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, msgspec.Struct):
        for name, part in msgspec.structs.asdict(value).items():
            yield from _texts(part, f"{at}/{name}")
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(name, at)
            yield from _texts(part, f"{at}/{name}")
    elif isinstance(value, tuple):
        for position, part in enumerate(value):
            yield from _texts(part, f"{at}/{position}")


def _choices(field: str) -> tuple[str, ...]:
    """The words a field may take."""
    fields = (each for kind in _PARTS for each in msgspec.structs.fields(kind) if each.name == field)
    return next((words for each in fields if (words := _words(each.type))), ())


def _words(kind: Any) -> tuple[str, ...]:
    options = get_args(kind)
    return tuple(o for option in options for o in (get_args(option) or (option,)) if isinstance(o, str))


STATEMENTS = Form(msgspec.json.Decoder(Statements), STATEMENT_FIELDS, _unkeepable, _choices)
