"""The template's route on a real Postgres: whose it is, what it knows, who may have it."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openpyxl import load_workbook
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
from tests.support.recorded import INDICATOR, LOOKUP, PROGRAMME, at, bench, reported

GRANTS: dict[str, dict[str, Any]] = {
    "reader": {"kinds": ["read"], "indicators": "*", "districts": "*"},
    "deqing": {"kinds": ["report"], "department": "deqing", "indicators": "*", "districts": ["deqing"]},
    "nobody": {"kinds": ["act"], "department": "deqing", "indicators": "*", "districts": "*"},
    "anji_reader": {"kinds": ["read"], "indicators": "*", "districts": ["anji"]},
}
TEMPLATES = f"/v1/programmes/{PROGRAMME}/templates"


@pytest.fixture
async def api(database: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Two months of Deqing's recorded, at 2023-08-20."""
    grants = [{"subject": name, "sha256": hashed(name), **grant} for name, grant in GRANTS.items()]
    (tmp_path / "tokens.yaml").write_text(yaml.safe_dump(grants))
    async with bench(database) as recorded:
        recorded.clock.instant = at("2023-08-20")
        await recorded.settle(reported("deqing", "2023-06", "3"), reported("deqing", "2023-07", "4"))
        access = Access(Callers(Tokens(tmp_path / "tokens.yaml", LOOKUP), recorded.clock), Catalogue(LOOKUP))
        app = application(routes(access, Reading(recorded.pool)), RequestInstruments(CollectorRegistry()))
        async with client(app) as asked:
            yield asked


async def _get(api: httpx.AsyncClient, unit: str, period: str, token: str = "reader") -> httpx.Response:
    return await api.get(f"{TEMPLATES}/{unit}", params={"period": period}, headers={"Authorization": f"Bearer {token}"})


def _row(content: bytes) -> dict[str, Any]:
    """The row of the indicator by its headings."""
    page = load_workbook(io.BytesIO(content)).active
    heading = [str(cell.value).split("\n")[0] for cell in page[3]]
    found = next(row for row in page.iter_rows(min_row=4, values_only=True) if row[0] == INDICATOR)
    return dict(zip(heading, found, strict=True))


async def test_the_template_knows_what_was_reported(api: httpx.AsyncClient) -> None:
    """The last value and its period; for a month that was reported its value and the next revision."""
    august = await _get(api, "deqing", "2023-08")
    assert august.status_code == 200
    assert "filename*=UTF-8''" in august.headers["Content-Disposition"]
    row = _row(august.content)
    assert (row["上期值"], row["上期统计期"], row["本期已报"], row["修订号"]) == (4, "2023-07", None, None)
    row = _row((await _get(api, "deqing", "2023-07")).content)
    assert (row["上期值"], row["上期统计期"], row["本期已报"], row["修订号"]) == (3, "2023-06", 4, 1)


async def test_who_may_have_it(api: httpx.AsyncClient) -> None:
    """Readers any unit's as far as they read, reporters their own; nobody else."""
    assert (await _get(api, "deqing", "2023-08", "deqing")).status_code == 200
    assert (await _get(api, "anji", "2023-08", "deqing")).status_code == 403
    assert (await _get(api, "deqing", "2023-08", "nobody")).status_code == 403
    assert (await _get(api, "deqing", "2023-08", "unknown")).status_code == 401
    assert (await _get(api, "deqing", "2023-08", "anji_reader")).status_code == 403
    assert (await _get(api, "anji", "2023-08", "anji_reader")).status_code == 200


async def test_what_there_is_no_template_for(api: httpx.AsyncClient) -> None:
    """An unheard-of unit, a period in words, a unit that writes nothing then."""
    assert (await _get(api, "atlantis", "2023-08")).json()["code"] == "unknown_unit"
    assert (await _get(api, "deqing", "August")).status_code == 400
    assert (await _get(api, "deqing", "2035-08")).json()["code"] == "nothing_to_report"
