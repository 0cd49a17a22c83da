"""The vectors that pin the rules: each is put to the same pure functions that the services call.

`LIANGSHAI_VECTORS=file` names another file of the same form. A group that waits for its part of the platform is listed
in WAITING, each vector by name; a group or a field that is not known here fails.
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

# What waits, and for what, with the input fields that are known. Whoever builds it moves it into `Answers.groups`.
WAITING = {
    "scoring": "rule 10, scores",
    "ranking": "rule 10, places",
    "restatement": "rules 8 and 11: approvals and editions",
}
WAITING_FIELDS = {
    "scoring": {"A", "E", "S", "T", "approx_pct", "direction", "done", "due", "goal", "tol", "unit", "whole_items"},
    "ranking": {
        "attainments", "district", "gate", "items", "items_at_110_percent", "judged_item_periods", "red_periods",
        "rows", "scored_reach_items", "scores", "weights", "yellow_periods",
    },
    "restatement": {
        "S", "T", "correction", "expected", "lights_of_episode", "published_through", "reports", "restated",
        "tolerance", "values", "yearly_quota",
    },
}  # fmt: skip
FIELDS = {"id", "group", "rule", "input", "expected", "note"}
PARTS = {"about", "calendar", "profile", "vectors"}


def _named(groups: Any) -> list[Any]:
    return [pytest.param(each, id=each["id"]) for each in VECTORS if each["group"] in groups]


def test_file_is_known() -> None:
    """Every part, group and field of the file is one that this module knows, and no id comes twice."""
    assert DOCUMENT.keys() <= PARTS
    assert {each["group"] for each in VECTORS} <= ANSWERS.groups.keys() | WAITING.keys()
    assert all(each.keys() == FIELDS for each in VECTORS)
    assert len({each["id"] for each in VECTORS}) == len(VECTORS)
    assert not ANSWERS.groups.keys() & WAITING.keys()


@pytest.mark.parametrize("vector", _named(ANSWERS.groups))
def test_vector(vector: dict[str, Any]) -> None:
    """The rule that the vector names, in numbers."""
    answer = ANSWERS.groups[vector["group"]](**vector["input"])
    assert {field: answer[field] for field in vector["expected"]} == vector["expected"]


@pytest.mark.parametrize("vector", _named(WAITING))
def test_waiting(vector: dict[str, Any]) -> None:
    """Not built yet: its fields are known, and its name stands in the output of `make vectors`."""
    assert vector["input"].keys() <= WAITING_FIELDS[vector["group"]]
    pytest.xfail(f"waiting: {WAITING[vector['group']]}")
