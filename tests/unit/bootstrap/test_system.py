"""System packages: what is missing is told by its program, and without root one command is named."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.bootstrap import __main__ as entry
from deploy.bootstrap import python, system
from deploy.bootstrap.steps import ByHand
from deploy.local import kafka_jars, programs

ALL = entry.PURPOSES["test"]
PACKAGES = {
    "java": "openjdk-17-jre-headless",
    "mvn": "maven",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "chromium-headless-shell": "chromium-headless-shell",
}
Machine = Callable[..., None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine on which everything is installed but what is hidden; nobody is root there."""

    def make(*hidden: str, root: bool = False, sudo: bool = False) -> None:
        gone = {*hidden, *(() if sudo else ("sudo",))}

        def find(*names: str) -> Path | None:
            return next((Path("/usr/bin", name) for name in names if name not in gone), None)

        def java() -> Path | None:
            return None if "java" in gone else Path("/usr/bin/java")

        java.cache_clear = lambda: None  # type: ignore[attr-defined]
        monkeypatch.setattr(programs, "find", find)
        monkeypatch.setattr(programs, "java", java)
        monkeypatch.setattr(kafka_jars, "present", lambda: "jars" not in gone)
        monkeypatch.setattr(system, "uv_is_here", lambda: False)
        monkeypatch.setattr(system, "pip_at_hand", lambda: None if "pip" in gone else ["pip"])
        monkeypatch.setattr(system, "chinese_font", lambda: "fonts" not in gone)
        monkeypatch.setattr("deploy.bootstrap.system.os.geteuid", lambda: 0 if root else 1000)

    return make


def test_a_machine_with_everything_needs_nothing(machine: Machine) -> None:
    """No package, no question for root."""
    machine()
    assert system.missing(ALL) == []
    assert system.bring_packages(ALL) == ""


@pytest.mark.parametrize(("program", "package"), PACKAGES.items())
def test_what_is_missing_is_told_by_its_program(machine: Machine, program: str, package: str) -> None:
    """Each program that is nowhere to be found names its Debian package, and no other."""
    machine(program, "jars", *_other_names(program))
    assert system.missing(ALL) == [package]


def _other_names(program: str) -> list[str]:
    return ["alertmanager"] if program == "prometheus-alertmanager" else []


def test_another_name_of_a_program_does(machine: Machine) -> None:
    """Alertmanager by its own, and no Maven once the jars are here."""
    machine("prometheus-alertmanager", "mvn")
    assert system.missing(ALL) == []


def test_venv_and_pip_missing_bring_one_package(machine: Machine) -> None:
    """A bare Debian has neither pip nor venv: python3-venv brings the wheel that is used."""
    machine("pip", "fonts")
    assert system.missing(ALL) == ["python3-venv", "fonts-wqy-microhei"]
    assert system.missing(()) == ["python3-venv"]


def test_without_root_and_sudo_one_command_is_named(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and a single command with every missing package; nothing is run."""
    machine("pip", "java", "mvn", "prometheus", "promtool", "jars")
    assert entry.main(["demo"]) == 2
    said = capsys.readouterr().out
    [command] = [line for line in said.splitlines() if line.startswith("  ")]
    packages = "python3-venv openjdk-17-jre-headless maven prometheus"
    assert command.strip() == f'su -c "sh {system.SCRIPT} {packages}"'
    assert system.SCRIPT.exists()


def test_java_alone_comes_from_a_wheel(machine: Machine) -> None:
    """Without root, Java may come with the environment where the jars are here already."""
    machine("java")
    assert system.bring_packages(ALL) == ""
    machine("java", "prometheus")
    with pytest.raises(ByHand):
        system.bring_packages(ALL)


def test_as_root_apt_brings_what_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call of the script with these packages, and what they bring is looked for again."""
    ran: list[list[str]] = []

    def run(command: list[object], **_: object) -> None:
        ran.append([str(word) for word in command])
        machine(root=True)

    machine("prometheus", root=True)
    monkeypatch.setattr(system, "run", run)
    assert system.bring_packages(ALL) == "prometheus"
    assert ran == [["sh", str(system.SCRIPT), "prometheus"]]


def test_installed_yet_gone_is_installed_again(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that apt holds for installed while its files are gone: once more with --reinstall, then by hand."""
    ran: list[list[str]] = []
    machine("prometheus", root=True)
    monkeypatch.setattr(system, "run", lambda command, **_: ran.append([str(word) for word in command]))
    with pytest.raises(ByHand, match="--reinstall prometheus"):
        system.bring_packages(ALL)
    assert [("REINSTALL=1" in command) for command in ran] == [False, True]


@pytest.mark.parametrize(("asks", "terminal", "words"), [
    (False, False, ["/usr/bin/sudo"]), (True, True, ["/usr/bin/sudo"]), (True, False, None)
])  # fmt: skip
def test_sudo_is_used_where_it_can_be(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, asks: bool, terminal: bool, words: list[str] | None
) -> None:
    """Sudo that asks nothing always; sudo that asks only where a person can answer."""
    machine(sudo=True)
    monkeypatch.setattr("deploy.bootstrap.system.subprocess.run", _ends_with(int(asks)))
    monkeypatch.setattr("deploy.bootstrap.system.sys.stdin", type("Input", (), {"isatty": lambda self: terminal})())
    assert system.becomes_root() == words


def _ends_with(code: int) -> Callable[..., "subprocess.CompletedProcess[bytes]"]:
    return lambda *words, **_: subprocess.CompletedProcess(words, code)


def test_pip_is_found_without_venv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own pip, else the wheel that Debian keeps, else none: never the venv module."""
    wheels: list[Path] = []
    monkeypatch.setattr("deploy.bootstrap.python.subprocess.run", _ends_with(1))
    folder = type("Folder", (), {"glob": lambda self, _: wheels})()
    monkeypatch.setattr("deploy.bootstrap.python.Path", lambda _: folder)
    assert python.pip_at_hand() is None
    wheels.append(Path("/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl"))
    assert python.pip_at_hand() == [sys.executable, "/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl/pip"]
    monkeypatch.setattr("deploy.bootstrap.python.subprocess.run", _ends_with(0))
    assert python.pip_at_hand() == [sys.executable, "-m", "pip"]


def test_without_any_pip_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then a person is told what to install."""
    monkeypatch.setattr(python, "uv_is_here", lambda: False)
    monkeypatch.setattr(python, "pip_at_hand", lambda: None)
    with pytest.raises(ByHand, match="python3-venv"):
        python.bring_uv()
