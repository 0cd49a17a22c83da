"""The wall's views out of a list of series: who stands in which, in which order, and what time does to a row."""

from typing import Any

from contracts.catalogue import SHIPPED, load
from contracts.editions import Catalogue
from services.desk.glances import ROWS, advanced, count, days_since, wall
from tests.support.standings import INDICATOR, at

LOOKUP = Catalogue(load(SHIPPED)).lookup


def glance(district: str, light: str, **more: Any) -> dict[str, Any]:
    """A series as the overview tells it."""
    return {"indicator": INDICATOR, "district": district, "department": "a", "light": light, "ticket": None} | more


def test_city_and_districts_stand_apart_and_departments_by_their_worst() -> None:
    """The order of the answer is kept; the department with more red comes first; an ended indicator stands nowhere."""
    items = [
        glance("deqing", "red"),
        glance("huzhou", "red", department="b"),
        glance("anji", "red"),
        glance("changxing", "green", department="b"),
    ]
    found = wall(items, LOOKUP, at("2023-07-06"))
    assert [each["district"] for each in found.districts] == ["deqing", "anji", "changxing"]
    assert [each["district"] for each in found.city] == ["huzhou"]
    assert [(each.unit, each.counts["red"]) for each in found.departments] == [("a", 2), ("b", 1)]
    assert found.counts == {"red": 3, "yellow": 0, "grey": 0, "green": 1}
    assert wall([glance("anji", "red", indicator="nowhere")], LOOKUP, at("2023-07-06")).counts["red"] == 0
    assert wall(items, LOOKUP, at("2031-07-06")).districts == []


def test_tickets_by_level_then_by_age() -> None:
    """A summons before a letter; of the same level the older one."""
    tickets = [(1, "2023-01-01"), (3, "2023-06-02"), (3, "2023-06-01")]
    items = [glance("anji", "red", ticket={"level": level, "opened_at": opened}) for level, opened in tickets]
    found = [each["ticket"]["opened_at"] for each in wall(items, LOOKUP, at("2023-07-06")).tickets]
    assert found == ["2023-06-01", "2023-06-02", "2023-01-01"]


def test_only_what_a_screen_holds_is_asked_for_whole() -> None:
    """Ten rows of each view and the worst of each department, a series once; what is known of them takes their place,
    the order stays."""
    names = list(LOOKUP.indicators)[: ROWS + 3]
    items = [glance("huzhou", "red", indicator=name) for name in names]
    items[ROWS + 1]["department"] = "b"
    items[ROWS + 2]["ticket"] = {"level": 3, "opened_at": "2023-06-01"}
    found = wall(items, LOOKUP, at("2023-07-06"))
    assert found.shown == [f"{name}/huzhou" for name in (*names[:ROWS], names[ROWS + 2], names[ROWS + 1])]
    filled = found.filled([{**items[0], "trend": ["t"]}, {**items[ROWS + 1], "lag": "7"}])
    assert [each["indicator"] for each in filled.city] == names
    assert (filled.city[0]["trend"], filled.counts) == (["t"], found.counts)
    assert "trend" not in filled.city[1]
    assert [each.worst.get("lag") for each in filled.departments] == [None, "7"]


def test_projects_stand_by_their_light_then_by_their_days() -> None:
    """What is off every list is history; a red line counts as the red that is shown; not known how far counts as 0."""

    def project(name: str, shown: str, days: int | None, *, listed: bool = True) -> dict[str, Any]:
        return {"project": name, "shown": shown, "light": "green", "lag_days": days, "listed": listed}

    lights = [
        project("a", "green", None), project("b", "red", 3), project("c", "red", 40), project("d", "grey", None),
        project("e", "yellow", 9), project("f", "red", 90, listed=False), project("g", "red", 3),
    ]  # fmt: skip
    found = advanced(lights)
    assert [each["project"] for each in found] == ["c", "b", "g", "e", "d", "a"]
    assert count(found, "shown") == {"red": 3, "yellow": 1, "grey": 1, "green": 1}


def test_days_since() -> None:
    """Whole days; nothing of what lies ahead."""
    assert days_since("2023-07-01T13:00:00+08:00", at("2023-07-06")) == 4
    assert days_since("2023-07-07T00:00:00+08:00", at("2023-07-06")) is None
    assert days_since(None, at("2023-07-06")) is None
