"""The examples of reports as their senders write them: valid ones are accepted, invalid ones fail for their reason."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import msgspec
import pytest

from contracts.authority import Grant
from contracts.events import Report
from contracts.objections import OBJECTIONS, OF_ACTS, OF_PROJECTS, OF_TABLES, Objection
from contracts.submission import Submitted
from services.ingest.acceptance import Acceptable
from tests.support.intake import EXAMPLES, NOW, cells, grant, judged, lookup, writer_of

VALID = sorted((EXAMPLES / "report.v1" / "valid").glob("*.json"))
INVALID = sorted((EXAMPLES / "report.v1" / "invalid").glob("*.json"))
# Said of a body, a table or several items together, where one event shows nothing.
OF_MORE_THAN_ONE = {
    *("malformed_json", "not_an_object", "event_too_large", "row_width"),
    *("duplicate", "id_conflict", "reports_disagree", "batch_aborted", "broker_unavailable"),
}


def _schema() -> jsonschema.Draft202012Validator:
    path = EXAMPLES.parent / "schemas" / "report.v1.json"
    return jsonschema.Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _token(event: dict[str, Any], changes: dict[str, Any]) -> Grant:
    data = event.get("data")
    owner = writer_of(data) if isinstance(data, dict) else None
    return grant(**{"department": owner, **changes})


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_reports_are_accepted(path: Path) -> None:
    """Each valid example fits the schema and is acceptable when its writer sends it."""
    event = _read(path)
    _schema().validate(event)
    assert isinstance(judged(event, _token(event, {})), Acceptable)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_reports_are_turned_down_for_their_reason(path: Path) -> None:
    """Each invalid example names the code and the place that intake answers, and both texts say what would be right."""
    example = _read(path)
    now = datetime.fromisoformat(example["at"]) if "at" in example else NOW
    objection = judged(example["event"], _token(example["event"], example.get("token", {})), now)
    assert isinstance(objection, Objection)
    assert (objection.code, objection.pointer) == (example["reason"], example["pointer"])
    assert objection.kind.status == "rejected"
    assert objection.text.zh.strip()
    assert objection.text.en.strip()


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_the_schema_knows_what_a_message_alone_can_prove(path: Path) -> None:
    """What fails while decoding fails the schema too; what needs catalogue, time or token passes it."""
    example = _read(path)
    step = OBJECTIONS[example["reason"]].step
    fits = _schema().is_valid(example["event"])
    if step == "decoding" and example["reason"] != "invalid_time":
        assert not fits
    if step == "authorising" or example["reason"].startswith(("not_applicable", "outside_", "period_not", "not_yes")):
        assert fits


def test_every_reason_has_an_example() -> None:
    """No code of a single report is without an example, and no example names a code that does not exist."""
    shown = {_read(path)["reason"] for path in INVALID}
    assert shown == set(OBJECTIONS) - OF_MORE_THAN_ONE - OF_PROJECTS - OF_ACTS - OF_TABLES


def test_every_cell_takes_a_report() -> None:
    """Ingest and the catalogue's cells agree: each cell that is over is open to its writer, one that is not is not."""
    for cell in cells():
        report = Report(
            programme=lookup().programme.id,
            indicator=cell.indicator,
            district=cell.district,
            period=cell.period.text,
            value="0",
            unit=lookup().indicators[cell.indicator].unit_at(cell.district),
        )
        submitted = Submitted(specversion="1.0", id="1", source="/t", type="progress.reported.v1", data=report)
        found = judged(msgspec.json.encode(submitted), _token({"data": msgspec.to_builtins(report)}, {}))
        if cell.period.closes_at <= NOW:
            assert isinstance(found, Acceptable), (cell, found)
            assert found.cell is cell
        else:
            assert isinstance(found, Objection)
            assert found.code == "period_not_closed"
