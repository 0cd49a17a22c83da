"""The Python environment: uv out of a hashed lock, then .venv by uv out of another."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.bootstrap.steps import ByHand, Stamp, digest, run
from deploy.local import programs
from deploy.local.programs import LOCAL, ROOT

VENV = ROOT / ".venv"
LOCKS = ROOT / "deploy" / "requirements"
UV = LOCAL / "uv"


def bring_environment() -> str:
    """.venv as the lock says, with the project itself in it; Java too when the system has none."""
    lock, stamp = LOCKS / "development.txt", Stamp("environment")
    no_java = programs.system_java() is None
    made_from = digest([lock, ROOT / "pyproject.toml"], sys.version, sys.base_prefix, str(ROOT), str(no_java))
    if stamp.matches(made_from) and (VENV / "bin" / "python").exists():
        return ""
    uv, environment = bring_uv(), {**os.environ, "VIRTUAL_ENV": str(VENV)}
    if not (VENV / "bin" / "python").exists():
        run([uv, "venv", "--clear", "--python", sys.executable, VENV], "environment", environment)
    run([uv, "pip", "sync", "--require-hashes", lock], "environment", environment)
    project = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    run([uv, "pip", "install", *project], "environment", environment)
    if no_java:
        run([uv, "pip", "install", "--require-hashes", "-r", LOCKS / "java.txt"], "environment", environment)
        programs.java.cache_clear()
    stamp.write(made_from)
    return f"{lock.read_text().count('==')} packages"


def bring_uv() -> Path:
    """uv in a folder of its own: pip is asked for this one package, uv is twenty times as fast for the rest."""
    lock, uv = LOCKS / "installer.txt", UV / "bin" / "uv"
    if uv_is_here():
        return uv
    pip = pip_at_hand()
    if pip is None:
        raise ByHand("apt-get install --no-install-recommends python3-venv")
    shutil.rmtree(UV, ignore_errors=True)
    run([*pip, "install", "--require-hashes", "--target", UV, "-r", lock], "uv")
    Stamp("uv").write(digest([lock]))
    return uv


def uv_is_here() -> bool:
    """Whether uv was installed from this very lock, so that pip is not needed."""
    return Stamp("uv").matches(digest([LOCKS / "installer.txt"])) and (UV / "bin" / "uv").exists()


def pip_at_hand() -> list[str] | None:
    """This Python's own pip, else the wheel Debian keeps for its venv module; venv and ensurepip may be missing."""
    own = [sys.executable, "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        return own
    wheels = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    return [sys.executable, str(wheels[-1] / "pip")] if wheels else None
