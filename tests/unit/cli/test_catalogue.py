"""`liangshai catalogue check`: shows what a catalogue leaves in doubt, and fails where it holds an error only."""

from pathlib import Path

import pytest

from cli import catalogue
from cli.__main__ import main
from contracts.catalogue import check
from contracts.findings import Finding, Severity
from tests.support.intake import lookup


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped catalogue is read once for all of them, on a wide terminal."""
    monkeypatch.setattr(catalogue, "load", lambda _: lookup())
    monkeypatch.setenv("COLUMNS", "400")


def test_the_shipped_catalogue_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0 though the text leaves doubts; each is shown with its place, and they are counted at the end."""
    assert main(["catalogue", "check"]) == 0
    printed = capsys.readouterr().out
    found = check(lookup())
    assert found
    for each in found:
        assert f"{each.place} {each.code}" in printed
        assert each.zh in printed
        assert each.en in printed
    assert printed.splitlines()[-1] == catalogue.summary(lookup(), found)
    assert "185 指标 indicators" in printed


@pytest.mark.parametrize(("severity", "code"), [("error", 1), ("warning", 0), ("note", 0)])
def test_errors_alone_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], severity: Severity, code: int
) -> None:
    """Exit code 1 for an error; warnings and notes are shown and let through; brackets are no markup."""
    finding = Finding(severity=severity, code="odd", place="indicators/x", zh="有疑问[1]", en="in doubt [bold]")
    monkeypatch.setattr(catalogue, "check", lambda _: [finding])
    assert main(["catalogue", "check"]) == code
    printed = capsys.readouterr().out
    for part in ("indicators/x odd", "有疑问[1]", "in doubt [bold]", catalogue.WORDS[severity]):
        assert part in printed


def test_nothing_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A catalogue without doubts: one line, exit code 0."""
    monkeypatch.setattr(catalogue, "check", lambda _: [])
    assert main(["catalogue", "check"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_what_cannot_be_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory that is no catalogue: exit code 1 and the reason in both languages, nothing on stdout."""
    monkeypatch.undo()
    assert main(["catalogue", "check", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("无法装载 / cannot be loaded: ")
    assert str(tmp_path) in err
