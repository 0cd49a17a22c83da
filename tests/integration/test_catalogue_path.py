"""A version of the catalogue through the whole platform: applied by the office, in band to lights (rules 2.9, 2.10)."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import yaml

from cli.__main__ import main
from contracts.authority import hashed
from contracts.operations.clock import drive
from contracts.programme import Target
from contracts.responsibility import writer
from contracts.topics import PARTITIONS
from deploy.local.stack import Stack
from tests.support import servers
from tests.support.halting import TOLD
from tests.support.recorded import INDICATOR, LOOKUP, PROGRAMME, at
from tests.support.stacks import stacked
from tests.support.waiting import eventually_now

pytestmark = pytest.mark.timeout(240)
NEW, DISTRICT = "new_projects", "deqing"
STANDING = f"/v1/programmes/{PROGRAMME}/standings/{INDICATOR}/{DISTRICT}"


@dataclass
class Platform:
    """The services, the office's and the reporting unit's tokens, and the directory of an overlay."""

    stack: Stack
    place: Path

    def get(self, service: str, path: str, **params: str) -> Any:
        url = f"{getattr(self.stack, service).url}{path}"
        return httpx.get(url, params=params, headers={"Authorization": "Bearer reader"}, timeout=30)

    def report(self, indicator: str, period: str, value: str, revision: int = 0) -> str:
        """What intake says of it."""
        data = {
            "programme": PROGRAMME, "indicator": indicator, "district": DISTRICT, "period": period, "value": value,
            "unit": "count", "revision": revision,
        }  # fmt: skip
        event = {
            "specversion": "1.0", "id": f"{indicator}/{period}/{revision}", "source": "/test",
            "type": "progress.reported.v1", "data": data,
        }  # fmt: skip
        answer = httpx.post(
            f"{self.stack.ingest.url}/v1/reports", json=event, headers={"Authorization": "Bearer unit"}, timeout=30
        )
        return str(answer.json()["items"][0]["status"])

    def apply(self, monkeypatch: pytest.MonkeyPatch, *options: str, token: str = "office") -> int:
        monkeypatch.setenv("LIANGSHAI_TOKEN", token)
        return main(
            [
                "catalogue",
                "apply",
                str(self.place / "v2024"),
                "--url",
                self.stack.ingest.url,
                "--metrics-url",
                self.stack.metrics.url,
                *options,
            ]
        )

    def standing(self, **params: str) -> dict[str, Any]:
        answer = self.get("metrics", STANDING, **params)
        return answer.json() if answer.status_code == 200 else {}

    def held_to(self, version: str, period: str) -> bool:
        return self.standing(period=period).get("catalogue_version") == version


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with servers.directory("catalogue") as place:
        unit = writer(LOOKUP, INDICATOR, DISTRICT)
        common = {"indicators": "*", "districts": "*"}
        grants = [
            {"subject": "office", "sha256": hashed("office"), "kinds": ["catalogue", "read"], **common},
            {"subject": "unit", "sha256": hashed("unit"), "department": unit, "kinds": ["report", "correct"], **common},
            {"subject": "reader", "sha256": hashed("reader"), "kinds": ["read"], **common},
        ]
        (place / "tokens.yaml").write_text(yaml.safe_dump(grants))
        overlay(place / "v2024")
        clock = place / "clock"
        drive(clock, at("2023-02-05"))  # later, months of silence would have to be judged before anything else
        with stacked(place / "stack", clock, place / "tokens.yaml") as stack:
            yield Platform(stack, place)


def overlay(place: Path) -> None:
    """Work points: Deqing's share of the year that is open still, and one indicator more."""
    (place / "indicators").mkdir(parents=True)
    reason = {"zh": "2024年工作要点（虚构）", "en": "work points of 2024, invented"}
    (place / "programme.yaml").write_text(yaml.safe_dump({"version": "2024", "reason": reason}, allow_unicode=True))
    like = LOOKUP.indicators[INDICATOR]
    target = Target(on=date(2024, 12, 31), value="12", source="invented")
    entry = msgspec.to_builtins(msgspec.structs.replace(like, id=NEW, targets=(target,)))
    (place / "indicators" / "points.yaml").write_text(yaml.safe_dump([entry], allow_unicode=True))
    shares = {INDICATOR: {"2023-12-31": {DISTRICT: "40"}}}
    (place / "decomposition.yaml").write_text(
        yaml.safe_dump({"note": {"zh": "虚构", "en": "invented"}, "shares": shares}, allow_unicode=True)
    )


@pytest.mark.timeout(480)
def test_a_version_holds_in_every_service_and_after_a_restart(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Applied by the office once, known from its moment on, by whoever starts later too; the same again is harmless;
    an apply while the broker is away says so and completes afterwards; so do commands that are killed in the middle.
    One story: each part begins where one ended."""
    applied(platform, monkeypatch, capsys)
    restarted(platform, monkeypatch, capsys)
    kept_from_the_broker(platform, monkeypatch, capsys)
    killed_in_the_middle(platform, monkeypatch, capsys)


def applied(platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Before, a new cell is refused; after, it is accepted, open standings are held to the version, lights follow."""
    eventually_now(lambda: platform.report(INDICATOR, "2023-01", "3") == "accepted")
    eventually_now(lambda: platform.held_to("1", "2023-01"))
    before = platform.standing(period="2023-01")
    assert platform.report(NEW, "2023-01", "3") == "rejected"
    assert platform.apply(monkeypatch, token="unit") == 2  # not the office
    assert platform.apply(monkeypatch, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert f"{INDICATOR}/{DISTRICT}/2023-12-31" in shown
    assert "standings that move 1" in shown
    assert platform.held_to("1", "2023-01")
    drive(platform.place / "clock", at("2023-02-20"))
    assert platform.apply(monkeypatch) == 0
    assert "standings that move 1" in capsys.readouterr().out  # shown before it holds
    eventually_now(lambda: platform.held_to("2024", "2023-01"), 60)
    assert platform.standing(period="2023-01")["target"] == "40"
    assert platform.report(NEW, "2023-01", "3") == "accepted"
    path = f"/v1/programmes/{PROGRAMME}/standings/{NEW}/{DISTRICT}"
    eventually_now(lambda: platform.get("metrics", path).status_code == 200)
    lights = f"/v1/programmes/{PROGRAMME}/lights/{NEW}/{DISTRICT}"
    eventually_now(lambda: platform.get("alerts", lights).status_code == 200, 60)
    # rule 2.10: as it was known before
    names = before.keys() - {"cell", "reports"}
    earlier = platform.standing(period="2023-01", known_at=datetime.isoformat(at("2023-02-19")))
    assert {name: earlier[name] for name in names} == {name: before[name] for name in names}


def restarted(platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Services that start anew know the version; the same directory again is the version that there is."""
    for service in platform.stack.services:
        service.stop()
        service.start()
    drive(platform.place / "clock", at("2023-03-03"))
    eventually_now(lambda: platform.report(NEW, "2023-02", "4") == "accepted")
    eventually_now(lambda: platform.report(INDICATOR, "2023-02", "4") == "accepted")
    eventually_now(lambda: platform.held_to("2024", "2023-02"), 60)
    present = platform.get("ingest", "/v1/catalogue").json()
    assert [(each["version"], each["announced"], each["actor"]) for each in present["versions"]] == [
        ("2024", True, "office")
    ]
    capsys.readouterr()
    assert platform.apply(monkeypatch, "--json") == 2  # laid over the present version it is no new one
    assert "2024" in capsys.readouterr().err


def test_a_broken_directory_is_refused_with_its_places(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read and what cannot follow are named by file and id; nothing is applied."""
    made, version = platform.place / "v2024", platform.get("ingest", "/v1/catalogue").json()["version"]
    monkeypatch.setattr(platform, "place", platform.place / "broken")
    broken = platform.place / "v2024"
    (broken / "indicators").mkdir(parents=True)
    text = (made / "programme.yaml").read_text().replace("'2024'", "'2025'")
    (broken / "programme.yaml").write_text(text)
    (broken / "indicators" / "a.yaml").write_text(json.dumps([{"id": INDICATOR, "unit": "km"}]))
    assert platform.apply(monkeypatch) == 1
    assert f"indicators/{INDICATOR}" in capsys.readouterr().err
    (broken / "indicators" / "a.yaml").write_text(json.dumps([{"id": INDICATOR, "targets": [{"value": 3}]}]))
    assert platform.apply(monkeypatch) == 2
    assert "targets" in capsys.readouterr().err
    assert platform.get("ingest", "/v1/catalogue").json()["version"] == version


def kept_from_the_broker(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused in words, nothing of it holds; the same directory again once the broker is back: it holds everywhere."""
    drive(platform.place / "clock", at("2023-03-03"))
    eventually_now(lambda: platform.report(INDICATOR, "2023-02", "5", 3) == "accepted")
    eventually_now(lambda: platform.standing(period="2023-02").get("value") == "5")
    before = platform.get("ingest", "/v1/catalogue").json()["version"]
    monkeypatch.setattr(platform, "place", platform.place / "away")
    another(platform.place / "v2024", "away", "60")
    platform.stack.kafka.kill()
    assert platform.apply(monkeypatch) != 0
    assert capsys.readouterr().err.strip()
    assert platform.standing(period="2023-02")["catalogue_version"] == before
    platform.stack.kafka.start()
    eventually_now(lambda: platform.apply(monkeypatch) == 0, 90, every=1)
    eventually_now(lambda: platform.held_to("away", "2023-02"), 60)
    present = platform.get("ingest", "/v1/catalogue").json()
    assert [each["announced"] for each in present["versions"] if each["version"] == "away"] == [True]


def another(directory: Path, version: str, share: str) -> None:
    """An overlay that says another share of 2027."""
    directory.mkdir(parents=True)
    reason = {"zh": "调整（虚构）", "en": "adjusted, invented"}
    (directory / "programme.yaml").write_text(
        yaml.safe_dump({"version": version, "reason": reason}, allow_unicode=True)
    )
    shares = {INDICATOR: {"2027-12-31": {DISTRICT: share}}}
    note = {"zh": "虚构", "en": "invented"}
    (directory / "decomposition.yaml").write_text(yaml.safe_dump({"note": note, "shares": shares}, allow_unicode=True))


def killed_in_the_middle(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules 2.9 and 2.10: kill -9 for `catalogue apply`, then for `recompute`, and for ingest, when some partitions are
    told and others are not; both run again: one moment and one reason in all of them, as if nothing had happened."""
    monkeypatch.setattr(platform, "place", platform.place.parent / "killed")
    another(platform.place / "v2024", "killed", "70")
    moment = at("2023-03-03")
    told = "SELECT partition, since FROM metrics.catalogue_mark WHERE version = 'killed' ORDER BY 1"
    restated = "SELECT partition, since, reason_zh FROM metrics.recomputation ORDER BY 1"
    urls = "--url", platform.stack.ingest.url, "--metrics-url", platform.stack.metrics.url
    again = "recompute", "--reason-en", "repaired", *urls
    killed(platform, ("catalogue", "apply", str(platform.place / "v2024"), *urls), told)
    killed(platform, (*again, "--reason-zh", "修复"), restated)
    platform.stack.ingest.start()
    assert platform.apply(monkeypatch) == 0
    eventually_now(lambda: len(rows(platform, told)) == PARTITIONS)
    assert rows(platform, told) == [(n, moment) for n in range(PARTITIONS)]
    eventually_now(lambda: platform.held_to("killed", "2023-02"))
    assert main([*again, "--reason-zh", "再说一遍"]) == 0
    eventually_now(lambda: len(rows(platform, restated)) == PARTITIONS)
    assert rows(platform, restated) == [(n, moment, "修复") for n in range(PARTITIONS)]
    present = platform.get("ingest", "/v1/catalogue").json()["versions"]
    assert [(each["announced"], each["applied_at"]) for each in present if each["version"] == "killed"] == [
        (True, moment.isoformat())
    ]


def killed(platform: Platform, command: Sequence[str], told: str) -> None:
    """The command, and the ingest that serves it, end by kill -9 once some partitions are told."""
    ingest = platform.stack.ingest
    ingest.stop()
    usual, ingest.command = ingest.command, (sys.executable, "-m", "tests.support.halting")
    ingest.start()
    running = subprocess.Popen([sys.executable, "-m", "cli", *command], env={**os.environ, "LIANGSHAI_TOKEN": "office"})
    eventually_now(lambda: len(rows(platform, told)) == TOLD)
    running.kill()
    ingest.kill()
    assert (running.wait(), len(rows(platform, told))) == (-signal.SIGKILL, TOLD)
    ingest.command = usual


def rows(platform: Platform, question: str) -> list[tuple[Any, ...]]:
    """What a question to the database finds."""

    async def found() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(platform.stack.database)
        try:
            return [tuple(row) for row in await connection.fetch(question)]
        finally:
            await connection.close()

    return asyncio.run(found())
