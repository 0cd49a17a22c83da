"""Prometheus' and Alertmanager's files: read by their own tools, about instruments that exist, with a runbook each."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local import programs
from deploy.local.programs import ROOT
from deploy.local.prometheus import ALERTING, RULES, configured

FILE = RULES / "platform.yml"
ALERTS: list[dict[str, Any]] = [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]
PORTS = {"ingest": [1], "metrics": [2, 3], "alerts": [4], "desk": [7], "prometheus": [5], "alertmanager": [6]}


def tool(*words: str, cwd: Path = ROOT) -> None:
    """Run promtool or amtool where it is installed; `make test` installs both, so there it must be."""
    program = programs.find(words[0])
    if program is None and "CI" not in os.environ:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run([str(program), *words[1:]], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_are_read_by_promtool() -> None:
    """promtool takes every rule."""
    tool("promtool", "check", "rules", str(FILE))


def test_rules_fire_and_keep_silent() -> None:
    """promtool runs the rules on samples: each trouble raises its alert, health raises none."""
    tool("promtool", "test", "rules", "rules.test.yml", cwd=RULES.parent)


def test_the_local_configuration_is_read_by_promtool(tmp_path: Path) -> None:
    """The configuration made for this machine is whole, with both replicas of a service."""
    (tmp_path / "prometheus.yml").write_text(configured(PORTS, "1s", 6))
    tool("promtool", "check", "config", str(tmp_path / "prometheus.yml"))
    jobs = yaml.safe_load((tmp_path / "prometheus.yml").read_text())["scrape_configs"]
    assert jobs[1]["static_configs"] == [{"targets": ["127.0.0.1:2", "127.0.0.1:3"]}]


def test_alertmanager_is_read_by_amtool() -> None:
    """amtool takes the configuration."""
    tool("amtool", "check-config", str(ALERTING))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_every_alert_says_what_is_seen_and_what_to_do(alert: dict[str, Any]) -> None:
    """Each alert has a severity, a summary and a runbook line, both in Chinese and English."""
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert re.search(r"[\u4e00-\u9fff].* / .*[a-z]", alert["annotations"]["summary"])
    assert re.search(r"[\u4e00-\u9fff].* / .*[a-z]", alert["annotations"]["runbook"])
    assert len(alert["annotations"]["runbook"].split()) >= 8


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_every_instrument_of_an_alert_exists(alert: dict[str, Any]) -> None:
    """Each liangshai_… of an expression is declared by a service or by contracts.operations."""
    sources = [*ROOT.glob("services/*/*.py"), *ROOT.glob("contracts/operations/*.py")]
    written = re.findall(r"liangshai_[\w{}]+", "\n".join(path.read_text() for path in sources))
    declared = [re.sub(r"{\w+}", r"\\w+", name) for name in written]  # some are put together: liangshai_{unit}_info
    for name in re.findall(r"liangshai_\w+", alert["expr"]):
        bare = re.sub(r"_(total|bucket|count|sum)$", "", name)
        assert any(re.fullmatch(rf"{pattern}(_total)?", each) for pattern in declared for each in (name, bare)), name


def test_inhibited_alerts_exist() -> None:
    """The names in Alertmanager's inhibitions are names of rules."""
    names = {alert["alert"] for alert in ALERTS}
    for rule in yaml.safe_load(ALERTING.read_text())["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            assert set(re.findall(r'"([^"]+)"', matcher)[0].split("|")) <= names
