"""Set up this machine for one purpose: `python3 -m deploy.bootstrap environment|demo|test`.

Each step keeps a stamp of what it was made from, so that a second run takes no time. Exit code 2 means that a person
must run the one command it names.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - set-up is the one place that meets older ones
    sys.exit("liangshai needs Python 3.11 or newer / 需要 Python 3.11 或更新版本: make PYTHON=python3.11 …")

import subprocess
from collections.abc import Sequence

from deploy.bootstrap.kafka import bring_kafka
from deploy.bootstrap.python import bring_environment
from deploy.bootstrap.steps import ByHand, step
from deploy.bootstrap.system import bring_packages

RUNNING = ("java", "maven", "prometheus", "alertmanager")
PURPOSES = {"environment": (), "demo": RUNNING, "test": (*RUNNING, "chromium", "fonts", "atomic")}


def main(arguments: Sequence[str]) -> int:
    """Run the steps of a purpose; each prints one line."""
    purpose = arguments[0] if arguments else "test"
    try:
        step("系统软件 system packages", lambda: bring_packages(PURPOSES[purpose]))
        step("Python 环境 environment", bring_environment)
        if purpose != "environment":
            step("Kafka", bring_kafka)
    except ByHand as needed:
        print(f"\n需要系统软件,请执行这一条命令 / system packages are needed, run this one command:\n\n  {needed}\n")
        return 2
    except subprocess.CalledProcessError as failed:
        print(f"\n失败 failed ({failed.returncode}): {' '.join(map(str, failed.cmd))[:300]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
