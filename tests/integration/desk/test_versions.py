"""The desk follows later versions of the catalogue without a restart; what cannot be had leaves it as it is."""

from typing import Any

import httpx
import msgspec
import pytest

from contracts.catalogue import SHIPPED, load
from services.desk import versions
from tests.support.desk import desk, empty

NAME, RENAMED = "重点(重大)项目完成投资额", "重大项目完成投资额(新)"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page asks."""
    monkeypatch.setattr(versions, "KEPT", 0.0)


def later(version: str) -> dict[str, Any]:
    """The shipped catalogue under another version, one indicator renamed."""
    document = msgspec.to_builtins(load(SHIPPED).programme)
    for each in document["indicators"]:
        if each["id"] == "major_projects_investment":
            each["name"]["zh"] = RENAMED
    said = {"version": version, "applied_at": "2023-07-05T10:00:00+08:00"}
    return {"version": version, "versions": [said], "document": document | {"version": version}}


def lights(service: str, method: str, path: str, request: httpx.Request) -> Any:
    if "/overview" in path:
        light = {
            "indicator": "major_projects_investment", "district": "deqing", "department": "agri_rural_bureau",
            "light": "red", "stale": False, "forecast": False, "override": None, "override_until": None,
            "period": "2023-06", "since": None, "lag": None, "lag_text": {"zh": "", "en": ""}, "value": None,
            "expected": None, "target": None, "ticket": None,
        }  # fmt: skip
        return {"items": [light], "next": None}
    return empty(service, method, path, request)


async def test_a_later_version_is_shown_from_the_next_page_on(database: str) -> None:
    """The indicator's new name stands on the list as soon as intake says that the version holds."""
    async with desk(database, lights) as it:
        client = await it.signed_in("leader")
        before = (await client.get("/items")).text
        it.catalogues.append(later("2023-07"))
        after = [(await client.get("/items")).text for _ in range(2)]
    assert NAME in before
    assert RENAMED not in before
    assert all(RENAMED in page for page in after)


@pytest.mark.parametrize(
    "broken", [{"version": "x"}, {"version": "x", "versions": [], "document": {}}, {"version": "x", "document": "y"}]
)
async def test_what_cannot_be_read_changes_nothing(database: str, broken: dict[str, Any]) -> None:
    """The page is drawn by the version that is known."""
    async with desk(database, lights) as it:
        client = await it.signed_in("leader")
        it.catalogues.append(broken)
        page = await client.get("/items")
    assert page.status_code == 200
    assert NAME in page.text


async def test_a_while_is_not_asked_again(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the kept seconds one answer serves everybody: the new name comes later."""
    monkeypatch.setattr(versions, "KEPT", 1000.0)
    async with desk(database, lights) as it:
        client = await it.signed_in("leader")
        await client.get("/items")
        it.catalogues.append(later("2023-07"))
        assert RENAMED not in (await client.get("/items")).text
