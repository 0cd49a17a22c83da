"""Acts on a real Postgres: recorded once, decided in any order, the same after a crash; what the office reads."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from contracts.acts import ProgressActed
from contracts.calendar import cell_state
from contracts.codec import encode
from contracts.delivery import Dead, Received
from services.metrics.aside import Aside
from services.metrics.store.office import Marked, OfficeReading, Stretch
from services.metrics.store.reading import Reading
from services.metrics.store.scope import Scope
from tests.support.recorded import CELLS, INDICATOR, LOOKUP, PROGRAMME, Bench, acted, at, bench, event, received

TABLES = (
    "report",
    "outcome",
    "act",
    "act_outcome",
    "act_outcome_history",
    "act_item",
    "receipt_item",
    "standing",
    "cell",
)


def held(value: str = "7", identity: str = "late", **given: Any) -> Received[Any]:
    """A correction of Deqing's June that came after its lock on 1 August."""
    fields: dict[str, Any] = {"revision": 1, "reason": "recount"} | given
    return received(event("deqing", "2023-06", value, at("2023-08-05"), identity=identity, **fields))


FIRST = received(event("deqing", "2023-06", "3", at("2023-07-03"), identity="first"))
APPROVAL = acted("report.approved", "deqing", "2023-06", at("2023-08-10"), "late", identity="yes")


async def cell(recorded: Bench, district: str = "deqing", period: str = "2023-06") -> dict[str, Any]:
    """One row of metrics.cell of the usual indicator."""
    query = "SELECT * FROM metrics.cell WHERE indicator = $1 AND district = $2 AND period = $3"
    [found] = await recorded.rows(query, INDICATOR, district, period)
    return found


async def test_held_then_approved_is_a_restated_version(database: str) -> None:
    """Rules 2.9 and 2.10: nothing moves until the approval; then a new version known from it, announced with both
    outcomes; the same record again says the same."""
    async with bench(database) as recorded:
        await recorded.settle(FIRST)
        waiting = await recorded.settle(held())
        assert [each.outcome for each in waiting.outcomes] == ["held_for_approval"]
        assert waiting.standings == ()
        settled = await recorded.settle(APPROVAL)
        [standing] = [each for each in settled.standings if each.district == "deqing"]
        assert (standing.value, standing.version, standing.known_at) == ("7", 2, at("2023-08-10"))
        assert standing.flags[:1] == ("restated",)
        assert {(each.id, each.outcome, each.version) for each in settled.outcomes} == {
            ("late", "applied", 2),
            ("first", "superseded", 2),
        }
        assert [(each.id, each.outcome, each.code, each.version) for each in settled.acts] == [
            ("yes", "applied", None, 1)
        ]
        before = await recorded.dump(*TABLES)
        again = await recorded.afresh().settle(APPROVAL)
        assert (again.changed, again.acts, sorted(again.standings, key=str)) == (
            0,
            settled.acts,
            sorted(settled.standings, key=str),
        )
        assert await recorded.dump(*TABLES) == before
        await recorded.recount()


async def test_an_act_before_its_report_waits_for_it(database: str) -> None:
    """Another order in the topic, or a replay: unknown_report first, applied when the report is there, in version 2."""
    async with bench(database) as recorded:
        await recorded.settle(FIRST)
        early = await recorded.settle(APPROVAL)
        assert [(each.outcome, each.code) for each in early.acts] == [("refused", "unknown_report")]
        settled = await recorded.settle(held())
        assert [(each.outcome, each.code, each.version) for each in settled.acts] == [("applied", None, 2)]
        assert str((await cell(recorded))["value"]) == "7"
        await recorded.recount()


async def test_duplicates_and_conflicts_of_acts_are_outcomes_of_their_items(database: str) -> None:
    """Rule 2.7 for acts: the first recorded holds."""
    same = acted("report.approved", "deqing", "2023-06", at("2023-08-10"), "late", identity="yes", receipt="B")
    other = acted("report.returned", "deqing", "2023-06", at("2023-08-10"), "late", identity="yes", receipt="C")
    async with bench(database) as recorded:
        await recorded.settle(FIRST, held(), APPROVAL)
        settled = await recorded.settle(same, other)
        assert {(each.receipt, each.outcome, each.version) for each in settled.acts} == {
            ("acts", "applied", 1),
            ("B", "duplicate", 0),
            ("C", "id_conflict", 0),
        }
        await recorded.recount()


async def test_an_excused_cell_is_left_out_on_both_sides(database: str) -> None:
    """Rule 7.2: completeness and gauges leave it out while nothing is received; an end by date needs no record."""
    count = (
        "SELECT count(*) FROM metrics.duties($1) WHERE indicator = $2 AND district = 'deqing' AND period = '2023-06'"
    )
    async with bench(database) as recorded:

        async def due(day: str) -> int:
            found: int = await recorded.pool.fetchval(count, at(day), INDICATOR)
            return found

        assert await due("2023-07-20") == 1
        until = datetime.fromisoformat("2023-07-31").date()
        settled = await recorded.settle(acted("cell.excused", "deqing", "2023-06", at("2023-07-02"), until=until))
        [standing] = [each for each in settled.standings if each.district == "deqing"]
        assert (standing.reason, standing.flags, standing.excused_until) == (
            "excused",
            ("excused",),
            at("2023-08-01", "00:00"),
        )
        assert (await due("2023-07-20"), await due("2023-08-02")) == (0, 1)
        await recorded.settle(acted("cell.unexcused", "deqing", "2023-06", at("2023-07-10")))
        assert await due("2023-07-20") == 1
        await recorded.settle(acted("cell.excused", "deqing", "2023-06", at("2023-07-11")))
        await recorded.settle(received(event("deqing", "2023-06", "3", at("2023-07-15"), identity="first")))
        assert (await due("2023-07-12"), await due("2023-07-20")) == (0, 1)
        await recorded.recount()


async def test_a_publication_locks_before_the_calendar(database: str) -> None:
    """Rule 2.9: what comes after it is held, and the cell says since when it is locked."""
    async with bench(database) as recorded:
        await recorded.settle(
            FIRST, acted("cell.published", "deqing", "2023-06", at("2023-07-10"), publication="6月通报")
        )
        late = received(event("deqing", "2023-06", "4", at("2023-07-11"), identity="n", revision=1, reason="更正"))
        assert [each.outcome for each in (await recorded.settle(late)).outcomes] == ["held_for_approval"]
        assert (await cell(recorded))["published_at"] == at("2023-07-10")
        await recorded.recount()


async def test_any_order_any_batches_and_crashes_end_the_same(database: str) -> None:
    """The facts and acts decide, not their order, be they folded piece by piece, by replicas, or once more."""
    chance = random.Random(database)
    stream: list[Received[Any]] = []
    for district in ("deqing", "anji", "changxing"):
        for month in (4, 5, 6):
            period = f"2023-{month:02d}"
            for n in range(3):
                name, day = f"{district}/{period}/{n}", 100 + 30 * month + chance.randint(-10, 60)
                moment = at("2023-01-01") + timedelta(days=day)
                stream.append(
                    received(event(district, period, str(n), moment, identity=name, revision=n, reason="更正"))
                )
                kind = chance.choice(["report.approved", "report.returned", "flag.commented"])
                stream.append(acted(kind, district, period, moment + timedelta(days=chance.randint(-3, 9)), name))
            for kind in ("cell.excused", "cell.unexcused", "cell.published"):
                stream.append(acted(kind, district, period, at("2023-06-01") + timedelta(days=chance.randint(0, 90))))
    async with bench(database) as recorded:
        chance.shuffle(stream)
        for start in range(0, len(stream), 7):
            here = recorded if chance.random() < 0.7 else recorded.afresh()
            await here.settle(*stream[start : start + 7], *chance.choices(stream[: start + 1], k=2))
        await recorded.recount()
        [count] = await recorded.rows("SELECT count(*) AS n FROM metrics.act_outcome JOIN metrics.act USING (act)")
        assert count["n"] == sum(isinstance(each.event, ProgressActed) for each in stream)


async def test_what_the_office_reads(database: str) -> None:
    """Held reports with the present value, pages, acts with who, when, what and why; decided ones wait no more."""
    async with bench(database) as recorded:
        await recorded.settle(FIRST, held(), held("8", "later", revision=2))
        reading = OfficeReading(recorded.pool)
        scope = Scope(programme=PROGRAMME, districts=["deqing"], as_of=at("2023-08-20").date())
        rows = await reading.held(scope, 0, 10)
        assert [(row["id"], row["value"], row["present_value"]) for row in rows] == [
            ("late", "7", "3"),
            ("later", "8", "3"),
        ]
        assert rows[0]["locked_at"] == at("2023-08-01", "00:00")
        assert [row["id"] for row in await reading.held(scope, rows[0]["number"], 1)] == ["later"]
        elsewhere = Scope(programme=PROGRAMME, districts=["anji"], as_of=at("2023-08-20").date())
        assert await reading.held(elsewhere, 0, 10) == []
        await recorded.settle(APPROVAL)
        assert [row["id"] for row in await reading.held(scope, 0, 10)] == ["later"]
        [told] = await reading.acts(scope, "2023-06", "report.approved", 0, 10)
        assert (told["actor"], told["act"], told["reason"], told["outcome"]) == (
            "office",
            "report.approved",
            "核对无误",
            "applied",
        )
        assert [row["id"] for row in await reading.acts_on("/test", "late")] == ["yes"]
        assert await reading.acts(elsewhere, None, None, 0, 10) == []
        found = await reading.act("/office", "yes")
        assert found is not None
        assert found["received_at"] == at("2023-08-10")


async def test_sql_and_python_tell_the_same_states(database: str) -> None:
    """Rule 7.2: metrics.state_of and contracts/calendar.py agree on every cell of three series, at many moments."""
    async with bench(database) as recorded:
        await recorded.settle(
            FIRST,
            received(event("deqing", "2023-05", "3", at("2023-06-20"), identity="late-may")),
            received(event("anji", "2023-06", "3", at("2023-07-02"), identity="a")),
            received(event("anji", "2023-06", None, at("2023-07-04"), identity="b", revision=1, reason="误报")),
            acted("cell.excused", "anji", "2023-07", at("2023-08-01"), until=at("2023-08-20").date()),
            acted("cell.excused", "deqing", "2023-07", at("2023-08-01")),
        )
        reading = OfficeReading(recorded.pool)
        scope = Scope(programme=PROGRAMME, indicators=[INDICATOR], as_of=at("2023-08-20").date())
        seen = set()
        for day in ("2023-06-01", "2023-07-06", "2023-08-05", "2023-08-15", "2023-08-22", "2024-01-10"):
            moment = at(day)
            rows = await reading.cells(scope, Stretch(), Marked(), moment, ("", "", ""), 1000)
            assert len(rows) == sum(len(CELLS.of(INDICATOR, d)) for d in LOOKUP.indicators[INDICATOR].districts)
            values = {(r["district"], r["period"]): r["value"] for r in rows}
            for row in rows:
                one = CELLS.get(INDICATOR, row["district"], row["period"])
                assert one is not None
                earlier = any(
                    values[each.district, each.period.text] is not None
                    for each in CELLS.of(INDICATOR, row["district"])
                    if each.period.end < one.period.end
                )
                received_at = row["received_at"] if row["received_at"] and row["received_at"] <= moment else None
                excused = row["excused"] and (row["excused_until"] is None or moment < row["excused_until"])
                state = cell_state(
                    one.period,
                    one.due_at,
                    moment,
                    received_at,
                    applicable=one.applicable,
                    excused=excused,
                    withdrawn=row["withdrawn"],
                    earlier=earlier,
                )
                assert row["state"] == state, row
                seen.add(state)
            filtered = await reading.cells(scope, Stretch(), Marked(["overdue"]), moment, ("", "", ""), 1000)
            assert filtered == [row for row in rows if row["state"] == "overdue"]
            page = await reading.cells(scope, Stretch("2023-06"), Marked(), moment, (INDICATOR, "anji", "2023-06"), 2)
            assert [row["district"] for row in page] == ["changxing", "deqing"]
        assert seen >= {"not_due", "due", "received_on_time", "received_late", "overdue", "never_reported", "excused"}


async def test_a_dead_letter_completes_an_acts_receipt(database: str) -> None:
    """Rule 2.6: an act that cannot be recorded is told as refused; recorded after all, as what became of it."""
    async with bench(database) as recorded:
        await recorded.settle(FIRST)
        lost = acted("cell.excused", "deqing", "2023-07", at("2023-08-01"), identity="lost", receipt="lost")
        dead = replace(lost.record, value=encode(lost.event, time=lost.event.received_at))
        for _ in range(2):  # a batch may be repeated
            await Aside(recorded.pool)([Dead(dead, "defect", "…")])
        reading = Reading(recorded.pool)
        told = [(i["id"], i["outcome"], i["code"], i["expected"]) for i in await reading.receipt("lost")]
        assert told == [("lost", "refused", "dead_lettered", 1)]
        await recorded.settle(lost)
        assert [i["outcome"] for i in await reading.receipt("lost")] == ["applied"]
