"""Sums over projects recounted from a log (rule 12): which cells, how much, since when."""

import json
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from deploy.demo import projects
from deploy.demo.projects import FED
from deploy.demo.recount import fed
from deploy.demo.recount.log import Seats, Version
from tests.support.intake import lookup
from tests.support.recorded import at

SEATS = Seats([Version.of(lookup())])


def line(moment: datetime, *events: tuple[str, dict[str, Any]]) -> str:
    """One request about projects, all of it accepted."""
    items = [{"type": kind, "source": "/x", "id": str(n), "data": data} for n, (kind, data) in enumerate(events)]
    answered = [{"index": n, "status": "accepted", "partition": 0, "offset": 0} for n in range(len(items))]
    answer = {"received_at": moment.isoformat(), "items": answered}
    return json.dumps({"at": moment.isoformat(), "path": "/v1/projects", "items": items, "answer": answer})


def entered(project: str, feeds: list[str] | None = None) -> tuple[str, dict[str, Any]]:
    plan = {"feeds": [FED] if feeds is None else feeds, "district": "anji"}
    return "project.listed.v1", {"project": project, "on": "2023-01-12", "act": "enter", "list": "l", "plan": plan}


def told(project: str, period: str, amount: str, revision: int = 0) -> tuple[str, dict[str, Any]]:
    data = {"project": project, "period": period, "invested_total": amount, "unit": "CNY_100M", "revision": revision}
    return "project.reported.v1", data


def recounted(place: Path, *lines: str) -> dict[Any, fed.Sum]:
    log = place / "log.ndjson"
    log.write_text("\n".join(lines), encoding="utf-8")
    return fed.sums(fed.read(log), SEATS)


def test_a_month_counts_once_all_projects_have_told_it(tmp_path: Path) -> None:
    """Two of two in January, one of two in February; the second one's first receipt is the sum's."""
    found = recounted(
        tmp_path,
        line(at("2023-01-12"), entered("a"), entered("b"), entered("free", [])),
        line(at("2023-02-02"), told("a", "2023-01", "1.5")),
        line(at("2023-02-03"), told("b", "2023-01", "2"), told("free", "2023-01", "9")),
        line(at("2023-03-02"), told("a", "2023-02", "3")),
    )
    assert found == {(FED, "anji", "2023-01"): fed.Sum(Fraction("3.5"), at("2023-02-03"))}


def test_what_comes_behind_the_lock_changes_nothing(tmp_path: Path) -> None:
    """The highest revision before the lock holds."""
    found = recounted(
        tmp_path,
        line(at("2023-01-12"), entered("a")),
        line(at("2023-02-02"), told("a", "2023-01", "1")),
        line(at("2023-02-04"), told("a", "2023-01", "2", 1)),
        line(at("2024-02-04"), told("a", "2023-01", "3", 2)),
    )
    assert found[FED, "anji", "2023-01"].value == 2


def test_what_is_completed_goes_on_to_count_as_far_as_others_have_told(tmp_path: Path) -> None:
    """A project completed in January owes no more: it stands in the sum of each month that any other has told."""
    plan = {"feeds": [FED], "district": "deqing"}
    elsewhere = {"project": "b", "on": "2023-01-12", "act": "enter", "list": "l", "plan": plan}
    done = {"project": "a", "on": "2023-01-31", "act": "complete", "list": "l"}
    found = recounted(
        tmp_path,
        line(at("2023-01-12"), entered("a"), ("project.listed.v1", elsewhere)),
        line(at("2023-02-02"), told("a", "2023-01", "1.5"), ("project.listed.v1", done)),
        line(at("2023-03-02"), told("b", "2023-02", "2")),
    )
    assert found == {
        (FED, "anji", "2023-01"): fed.Sum(Fraction("1.5"), at("2023-02-02")),
        (FED, "anji", "2023-02"): fed.Sum(Fraction("1.5"), at("2023-03-02")),
        (FED, "deqing", "2023-02"): fed.Sum(Fraction(2), at("2023-03-02")),
    }


def test_hospitals_of_the_story_feed_alone_and_one_goes_red() -> None:
    """The invented list: one hospital a district until 2025; Anji's is over 15 days late from the start."""
    feeding = [each for each in projects.told("huzhou") if each.plan["feeds"]]
    assert sorted(each.plan["district"] for each in feeding) == sorted(projects.DISTRICTS)
    late = next(each for each in feeding if each.plan["district"] == "anji")
    assert late.character == "starts_late"
