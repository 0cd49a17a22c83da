"""`liangshai evaluate`: the services' own rules on a document, without any server."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from cli import case
from cli.__main__ import main
from contracts.catalogue import load

CASE: dict[str, Any] = {
    "indicator": {"unit": "亿元"},
    "targets": [{"on": "2023-12-31", "value": "80"}, {"on": "2027-12-31", "value": "800"}],
    "as_of": "2023-06-30",
    "reports": [{"period": "2023-06", "value": "300000", "unit": "万元"}],
}
TOLD = [
    {"period": "2023-12", "value": "60"},
    {"period": "2024-01", "value": "66"},
    {"period": "2024-02", "value": "80"},
]
_load = lru_cache(load)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped catalogue is read once for the module."""
    monkeypatch.setattr(case, "load", _load)


def evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str], *flags: str, **changes: Any) -> tuple[int, str, str]:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(CASE | changes), encoding="utf-8")
    code = main(["evaluate", str(file), *flags])
    out, err = capsys.readouterr()
    return code, out, err


def found(tmp_path: Path, capsys: pytest.CaptureFixture[str], **changes: Any) -> dict[str, Any]:
    code, out, _ = evaluate(tmp_path, capsys, "--json", **changes)
    assert code == 0
    document: dict[str, Any] = json.loads(out)
    return document


def test_standing_light_and_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A made-up indicator: 30 of 80 by June, told in another unit, is yellow and says why (rules 2.2 and 5)."""
    document = found(tmp_path, capsys)
    assert document["standing"]["lag"] == "12.500"
    assert (document["light"], document["raw"]) == ("yellow", "yellow")
    assert "落后序时进度12.5个百分点" in document["explanation"]["zh"]


def test_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json: the numbers, the light in words and the sentence."""
    code, out, _ = evaluate(tmp_path, capsys)
    assert code == 0
    assert "黄 yellow" in out
    assert "12.5" in out


def test_lights_follow_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 4.10 by the light's own fold: the missed target keeps January yellow until it is reached."""
    document = found(tmp_path, capsys, reports=TOLD, as_of="2024-03-15")
    assert document["lights"] == [
        {"period": "2023-12", "light": "yellow"},
        {"period": "2024-01", "light": "yellow"},
        {"period": "2024-02", "light": "green"},
    ]
    january = found(tmp_path, capsys, reports=TOLD, as_of="2024-02-28")
    assert (january["raw"], january["light"]) == ("green", "yellow")


def test_catalogues_indicator_and_a_rule_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An indicator of the catalogue, its threshold profile changed: 12.5 points behind are no longer yellow."""
    plan = {
        "indicator": "major_projects_investment",
        "targets": None,
        "reports": [{"period": "2023-06", "value": "30"}],
    }
    districts = {"district": "deqing", "allocations": {"deqing": {"2023-12-31": "80", "2027-12-31": "800"}}}
    assert found(tmp_path, capsys, **plan, **districts)["light"] == "yellow"
    mild = {"profile": {"y_pp": "15", "y_ratio": "0.7"}}
    assert found(tmp_path, capsys, **plan, **districts, **mild)["light"] == "green"


def test_known_at_leaves_out_what_came_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 2.10: facts received by then, inclusive."""
    reports = [
        {"period": "2023-06", "value": "30", "received_at": "2023-07-03T09:00:00+08:00"},
        {"period": "2023-06", "value": "50", "revision": 1, "received_at": "2023-07-04T09:00:00+08:00"},
    ]
    early = found(tmp_path, capsys, reports=reports, known_at="2023-07-04T08:59:59+08:00")
    assert early["standing"]["value"] == "30.0"
    late = found(tmp_path, capsys, reports=reports)
    assert late["standing"]["value"] == "50.0"
    assert [each["outcome"] for each in late["outcomes"]] == ["superseded", "applied"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"indicator": "no_such"}, "no_such"),
        ({"indicator": {"unit": "磅"}}, "磅"),
        ({"wrong": 1}, "wrong"),
        ({"reports": [{"period": "2022-06", "value": "1"}]}, "2022-06"),
        ({"reports": [{"period": "2023-06", "value": "1", "unit": "公顷"}]}, "公顷"),
        ({"reports": [{"period": "2023-06", "value": "1,5"}]}, "1,5"),
        ({"reports": []}, "2023-06-30"),
        ({"district": "deqing"}, "deqing"),
        ({"profile": {"yellow": "1"}}, "yellow"),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], says: str
) -> None:
    """Exit code 2 and one line that names what is wrong, in Chinese and English."""
    code, out, err = evaluate(tmp_path, capsys, **changes)
    assert (code, out) == (2, "")
    assert says in err
    chinese, _, english = err.removeprefix("无法试算 / cannot be evaluated: ").partition(" / ")
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert re.search("[a-z]{3}", english)


def test_tickets_follow_with_what_was_done_about_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 8: yellow at its due date opens a ticket, unanswered it climbs, answered it stays."""
    late = {"as_of": "2023-07-30"}
    assert found(tmp_path, capsys, **late)["tickets"] == [{"first_period": "2023-06", "level": 3, "state": "OPEN"}]
    answer = {"act": "answer", "at": "2023-07-07T09:00:00+08:00", "promised_on": "2023-08-31"}
    answered = found(tmp_path, capsys, **late, ticket_acts=[answer])
    assert answered["tickets"] == [{"first_period": "2023-06", "level": 1, "state": "ANSWERED"}]
    assert found(tmp_path, capsys)["tickets"] == []  # not due yet
    _, out, _ = evaluate(tmp_path, capsys, **late)
    assert "约谈 summons" in out


def test_a_forecast_is_part_of_the_standing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule 6.7: four months at one tempo carry a forecast."""
    reports = [{"period": f"2023-{month:02d}", "value": str(5 * month + 10)} for month in range(5, 9)]
    document = found(tmp_path, capsys, reports=reports, as_of="2023-08-31")
    assert (document["standing"]["forecast"]["value"], document["standing"]["forecast"]["will_miss"]) == (
        "70.000",
        True,
    )
    _, out, _ = evaluate(tmp_path, capsys, reports=reports, as_of="2023-08-31")
    assert "照此难以达标 will miss" in out


def test_scores_and_a_project_need_no_indicator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules 10.2, 10.4, 10.5 and 12 from one document."""
    full = [{"id": f"i{n}", "attainment": "90"} for n in range(4)]
    scores = [
        {"unit": "deqing", "items": [*full, {"id": "i4"}], "yellow": 4, "red": 2, "measured": 20},
        {"unit": "anji", "items": [*full[:3], {"id": "i3"}, {"id": "i4"}]},
        {"unit": "changxing", "items": [*full, {"id": "i4", "attainment": "100"}]},
    ]
    node = {"id": "frame", "name": {"zh": "主体", "en": "frame"}, "weight": "100", "due": "2023-03-24"}
    file = tmp_path / "beside.json"
    file.write_text(
        json.dumps({"as_of": "2023-04-30", "scores": scores, "project": {"nodes": [node]}}), encoding="utf-8"
    )
    assert main(["evaluate", str(file), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    told = {row["unit"]: (row["score"], row["place"], row["not_ranked"]) for row in document["scores"]}
    assert told == {
        "deqing": ("72.00", 2, None),
        "anji": ("54.00", None, "too_few_reported"),
        "changxing": ("92.00", 1, None),
    }
    assert document["scores"][0]["process_points"] == "-2.00"
    assert (document["project"]["lag_days"], document["project"]["light"]) == (37, "red")
    assert main(["evaluate", str(file)]) == 0
    out = capsys.readouterr().out
    assert "第1位 place 1" in out
    assert "落后 37 天" in out
