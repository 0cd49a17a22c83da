"""The tables at the end of the time-lapse, from what the APIs answer."""

from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo import closing, screen


def shown(table: Table) -> str:
    """A table as it is printed."""
    out = StringIO()
    Console(file=out, width=160).print(table)
    return out.getvalue()


def test_places_in_order_and_marked_as_simulated() -> None:
    """First place first, who has none last; the caption says what the data is."""
    rows: list[dict[str, Any]] = [
        {"place": place, "name": {"zh": name}, "score": "80.00", "reported_share": "0.9", "process_points": "-1.00"}
        for place, name in ((None, "丙"), (2, "乙"), (1, "甲"))
    ]
    text = shown(closing.places({"period": "2026-10", "districts": rows}))
    assert text.index("甲") < text.index("乙") < text.index("丙")
    assert "模拟" in text
    assert "simulated" in text


def test_open_tickets_by_rule() -> None:
    """Closed and cancelled ones count among all, not among the open."""
    gauges = "\n".join(
        f'liangshai_tickets{{programme="p",district="anji",rule="{rule}",state="{state}",level="1"}} {count}'
        for rule, state, count in (("lag", "OPEN", 3), ("lag", "CLOSED", 4), ("project", "ACKED", 2))
    )
    lines = shown(closing.tickets(gauges)).splitlines()
    counted = {rule: [word for word in line.split() if word.isdigit()] for rule in ("lag", "project", "forecast")
               for line in lines if rule in line}  # fmt: skip
    assert counted == {"lag": ["3", "7"], "project": ["2", "2"], "forecast": ["0", "0"]}


def test_projects_behind_worst_first() -> None:
    """Those on time are not listed."""
    items = [
        {"lag_days": days, "name": {"zh": name}, "contact": {"name": "联系人甲"}, "late_node": "land"}
        for days, name in ((0, "准时"), (5, "稍晚"), (37, "很晚"))
    ]
    text = shown(closing.behind(items))
    assert text.index("很晚") < text.index("稍晚")
    assert "准时" not in text


def test_lights_of_all_districts_together() -> None:
    """Each colour is counted over the districts; one that nobody shows is zero."""
    gauges = "\n".join(
        f'liangshai_lights{{programme="p",district="{district}",colour="{colour}"}} {count}'
        for district, colour, count in (("anji", "red", 3), ("deqing", "red", 4), ("anji", "green", 2))
    )
    assert screen.lights(gauges) == {"red": 7, "yellow": 0, "green": 2, "grey": 0}
