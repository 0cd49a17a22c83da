"""docs/rules.md: every numbered rule has an example and is held by tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TEXT = (TESTS.parent / "docs/rules.md").read_text(encoding="utf-8")
RULES = TEXT[TEXT.index("# Part B") : TEXT.index("# Part C")]
NUMBERED = re.findall(r"^(?:\*\*|## )(\d+(?:\.\d+)?)\b", RULES, re.MULTILINE)
GROUPS = {"1", "2", "3", "4", "6", "7", "10"}  # headings whose rules have numbers of their own
HELD = dict(re.findall(r"^\| (\d+(?:\.\d+)?) \| (.+) \|$", TEXT[TEXT.index("# Part D") :], re.MULTILINE))
FILES = set(re.findall(r"`((?:unit|contract|vectors|integration|faults|browser)/[\w/]+\.py)", TEXT))
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)


@cache
def functions(file: str) -> frozenset[str]:
    """The test functions of a file below tests/."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_rule_is_held() -> None:
    """Each numbered rule has a row that names at least one test; no row is about a rule that is not there."""
    rules = [rule for rule in NUMBERED if rule not in GROUPS]
    assert list(HELD) == rules
    assert all("::test_" in held or held == "not built yet" for held in HELD.values())


def test_every_rule_has_an_example() -> None:
    """An official can check each rule by hand."""
    parts = re.split(r"^(?=\*\*\d+\.\d+|## \d+\. )", RULES, flags=re.MULTILINE)
    for part in parts[1:]:
        number = re.match(r"(?:\*\*|## )(\d+(?:\.\d+)?)", part)
        assert number is not None
        assert number.group(1) in GROUPS or "\n> 例：" in part, number.group(1)


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_named_tests_exist(file: str) -> None:
    """What the reference names can be run."""
    assert {name for of, name in NAMED if of == file} <= functions(file)


def test_named_files_exist() -> None:
    """Also where a file is named as a whole."""
    assert len(FILES) > len({file for file, _ in NAMED})
    assert [file for file in FILES if not (TESTS / file).is_file()] == []
