"""Where PostgreSQL keeps its data when root lends it to another user."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.local import postgres
from deploy.local.postgres import Postgres


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Root, and a directory that `nobody` cannot reach: the data lie elsewhere; initdb leaves only its mark."""

    def initdb(words: list[str], **_: object) -> None:
        data = Path(words[2])
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("17")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda *_: None)
    monkeypatch.setattr(subprocess, "run", initdb)
    monkeypatch.setattr(postgres, "_open_to_others", lambda _: False)
    monkeypatch.setattr(postgres, "_elsewhere", lambda _: tmp_path / "far")
    monkeypatch.setattr(postgres, "binaries", lambda: Path("/bin"))
    return tmp_path / "far"


def test_data_elsewhere_belong_to_the_directory_that_lent_them(far: Path, tmp_path: Path) -> None:
    """A clone that was deleted and made again at the same place begins with nothing, and keeps what it then makes."""
    (far / "data").mkdir(parents=True)
    (far / "data" / "PG_VERSION").write_text("17")
    left = far / "data" / "left"
    left.touch()
    server = Postgres(tmp_path / "clone" / "postgres", 1)
    assert not server.has_data
    server.prepare()
    assert (server.has_data, left.exists()) == (True, False)
    left.touch()
    again = Postgres(tmp_path / "clone" / "postgres", 1)
    again.prepare()
    assert (again.has_data, left.exists()) == (True, True)
