"""Recording on a real Postgres: identity, revisions, receipts, history, and the same end whatever happens."""

import asyncio
import random

import pytest

from contracts.operations.connections import Unavailable
from services.metrics.store import ledgers
from tests.support.recorded import (
    CELLS,
    INDICATOR,
    LOOKUP,
    PARTITION,
    PROGRAMME,
    at,
    batches_of,
    bench,
    event,
    received,
    reported,
)

TABLES = "report", "outcome", "receipt_item", "standing", "cell"


async def test_one_report_moves_its_cell_and_the_city_waits_for_all(database: str) -> None:
    """Rules 2.6 and 3.2: outcome, cell, history; the city's cell says whom it waits for."""
    async with bench(database) as recorded:
        settled = await recorded.settle(reported("deqing", "2023-06", "3", identity="1"))
        assert [(each.outcome, each.version, each.flags) for each in settled.outcomes] == [("applied", 1, ())]
        assert {(each.district, each.value, each.version) for each in settled.standings} == {
            ("deqing", "3", 1),
            ("huzhou", None, 1),
        }
        [cell] = await recorded.rows("SELECT * FROM metrics.cell WHERE version > 0 AND district = 'deqing'")
        assert (cell["period"], str(cell["value"]), str(cell["expected"]), cell["mode"]) == (
            "2023-06",
            "3",
            "3.00",
            "share",
        )
        assert cell["received_at"] == at("2023-07-03", "00:00")
        history = await recorded.rows("SELECT district, version FROM metrics.standing ORDER BY district")
        assert history == [{"district": "deqing", "version": 1}, {"district": "huzhou", "version": 1}]
        await recorded.recount()


async def test_the_same_batch_twice_changes_nothing_and_says_the_same(database: str) -> None:
    """A replay writes nothing and announces the same versions, also after a restart."""
    batch = [reported(district, "2023-06", "3") for district in LOOKUP.indicators[INDICATOR].applicable]
    async with bench(database) as recorded:
        first = await recorded.settle(*batch)
        before = await recorded.dump(*TABLES)
        for again in (recorded, recorded.afresh()):
            second = await again.settle(*batch)
            assert second.changed == 0
            assert sorted(second.outcomes, key=str) == sorted(first.outcomes, key=str)
            assert sorted(second.standings, key=str) == sorted(first.standings, key=str)
            assert await recorded.dump(*TABLES) == before


async def test_a_replay_in_other_batches_announces_all_that_was_moved(database: str) -> None:
    """A crash between commit and announcement: whatever the batches of the repetition, every version is said again."""
    batch = [reported(district, "2023-06", "3") for district in LOOKUP.indicators[INDICATOR].applicable]
    async with bench(database) as recorded:
        first = await recorded.settle(*batch)
        said = [each for one in batch for each in (await recorded.afresh().settle(one)).standings]
        assert {(each.key, each.version) for each in said} == {(each.key, each.version) for each in first.standings}


async def test_a_repeated_report_says_the_newest_version(database: str) -> None:
    """Versions only grow: the repetition of an old report announces the present state of what it had moved."""
    old = reported("deqing", "2023-06", "3", revision=0)
    async with bench(database) as recorded:
        await recorded.settle(old)
        await recorded.settle(reported("deqing", "2023-06", "4", revision=1))
        again = await recorded.settle(old)
        assert {(each.district, each.value, each.version) for each in again.standings} == {
            ("deqing", "4", 2),
            ("huzhou", None, 1),
        }
        assert [(each.outcome, each.version) for each in again.outcomes] == [("superseded", 2)]


async def test_duplicates_and_id_conflicts_are_outcomes_of_their_items(database: str) -> None:
    """Rule 2.7: the first recorded holds; every accepted item of every receipt has an outcome."""
    first = event("deqing", "2023-06", "3", identity="1", receipt="A")
    same = event("deqing", "2023-06", "3", identity="1", receipt="B", size=2)
    other = event("deqing", "2023-06", "5", identity="1", receipt="B", size=2)
    async with bench(database) as recorded:
        await recorded.settle(received(first))
        settled = await recorded.settle(received(same), received(other))
        assert {(each.receipt, each.outcome, each.version) for each in settled.outcomes} == {
            ("A", "applied", 1),
            ("B", "duplicate", 0),
            ("B", "id_conflict", 0),
        }
        items = await recorded.rows(
            "SELECT receipt, expected, outcome, document ->> 'value' AS lost FROM metrics.receipt_item ORDER BY 1, 3"
        )
        assert [tuple(item.values()) for item in items] == [
            ("A", 1, None, None),
            ("B", 2, "duplicate", None),
            ("B", 2, "id_conflict", "5"),
        ]
        assert await recorded.rows("SELECT value FROM metrics.report") == [{"value": "3"}]
        await recorded.recount()


async def test_within_one_batch_the_first_of_an_id_is_recorded(database: str) -> None:
    """Rule 2.7, also when both come in one transaction and another id sorts before them."""
    one = event("deqing", "2023-06", "3", identity="2", receipt="A")
    two = event("deqing", "2023-06", "5", identity="2", receipt="B")
    async with bench(database) as recorded:
        await recorded.settle(received(one), received(two), reported("anji", "2023-06", "1", identity="1"))
        assert await recorded.rows("SELECT value FROM metrics.report WHERE id = '2'") == [{"value": "3"}]
        await recorded.recount()


async def test_later_revisions_turn_outcomes_and_versions(database: str) -> None:
    """Rules 2.6 and 2.8: applied becomes superseded; an equal value is unchanged; a conflict flags the cell."""
    async with bench(database) as recorded:
        for number, (value, revision) in enumerate([("3", 0), ("4", 1), ("4.0", 2), ("5", 2)]):
            moment = at("2023-07-01", f"1{number}:00")
            await recorded.settle(reported("deqing", "2023-06", value, moment, revision=revision, identity=str(number)))
        outcomes = await recorded.rows(
            "SELECT id, outcome, o.version FROM metrics.outcome AS o JOIN metrics.report USING (report) ORDER BY id"
        )
        assert [tuple(each.values()) for each in outcomes] == [
            ("0", "superseded", 2),
            ("1", "superseded", 2),
            ("2", "unchanged", 1),
            ("3", "revision_conflict", 1),
        ]
        [cell] = await recorded.rows(
            "SELECT value, conflict FROM metrics.cell WHERE district = 'deqing' AND version > 0"
        )
        assert (str(cell["value"]), cell["conflict"]) == ("4", True)
        await recorded.recount()


async def test_withdrawal_empties_the_cell_and_the_city_with_it(database: str) -> None:
    """Rules 2.8 and 7.2: no value, flagged withdrawn; the city's complete sum is gone and its standing says so."""
    districts = LOOKUP.indicators[INDICATOR].applicable
    async with bench(database) as recorded:
        await recorded.settle(*[reported(district, "2023-06", "3") for district in districts])
        [city] = await recorded.rows("SELECT value FROM metrics.cell WHERE district = 'huzhou' AND version > 0")
        assert city["value"] == 3 * len(districts)
        gone = [reported(each, "2023-06", None, revision=1, reason="wrong list") for each in districts]
        settled = await recorded.settle(*gone)
        assert {each.value for each in settled.standings} == {None}
        rows = await recorded.rows(
            "SELECT value, withdrawn FROM metrics.cell WHERE version > 0 AND district <> 'huzhou'"
        )
        assert {tuple(row.values()) for row in rows} == {(None, True)}
        await recorded.recount()


async def test_what_the_programme_has_no_cell_for_is_refused_and_kept(database: str) -> None:
    """Rule 2.6: an event of another catalogue is recorded with the reason why it is no fact."""
    strange = [
        reported("deqing", "2023-06", "3", indicator="unheard_of", identity="1"),
        reported("deqing", "2031-06", "3", identity="2"),
        reported("nowhere", "2023-06", "3", identity="3"),
        reported("deqing", "2023-06", "3", unit="percent", identity="4"),
        reported("deqing", "2023-06", "3", programme="other", identity="5"),
    ]
    async with bench(database) as recorded:
        settled = await recorded.settle(*strange)
        assert {(each.id, each.outcome, each.code) for each in settled.outcomes} == {
            ("1", "refused", "unknown_indicator"),
            ("2", "refused", "outside_life"),
            ("3", "refused", "outside_life"),
            ("4", "refused", "unit_mismatch"),
            ("5", "refused", "unknown_programme"),
        }
        assert settled.standings == ()
        again = await recorded.settle(*strange)
        assert sorted(again.outcomes, key=str) == sorted(settled.outcomes, key=str)


async def test_units_are_converted_exactly_and_kept_as_sent(database: str) -> None:
    """Rule 2.2: 万元 and 亿元 of one quantity; the text stays."""
    async with bench(database) as recorded:
        await recorded.settle(
            reported("deqing", "2023-06", "12345.6", indicator="major_projects_investment", unit="万元")
        )
        [row] = await recorded.rows("SELECT value, unit, value_in_unit::text AS converted FROM metrics.report")
        assert row == {"value": "12345.6", "unit": "万元", "converted": "1.23456"}


async def test_a_record_behind_the_watermark_counts_as_received_at_it(database: str) -> None:
    """What was announced as complete stays complete: the effective moment is stored, on time becomes late."""
    async with bench(database) as recorded:
        await recorded.pool.execute("INSERT INTO metrics.watermark VALUES ($1, $2, 0)", PARTITION, at("2023-07-10"))
        await recorded.settle(reported("deqing", "2023-06", "3", at("2023-07-02")))
        [row] = await recorded.rows("SELECT stamped_at, received_at FROM metrics.report")
        assert (row["stamped_at"], row["received_at"]) == (at("2023-07-02"), at("2023-07-10"))
        [cell] = await recorded.rows("SELECT received_at FROM metrics.cell WHERE district = 'deqing' AND version > 0")
        assert cell["received_at"] == at("2023-07-10")
        await recorded.recount()


async def test_any_order_and_any_batches_end_the_same(database: str) -> None:
    """The facts decide, not their order: values, outcomes and the light's inputs are equal to a recount."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    indicators = ["major_projects", "grain_output", "urbanisation_rate"]
    history = []
    for indicator in indicators:
        for district in LOOKUP.indicators[indicator].districts:
            for cell in [each for each in CELLS.of(indicator, district) if each.due_at and each.period.year == 2023]:
                for revision in range(chance.choice([1, 1, 2])):
                    value = str(chance.randint(0, 60))
                    history.append(reported(district, cell.period.text, value, indicator=indicator, revision=revision))
    async with bench(database) as recorded:
        chance.shuffle(history)
        for batch in batches_of(history, 40):
            await recorded.settle(*batch, *chance.choices(history[:40], k=3))
        await recorded.recount()
        [count] = await recorded.rows("SELECT count(*) AS n, count(DISTINCT (source, id)) AS d FROM metrics.report")
        assert count["n"] == count["d"] == len(history), seed


async def test_two_replicas_double_nothing(database: str) -> None:
    """A rebalance in the middle: both write the same records at once, versions stay gap-free, nothing is twice."""
    history = [
        reported(district, f"2023-{month:02d}", str(month))
        for month in range(1, 7)
        for district in LOOKUP.indicators[INDICATOR].applicable
    ]
    async with bench(database) as recorded:
        one, two = recorded, recorded.afresh()
        for batch in batches_of(history, 9):
            await asyncio.gather(one.settle(*batch), two.settle(*batch))
        await asyncio.gather(one.settle(*history[:20]), two.settle(*history[10:]))
        assert len(await recorded.rows("SELECT FROM metrics.report")) == len(history)
        gaps = await recorded.rows(
            "SELECT period FROM metrics.standing GROUP BY programme, indicator, district, period"
            " HAVING count(*) <> max(version)"
        )
        assert gaps == []
        await recorded.recount()


async def test_memory_is_never_believed_after_another_writer(database: str) -> None:
    """A ledger that another replica moved on is read again: revisions of both meet."""
    async with bench(database) as recorded:
        other = recorded.afresh()
        await recorded.settle(reported("deqing", "2023-06", "3", identity="1"))
        await other.settle(reported("deqing", "2023-06", "4", revision=1, identity="2"))
        await recorded.settle(reported("anji", "2023-06", "3"))
        await recorded.settle(reported("deqing", "2023-06", "5", revision=2, identity="3"))
        [row] = await recorded.rows("SELECT value, version FROM metrics.cell WHERE district = 'deqing' AND version > 0")
        assert (str(row["value"]), row["version"]) == ("5", 3)
        await recorded.recount()


async def test_a_failed_batch_leaves_neither_rows_nor_memory(database: str) -> None:
    """All of a batch or nothing: after a failure in the middle the next try finds the state before it."""
    async with bench(database) as recorded:
        await recorded.settle(reported("deqing", "2023-06", "3"))
        await recorded.pool.execute("ALTER TABLE metrics.outcome RENAME TO away")
        with pytest.raises(Exception, match="outcome"):
            await recorded.settle(reported("deqing", "2023-07", "4", identity="7"))
        await recorded.pool.execute("ALTER TABLE metrics.away RENAME TO outcome")
        assert await recorded.rows("SELECT FROM metrics.report WHERE id = '7'") == []
        await recorded.settle(reported("deqing", "2023-07", "4", identity="7"))
        await recorded.recount()


async def test_a_programme_that_is_not_loaded_is_waited_for(database: str) -> None:
    """Cells that the catalogue names and the tables do not: nothing is written, the batch comes again."""
    async with bench(database) as recorded:
        await recorded.pool.execute("DELETE FROM metrics.cell WHERE indicator = $1", INDICATOR)
        with pytest.raises(Unavailable, match="load"):
            await recorded.settle(reported("deqing", "2023-06", "3"))
        assert await recorded.rows("SELECT FROM metrics.report") == []


async def test_a_frozen_writer_does_not_hold_its_locks_for_ever(database: str) -> None:
    """Stopped in the middle of a batch, its session is ended by the server and the others go on."""
    async with bench(database) as recorded, recorded.pool.acquire() as connection, connection.transaction():
        await ledgers.lock(connection, [PARTITION], [(PROGRAMME, INDICATOR)])
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "15s"


async def test_a_batch_over_forty_indicators_is_one_transaction(database: str) -> None:
    """Some 480 reports over 40 indicators are settled together, each with its outcome."""
    indicators = [each for each in LOOKUP.programme.indicators if len(each.applicable) > 3][:40]
    batch = [
        reported(district, cell.period.text, "1", indicator=each.id)
        for each in indicators
        for district in each.applicable[:4]
        for cell in [cell for cell in CELLS.of(each.id, district) if cell.due_at][:3]
    ]
    async with bench(database) as recorded:
        settled = await recorded.settle(*batch)
        assert len(settled.outcomes) == len(batch) > 400
        assert {each.programme for each in settled.standings} == {PROGRAMME}
