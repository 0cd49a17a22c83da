"""The examples of acts as their senders write them: valid ones are accepted, invalid ones fail for their reason."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest

from contracts.authority import Grant
from contracts.objections import OBJECTIONS, OF_ACTS, Objection
from services.ingest.acts.acceptance import Acceptable, Acceptance
from services.ingest.acts.form import ACTS
from services.ingest.envelope import decode
from tests.support.intake import EXAMPLES, NOW, acceptance, grant

VALID = sorted((EXAMPLES / "act.v1" / "valid").glob("*.json"))
INVALID = sorted((EXAMPLES / "act.v1" / "invalid").glob("*.json"))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_read(EXAMPLES.parent / "schemas" / "act.v1.json"))


def office(**changes: Any) -> Grant:
    """The task-force office, unless told otherwise."""
    kinds = frozenset(changes.pop("kinds", ("approve", "review", "read")))
    districts = changes.pop("districts", "*")
    granted = districts if districts == "*" else frozenset(districts)
    return grant(
        **{"subject": "task-force-office", "department": "agri_rural_bureau", **changes}, kinds=kinds, districts=granted
    )


def _judged(sent: Any, by: Grant) -> Acceptable | Objection:
    item = decode(0, json.dumps(sent, ensure_ascii=False).encode(), form=ACTS)
    return item.objection or Acceptance(acceptance()).accept(item.submitted, by, NOW)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_acts_are_accepted(path: Path) -> None:
    """Rule 2.9: each valid example fits the schema and is acceptable when the office sends it."""
    event = _read(path)
    _schema().validate(event)
    assert isinstance(_judged(event, office()), Acceptable)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_acts_are_turned_down_for_their_reason(path: Path) -> None:
    """Each invalid example names the code and the place that intake answers; what the message alone can prove fails the
    schema too."""
    example = _read(path)
    objection = _judged(example["event"], office(**example.get("token", {})))
    assert isinstance(objection, Objection)
    assert (objection.code, objection.pointer) == (example["reason"], example["pointer"])
    assert objection.text.zh.strip()
    assert objection.text.en.strip()
    if OBJECTIONS[objection.code].step == "decoding" and objection.code != "invalid_date":
        assert not _schema().is_valid(example["event"])


def test_every_reason_against_an_act_has_an_example() -> None:
    """No code that is said of a single act is without one."""
    assert {_read(path)["reason"] for path in INVALID} >= OF_ACTS - {"acts_disagree"}


def test_the_writer_explains_its_own_flag() -> None:
    """Rule 2.11: the unit that writes the series, with the kind report, and for nothing but a comment."""
    comment = _read(EXAMPLES / "act.v1" / "valid" / "comment.json")
    writer = office(department="deqing", kinds=["report"])
    assert isinstance(_judged(comment, writer), Acceptable)
    for name in ("approve", "return", "excuse", "unexcuse", "publish"):
        refused = _judged(_read(EXAMPLES / "act.v1" / "valid" / f"{name}.json"), writer)
        assert isinstance(refused, Objection)
        assert refused.code == "not_authorised_for_act"
