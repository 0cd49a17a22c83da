"""Free ports: chosen before they are taken, so that nobody else may choose them meanwhile."""

import subprocess
import sys

from deploy.local.ports import free_ports
from deploy.local.programs import ROOT

CHOOSE = "from deploy.local.ports import free_ports; print(*free_ports(40)); input()"


def test_no_other_process_is_given_the_same() -> None:
    """Processes that choose at the same time, none of them listening yet, are given ports of different blocks."""
    command = [sys.executable, "-c", CHOOSE]
    others = [
        subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)
    ]
    try:
        chosen = [{int(word) for word in other.stdout.readline().split()} for other in others if other.stdout]
        chosen.append(set(free_ports(40)))
        assert [len(each) for each in chosen] == [40, 40, 40]
        assert len(set.union(*chosen)) == 120
    finally:
        for other in others:
            other.communicate("\n")


def test_a_port_is_given_again_only_after_all_others() -> None:
    """A part that was killed finds its port when it starts again: later choices are other ports."""
    first = free_ports(13)
    later = [port for _ in range(20) for port in free_ports(13)]
    assert not set(first) & set(later)
    assert len(set(later)) == len(later)
