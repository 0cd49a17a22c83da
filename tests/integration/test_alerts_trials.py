"""Rules tried on the recorded history, on a real Postgres, through the API and the command line."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.standings import INDICATOR, PROGRAMME, coloured, standing
from tests.support.supervised import ANSWER, Supervised, authorised, supervised

AT = f"/v1/programmes/{PROGRAMME}/trials"
MILD = {"y_pp": "15", "y_ratio": "0.7"}


@pytest.fixture
async def alerts(database: str) -> AsyncIterator[Supervised]:
    """The service after June 2023, with tickets, an answer, and a ticket that time has raised."""
    async with supervised(database) as found:
        await found.june()
        await found.act((await found.ticket("deqing"))["ticket"], "deqing", **ANSWER)
        await found.tell("2023-08-02", standing("2023-07", "30"), coloured("2023-07", "green", district="changxing"))
        await found.pass_time("2023-08-20")
        yield found


async def _try(alerts: Supervised, token: str = "office", **body: Any) -> Any:
    answer = await alerts.public.post(AT, json=body, headers=authorised(token), timeout=60)
    return answer.status_code, answer.json()


async def test_what_would_have_differed(alerts: Supervised) -> None:
    """Lights, tickets and units; the self-check over every stored light finds none that differs."""
    code, found = await _try(alerts, profile=MILD)
    assert code == 200, found
    assert found["self_check"]["deviations"] == 0
    assert found["self_check"]["cells"] > 3_000
    assert [(m["district"], m["period"], m["now"], m["then"]) for m in found["lights"]] == [
        ("anji", "2023-06", "yellow", "green"),
    ]
    assert [(m["district"], m["now"], m["then"]) for m in found["tickets"]] == [("anji", 3, None)]
    anji = next(unit for unit in found["districts"] if unit["id"] == "anji")
    assert (anji["tally"]["better"], anji["tally"]["opened"]) == (1, {"now": 1, "then": 0})
    assert "试行规则绿灯" in found["examples"][0]["zh"]


async def test_nothing_is_touched(alerts: Supervised) -> None:
    """No row of any table is another after a trial."""
    tables = ("series", "light", "light_change", "standing", "ticket", "ticket_event", "warning", "feed", "watermark")

    async def everything() -> list[Any]:
        return [await alerts.pool.fetch(f"SELECT t::text FROM alerts.{table} t ORDER BY 1") for table in tables]

    before = await everything()
    days = {"monthly": 20, "quarterly": 20, "yearly": 31}
    assert (await _try(alerts, profile=MILD, calendar={"due_days": days}))[0] == 200
    assert await everything() == before


async def test_a_calendar_on_trial(alerts: Supervised) -> None:
    """Rule 7.1: due on the 25th, July's light would not be fixed by 20 August."""
    days = {"monthly": 25, "quarterly": 31, "yearly": 31}
    code, found = await _try(alerts, calendar={"due_days": days}, indicator=INDICATOR, district="deqing")
    assert code == 200
    moved = {m["period"]: (m["now"], m["then"]) for m in found["lights"]}
    assert moved["2023-07"] == ("yellow", None)


async def test_places_under_another_scheme(alerts: Supervised) -> None:
    """Rules 10.2 and 10.4: with a gate of nothing whoever reported has a place; milder lights cost fewer points."""
    _, found = await _try(alerts, profile=MILD, scheme={"gate": "0"}, to="2023-07-31")
    places = {of["district"]: of for of in found["places"]}
    assert {of["period"] for of in found["places"]} == {"2023-07"}
    assert places["deqing"]["place_now"] is None
    assert places["deqing"]["place_then"] is not None
    assert (places["anji"]["process_now"], places["anji"]["process_then"]) == ("-5.00", "0.00")


async def test_from_and_to(alerts: Supervised) -> None:
    """Only periods that end within them are counted."""
    _, found = await _try(alerts, profile=MILD, **{"from": "2023-07-01", "to": "2023-07-31"})
    assert found["lights"] == found["tickets"] == []


@pytest.mark.parametrize(
    ("token", "body", "status"),
    [
        ("reader", {"profile": MILD}, 403),
        ("deqing", {"profile": MILD}, 403),
        ("office", {"profile": {"yellow": "1"}}, 422),
        ("office", {"profile": {"y_pp": "ten"}}, 422),
        ("office", {"calendar": {"due_days": "soon"}}, 422),
        ("office", {"wrong": {}}, 422),
    ],
)
async def test_what_is_refused(alerts: Supervised, token: str, body: dict[str, Any], status: int) -> None:
    """A trial is the office's, and says only what a profile or a calendar has."""
    assert (await _try(alerts, token, **body))[0] == status


async def test_by_command_line(alerts: Supervised, tmp_path: Path) -> None:
    """The table names the units that differ, and the self-check is printed."""
    profile = tmp_path / "mild.yaml"
    profile.write_text('y_pp: "15"\ny_ratio: "0.7"\n')
    words = [sys.executable, "-m", "cli", "trial", str(profile), "--url", str(alerts.public.base_url)]
    environment = {**os.environ, "LIANGSHAI_TOKEN": "office-token"}
    running = await asyncio.create_subprocess_exec(*words, env=environment, stdout=asyncio.subprocess.PIPE)
    out, _ = await running.communicate()
    text = out.decode()
    assert running.returncode == 0
    assert "安吉县" in text
    assert "试行规则绿灯" in text
    assert "与已存不符 0 个" in text
