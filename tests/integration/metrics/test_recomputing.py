"""A repaired rule is adopted in metrics, on a real Postgres (rules 2.9 and 2.10): once, with its reason, no earlier."""

from typing import Any

import msgspec
import pytest

from contracts.catalogue_events import RulesRepaired
from contracts.editions import Catalogue
from contracts.events import Text
from contracts.operations.connections import Unavailable
from contracts.programme import Lookup
from services.metrics import standing as standings
from services.metrics.recomputing import Recomputing
from services.metrics.settling import Settling
from services.metrics.store.reading import Reading
from tests.support.recorded import INDICATOR, LOOKUP, PARTITION, PROGRAMME, Bench, HandClock, at, bench, reported

SERIES, ADOPTED = (PROGRAMME, INDICATOR, "deqing"), at("2024-03-01")
SAID = RulesRepaired(
    programme=PROGRAMME,
    rules="2",
    reason=Text("修复", "repaired"),
    actor="office",
    applied_at=ADOPTED,
    partition=PARTITION,
)


def repaired(monkeypatch: pytest.MonkeyPatch, *, different: bool) -> None:
    """The next version of the rules; `different`: some figure comes out otherwise."""
    monkeypatch.setattr(standings, "RULES", "2")
    if different:
        monkeypatch.setattr(standings, "_season", lambda plan, basis, finding: ("recounted",))


async def told(recorded: Bench, period: str) -> Any:
    raw = await Reading(recorded.pool).standing(SERIES, period, None)
    return None if raw is None else msgspec.json.decode(raw)


def adopting(recorded: Bench) -> Recomputing:
    return Recomputing(Catalogue(Lookup(LOOKUP.programme)), recorded.pool, HandClock())


def restarted(recorded: Bench) -> Bench:
    """A process that has kept no standing of the rules before."""
    catalogue = Catalogue(Lookup(LOOKUP.programme))
    return Bench(recorded.pool, recorded.clock, Settling(catalogue, recorded.pool, recorded.clock))


async def test_a_repaired_rule_moves_by_itself_only_what_has_new_facts(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the repair and its adoption a new report is computed by it, its neighbours stay."""
    async with bench(database) as recorded:
        await recorded.settle(reported("deqing", "2023-05", "3"), reported("deqing", "2023-06", "4"))
        repaired(monkeypatch, different=True)
        afresh = restarted(recorded)
        await afresh.settle(reported("deqing", "2023-07", "5"))
        assert [(await told(recorded, f"2023-0{n}"))["rule_version"] for n in (5, 6, 7)] == ["1", "1", "2"]


async def test_adopted_it_restates_once_and_what_was_known_stays_known(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked cells too get a version, known from then on; a repetition announces the same and writes nothing."""
    async with bench(database) as recorded:
        await recorded.settle(reported("deqing", "2023-05", "3"))
        before = await Reading(recorded.pool).standing(SERIES, "2023-05", None)
        repaired(monkeypatch, different=True)
        first = await adopting(recorded).adopt(SAID)
        found = await told(recorded, "2023-05")
        assert (found["rule_version"], found["version"], found["flags"]) == ("2", 2, ["recounted"])
        assert found["known_at"] == ADOPTED.isoformat()
        assert await Reading(recorded.pool).standing(SERIES, "2023-05", at("2024-02-29")) == before
        assert await adopting(recorded).adopt(SAID) == first
        assert (await told(recorded, "2023-05"))["version"] == 2
        reasons = await recorded.rows("SELECT rules, partition, reason_zh, actor FROM metrics.recomputation")
        assert reasons == [{"rules": "2", "partition": PARTITION, "reason_zh": "修复", "actor": "office"}]


async def test_what_comes_out_the_same_is_left_alone(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repair that changes no figure of a cell writes no version of it."""
    async with bench(database) as recorded:
        await recorded.settle(reported("deqing", "2023-05", "3"))
        repaired(monkeypatch, different=False)
        assert await adopting(recorded).adopt(SAID) == []
        assert (await told(recorded, "2023-05"))["version"] == 1


async def test_a_process_with_other_rules_waits(database: str) -> None:
    """Nothing is adopted by code that does not compute so."""
    async with bench(database) as recorded:
        with pytest.raises(Unavailable, match="rules"):
            await adopting(recorded).adopt(SAID)
