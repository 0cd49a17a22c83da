"""The list of series: whose come first, what the filters leave, how pages are cut."""

from datetime import date
from typing import Any

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.programme import Lookup
from services.desk.items.listing import ON_A_PAGE, Wanted, shown, tickets_of

TODAY = date(2024, 4, 11)
INDICATOR, BUREAU = "major_projects_investment", "agri_rural_bureau"


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


def light(district: str, colour: str = "grey", lag: str | None = None, indicator: str = INDICATOR) -> dict[str, Any]:
    return {"indicator": indicator, "district": district, "department": BUREAU, "light": colour, "lag": lag}


def names(found: Any) -> list[str]:
    return [each["district"] for each in found]


def test_the_units_own_come_first_then_the_worst(lookup: Lookup) -> None:
    """Anji's green stands before the others' red; reds by how far they lag."""
    lights = [light("deqing", "red", "10"), light("anji", "green", "-1"), light("wuxing", "red", "30.5")]
    found = shown(lights, Wanted(), "anji", lookup, TODAY)
    assert (names(found.own), names(found.others)) == (["anji"], ["wuxing", "deqing"])


def test_what_has_ended_comes_last(lookup: Lookup) -> None:
    """A series of 2023 is history in 2024: behind the others, whatever its light, and marked."""
    past = light("deqing", "red", "50", "governance_demo_villages_2023")
    found = shown([past, light("anji", "green", "-1")], Wanted(), None, lookup, TODAY)
    assert names(found.others) == ["anji", "deqing"]
    assert found.ended == {"governance_demo_villages_2023/deqing"}


def test_the_page_is_asked_for_whole(lookup: Lookup) -> None:
    """Its series by their names, the own first; what is known of each takes its place, whatever the order told."""
    found = shown([light("deqing", "red", "10"), light("anji")], Wanted(), "anji", lookup, TODAY)
    assert found.names == [f"{INDICATOR}/anji", f"{INDICATOR}/deqing"]
    whole = [light("deqing", "red", "10") | {"value": "4"}, light("anji") | {"value": "5"}]
    filled = found.filled(whole)
    assert [each["value"] for each in (*filled.own, *filled.others)] == ["5", "4"]


def test_the_city_is_the_leads_own(lookup: Lookup) -> None:
    """The lead writes the city's figure, not the districts'."""
    found = shown([light("huzhou"), light("anji")], Wanted(), BUREAU, lookup, TODAY)
    assert (names(found.own), names(found.others)) == (["huzhou"], ["anji"])


def test_a_page_that_the_units_own_overflow(lookup: Lookup) -> None:
    """Own and others are one sequence cut into pages; a page beyond the last is the last."""
    own, others = [light("anji")] * (ON_A_PAGE + 3), [light("deqing")] * 4
    second = shown([*others, *own], Wanted(page=9), "anji", lookup, TODAY)
    assert (len(second.own), len(second.others), second.page, second.pages) == (3, 4, 2, 2)
    assert (second.own_count, second.count) == (ON_A_PAGE + 3, ON_A_PAGE + 7)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"q": "完成投资 安吉"}, ["anji"]),
        ({"q": "INVESTMENT deqing"}, ["deqing"]),
        ({"q": "完成投资额800亿元"}, ["deqing", "anji"]),
        ({"q": "无此指标"}, []),
        ({"light": "red"}, ["deqing"]),
        ({"district": "anji"}, ["anji"]),
        ({"department": BUREAU}, ["deqing", "anji"]),
        ({"department": "water_bureau"}, []),
    ],
)
def test_filters(lookup: Lookup, query: dict[str, str], left: list[str]) -> None:
    """Words are looked for in names of both languages, places and the plan's text, all of them at once."""
    found = shown([light("deqing", "red"), light("anji")], Wanted.of(query), None, lookup, TODAY)
    assert names(found.others) == left


def test_an_indicator_that_is_not_known_is_shown_all_the_same(lookup: Lookup) -> None:
    """The services may know a newer catalogue than the desk: its series belong to nobody here, and are found by id."""
    strange = light("anji", indicator="brand_new")
    assert names(shown([strange], Wanted(words="brand"), "anji", lookup, TODAY).others) == ["anji"]


def test_what_stands_in_the_address(lookup: Lookup) -> None:
    """Pages that are no numbers are the first; empty filters are left out of links."""
    assert [Wanted.of({"page": each}).page for each in ("2", "0", "-1", "x", "٣", "999999")] == [2, 1, 1, 1, 1, 1]
    assert Wanted.of({"q": " 水 ", "light": ""}).query == {"q": "水"}


def test_the_ticket_that_stands_for_a_series() -> None:
    """Closed ones do not count; what is owed goes before what awaits its review, then the gravest, then what lags, then
    the oldest: as on the walls."""

    def ticket(name: str, state: str, level: int, rule: str = "lag", on: str = "2023-05-06") -> dict[str, Any]:
        of = {"indicator": INDICATOR, "district": "anji", "rule": rule, "opened_at": on}
        return {"ticket": name, "state": state, "level": level, **of}

    every = [
        ticket("a", "OPEN", 2), ticket("b", "OPEN", 2, on="2023-08-06"), ticket("c", "OPEN", 2, "reporting"),
        ticket("d", "ACKED", 1), ticket("e", "RECOVERED", 3), ticket("f", "CLOSED", 3),
    ]  # fmt: skip
    for number, first in enumerate("abcde"):
        assert tickets_of(reversed(every[number:]))[INDICATOR, "anji"]["ticket"] == first
    assert tickets_of(every[5:]) == {}
