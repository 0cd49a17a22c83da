"""The API of metrics on a real Postgres: receipts, reports, standings as of a date and as known then, completeness."""

import contextlib
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import CollectorRegistry

from contracts.authority import Tokens, hashed
from contracts.calendar import cell_state
from contracts.codec import encode
from contracts.delivery import Dead
from contracts.editions import Catalogue
from contracts.operations.callers import Callers
from contracts.operations.http import application
from contracts.operations.instruments import RequestInstruments
from services.metrics.api import routes
from services.metrics.api.access import Access
from services.metrics.aside import Aside
from services.metrics.store.reading import Reading
from tests.support.asking import client
from tests.support.recorded import CELLS, INDICATOR, LOOKUP, PROGRAMME, Bench, at, bench, reported

DISTRICTS = LOOKUP.indicators[INDICATOR].applicable
STANDINGS = f"/v1/programmes/{PROGRAMME}/standings"
DEQING = f"{STANDINGS}/{INDICATOR}/deqing"
GRANTS: dict[str, dict[str, Any]] = {
    "office": {"kinds": ["read"], "indicators": "*", "districts": "*"},
    "anji": {"kinds": ["report", "read"], "department": "anji", "indicators": "*", "districts": ["anji"]},
    "writer": {"kinds": ["report"], "indicators": "*", "districts": "*"},
    "hasty": {"kinds": ["read"], "indicators": "*", "districts": "*", "rate_per_minute": 2},
}


class Asking:
    """A client of the API of a bench, by the name of a token."""

    def __init__(self, recorded: Bench, asked: httpx.AsyncClient) -> None:
        self.recorded, self._client = recorded, asked

    async def get(self, path: str, token: str | None = "office", accept: str = "*/*", **query: str) -> httpx.Response:
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
        return await self._client.get(path, params=query or None, headers=headers)

    async def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        """The items of a list."""
        answer = await self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@contextlib.asynccontextmanager
async def asking(database: str, place: Path) -> AsyncIterator[Asking]:
    """The API over an empty programme, at 2023-08-20."""
    grants = [{"subject": name, "sha256": hashed(name), **grant} for name, grant in GRANTS.items()]
    (place / "tokens.yaml").write_text(yaml.safe_dump(grants))
    async with bench(database) as recorded:
        recorded.clock.instant = at("2023-08-20")
        access = Access(Callers(Tokens(place / "tokens.yaml", LOOKUP), recorded.clock), Catalogue(LOOKUP))
        app = application(routes(access, Reading(recorded.pool)), RequestInstruments(CollectorRegistry()))
        async with client(app) as asked:
            yield Asking(recorded, asked)


@pytest.fixture
async def api(database: str, tmp_path: Path) -> AsyncIterator[Asking]:
    """The API of a database of one's own."""
    async with asking(database, tmp_path) as found:
        yield found


async def two_months(api: Asking) -> None:
    """June and July of all districts; Deqing corrects June on 20 July (3 → 4) and sends July late."""
    june = [reported(each, "2023-06", "3", at("2023-07-03"), receipt="June", size=len(DISTRICTS)) for each in DISTRICTS]
    july = [reported(each, "2023-07", "5", at("2023-08-03")) for each in DISTRICTS if each != "deqing"]
    await api.recorded.settle(*june)
    await api.recorded.settle(reported("deqing", "2023-06", "4", at("2023-07-20"), revision=1, reason="miscounted"))
    await api.recorded.settle(*july)
    await api.recorded.settle(reported("deqing", "2023-07", "6", at("2023-08-09")))


async def test_a_receipt_is_followed_until_all_is_recorded(api: Asking) -> None:
    """Rule 2.6: 404 with Retry-After until the first item is seen; then how many of how many, each with its outcome."""
    answer = await api.get("/v1/receipts/June")
    assert (answer.status_code, answer.headers["retry-after"]) == (404, "1")
    assert answer.json()["code"] == "unknown_receipt"
    await api.recorded.settle(reported("deqing", "2023-06", "3", receipt="June", size=2, identity="1"))
    found = (await api.get("/v1/receipts/June")).json()
    assert (found["receipt"], found["recorded"], found["expected"]) == ("June", 1, 2)
    assert found["items"] == [
        {
            "source": "/test",
            "id": "1",
            "act": None,
            "outcome": "applied",
            "code": None,
            "flags": [],
            "indicator": INDICATOR,
            "district": "deqing",
            "period": "2023-06",
            "version": 1,
        }
    ]


async def test_a_dead_letter_completes_its_receipt(api: Asking) -> None:
    """Rule 2.6: a report that cannot be recorded is told as refused; recorded after all, as what became of it."""
    whole = reported("deqing", "2023-06", "3", receipt="June", size=2, identity="1")
    lost = reported("anji", "2023-06", "3", receipt="June", size=2, identity="2")
    await api.recorded.settle(whole)
    record = replace(lost.record, value=encode(lost.event, time=lost.event.received_at))
    unreadable = replace(lost.record, value=b"not json")
    aside = Aside(api.recorded.pool)
    for _ in range(2):  # a batch may be repeated
        await aside([Dead(record, "defect", "…"), Dead(unreadable, "malformed", "…")])
    found = (await api.get("/v1/receipts/June")).json()
    assert (found["recorded"], found["expected"]) == (2, 2)
    told = {item["id"]: (item["outcome"], item["code"], item["district"]) for item in found["items"]}
    assert told == {"1": ("applied", None, "deqing"), "2": ("refused", "dead_lettered", "anji")}
    await api.recorded.settle(lost)
    assert [item["outcome"] for item in (await api.get("/v1/receipts/June")).json()["items"]] == ["applied"] * 2


async def test_a_receipt_shows_only_what_the_token_may_read(api: Asking) -> None:
    """Counts are the receipt's, items the caller's; with none of them it is refused."""
    await two_months(api)
    found = (await api.get("/v1/receipts/June", "anji")).json()
    assert (found["recorded"], [item["district"] for item in found["items"]]) == (len(DISTRICTS), ["anji"])
    await api.recorded.settle(reported("deqing", "2023-06", "9", receipt="other", revision=7))
    assert (await api.get("/v1/receipts/other", "anji")).status_code == 403


async def test_a_report_is_found_by_source_and_id(api: Asking) -> None:
    """With both clocks, the value as sent and converted, what was sent and what became of it."""
    assert (await api.get("/v1/reports", source="/test", id="1")).status_code == 404
    await api.recorded.settle(reported("deqing", "2023", "3.0", unit="个", identity="1"))
    found = (await api.get("/v1/reports", source="/test", id="1")).json()
    assert (found["value"], found["value_in_unit"], found["unit"], found["period"]) == ("3.0", "3", "个", "2023-12")
    assert (found["outcome"]["outcome"], found["sent"]["period"]) == ("applied", "2023")
    assert datetime.fromisoformat(found["received_at"]) == at("2024-01-03", "00:00")
    assert found["received_at"].endswith("+08:00")
    assert (await api.get("/v1/reports", "anji", source="/test", id="1")).status_code == 403
    assert (await api.get("/v1/reports", source="/test")).json()["parameter"] == "id"


async def test_standings_are_the_newest_of_each_series(api: Asking) -> None:
    """Rule 2.10: the newest period with a value; filters; as of an earlier date the period that ended by then."""
    await two_months(api)
    found = {item["district"]: (item["period"], item["value"]) for item in await api.items(STANDINGS)}
    assert found == {
        **dict.fromkeys(DISTRICTS, ("2023-07", "5")),
        "deqing": ("2023-07", "6"),
        "huzhou": ("2023-07", "31"),
    }
    [june] = await api.items(STANDINGS, district="deqing", as_of="2023-06-30")
    assert (june["period"], june["value"], june["version"]) == ("2023-06", "4", 2)
    assert await api.items(STANDINGS, as_of="2023-05-31") == []
    lead = LOOKUP.indicators[INDICATOR].lead
    assert len(await api.items(STANDINGS, department=lead)) == len(DISTRICTS) + 1
    assert await api.items(STANDINGS, indicator="grain_output") == []


async def test_what_was_known_then_is_told_as_it_was_known(api: Asking) -> None:
    """Rule 2.10: known_at is inclusive; before the correction June was 3, before the late value July was missing."""
    await two_months(api)
    series = {"district": "deqing"}
    for known_at, told in (
        ("2023-07-03T11:59:59+08:00", []),
        ("2023-07-03T12:00:00+08:00", [("2023-06", "3", 1)]),
        ("2023-07-19T00:00:00+08:00", [("2023-06", "3", 1)]),
        ("2023-08-08T00:00:00+08:00", [("2023-06", "4", 2)]),
        ("2023-08-09T04:00:00+00:00", [("2023-07", "6", 1)]),
    ):
        found = await api.items(STANDINGS, known_at=known_at, **series)
        assert [(each["period"], each["value"], each["version"]) for each in found] == told
    then = (await api.get(DEQING, known_at="2023-07-19T00:00:00+08:00")).json()
    assert (then["value"], [each["outcome"]["outcome"] for each in then["reports"]]) == ("3", ["applied"])
    assert (then["cell"]["state"], then["cell"]["locked"]) == ("received_on_time", False)
    now = (await api.get(DEQING, period="2023-06")).json()
    assert [each["outcome"]["outcome"] for each in now["reports"]] == ["superseded", "applied"]


async def test_a_cell_is_told_as_it_was_known(api: Asking) -> None:
    """Rules 2.10, 7.2: before the withdrawal the cell was received, after it overdue, and known_at tells which."""
    await api.recorded.settle(reported("deqing", "2023-06", "3", at("2023-07-03")))
    await api.recorded.settle(reported("deqing", "2023-06", None, at("2023-07-20"), revision=1, reason="wrong"))
    for known_at, state, withdrawn in (
        ("2023-07-10T00:00:00+08:00", "received_on_time", False),
        ("2023-07-21T00:00:00+08:00", "never_reported", True),
    ):
        found = (await api.get(DEQING, period="2023-06", known_at=known_at)).json()
        assert (found["cell"]["state"], found["cell"]["withdrawn"]) == (state, withdrawn)
        assert len(found["reports"]) == 1 + withdrawn


async def test_lists_are_paged_by_cursor(api: Asking) -> None:
    """Each item once, in one order; the Link header carries the next address; a strange cursor is told."""
    await two_months(api)
    seen, query = [], {"limit": "3"}
    while True:
        answer = await api.get(STANDINGS, **query)
        seen += [item["district"] for item in answer.json()["items"]]
        if answer.json()["next"] is None:
            break
        assert 'rel="next"' in answer.headers["link"]
        query["after"] = answer.json()["next"]
    assert seen == sorted([*DISTRICTS, "huzhou"])
    assert (await api.get(STANDINGS, after="nonsense")).json()["code"] == "invalid_parameter"
    assert (await api.get(STANDINGS, limit="0")).status_code == 400


async def test_lists_come_as_csv_and_as_ndjson(api: Asking) -> None:
    """By the Accept header or by ?format=; the words of the explanation in both languages."""
    await two_months(api)
    text = (await api.get(STANDINGS, accept="text/csv")).text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(DISTRICTS) + 1
    assert rows[0]["value"] == "5"
    assert "序时" in rows[0]["explanation_zh"]
    lines = (await api.get(STANDINGS, format="ndjson")).text.splitlines()
    assert len(lines) == len(rows)
    history = await api.get(DEQING + "/history", format="csv")
    assert history.headers["content-type"].startswith("text/csv")
    assert (await api.get(STANDINGS, format="pdf")).status_code == 400


async def test_one_standing_tells_every_input(api: Asking) -> None:
    """The figures, the exact numbers, the sentence, the cell's dates and state, the reports behind it."""
    await two_months(api)
    found = (await api.get(DEQING, period="2023-06")).json()
    assert (found["value"], found["expected"], found["target"], found["baseline"]) == ("4", "3.00", "7", "0")
    assert found["exact"]["actual"] == "4/1"
    assert found["explanation"]["zh"]
    assert found["explanation"]["en"]
    assert (found["cell"]["state"], found["cell"]["locked"]) == ("received_on_time", True)
    assert [(each["value"], each["outcome"]["outcome"]) for each in found["reports"]] == [
        ("3", "superseded"),
        ("4", "applied"),
    ]
    july = (await api.get(DEQING)).json()
    assert (july["period"], july["cell"]["state"], july["cell"]["locked"]) == ("2023-07", "received_late", False)
    assert (await api.get(DEQING, period="2024-06")).json()["code"] == "no_standing"


async def test_history_tells_the_periods_and_the_versions(api: Asking) -> None:
    """By default each period as it is known; of one period every version."""
    await two_months(api)
    periods = await api.items(DEQING + "/history")
    assert [(each["period"], each["value"]) for each in periods] == [("2023-06", "4"), ("2023-07", "6")]
    versions = await api.items(DEQING + "/history", period="2023-06")
    assert [(each["version"], each["value"]) for each in versions] == [(1, "3"), (2, "4")]
    for query in ({}, {"period": "2023-06"}):
        whole = await api.items(DEQING + "/history", **query)
        first = (await api.get(DEQING + "/history", limit="1", **query)).json()
        rest = (await api.get(DEQING + "/history", after=str(first["next"]), **query)).json()
        assert (first["items"] + rest["items"], rest["next"]) == (whole, None)
    then = await api.items(DEQING + "/history", known_at="2023-07-10T00:00:00+08:00", as_of="2023-07-31")
    assert [(each["period"], each["value"]) for each in then] == [("2023-06", "3")]


async def test_completeness_is_a_count_of_cell_states(api: Asking) -> None:
    """Rule 7.2: the SQL counts what the calendar says of each cell, by district and by lead department."""
    await two_months(api)
    await api.recorded.pool.execute(
        "UPDATE metrics.cell SET excused = true WHERE district = 'anji' AND indicator <> $1 AND period = '2023-05'",
        INDICATOR,
    )
    rows = {(row["indicator"], row["district"], row["period"]): row for row in await cells_of(api)}
    for now in (at("2023-07-04"), at("2023-08-06"), at("2023-08-20")):
        found = (await api.get(f"/v1/programmes/{PROGRAMME}/completeness", at=now.isoformat())).json()
        for district in found["districts"]:
            states = [state_of(rows, each, now) for each in CELLS if each.district == district["district"]]
            received = [state for state in states if state in ("received_on_time", "received_late")]
            overdue = [state for state in states if state in ("overdue", "never_reported")]
            assert district["due"] == len(received) + len(overdue)
            assert district["received"] == len(received)
            assert district["on_time"] == received.count("received_on_time")
        departments = found["departments"]
        assert sum(each["due"] for each in departments) == sum(each["due"] for each in found["districts"])
    assert [each["district"] for each in found["districts"]] == [
        each.id for each in LOOKUP.programme.districts if each.reports or each.id == "huzhou"
    ]


async def test_the_default_is_to_refuse(api: Asking) -> None:
    """No token, an unknown one, one that may not read, one of other cells, one that asks too often."""
    await two_months(api)
    assert (await api.get(STANDINGS, None)).status_code == 401
    assert (await api.get(STANDINGS, "nobody")).status_code == 401
    for path in (
        STANDINGS,
        DEQING,
        DEQING + "/history",
        "/v1/receipts/June",
        f"/v1/programmes/{PROGRAMME}/completeness",
    ):
        assert (await api.get(path, "writer")).status_code == 403
    assert (await api.get(DEQING, "anji")).status_code == 403
    assert (await api.get(STANDINGS, "anji", district="deqing")).status_code == 403
    assert {each["district"] for each in (await api.get(STANDINGS, "anji")).json()["items"]} == {"anji"}
    assert {(await api.get(STANDINGS, "hasty")).status_code for _ in range(4)} == {200, 429}


async def test_what_does_not_exist_is_told(api: Asking) -> None:
    """404 with what is unknown; 400 with the parameter that cannot be read."""
    for path, code in (
        ("/v1/programmes/other/standings", "unknown_programme"),
        (f"{STANDINGS}/unheard/deqing", "unknown_indicator"),
        (f"{STANDINGS}/{INDICATOR}/nowhere", "unknown_series"),
        (f"{STANDINGS}?district=nowhere", "unknown_district"),
        (f"{STANDINGS}?department=nobody", "unknown_department"),
        (DEQING, "no_standing"),
    ):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    for query in ({"as_of": "June"}, {"known_at": "2023-07-01"}):
        for path in (
            STANDINGS,
            *(f"/v1/programmes/{PROGRAMME}/{name}" for name in ("completeness", "cells", "calendar")),
        ):
            assert (await api.get(path, **query)).json()["parameter"] in query


async def cells_of(api: Asking) -> list[dict[str, Any]]:
    return await api.recorded.rows(
        "SELECT indicator, district, period, received_at, excused, withdrawn FROM metrics.cell"
    )


def state_of(rows: dict[tuple[str, str, str], dict[str, Any]], cell: Any, now: datetime) -> str | None:
    """The calendar's word for a due cell at that moment; None for one that is not due."""
    row = rows[cell.indicator, cell.district, cell.period.text]
    if cell.due_at is None or cell.due_at > now or not cell.applicable:
        return None
    known = row["received_at"] if row["received_at"] and row["received_at"] <= now else None
    return cell_state(cell.period, cell.due_at, now, known, excused=row["excused"], withdrawn=row["withdrawn"])
