"""What a version or a repaired rule would move, on a real Postgres: told as it then comes, and nothing is written."""

import pytest

from contracts.editions import Catalogue
from contracts.programme import Lookup
from services.metrics import standing as standings
from services.metrics.previewing import Preview, Previewing
from tests.support.recorded import LOOKUP, Bench, HandClock, at, bench, reported
from tests.support.versions import changed

TABLES = ("cell", "standing", "outcome", "ledger", "catalogue")


def previewing(recorded: Bench) -> Previewing:
    clock = HandClock(at("2023-07-03"))
    return Previewing(Catalogue(Lookup(LOOKUP.programme)), recorded.pool, clock)


def places(found: Preview) -> list[tuple[str, str]]:
    return [(each.after.district, each.after.period) for each in found.moved]


async def test_a_version_is_previewed_and_nothing_written(database: str) -> None:
    """Rules 2.9 and 4.4: the open month moves, the locked one does not; the city's is held anew and says the same."""
    async with bench(database) as recorded:
        await recorded.settle(reported("deqing", "2023-05", "3"), reported("deqing", "2023-06", "4", at("2023-07-02")))
        before = await recorded.dump(*TABLES)
        found = await previewing(recorded).version(Lookup(changed(shares={"2023-12-31": "30"})))
        assert places(found) == [("deqing", "2023-06")]
        [moved] = found.moved
        assert moved.before is not None
        assert (moved.before.target, moved.after.target) == ("7", "30")
        assert found.held == 2
        assert await recorded.dump(*TABLES) == before


async def test_a_repaired_rule_is_previewed(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 2.9: what has locked would move too, by the rules of this process."""
    async with bench(database) as recorded:
        await recorded.settle(reported("deqing", "2023-05", "3"))
        assert (await previewing(recorded).rules()).moved == ()
        monkeypatch.setattr(standings, "RULES", "2")
        monkeypatch.setattr(standings, "_season", lambda plan, basis, finding: ("recounted",))
        assert ("deqing", "2023-05") in places(await previewing(recorded).rules())
