"""Rules tried on the recorded history, on a real Postgres, through the API and the command line."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.judging import documented
from tests.support.servers import new_database
from tests.support.standings import INDICATOR, PROGRAMME, at, coloured, standing
from tests.support.supervised import ANSWER, Supervised, authorised, supervised

AT = f"/v1/programmes/{PROGRAMME}/trials"
MILD = {"y_pp": "15", "y_ratio": "0.7"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(postgres: str, prepared_database: str) -> AsyncIterator[str]:
    """The URL of a database after June 2023, with tickets, an answer, and a ticket that time has raised: to be copied
    and not to be connected to."""
    with new_database(postgres, like=prepared_database) as url:
        async with supervised(url) as found:
            await found.june()
            await found.act((await found.ticket("deqing"))["ticket"], "deqing", **ANSWER)
            await _days(found, date(2023, 7, 7), date(2023, 8, 1))
            green = coloured("2023-07", "green", district="changxing")
            await found.tell("2023-08-02", standing("2023-07", "30"), green)
            await _days(found, date(2023, 8, 3), date(2023, 8, 20))
        yield url


@pytest_asyncio.fixture(loop_scope="module")
async def alerts(postgres: str, told: str) -> AsyncIterator[Supervised]:
    """The service behind that story."""
    with new_database(postgres, like=told) as url:
        async with supervised(url) as found:
            found.set_clock(at("2023-08-20"))
            yield found


async def _days(alerts: Supervised, first: date, last: date) -> None:
    """Day after day, as a platform that is never away judges: a timer that passes is seen to on its day."""
    for day in range((last - first).days + 1):
        await alerts.pass_time((first + timedelta(days=day)).isoformat())


async def _try(alerts: Supervised, token: str = "office", **body: Any) -> Any:
    answer = await alerts.public.post(AT, json=body, headers=authorised(token), timeout=60)
    return answer.status_code, answer.json()


async def test_what_would_have_differed(alerts: Supervised) -> None:
    """Lights, tickets and units; the self-check over every stored light finds none that differs."""
    await documented(alerts.pool)
    code, found = await _try(alerts, profile=MILD)
    assert code == 200, found
    assert (found["self_check"]["deviations"], found["self_check"]["ticket_deviations"]) == (0, 0)
    assert (found["self_check"]["cells"] > 3_000, found["self_check"]["tickets"]) == (True, 2)
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
    assert (await _try(alerts, profile=MILD, calendar={"due_days": days}, indicator=INDICATOR))[0] == 200
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


async def test_a_calendar_moves_who_is_missing(alerts: Supervised) -> None:
    """Rules 7.1 and 10.2: due on the 25th, what is not reported by the 20th is not missing yet, and costs no points."""
    days = {"monthly": 25, "quarterly": 31, "yearly": 60}
    _, found = await _try(alerts, calendar={"due_days": days}, to="2023-07-31")
    places = {of["district"]: of for of in found["places"]}
    assert {of["score_now"] for of in found["places"]} != {of["score_then"] for of in found["places"]}
    assert (places["nanxun"]["score_now"], places["nanxun"]["score_then"]) == ("0.00", None)


async def test_weights_of_three_levels(alerts: Supervised) -> None:
    """Rule 10.2: a heading that weighs ten times as much moves who has reported most."""
    area = "goals"
    scheme = {"gate": "0", "weighting": "levels", "weights": {"areas": {area: "10"}, "headings": {}, "items": {}}}
    equal = {"gate": "0"}
    _, one = await _try(alerts, scheme=equal, to="2023-07-31")
    _, other = await _try(alerts, scheme=scheme, to="2023-07-31")
    first, second = ({of["district"]: of["score_then"] for of in found["places"]} for found in (one, other))
    assert Decimal(second["deqing"]) > Decimal(first["deqing"])


async def test_overrides_are_replayed(alerts: Supervised) -> None:
    """Rule 6.6: anji's yellow of June goes under milder rules; what the office made red by hand keeps its ticket."""
    at = f"/v1/programmes/{PROGRAMME}/lights/{INDICATOR}/anji/overrides"
    body = {"colour": "red", "reason": "现场核查滞后", "until": "2023-12-01T00:00:00+08:00"}
    answer = await alerts.public.post(at, json=body, headers=authorised("office"))
    assert answer.status_code == 200, answer.text
    await alerts.tell("2023-09-02", coloured("2023-08", "green", district="anji"))
    await alerts.pass_time("2023-09-20")
    _, found = await _try(alerts, profile=MILD)
    assert found["self_check"]["deviations"] == 0
    anji = next(unit for unit in found["districts"] if unit["id"] == "anji")["tally"]
    assert anji["opened"] == {"now": 1, "then": 1}


async def test_from_and_to(alerts: Supervised) -> None:
    """Only periods that end within them are counted."""
    span = {"from": "2023-07-01", "to": "2023-07-31"}
    _, found = await _try(alerts, profile=MILD, indicator=INDICATOR, **span)
    assert found["lights"] == found["tickets"] == []


@pytest.mark.parametrize(
    ("token", "body", "status"),
    [
        ("reader", {"profile": MILD}, 403),
        ("deqing", {"profile": MILD}, 403),
        ("office", {"profile": {"yellow": "1"}}, 422),
        ("office", {"profile": {"y_pp": "ten"}}, 422),
        ("office", {"profile": {"project_red_days": "forty"}}, 422),
        ("office", {"calendar": {"due_days": "soon"}}, 422),
        ("office", {"wrong": {}}, 422),
    ],
)
async def test_what_is_refused(alerts: Supervised, token: str, body: dict[str, Any], status: int) -> None:
    """A trial is the office's, and says only what a profile or a calendar has."""
    assert (await _try(alerts, token, **body))[0] == status


async def test_by_command_line(alerts: Supervised, tmp_path: Path) -> None:
    """The table names the units that differ, and the self-check is printed."""
    await documented(alerts.pool)
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


async def test_calendar_and_weights_by_command_line(alerts: Supervised, tmp_path: Path) -> None:
    """A file with sections: due dates and a gate on trial, places in the table."""
    rules = tmp_path / "rules.yaml"
    rules.write_text('calendar: {due_days: {monthly: 25, quarterly: 31, yearly: 60}}\nscheme: {gate: "0"}\n')
    words = [sys.executable, "-m", "cli", "trial", str(rules), "--to", "2023-07-31", "--url"]
    environment = {**os.environ, "LIANGSHAI_TOKEN": "office-token"}
    running = await asyncio.create_subprocess_exec(
        *words, str(alerts.public.base_url), env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await running.communicate()
    text = out.decode()
    assert running.returncode == 1  # the self-check: what the bench excuses by hand no standing says
    assert "deqing 2023-07 排位 place – → " in text
    assert "德清县" in text
