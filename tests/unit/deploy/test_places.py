"""Where a session of tests puts its files."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.places import PREFIX, settle


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "")  # given back afterwards, whatever is done to it
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())


def test_everything_temporary_lies_there(tmp_path: Path) -> None:
    """This process and its children make their files in the new directory."""
    place = settle(tmp_path, 1)
    assert place is not None
    assert Path(tempfile.mkdtemp()).parent == place
    assert os.environ["TMPDIR"] == str(place)


def test_a_place_that_was_named_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets TMPDIR finds the files there."""
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert settle(tmp_path, 1) is None
    assert os.environ["TMPDIR"] == "/elsewhere"


def test_without_room_it_stays_as_it_was(tmp_path: Path) -> None:
    """No such directory, or too small a one."""
    assert settle(tmp_path / "nothing", 1) is None
    assert settle(tmp_path, 1 << 60) is None
    assert "TMPDIR" not in os.environ


def test_what_killed_sessions_left_is_removed(tmp_path: Path) -> None:
    """Memory is not filled by runs that could not clear it; those that go on are left alone."""
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    left, living = tmp_path / f"{PREFIX}{gone.pid}-x", tmp_path / f"{PREFIX}{os.getppid()}-y"
    left.mkdir()
    living.mkdir()
    settle(tmp_path, 1 << 60)
    assert list(tmp_path.iterdir()) == [living]
