"""`liangshai trial`: what is asked of alerts, and how the answer is shown."""

import argparse
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli import trial
from cli.__main__ import main
from cli.sending import Unsendable

_COUNTS: dict[str, Any] = {name: {"now": 0, "then": 0} for name in ("opened", "letters", "summonses", "cancelled")}
_LIT = {"lights": 7, "worse": 0, "better": 0} | _COUNTS
NO_TALLY: dict[str, Any] = _LIT | {"reporting": _COUNTS, "projects": _LIT}
MISSING = NO_TALLY | {"reporting": _COUNTS | {"opened": {"now": 4, "then": 2}}}
FOUND: dict[str, Any] = {
    "self_check": {"cells": 7, "deviations": 0, "examples": [], "tickets": 3, "ticket_deviations": 0},
    "total": NO_TALLY | {"worse": 1},
    "districts": [
        {"id": "deqing", "name": {"zh": "德清县", "en": "Deqing"}, "tally": NO_TALLY | {"worse": 1}},
        {"id": "anji", "name": {"zh": "安吉县", "en": "Anji"}, "tally": NO_TALLY},
        {"id": "wuxing", "name": {"zh": "吴兴区", "en": "Wuxing"}, "tally": MISSING},
    ],
    "departments": [],
    "examples": [{"zh": "德清县：现行规则黄灯，试行规则红灯。", "en": "Deqing: red on trial."}],
}


def asked(tmp_path: Path, text: str, **given: Any) -> dict[str, Any]:
    file = tmp_path / "rule.yaml"
    file.write_text(text, encoding="utf-8")
    chosen = {"first": None, "last": None, "indicator": None, "district": None}
    return trial.asked(argparse.Namespace(profile=file, **(chosen | given)))


def test_only_what_differs_is_asked(tmp_path: Path) -> None:
    """A plain list of thresholds is a profile; sections go as they are; so do the days and the filters."""
    assert asked(tmp_path, 'y_pp: "12"') == {"profile": {"y_pp": "12"}}
    assert asked(tmp_path, "calendar: {lock_after_days: 30}", first="2023-01-01", district="anji") == {
        "calendar": {"lock_after_days": 30},
        "from": "2023-01-01",
        "district": "anji",
    }
    with pytest.raises(Unsendable):
        asked(tmp_path, "- y_pp")


@pytest.mark.parametrize(("lights", "tickets", "code"), [(0, 0, 0), (2, 0, 1), (0, 1, 1)])
def test_the_difference_is_shown_by_unit(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lights: int,
    tickets: int,
    code: int,
) -> None:
    """Units without a difference are left out, what was not reported and projects stand apart; a self-check that finds
    deviations is an exit code of 1."""
    found = FOUND | {"self_check": FOUND["self_check"] | {"deviations": lights, "ticket_deviations": tickets}}
    monkeypatch.setattr(trial, "tried", lambda *_: found)
    monkeypatch.setenv("LIANGSHAI_TOKEN", "office")
    file = tmp_path / "rule.yaml"
    file.write_text('y_pp: "12"')
    assert main(["trial", str(file)]) == code
    out = capsys.readouterr().out
    assert "德清县" in out
    assert "安吉县" not in out
    assert [line.split()[2:5] for line in out.splitlines() if "吴兴区" in line] == [["4", "→", "2"]]
    assert "".join(out.split()).index("未报missingreports") < out.replace(" ", "").replace("\n", "").index("吴兴区")
    assert f"与已存不符{lights}个，3件督办单与已存不符{tickets}件" in "".join(out.split())


def test_a_refusal_is_said() -> None:
    """The service's own words, in both languages."""
    problem = {"detail_zh": "试行规则的内容有误", "detail": "the rules on trial do not fit"}
    transport = httpx.MockTransport(lambda _: httpx.Response(422, json=problem))
    with pytest.raises(Unsendable, match=r"试行规则的内容有误 / the rules on trial do not fit"):
        trial.tried("http://alerts", "token", "huzhou-2023-2027", {}, transport)
