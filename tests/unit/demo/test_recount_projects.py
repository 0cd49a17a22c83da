"""The recount of projects by hand-made logs: days behind, starts, lights, stays and what was invested (rule 12)."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contracts.periods import SHANGHAI, parse
from deploy.demo.recount import projects as hand
from deploy.demo.recount.projects import Calendar, Figures, Month, Told

NOW = datetime(2023, 6, 20, tzinfo=SHANGHAI)
MONTHS = [f"2023-{month:02}" for month in range(1, 13)]
DATES = Calendar(
    {text: parse(text).closes_at.replace(day=6) for text in MONTHS},
    {text: datetime(2023, 12, 31, tzinfo=SHANGHAI) for text in MONTHS},
)
PLAN = {
    "starts_in": "2023-02",
    "nodes": [{"id": "land", "due": "2023-03-31"}, {"id": "roof", "due": "2023-05-31"}],
}


def line(kind: str, at: str = "2023-04-02", verdict: str = "accepted", **data: Any) -> dict[str, Any]:
    """One statement as the driver logs it."""
    event = {"source": "/simulated/x", "id": f"{kind}{data.get('period', data.get('on'))}{data.get('revision', 0)}",
             "type": kind, "data": {"project": "p", **data}}  # fmt: skip
    items = [{"index": 0, "id": event["id"], "status": verdict}]
    return {"path": "/v1/projects", "items": [event], "answer": {"received_at": f"{at}T09:00:00+08:00", "items": items}}


def listed(act: str, on: str, plan: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An act on the one list."""
    return line("project.listed.v1", on=on, act=act, list="rolling", plan=plan)


def report(period: str, done: Mapping[str, str] | None = None, invested: str = "1", **more: Any) -> dict[str, Any]:
    """A month's report."""
    nodes = [{"id": node, "done_on": on} for node, on in (done or {}).items()]
    return line("project.reported.v1", period=period, status="under_way", nodes=nodes, invested_total=invested, **more)


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """Reads a log made of these lines."""

    def read(*lines: Mapping[str, Any]) -> Told:
        log = tmp_path / "log.ndjson"
        log.write_text("".join(json.dumps(each) + "\n" for each in lines))
        return hand.read(log, DATES)[0]["p"]

    return read


def test_days_behind_and_lights(told: Any) -> None:
    """Due on 31 March and not done: 0 days in March, 30 at the end of April (red), done in May; no report is grey."""
    project = told(
        listed("enter", "2023-01-10", PLAN), report("2023-02"), report("2023-03"), report("2023-04"),
        report("2023-05", {"land": "2023-05-04", "roof": "2023-05-20"}),
    )  # fmt: skip
    months = hand.months(project, DATES, NOW)
    assert [months[text].lag_days for text in MONTHS[1:5]] == [0, 0, 30, 0]
    assert [months[text].record for text in MONTHS[:5]] == ["grey", "green", "green", "red", "green"]
    assert "2023-06" not in months


def test_a_start_that_does_not_come(told: Any) -> None:
    """Planned for February: yellow at the first month end without it, red at the third, reported or not."""
    months = hand.months(told(listed("enter", "2023-01-10", PLAN)), DATES, NOW)
    assert [months[text] for text in MONTHS[:5]] == [
        Month(None, 0, "grey"), Month(None, 1, "yellow"), Month(None, 2, "yellow"), Month(None, 3, "red"),
        Month(None, 4, "red"),
    ]  # fmt: skip


def test_figures_of_a_list(told: Any) -> None:
    """On the list, left, completed; what was invested while it had left is not the list's."""
    lines = [listed("enter", "2023-01-10", PLAN), report("2023-01", invested="1"), listed("leave", "2023-02-20"),
             report("2023-03", invested="5"), listed("enter", "2023-04-05"),
             report("2023-04", invested="8")]  # fmt: skip
    project = {"p": told(*lines)}
    assert hand.figures(project, "rolling", date(2023, 2, 1)) == Figures(1, 1, 0, 0, Fraction(1))
    assert hand.figures(project, "rolling", date(2023, 3, 1)) == Figures(0, 0, 0, 1, Fraction(1))
    assert hand.figures(project, "rolling", date(2023, 5, 1)) == Figures(1, 1, 0, 0, Fraction(4))


def test_behind_the_lock_only_what_was_approved(told: Any) -> None:
    """Rule 2.9: a correction behind the lock counts once the office approved it."""
    late = report("2023-02", invested="9", revision=1, reason="x") | {}
    late["answer"]["received_at"] = "2024-01-05T09:00:00+08:00"
    base = (listed("enter", "2023-01-10", PLAN), report("2023-02"))
    assert told(*base, late).reports["2023-02"]["invested_total"] == "1"
    name = late["items"][0]
    ruling = line("project.ruled.v1", report_source=name["source"], report_id=name["id"], decision="approve")
    assert told(*base, late, ruling).reports["2023-02"]["invested_total"] == "9"
