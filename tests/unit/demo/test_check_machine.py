"""The question whether the story has shown the whole ticket machine: it names what never happened (rule 8)."""

from typing import Any, cast

import asyncpg
import pytest

from deploy.demo.check.machine import EVENTS, LEVELS, STATES, machine, red_lines


class Stored:
    """Postgres' place: the rows of one question."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    async def fetch(self, _: str) -> list[dict[str, Any]]:
        return self.rows

    async def fetchval(self, _: str) -> str:
        return "alerts.override"

    @property
    def connection(self) -> asyncpg.Connection:
        return cast(asyncpg.Connection, self)


def whole() -> list[dict[str, Any]]:
    """Every transition kind, state and level of every rule, once."""
    return [
        {"rule": rule, "event": event, "to_state": state, "level": level, "count": 1}
        for rule in EVENTS
        for event in EVENTS[rule]
        for state in STATES[rule]
        for level in LEVELS[rule]
    ]


async def test_all_of_it_agrees() -> None:
    """Nothing is missing where everything happened."""
    answer = await machine(Stored(whole()).connection)
    assert answer.wrong == []
    assert answer.compared > 60


@pytest.mark.parametrize(("rule", "column", "value"), [
    ("lag", "event", "expired"), ("lag", "to_state", "CANCELLED"), ("lag", "level", 3),
    ("reporting", "event", "excused"),
    ("forecast", "event", "will_miss"), ("project", "to_state", "RECOVERED"),
])  # fmt: skip
async def test_what_never_happened_is_named(rule: str, column: str, value: object) -> None:
    """One transition, state or level that no ticket of its rule took."""
    rows = [row for row in whole() if not (row["rule"] == rule and row[column] == value)]
    assert (await machine(Stored(rows).connection)).wrong == [f"{rule}: {value} never happened"]


async def test_red_lines_of_both_kinds() -> None:
    """Rule 12: one on a project and one on a task, both closed."""
    rows = [{"kind": "project", "state": "closed", "count": 1}, {"kind": "indicator", "state": "open", "count": 1}]
    assert (await red_lines(Stored(rows).connection)).wrong == ["no red line on one indicator was raised and closed"]
    rows[1]["state"] = "closed"
    assert (await red_lines(Stored(rows).connection)).wrong == []
