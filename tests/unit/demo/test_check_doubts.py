"""The questions about effort wording, disputed targets and changed definitions find what is wrong (rule 4.11)."""

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from contracts.periods import SHANGHAI
from deploy.demo.check import doubts
from deploy.demo.recount.plan import Held
from deploy.demo.workpoints import DISPUTED, EFFORT, REDEFINED
from tests.support.intake import lookup

Key = tuple[str, str, str]
KEY = (EFFORT, "huzhou", "2026-03")
SOFT = {KEY: Held("share", binding=False)}


@dataclass
class Stored:
    """Postgres' place: rows by a word of the question."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def fetch(self, question: str, *_: Any) -> list[dict[str, Any]]:
        return next((rows for word, rows in self.rows.items() if word in question), [])


def asked(rows: dict[str, list[dict[str, Any]]], helds: dict[Any, Held], year: int = 2026) -> tuple[Any, Any, Any]:
    """A connection, a recount and a demo."""
    recount = SimpleNamespace(helds=lambda: helds, lookup=lookup())
    demo = SimpleNamespace(until=datetime(year, 5, 1, tzinfo=SHANGHAI))
    return cast(Any, Stored(rows)), cast(Any, recount), cast(Any, demo)


def cell(key: Key, **more: Any) -> dict[str, Any]:
    return dict(zip(("indicator", "district", "period"), key, strict=True)) | more


@pytest.mark.parametrize(
    ("tickets", "cells", "helds", "wrong"),
    [([], [KEY], SOFT, 0), ([KEY], [KEY], SOFT, 1), ([], [], SOFT, 1), ([], [], {KEY: Held("share")}, 1)],
)
async def test_effort_wording_has_no_ticket(
    tickets: list[Key], cells: list[Key], helds: dict[Any, Held], wrong: int
) -> None:
    """A ticket on it, a cell that counts as binding by one count alone, or never any: each is named."""
    rows = {
        "alerts.ticket": [{"indicator": i, "district": d, "first_period": p} for i, d, p in tickets],
        "metrics.cell": [cell(key) for key in cells],
    }
    answer = await doubts.effort(*asked(rows, helds))
    assert len(answer.wrong) == wrong


@pytest.mark.parametrize(
    ("live", "mode", "wrong"), [(None, "none", 0), ("grey", "none", 0), ("red", "none", 1), (None, "share", 1)]
)
async def test_a_disputed_target_judges_nothing(live: str | None, mode: str, wrong: int) -> None:
    """A colour, or a recount that judges it, is named."""
    key = (DISPUTED, "huzhou", "2025-06")
    answer = await doubts.disputed(*asked({"c.reason": [cell(key, live=live)]}, {key: Held(mode)}))
    assert len(answer.wrong) == wrong
    towards = {"target_on": [cell(key)]}
    assert len((await doubts.disputed(*asked(towards, {}, 2023))).wrong) == 1  # held to it all the same
    assert len((await doubts.disputed(*asked({}, {}))).wrong) == 1  # never shown
    assert not (await doubts.disputed(*asked({}, {}, 2023))).wrong


@pytest.mark.parametrize(
    ("flags", "foreseen", "wrong"), [([], None, 1), (["change_over_30_percent"], None, 8), ([], "3", 8)]
)
async def test_nothing_is_compared_across_a_change_of_definition(
    flags: list[str], foreseen: str | None, wrong: int
) -> None:
    """Seven indicators of the plan continue another one; the story's own change is missing in the first catalogue."""
    row = {"district": "huzhou", "period": "2025-01", "flags": flags, "baseline_on": None, "foreseen": foreseen}
    answer = await doubts.breaks(*asked({"metrics.cell": [row]}, {}))
    assert len(answer.wrong) == wrong
    assert any(REDEFINED in each for each in answer.wrong)
