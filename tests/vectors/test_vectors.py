"""The vectors that pin the rules: each is put to the same pure functions that the services call.

`LIANGSHAI_VECTORS=file` names another file of the same form. A group or a field that is not known here fails.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.answers import Answers

FILE = Path(os.environ.get("LIANGSHAI_VECTORS") or Path(__file__).with_name("vectors.json"))
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = DOCUMENT["vectors"]
ANSWERS = Answers(DOCUMENT["calendar"], DOCUMENT["profile"])

FIELDS = {"id", "group", "rule", "input", "expected", "note"}
PARTS = {"about", "calendar", "profile", "vectors"}


def test_file_is_known() -> None:
    """Every part, group and field of the file is one that this module knows, and no id comes twice."""
    assert DOCUMENT.keys() <= PARTS
    assert {each["group"] for each in VECTORS} <= ANSWERS.groups.keys()
    assert all(each.keys() == FIELDS for each in VECTORS)
    assert len({each["id"] for each in VECTORS}) == len(VECTORS)


@pytest.mark.parametrize("vector", [pytest.param(each, id=each["id"]) for each in VECTORS])
def test_vector(vector: dict[str, Any]) -> None:
    """The rule that the vector names, in numbers."""
    answer = ANSWERS.groups[vector["group"]](**vector["input"])
    assert {field: answer[field] for field in vector["expected"]} == vector["expected"]
