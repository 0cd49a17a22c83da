"""Processes of deploy/local: they outlive Ctrl-C, not their driver; they stop, pause and die when told to."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.process import Process, StartFailed
from deploy.local.programs import ROOT
from tests.support.waiting import eventually_now

DRIVER = """
import signal, sys, time
from pathlib import Path
from deploy.local.process import Process
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests themselves run in the background
part = Process("part", Path(sys.argv[1]), ["sleep", "60"]).start()
try:
    print(part.pid, flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("alive" if part.alive else "gone", flush=True)
"""


def state(pid: int) -> str:
    """The kernel's letter for a process, "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


@pytest.fixture
def part(tmp_path: Path) -> Process:
    return Process("part", tmp_path / "part.log", ["sleep", "60"])


def drive(log: Path) -> tuple["subprocess.Popen[str]", int]:
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(log)], stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    )
    assert driver.stdout is not None
    return driver, int(driver.stdout.readline())


def test_parts_die_with_a_killed_driver(tmp_path: Path) -> None:
    """kill -9 of the driver leaves no part behind."""
    driver, pid = drive(tmp_path / "log")
    driver.kill()
    driver.communicate()
    eventually_now(lambda: state(pid) in ("", "Z"))


def test_ctrl_c_reaches_the_driver_alone(tmp_path: Path) -> None:
    """SIGINT to the terminal's process group leaves the parts to the driver's ordered stop."""
    driver, pid = drive(tmp_path / "log")
    os.killpg(driver.pid, signal.SIGINT)
    said, _ = driver.communicate(timeout=60)
    assert said.strip() == "alive"
    eventually_now(lambda: state(pid) in ("", "Z"))


def test_stop_ends_a_paused_part(part: Process) -> None:
    """A part under SIGSTOP is resumed and stopped; its state is told."""
    part.start()
    assert part.pid is not None
    part.pause()
    eventually_now(lambda: state(part.pid or 0) == "T")
    part.resume()
    eventually_now(lambda: state(part.pid or 0) == "S")
    part.pause()
    part.stop()
    assert not part.alive


def test_kill_and_start_again(part: Process) -> None:
    """After kill -9 the same object starts again under another pid."""
    first = part.start().pid
    part.kill()
    assert not part.alive
    assert part.start().pid != first
    part.stop()


def test_a_part_that_exits_says_why(tmp_path: Path) -> None:
    """A start that fails carries the exit code and the end of the log."""

    class Refusing(Process):
        def answers(self) -> bool:
            return False

    part = Refusing("part", tmp_path / "part.log", ["sh", "-c", "echo port is taken; exit 3"])
    with pytest.raises(StartFailed, match=r"(?s)exited with 3.*port is taken"):
        part.start()
