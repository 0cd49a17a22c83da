"""The reporting calendar and a series' reports over HTTP, on a real Postgres: what the desk's pages are drawn from."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import CollectorRegistry

from contracts.authority import Tokens, hashed
from contracts.editions import Catalogue
from contracts.operations.callers import Callers
from contracts.operations.http import application
from contracts.operations.instruments import RequestInstruments
from services.metrics.api import routes
from services.metrics.api.access import Access
from services.metrics.store.reading import Reading
from tests.support.asking import client
from tests.support.recorded import INDICATOR, LOOKUP, PROGRAMME, Bench, at, bench, reported

AT = f"/v1/programmes/{PROGRAMME}"
SENT = f"{AT}/standings/{INDICATOR}/deqing/reports"
EVERYTHING: dict[str, Any] = {"indicators": "*", "districts": "*"}
GRANTS: dict[str, dict[str, Any]] = {
    "office": {"kinds": ["read"], **EVERYTHING},
    "anji": {"kinds": ["read"], "department": "anji", "indicators": "*", "districts": ["anji"]},
}


class Asking:
    """The API at 2023-08-20 by the name of a token."""

    def __init__(self, recorded: Bench, asked: httpx.AsyncClient) -> None:
        self.recorded, self._asked = recorded, asked

    async def get(self, path: str, token: str = "office", **query: str) -> httpx.Response:
        return await self._asked.get(path, params=query, headers={"Authorization": f"Bearer {token}"})

    async def items(self, path: str, token: str = "office", **query: str) -> list[dict[str, Any]]:
        answer = await self.get(path, token, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@contextlib.asynccontextmanager
async def asking(database: str, place: Path) -> AsyncIterator[Asking]:
    """Deqing sends June, corrects it on 20 July and is late with July; Anji sends June and nothing since."""
    grants = [{"subject": name, "sha256": hashed(name), **grant} for name, grant in GRANTS.items()]
    (place / "tokens.yaml").write_text(yaml.safe_dump(grants))
    async with bench(database) as recorded:
        recorded.clock.instant = at("2023-08-20")
        await recorded.settle(*(reported(each, "2023-06", "3", at("2023-07-03")) for each in ("deqing", "anji")))
        await recorded.settle(reported("deqing", "2023-06", "4", at("2023-07-20"), revision=1, reason="miscounted"))
        await recorded.settle(reported("deqing", "2023-07", "6", at("2023-08-09")))
        access = Access(Callers(Tokens(place / "tokens.yaml", LOOKUP), recorded.clock), Catalogue(LOOKUP))
        app = application(routes(access, Reading(recorded.pool)), RequestInstruments(CollectorRegistry()))
        async with client(app) as asked:
            yield Asking(recorded, asked)


@pytest.fixture
async def api(database: str, tmp_path: Path) -> AsyncIterator[Asking]:
    async with asking(database, tmp_path) as found:
        yield found


async def test_all_reports_of_a_series_with_what_became_of_each(api: Asking) -> None:
    """The first report is superseded once it is corrected; before the correction was known it was applied, alone."""
    now = await api.items(SENT)
    assert [(each["period"], each["revision"], each["outcome"]["outcome"]) for each in now] == [
        ("2023-06", 0, "superseded"),
        ("2023-06", 1, "applied"),
        ("2023-07", 0, "applied"),
    ]
    then = await api.items(SENT, known_at="2023-07-10T00:00:00+08:00")
    assert [(each["value"], each["outcome"]["outcome"]) for each in then] == [("3", "applied")]
    assert [each["period"] for each in await api.items(SENT, as_of="2023-06-30")] == ["2023-06", "2023-06"]


async def test_the_reports_come_page_by_page_and_as_a_table(api: Asking) -> None:
    """The cursor of a full page leads to the rest; CSV has one line a report behind its header."""
    first = (await api.get(SENT, limit="2")).json()
    rest = (await api.get(SENT, limit="2", after=str(first["next"]))).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    table = (await api.get(SENT, format="csv")).text.splitlines()
    assert len(table) == 4
    assert "miscounted" in table[2]
    assert "superseded" in table[1]


async def test_a_token_reads_the_reports_of_its_own_series_only(api: Asking) -> None:
    """Anji's token may not read Deqing's reports."""
    assert (await api.get(SENT, "anji")).status_code == 403


async def test_the_calendar_counts_cells_by_unit_and_month(api: Asking) -> None:
    """Of July Deqing has one late and Anji one overdue; counts are those of the list; a token counts its own."""
    asked = {"indicator": INDICATOR, "first": "2023-07-01", "last": "2023-07-31"}
    found = await api.items(f"{AT}/calendar", **asked)
    states = {each["unit"]: (each["month"], each["state"], each["cells"], each["locked"]) for each in found}
    assert states["deqing"] == ("2023-07", "received_late", 1, False)
    assert states["anji"] == ("2023-07", "overdue", 1, False)
    assert states["wuxing"] == ("2023-07", "never_reported", 1, False)
    listed = await api.items(f"{AT}/cells", unit="anji", **asked)
    assert [(each["district"], each["state"]) for each in listed] == [("anji", "overdue")]
    assert {each["unit"] for each in await api.items(f"{AT}/calendar", "anji", **asked)} == {"anji"}


async def test_the_calendar_of_another_moment(api: Asking) -> None:
    """At noon of 1 August all of July is due; what the city would compare with is never due and not counted."""
    asked = {"indicator": INDICATOR, "first": "2023-07-01", "last": "2023-07-31", "at": "2023-08-01T12:00:00+08:00"}
    found = await api.items(f"{AT}/calendar", **asked)
    assert {each["state"] for each in found} == {"due"}
    assert sum(each["cells"] for each in found) == len(LOOKUP.indicators[INDICATOR].applicable)


async def test_a_unit_or_day_that_is_none_is_refused(api: Asking) -> None:
    """404 for a unit that does not exist, 400 for a day that is none."""
    assert (await api.get(f"{AT}/calendar", unit="nobody")).status_code == 404
    assert (await api.get(f"{AT}/calendar", first="soon")).status_code == 400


async def test_a_cell_is_owed_by_who_writes_it_in_that_year(database: str, tmp_path: Path) -> None:
    """Rules 2.4 and 7.2: the first year's work points name another unit; the calendar counts each cell where reminders
    and templates have it, and several states can be asked for at once."""
    found = next(i for i in LOOKUP.indicators.values() if i.departments_2023 and i.departments_2023[0] != i.lead)
    async with asking(database, tmp_path) as api:
        api.recorded.clock.instant = at("2025-03-01")
        for unit, year in ((found.departments_2023[0], 2023), (found.lead, 2024)):
            whole = {"indicator": found.id, "first": f"{year}-01-01", "last": f"{year}-12-31", "limit": "1000"}
            cells = await api.items(f"{AT}/cells", unit=unit, state="overdue,never_reported", **whole)
            assert cells != []
            assert {each["answers"] for each in cells} == {unit}
            counted = await api.items(f"{AT}/calendar", unit=unit, **whole)
            assert sum(each["cells"] for each in counted) == len(cells)
        assert (await api.get(f"{AT}/cells", state="overdue,unheard")).status_code == 404
