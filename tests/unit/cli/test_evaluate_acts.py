"""`liangshai evaluate` with what office and writers do: acts on reports and cells, overrides of the light."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from cli import case
from cli.__main__ import main
from contracts.catalogue import load
from deploy.local.programs import ROOT

GOLDEN = Path(__file__).parent / "evaluated.txt"
_load = lru_cache(load)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped catalogue is read once for the module."""
    monkeypatch.setattr(case, "load", _load)


def documents() -> Iterator[dict[str, Any]]:
    """The documents of docs/evaluate.md, in their order."""
    for block in re.findall(r"```json\n(.*?)```", (ROOT / "docs/evaluate.md").read_text("utf-8"), re.DOTALL):
        yield json.loads(block)


FIRST, APPROVED, EXCUSED, COMMENTED = documents()


def run(place: Path, capsys: pytest.CaptureFixture[str], document: dict[str, Any], *flags: str) -> tuple[int, str, str]:
    file = place / "case.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    code = main(["evaluate", str(file), *flags])
    return code, *capsys.readouterr()


def found(place: Path, capsys: pytest.CaptureFixture[str], of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    code, out, err = run(place, capsys, of | changes, "--json")
    assert (code, err) == (0, "")
    told: dict[str, Any] = json.loads(out)
    return told


def test_the_documents_read_as_they_were_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed of each document of docs/evaluate.md, word by word."""
    monkeypatch.setenv("COLUMNS", "150")
    printed = [run(tmp_path, capsys, each) for each in documents()]
    assert {(code, err) for code, _, err in printed} == {(0, "")}
    told = "\n\n".join("\n".join(map(str.rstrip, out.strip().splitlines())) for _, out, _ in printed) + "\n"
    assert told == GOLDEN.read_text("utf-8")


def test_an_approval_moves_a_locked_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 2.9: held until the office approves; then restated, its ticket cancelled. A return leaves it as it was."""
    after = found(tmp_path, capsys, APPROVED)
    assert (after["standing"]["value"], after["light"]) == ("40.0", "green")
    assert [each["outcome"] for each in after["outcomes"]] == ["superseded", "applied"]
    assert [(each["outcome"], each["code"]) for each in after["acts"]] == [("applied", None)]
    assert [each["state"] for each in after["tickets"]] == ["CANCELLED"]
    held = found(tmp_path, capsys, APPROVED, acts=[])
    assert (held["standing"]["value"], held["outcomes"][1]["outcome"]) == ("30.0", "held_for_approval")
    returned = {"act": "report.returned", "report": 1, "at": "2023-09-20T09:00:00+08:00", "reason": "依据不足"}
    back = found(tmp_path, capsys, APPROVED, acts=[returned, *APPROVED["acts"]])
    assert (back["standing"]["value"], back["outcomes"][1]["outcome"]) == ("30.0", "returned")
    assert [each["code"] for each in back["acts"]] == [None, "already_decided"]
    early = found(tmp_path, capsys, APPROVED, known_at="2023-09-19T00:00:00+08:00")
    assert (early["standing"]["value"], early["acts"]) == ("30.0", [])


def test_an_excuse_and_a_publication(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules 2.9 and 7.2: the reporting ticket is cancelled; what is published takes no correction any more."""
    after = found(tmp_path, capsys, EXCUSED)
    assert [(each["first_period"], each["state"]) for each in after["reporting_tickets"]] == [("2023-02", "CANCELLED")]
    assert [each["outcome"] for each in after["outcomes"]] == ["applied", "refused"]
    assert after["outcomes"][1]["code"] == "period_locked"
    assert [(each["period"], each["excused"]) for each in after["cells"]] == [("2023-01", False), ("2023-02", True)]
    assert [each["outcome"] for each in after["acts"]] == ["applied", "applied"]
    without = found(tmp_path, capsys, EXCUSED, acts=[])
    assert (without["standing"]["value"], without["cells"]) == ("8.0", [])
    assert [each["state"] for each in without["reporting_tickets"]] == ["OPEN"]


def test_a_comment_closes_the_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 2.11: what fell has to be explained; the comment is shown, the number stays."""
    june = {"reports": COMMENTED["reports"][:2], "overrides": [], "as_of": "2023-06-30"}
    after = found(tmp_path, capsys, COMMENTED | june)
    before = found(tmp_path, capsys, COMMENTED | june, acts=[])
    assert before["standing"]["value"] == after["standing"]["value"] == "35.0"
    assert "fell" in " ".join(before["standing"]["flags"])
    assert "commented" in after["standing"]["flags"]
    assert "核减重复统计1亿元" in after["explanation"]["zh"]


def test_an_override_worsens_for_tickets_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 6.6: the computed light stays, the ticket follows the worse of both; one that is no worse is refused."""
    after = found(tmp_path, capsys, COMMENTED)
    assert (after["light"], after["override"], after["overrides"][0]["outcome"]) == ("green", "red", "in_force")
    assert [(each["first_period"], each["state"]) for each in after["tickets"]] == [("2023-07", "OPEN")]
    (red,) = COMMENTED["overrides"]
    ended = found(tmp_path, capsys, COMMENTED, overrides=[red | {"ended_at": "2023-08-15T09:00:00+08:00"}])
    assert (ended["override"], ended["overrides"][0]["outcome"]) == (None, "ended")
    late = red | {"colour": "yellow", "at": "2023-08-10T09:00:00+08:00"}
    low = {"reports": [{"period": "2023-07", "value": "30"}], "acts": [], "overrides": [late]}
    refused = found(tmp_path, capsys, COMMENTED | low)
    assert (refused["light"], refused["overrides"][0]["code"]) == ("yellow", "not_worse")
    _, out, _ = run(tmp_path, capsys, COMMENTED | low)
    assert "只能调差" in out
    assert found(tmp_path, capsys, COMMENTED, as_of="2023-07-31")["overrides"] == []  # not yet


@pytest.mark.parametrize("act", [
    {"act": "report.approved", "at": "2023-09-20T09:00:00+08:00"},
    {"act": "report.approved", "report": 7, "at": "2023-09-20T09:00:00+08:00"},
    {"act": "cell.excused", "at": "2023-09-20T09:00:00+08:00"},
])  # fmt: skip
def test_an_act_that_names_nothing_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], act: dict[str, Any]
) -> None:
    """An act is about a report of the case or about a cell."""
    code, out, err = run(tmp_path, capsys, APPROVED | {"acts": [act]})
    assert (code, out) == (2, "")
    assert "acts[0] 没有指明报送或报告期" in err


def test_an_act_for_no_cell_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 2.6: outside the indicator's life."""
    act = {"act": "cell.excused", "period": "2031-01", "at": "2023-09-20T09:00:00+08:00"}
    told = found(tmp_path, capsys, APPROVED, acts=[act])
    assert [(each["outcome"], each["code"]) for each in told["acts"]] == [("refused", "outside_life")]
