"""The documents name only what exists: every path in backticks or links of README and ARCHITECTURE."""

import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\(([^)#:]+)\)")
_PATH = re.compile(r"`((?:contracts|services|cli|deploy|tests|docs)/[\w./{},\[\]-]*)`")


def spread(path: str) -> list[str]:
    """`a/{b,c}.py` as a/b.py and a/c.py."""
    parts = [part.split(",") for part in re.split(r"[{}]", path)]
    return ["".join(each) for each in itertools.product(*parts)]


@pytest.mark.parametrize("document", ["README.md", "README.zh-CN.md", "ARCHITECTURE.md"])
def test_every_path_exists(document: str) -> None:
    """A reader who follows a path finds something there."""
    text = (ROOT / document).read_text(encoding="utf-8")
    named = {path for found in _PATH.findall(text) for path in spread(found)} | set(_LINK.findall(text))
    assert len(named) > 5
    missing = [path for path in sorted(named) if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()]
    assert not missing
