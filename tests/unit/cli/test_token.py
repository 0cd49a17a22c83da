"""`liangshai token`: what it writes is what the services read; the token is shown once and kept nowhere."""

from pathlib import Path

import pytest

from cli.__main__ import main
from contracts.authority import Tokens, read
from tests.support.intake import NOW


def _make(path: Path, *more: str) -> int:
    return main(["token", str(path), "--subject", "德清统计", "--department", "deqing", "--kind", "report", *more])


def test_a_made_token_is_known_and_grants_what_was_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The printed token opens what was said and nothing else; the file holds its hash only."""
    path = tmp_path / "tokens.yaml"
    assert _make(path, "--kind", "correct", "--indicator", "urbanisation_rate", "--district", "*") == 0
    token = capsys.readouterr().out.strip()
    assert token not in path.read_text(encoding="utf-8")
    found = Tokens(path).grant(f"Bearer {token}", NOW)
    assert (found.subject, found.department) == ("德清统计", "deqing")
    assert sorted(found.kinds) == ["correct", "report"]
    assert found.allows("report", "urbanisation_rate", "anji")
    assert not found.allows("report", "major_projects", "anji")
    assert not found.allows("read")


def test_a_second_token_is_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both tokens work afterwards."""
    path = tmp_path / "tokens.yaml"
    made = []
    for _ in range(2):
        assert _make(path, "--expires", "2027-12-31T00:00:00+08:00", "--rate", "10") == 0
        made.append(capsys.readouterr().out.strip())
    tokens = Tokens(path)
    assert [tokens.grant(f"Bearer {each}", NOW).rate_per_minute for each in made] == [10, 10]


def test_comments_and_a_missing_last_newline_are_kept(tmp_path: Path) -> None:
    """A file written by hand keeps what its author wrote; its permissions stay."""
    path = tmp_path / "tokens.yaml"
    assert _make(path) == 0
    path.write_text("# 专班办公室 的令牌\n" + path.read_text(encoding="utf-8").rstrip(), encoding="utf-8")
    path.chmod(0o640)
    assert _make(path) == 0
    assert path.read_text(encoding="utf-8").startswith("# 专班办公室 的令牌\n- subject")
    assert len(read(path)) == 2
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_broken_file_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is appended to a file that cannot be read, and no token is shown."""
    path = tmp_path / "tokens.yaml"
    path.write_text("- subject: [", encoding="utf-8")
    assert _make(path) == 2
    assert path.read_text(encoding="utf-8") == "- subject: ["
    assert capsys.readouterr().out == ""
    assert _make(tmp_path / "new.yaml", "--rate", "0") == 2
    assert not (tmp_path / "new.yaml").exists()
