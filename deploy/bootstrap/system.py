"""System packages: find what is missing and let apt bring that and no more, starting nothing."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.bootstrap.python import pip_at_hand, uv_is_here
from deploy.bootstrap.steps import ByHand, run
from deploy.local import kafka_jars, programs

SCRIPT = Path(__file__).parent / "packages.sh"
FONTS = ("wqy-*", "NotoSansCJK*", "NotoSerifCJK*", "SourceHan*")
JAVA = "openjdk-17-jre-headless"
CHROMIUM = "chromium-headless-shell"  # the browser without its windows: the same pages for under half the work


def bring_packages(needs: Sequence[str]) -> str:
    """Install by apt what is missing, and only that."""
    packages = missing(needs)
    if not packages or (packages == [JAVA] and kafka_jars.present() and becomes_root() is None):
        return ""  # for the latter case the environment takes Java from a wheel
    install(packages)
    if still := missing(needs):  # installed in the package database, yet gone from the disk
        install(still, reinstall=True)
    if left := missing(needs):
        raise ByHand(f"apt-get install --reinstall {' '.join(left)}")
    return " ".join(packages)


def missing(needs: Sequence[str]) -> list[str]:
    """Debian's names of the packages whose programs are nowhere to be found."""
    programs.java.cache_clear()
    found: dict[str, tuple[str, Callable[[], object]]] = {
        "pip": ("python3-venv", lambda: uv_is_here() or pip_at_hand()),
        "java": (JAVA, programs.java),
        "maven": ("maven", lambda: kafka_jars.present() or programs.find("mvn")),
        "prometheus": ("prometheus", lambda: programs.find("prometheus") and programs.find("promtool")),
        "alertmanager": ("prometheus-alertmanager", lambda: programs.find("prometheus-alertmanager", "alertmanager")),
        "chromium": (CHROMIUM, lambda: programs.find(CHROMIUM)),
        "fonts": ("fonts-wqy-microhei", chinese_font),
        "atomic": ("libatomic1", lambda: loadable("libatomic.so.1")),  # the Node that drives the browser wants it
    }
    return [found[need][0] for need in ("pip", *needs) if not found[need][1]()]


def loadable(library: str) -> bool:
    """Whether the dynamic loader finds it."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install(packages: Sequence[str], reinstall: bool = False) -> None:
    """As root or through sudo; without either name the command."""
    prefix = becomes_root()
    if prefix is None or not programs.find("apt-get"):
        raise ByHand(f'su -c "sh {SCRIPT} {" ".join(packages)}"')
    print(f"  apt-get install {' '.join(packages)} …", flush=True)
    again = ["env", "REINSTALL=1"] if reinstall else []
    run([*prefix, *again, "sh", SCRIPT, *packages], log="packages", attempts=2)


def becomes_root() -> list[str] | None:
    """The words before a command of root's: none as root; sudo where it asks nothing or can ask a person."""
    if os.geteuid() == 0:
        return []
    sudo = programs.find("sudo")
    if sudo is None:
        return None
    silent = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    return [str(sudo)] if silent or sys.stdin.isatty() else None


def chinese_font() -> bool:
    """Whether a font with Chinese characters is installed."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"]
    return any(next(folder.rglob(name), None) for folder in folders for name in FONTS)
