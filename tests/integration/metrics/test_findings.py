"""The city beside its districts, and what the catalogue leaves in doubt, by the API of metrics (rules 3.2, 3.3)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from contracts.doubts import check
from tests.integration.metrics.test_metrics_api import Asking, asking
from tests.support.recorded import INDICATOR, LOOKUP, PROGRAMME, reported

AT = f"/v1/programmes/{PROGRAMME}"
DISTRICTS = LOOKUP.indicators[INDICATOR].applicable


@pytest_asyncio.fixture
async def metrics(database: str, tmp_path: Path) -> AsyncIterator[Asking]:
    async with asking(database, tmp_path) as found:
        yield found


async def test_the_citys_derived_and_reported_figures_stand_side_by_side(metrics: Asking) -> None:
    """Rule 3.2: May complete with the lead's figure 2 above; June lacks Anji, who is named, and May stays the last."""
    for period, districts in (("2023-05", DISTRICTS), ("2023-06", [d for d in DISTRICTS if d != "anji"])):
        await metrics.recorded.settle(*(reported(district, period, "3") for district in districts))
    await metrics.recorded.settle(reported("huzhou", "2023-05", "20"))
    (found,) = await metrics.items(f"{AT}/comparisons")
    assert (found["indicator"], found["period"], found["derived"]) == (INDICATOR, "2023-06", None)
    assert (found["missing"], found["missing_names"]["zh"]) == (["anji"], LOOKUP.districts["anji"].name.zh)
    assert (found["complete_period"], found["complete"]) == ("2023-05", "18")
    await metrics.recorded.settle(reported("anji", "2023-06", "3"), reported("huzhou", "2023-06", "20"))
    (found,) = await metrics.items(f"{AT}/comparisons")
    assert (found["derived"], found["reported"], found["difference"]) == ("18", "20", "2")
    assert (found["missing"], found["complete_period"]) == ([], "2023-06")
    standing = (await metrics.get(f"{AT}/standings/{INDICATOR}/huzhou")).json()
    assert standing["derived"] == {"value": "18", "missing": [], "reported": "20", "difference": "2"}
    assert "牵头单位另报20" in standing["explanation"]["zh"]


async def test_who_may_not_read_the_city_sees_no_comparison(metrics: Asking) -> None:
    """The default is to refuse: a district's token compares nothing of the city's."""
    await metrics.recorded.settle(*(reported(district, "2023-05", "3") for district in DISTRICTS))
    answer = await metrics.get(f"{AT}/comparisons", "anji")
    assert answer.json()["items"] == []
    assert (await metrics.get(f"{AT}/findings", "writer")).status_code == 403


async def test_what_the_catalogue_leaves_in_doubt_is_read_like_a_list(metrics: Asking) -> None:
    """Rule 3.3: every finding of the check is there, in its order, by severity and by code."""
    every = await metrics.items(f"{AT}/findings")
    assert [each["code"] for each in every] == [each.code for each in check(LOOKUP)]
    warnings = await metrics.items(f"{AT}/findings", severity="warning")
    assert 0 < len(warnings) < len(every)
    differing = await metrics.items(f"{AT}/findings", code="definition_differs")
    assert {each["code"] for each in differing} == {"definition_differs"}
    assert all("口径不同" in each["zh"] and each["en"] for each in differing)
    assert (await metrics.get(f"{AT}/findings", severity="fatal")).status_code == 404
