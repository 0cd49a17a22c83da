"""One operating-system process with a log file: start, ready, stop, kill, pause, resume.

Each process gets its own session, so that Ctrl-C in the terminal reaches the driver alone and the parts are stopped in
order; it is told to stop when the driver dies, whatever the driver died of.
"""

import atexit
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from deploy.local.programs import ROOT


class StartFailed(RuntimeError):
    """A part did not come up; the message ends with the last lines of its log."""


class Process:
    """A part of the stack; its kinds fill in the command and the question that tells readiness."""

    stop_signal = signal.SIGTERM
    stop_seconds = 20.0
    ready_seconds = 30.0

    def __init__(self, name: str, log: Path, command: Sequence[str] = (), environment: Mapping[str, str] | None = None):
        self.name = name
        self.log = log
        self.command = tuple(command)
        self.environment = dict(environment or {})
        self._popen: subprocess.Popen[bytes] | None = None
        self._paused: list[int] = []

    def prepare(self) -> None:
        """What must be on disk before the first start (files, formats); repeated before each start."""

    def answers(self) -> bool:
        """One quick question: does the part do its work now?"""
        return self.alive

    def options(self) -> dict[str, Any]:
        """Further arguments of Popen: another user, another working directory."""
        return {"cwd": ROOT}

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen is not None else None

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self, wait: bool = True) -> Self:
        """Start it and, unless told not to, wait until it answers."""
        if self.alive:
            return self
        self.prepare()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._popen = _spawn(
                [*_leash(self.stop_signal), *self.command],
                env={**inherited(), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.options(),
            )
        _running.append(self)
        return self.ready() if wait else self

    def ready(self, timeout: float | None = None) -> Self:
        """Wait until it answers; `StartFailed` when it exits first or the time is over."""
        seconds = self.ready_seconds if timeout is None else timeout
        deadline = time.monotonic() + seconds
        while not self.answers():
            if not self.alive:
                raise StartFailed(f"{self.name} exited with {self._exit_code()}\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name} did not answer within {seconds:g} s\n{self.last_lines()}")
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """Stop it cleanly, and by force when it does not heed."""
        if self._popen is None:
            return
        self.resume()
        if self.alive:
            self._popen.send_signal(self.stop_signal)
            try:
                self._popen.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        self._gone()

    def kill(self) -> None:
        """kill -9: what a fault test or a power cut does."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()
            self.resume()
            self._gone()

    def pause(self) -> None:
        """SIGSTOP, children included: alive for the operating system, dead for its peers."""
        if self._popen is not None and self.alive:
            self._paused = [self._popen.pid, *_descendants(self._popen.pid)]
            _signal_all(self._paused, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT to all that was paused."""
        _signal_all(self._paused, signal.SIGCONT)
        self._paused = []

    def last_lines(self, count: int = 25) -> str:
        """The end of the log, for messages."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def _exit_code(self) -> int | None:
        return None if self._popen is None else self._popen.returncode

    def _gone(self) -> None:
        if self in _running:
            _running.remove(self)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


_running: list[Process] = []


@atexit.register
def stop_all() -> None:
    """Stop everything that this process started and that still runs, the last one first."""
    for process in reversed(_running.copy()):
        process.stop()


def _leash(number: signal.Signals) -> list[str]:
    """util-linux' setpriv: the kernel signals the part when its parent dies, exec or not.

    The shell between makes sure that the parent had not died before that was said.
    """
    setpriv = shutil.which("setpriv", path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin")
    if setpriv is None:
        return []
    check = ["/bin/sh", "-c", f'[ "$PPID" = {os.getpid()} ] && exec "$@"', "sh"]
    return [setpriv, "--pdeathsig", number.name.removeprefix("SIG"), "--", *check]


def inherited() -> dict[str, str]:
    """The driver's environment without the platform's own settings, which each part is given explicitly."""
    return {k: v for k, v in os.environ.items() if not k.startswith("LIANGSHAI_")}


def _signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return children + [below for child in children for below in _descendants(child)]


# The kernel ties the death signal to the thread that forked, so one thread that lives as long as the driver forks all.
_orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_forker: list[threading.Thread] = []
_forker_lock = threading.Lock()


def _fork_forever() -> None:
    while True:
        _orders.get()()


def _spawn(command: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
    with _forker_lock:
        if not _forker:
            _forker.append(threading.Thread(target=_fork_forever, name="forker", daemon=True))
            _forker[0].start()
    answer: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()

    def order() -> None:
        try:
            answer.put(subprocess.Popen(list(command), **options))
        except OSError as problem:
            answer.put(problem)

    _orders.put(order)
    result = answer.get()
    if isinstance(result, OSError):
        raise result
    return result
