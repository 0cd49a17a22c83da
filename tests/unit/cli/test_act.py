"""`liangshai act`: one act, its cell asked of metrics where a report is named, its outcome in words and exit code."""

import argparse
import json
from typing import Any

import pytest

from cli.__main__ import main
from cli.act import add_parser, code_of, event_of, told
from cli.sending import Sent
from services.ingest.acts.acceptance import Acceptable, Acceptance
from services.ingest.acts.form import ACTS
from services.ingest.envelope import decode
from tests.support.intake import NOW, acceptance, grant

CELL = {
    "programme": "huzhou-2023-2027",
    "indicator": "major_projects_investment",
    "district": "deqing",
    "period": "2026-10",
}
OFFICE = grant(subject="office", department="agri_rural_bureau", kinds=frozenset({"approve"}))


def _parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["act", *words])


def _sent(status: str = "accepted", outcome: str | None = "applied", code: str | None = None, **answer: Any) -> Sent:
    items = [{"status": status, "code": code, "detail": "why", "detail_zh": "缘由"}]
    outcomes = {("s", "i"): {"outcome": outcome, "code": code}} if outcome else {}
    return Sent({"items": items, **answer}, outcomes, followed=outcome is not None)


@pytest.mark.parametrize(
    "words",
    [
        ("approve", "/deqing", "r2"),
        ("return", "/deqing", "r2", "--reason", "佐证不全"),
        ("comment", "/deqing", "r2", "--reason", "项目调减"),
        ("excuse", *list(CELL.values())[1:], "--reason", "台风", "--until", "2026-12-01"),
        ("unexcuse", *list(CELL.values())[1:]),
        ("publish", *list(CELL.values())[1:], "--publication", "10月通报"),
    ],
)
def test_each_act_is_one_that_intake_accepts(words: tuple[str, ...]) -> None:
    """What the command writes is acceptable from the office; the same words give the same id, others another."""
    event = event_of(_parsed(*words), CELL)
    item = decode(0, json.dumps(event).encode(), form=ACTS)
    assert item.objection is None
    assert isinstance(Acceptance(acceptance()).accept(item.submitted, OFFICE, NOW), Acceptable)
    assert event_of(_parsed(*words), CELL)["id"] == event["id"]
    assert event_of(_parsed(*words), {**CELL, "period": "2026-09"})["id"] != event["id"]


def test_words_and_exit_codes() -> None:
    """0 applied or nothing to do, 1 turned down by ingest or metrics, 3 no outcome yet."""
    assert (code_of(_sent()), code_of(_sent(outcome="unchanged"))) == (0, 0)
    assert (code_of(_sent(outcome="refused", code="not_held")), code_of(_sent("rejected", None))) == (1, 1)
    assert code_of(_sent(outcome=None)) == 3
    assert told(_sent(outcome="refused", code="not_held")) == "未生效 refused：该报送无须审批 not_held"
    assert told(_sent()) == "已生效 applied"
    assert "缘由" in told(_sent("rejected", None, "act_needs_reason"))
    assert told(_sent(outcome=None, dry_run=True)) == "检查通过，未发送 / fine, nothing sent"


def test_without_a_token_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, with what to do."""
    monkeypatch.delenv("LIANGSHAI_TOKEN", raising=False)
    assert main(["act", "excuse", "x", "deqing", "2023-06"]) == 2
    assert "LIANGSHAI_TOKEN" in capsys.readouterr().err
