"""The invented projects: sized like the plan's, marked, consistent, and with everything that rule 12 knows of."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from contracts.authority import Tokens
from contracts.editions import Catalogue
from contracts.project_submission import Statements
from contracts.projects import STATEMENTS, Listed, Plan, Progress
from deploy.demo import project_story, projects, tokens
from deploy.demo.project_story import ProjectStory
from deploy.demo.projects import Project
from services.ingest.projects.acceptance import Acceptable, Acceptance
from tests.support.intake import cells, lookup

Items = list[tuple[datetime, str, dict[str, Any]]]


@cache
def listed() -> list[Project]:
    """The shipped list."""
    return projects.told("huzhou")


@cache
def said() -> Items:
    """All that is said of it, in order."""
    due = {cell.period.text: cell.due_at for cell in cells().of("major_projects", "anji") if cell.due_at is not None}
    told = ProjectStory(lookup().programme.id, "huzhou", due).tell()
    return [(at, unit, item) for (at, unit), items in sorted(told.items(), key=lambda e: e[0]) for item in items]


def statements(kind: type) -> list[Any]:
    """Those of one kind."""
    return [
        s for _, _, item in said() if isinstance(s := msgspec.convert(item["data"], STATEMENTS[item["type"]]), kind)
    ]


def test_it_is_sized_like_the_plans() -> None:
    """40 projects with 80 亿 in 2023 of more than 600 亿 in all; 80 with 800 亿 by 2027."""
    first = [each for each in listed() if each.entered.year == 2023]
    assert (len(first), len(listed())) == (40, 80)
    assert sum(Decimal(each.plan["invest_by_year"].get("2023", 0)) for each in listed()) == 80
    assert sum(Decimal(each.plan["invest_total"]) for each in listed()) == 800
    assert sum(Decimal(each.plan["invest_total"]) for each in first) > 600


def test_every_plan_is_marked_and_whole() -> None:
    """Invented, a fictitious contact, weights that add to 100, nodes in order and within the programme."""
    for each in listed():
        plan = msgspec.convert(each.plan, Plan)
        assert plan.invented
        assert plan.contact.name.startswith("联系人")
        assert "虚构" in plan.contact.role
        assert sum(Decimal(node.weight) for node in plan.nodes) == 100
        due = [node.due for node in plan.nodes]
        assert due == sorted(due)
        assert due[-1] <= date(2027, 12, 31)
        assert plan.starts_in >= f"{each.entered:%Y-%m}"


def test_the_same_seed_tells_the_same() -> None:
    """Another seed: another list."""
    assert projects.told("huzhou") == listed()
    assert projects.told("another") != listed()


def test_every_course_occurs() -> None:
    """On time, slipping, starting late, early, stuck; units of both kinds report."""
    assert set(Counter(each.character for each in listed())) == set(projects.CHARACTERS)
    assert {each.plan["reports"] for each in listed()} == {"district", "department"}


def test_everything_is_said_that_rule_12_knows() -> None:
    """Enter, complete, leave, enter again, amend; problems open and solved; a red line of a project and one of a task,
    both closed; contacts; a correction behind the lock approved and one returned."""
    acts = Counter(each.act for each in statements(Listed))
    assert set(acts) == {"enter", "complete", "leave", "amend"}
    again = [
        each for each in statements(Listed) if each.project == project_story.LEAVES and each.list == projects.ROLLING
    ]
    assert [each.act for each in sorted(again, key=lambda each: each.on)][:3] == ["enter", "leave", "enter"]
    assert {p.state for each in statements(Progress) for p in each.problems} == {"open", "solved"}
    assert sum(bool(each.red_lines) for each in statements(Progress)) == 1
    kinds = Counter(item["type"] for _, _, item in said())
    assert set(kinds) == set(STATEMENTS)
    assert {each.decision for each in statements(STATEMENTS["project.ruled.v1"])} == {"approve", "return"}


def test_what_is_done_lies_in_its_month() -> None:
    """A node is told in the month in which it was done, once; ids are sent once."""
    told = Counter()  # type: Counter[tuple[str, str]]
    for each in statements(Progress):
        for node in each.nodes:
            assert f"{node.done_on:%Y-%m}" == each.period
            told[each.project, node.id] += not each.revision
    assert max(told.values()) == 1
    names = Counter(item["id"] for _, _, item in said())
    assert max(names.values()) == 1


def test_intake_accepts_all_of_it(tmp_path: Path) -> None:
    """Every statement passes as ingest judges it, at its instant and with its unit's token (rule 12)."""
    hashed, plain = tokens.ensure(lookup(), tmp_path / "tokens")
    grants, acceptance = Tokens(hashed, lookup()), Acceptance(Catalogue(lookup()))
    refused = []
    for at, unit, item in said():
        submitted = msgspec.convert(item, Statements)
        verdict = acceptance.accept(submitted, grants.grant(f"Bearer {plain[unit]}", at), at)
        if not isinstance(verdict, Acceptable):
            refused.append((item["id"], verdict))
    assert not refused
