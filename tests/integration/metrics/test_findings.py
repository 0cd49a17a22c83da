"""The city beside its districts, and what the catalogue leaves in doubt, by the API of metrics (rules 3.2, 3.3)."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from contracts.catalogue import SHIPPED
from contracts.doubts import check
from services.metrics.__main__ import load_programme
from services.metrics.settings import Settings
from tests.integration.metrics.test_metrics_api import Asking, asking
from tests.support.recorded import INDICATOR, LOOKUP, PROGRAMME, bench, reported

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


async def test_a_decomposition_that_does_not_add_up_is_said_on_load(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rule 3.3: printed when the programme is loaded, and kept for the API and the boards."""
    place = Path(shutil.copytree(SHIPPED, tmp_path / "catalogue"))
    shares = {INDICATOR: {"2023-12-31": dict.fromkeys(DISTRICTS, "10")}}  # 60 of 40
    (place / "decomposition.yaml").write_text(yaml.safe_dump({"note": {"zh": "试", "en": "Trial"}, "shares": shares}))
    async with bench(database) as recorded:
        await load_programme(Settings(database=database, kafka="", tokens=tmp_path / "none.yaml", catalogue=place))
        said = capsys.readouterr().out
        kept = await recorded.pool.fetch("SELECT place, zh FROM metrics.finding WHERE code = 'decomposition_differs'")
    assert f"warning decomposition/{INDICATOR}/2023-12-31: 各地之和60不等于全市目标40" in said
    assert [row["place"] for row in kept] == [f"decomposition/{INDICATOR}/2023-12-31"]
