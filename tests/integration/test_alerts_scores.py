"""Scores through the API of alerts on a real Postgres: editions, one unit's items, gauges, tokens (rule 10)."""

import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from contracts.events import Derived
from tests.support.standings import INDICATOR, PROGRAMME, coloured, standing
from tests.support.supervised import Supervised, supervised
from tests.support.waiting import eventually

AT = f"/v1/programmes/{PROGRAMME}/scores"
JUNE = "as_of=2023-06-30"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alerts(module_database: str) -> AsyncIterator[Supervised]:
    """The service after June 2023."""
    async with supervised(module_database) as found:
        await found.june()
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def later(database: str) -> AsyncIterator[Supervised]:
    """The same with data of its own, for whoever lets time pass: it never goes back."""
    async with supervised(database) as found:
        await found.june()
        yield found


async def test_an_edition_names_every_unit_with_its_score_and_its_reasons(alerts: Supervised) -> None:
    """Rule 10: districts with what they lack for a place, departments without places, nothing left out."""
    edition = (await alerts.get(f"{AT}?{JUNE}")).json()
    assert (edition["kind"], edition["period"], edition["scheme"]) == ("month", "2023-06", "default")
    rows = {row["unit"]: row for row in edition["districts"]}
    assert rows.keys() == {"wuxing", "nanxun", "deqing", "changxing", "anji", "south_taihu"}
    assert {row["reason"] for row in rows.values()} == {"too_few_reported"}  # one indicator of many is reported
    assert rows["changxing"]["reason_text"]["zh"]
    assert all(row["place"] is None for row in edition["departments"])
    assert Decimal(rows["deqing"]["process_points"]) == -10  # red of record in all that was measured


async def test_the_items_of_a_unit_add_up_to_its_score(alerts: Supervised) -> None:
    """Rule 10.2: contributions are the score's points, item by item; an item left out has its reason."""
    found = (await alerts.get(f"{AT}/anji?{JUNE}")).json()
    counted = [item for item in found["items"] if item["contribution"] is not None]
    assert len(counted) == found["row"]["due"]
    points = sum(Decimal(item["contribution"]) for item in counted)
    assert abs(points - Decimal(found["row"]["score"])) <= Decimal("0.01")
    (told,) = [item for item in counted if item["state"] == "counted"]
    assert (told["indicator"], told["attainment"]) == (INDICATOR, "75.0000")
    assert {item["state"] for item in found["items"]} >= {"missing", "counted", "no_target"}


async def test_an_edition_is_kept_until_something_moves(alerts: Supervised) -> None:
    """What was asked before is answered from what is kept; a new standing moves it."""
    before = (await alerts.get(f"{AT}/wuxing?{JUNE}")).json()["row"]
    assert (await alerts.get(f"{AT}/wuxing?{JUNE}")).json()["row"] == before
    await alerts.tell("2023-07-07", coloured("2023-06", "green", district="wuxing"))
    await alerts.pass_time("2023-07-08")
    after = (await alerts.get(f"{AT}/wuxing?{JUNE}")).json()["row"]
    assert after["reported"] == before["reported"] + 1
    assert Decimal(after["score"]) > Decimal(before["score"])


async def test_editions_as_csv(alerts: Supervised) -> None:
    """The rows of all units, and the items of one, for a spreadsheet."""
    rows = list(csv.DictReader(io.StringIO((await alerts.get(f"{AT}?{JUNE}&format=csv")).text.lstrip("\ufeff"))))
    assert {row["by"] for row in rows} == {"district", "department"}
    items = list(csv.DictReader(io.StringIO((await alerts.get(f"{AT}/anji?{JUNE}&format=csv")).text.lstrip("\ufeff"))))
    assert {"name_zh", "state_text_zh", "weight", "contribution"} <= items[0].keys()


async def test_a_token_of_one_unit_reads_its_own_row(alerts: Supervised) -> None:
    """Who may read one district sees that district's row; the others' items are refused."""
    edition = (await alerts.get(f"{AT}?{JUNE}", "anji")).json()
    assert [row["unit"] for row in edition["districts"]] == ["anji"]
    assert edition["departments"] == []
    assert (await alerts.get(f"{AT}/deqing?{JUNE}", "anji")).status_code == 403


@pytest.mark.parametrize(
    ("asked", "status"),
    [("?kind=week", 400), ("?as_of=yesterday", 400), ("?scheme=other", 404), ("/nowhere", 404)],
)
async def test_what_cannot_be_answered_is_told(alerts: Supervised, asked: str, status: int) -> None:
    """Parameters and names that are not known."""
    assert (await alerts.get(AT + asked)).status_code == status


@pytest.mark.parametrize("scheme", ["default", "local", "levels"])
async def test_every_scheme_of_the_catalogue_can_be_asked_for(alerts: Supervised, scheme: str) -> None:
    """Rules 10.2 and 10.5: by the target, by the local form, by weights of three levels; each says which it is."""
    edition = (await alerts.get(f"{AT}?as_of=2023-05-31&scheme={scheme}")).json()
    assert edition["scheme"] == scheme
    assert len(edition["districts"]) == 6
    found = (await alerts.get(f"{AT}/anji?{JUNE}&scheme={scheme}")).json()
    weights = {item["weight"] for item in found["items"]}
    assert (weights == {"1.000000"}) is (scheme != "levels")
    (told,) = [item["attainment"] for item in found["items"] if item["indicator"] == INDICATOR]
    assert told == ("90.0000" if scheme == "local" else "75.0000")  # 60 + 40·(75 − 0)/(100 − 0)


async def test_scores_are_gauges_of_the_leader(alerts: Supervised) -> None:
    """Rule 13: the newest month that is all due, in Prometheus' format."""

    async def drawn() -> bool:
        text = (await alerts.operations.get("/metrics")).text
        return f'liangshai_district_score{{programme="{PROGRAMME}",district="anji"}}' in text

    await eventually(drawn)


async def test_the_citys_light_shows_what_its_figure_is_made_of(later: Supervised) -> None:
    """Rule 3.2: the derived figure, the lead's beside it, the difference, and who is missing; districts have none."""
    at = f"/v1/programmes/{PROGRAMME}/lights/{INDICATOR}"
    made = Derived(value="41", missing=(), reported="43", difference="2")
    waits = Derived(value=None, missing=("anji",), reported=None, difference=None)
    june = coloured("2023-06", "green", district="huzhou", derived=made)
    july = standing("2023-07", None, district="huzhou", derived=waits)
    await later.tell("2023-08-02", june, july)
    found = (await later.get(f"{at}/huzhou")).json()["derived"]
    assert found == {"period": "2023-07", "value": None, "missing": ["anji"], "reported": None, "difference": None}
    before = (await later.get(f"{at}/huzhou?as_of=2023-06-30")).json()["derived"]
    assert (before["period"], before["value"], before["reported"], before["difference"]) == ("2023-06", "41", "43", "2")
    assert (await later.get(f"{at}/anji")).json()["derived"] is None
