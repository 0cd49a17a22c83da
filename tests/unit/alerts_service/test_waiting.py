"""GET /v1/watermarks waits until everything is judged up to a moment, and for no longer than it says."""

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from contracts.periods import SHANGHAI
from services.alerts.api import watermarks
from services.alerts.api.access import Access
from services.alerts.moves import Moves
from services.alerts.reading.feed import FeedReading, Judged, Marks

NOON = datetime(2023, 7, 6, 12, tzinfo=SHANGHAI)
BEFORE = NOON - timedelta(hours=1)
CALLERS = SimpleNamespace(callers=SimpleNamespace(grant=lambda *_: None))


class Judging:
    """A replica: what it has judged, told to whoever asks."""

    def __init__(self, *marks: Marks) -> None:
        self.moves, self.asked, self.marks = Moves(), 0, list(marks)

    async def judged(self) -> Judged:
        """Each time it is asked the next of its marks is judged."""
        self.asked += 1
        now = self.marks[min(self.asked, len(self.marks)) - 1]
        if self.asked < len(self.marks):
            asyncio.get_running_loop().call_soon(self.moves.moved)
        return Judged(now, now, NOON, 7)

    async def ask(self, query: str) -> dict[str, Any]:
        routes = watermarks.routes(cast(Access, CALLERS), cast(FeedReading, self), self.moves)
        transport = httpx.ASGITransport(Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://alerts") as client:
            answer = await client.get("/v1/watermarks", params=httpx.QueryParams(query))
        found: dict[str, Any] = answer.json()
        return found


def marks(*moments: datetime) -> Marks:
    return {number: (moment, 5) for number, moment in enumerate(moments)}


async def test_it_answers_once_all_partitions_are_through() -> None:
    """One partition after the other is judged: one answer, the one that was waited for."""
    judging = Judging(marks(BEFORE, BEFORE), marks(NOON, BEFORE), marks(NOON, NOON), marks(NOON, NOON))
    answer = await judging.ask(f"through={NOON.isoformat()}")
    assert [each["through"] for each in answer["partitions"].values()] == [NOON.isoformat()] * 2
    assert (judging.asked, answer["judged"], answer["said"]) == (3, 2, 7)
    assert answer["next_at"] == NOON.isoformat()


async def test_it_answers_at_once_what_is_judged_already() -> None:
    """Nothing to wait for; and without a moment nothing is waited for."""
    judging = Judging(marks(NOON, NOON))
    assert (await judging.ask(f"through={NOON.isoformat()}"))["projects"].keys() == {"0", "1"}
    assert (await judging.ask(""))["judged"] == 0
    assert judging.asked == 2


async def test_it_says_how_far_it_is_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for what does not come is told so and may ask again; another replica may be the one that judges."""
    monkeypatch.setattr(watermarks, "LONGEST", 0.05)
    answer = await Judging(marks(NOON, BEFORE)).ask(f"through={NOON.isoformat()}")
    assert [each["through"] for each in answer["partitions"].values()] == [NOON.isoformat(), BEFORE.isoformat()]


async def test_where_nothing_was_ever_judged_it_waits() -> None:
    """No partition is no judged partition."""
    assert not Judged({}, marks(NOON), None, 0).through(NOON)
    assert not Judged(marks(NOON), {}, None, 0).through(NOON)
    assert Judged(marks(NOON), marks(NOON), None, 0).through(NOON)
