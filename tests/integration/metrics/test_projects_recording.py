"""Recording of statements on a real Postgres: identity, outcomes, versions, history, the same end whatever happens."""

import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from contracts.operations.database import Pool, open_pool
from contracts.project_events import Stated
from services.metrics.projects.entries import entries
from services.metrics.projects.reading import Reading
from services.metrics.projects.settling import Settled, Settling
from services.metrics.projects.views import held
from tests.support.projects import (
    OF_2023,
    PROGRAMME,
    PROJECT_ID,
    closed,
    contacted,
    listed,
    plan,
    progress,
    raised,
    received,
    ruled,
)
from tests.support.recorded import CATALOGUE, HandClock, at

TABLES = "project_statement", "project_outcome", "project_receipt_item", "project", "project_standing"


@dataclass
class Bench:
    """Recording and the database behind it."""

    pool: Pool
    settling: Settling

    async def settle(self, *events: Stated) -> Settled:
        """One batch."""
        return await self.settling.settle(entries([received(event, n) for n, event in enumerate(events)]))

    async def dump(self, *names: str) -> dict[str, list[str]]:
        """Whole tables, in a fixed order, without real time and without the numbers of batches."""
        found = {}
        for name in names:
            rows = await self.pool.fetch(f"SELECT * FROM metrics.{name}")
            left_out = {"recorded_at", "moved", "offset", "statement", "decided_at"}
            found[name] = sorted(str({k: v for k, v in row.items() if k not in left_out}) for row in rows)
        return found

    async def outcome(self, event: Stated) -> Any:
        """What became of a statement."""
        return await self.pool.fetchrow(
            "SELECT outcome, code FROM metrics.project_outcome JOIN metrics.project_statement USING (statement) "
            "WHERE (source, id) = ($1, $2)",
            event.source,
            event.id,
        )


@contextlib.asynccontextmanager
async def bench(database: str) -> AsyncIterator[Bench]:
    """Nothing is recorded."""
    async with open_pool(database, application="test-projects", size=4) as pool:
        yield Bench(pool, Settling(CATALOGUE, pool, HandClock()))


async def test_a_project_enters_and_reports(database: str) -> None:
    """From statements to one standing with its months, plain columns, history and problems."""
    async with bench(database) as recorded:
        first = await recorded.settle(listed())
        assert [(each.version, each.months) for each in first.standings] == [(1, ())]
        report = progress("2023-07", {"permit": "2023-03-20"}, invested_total="1.5")
        second = await recorded.settle(report)
        assert [(each.outcome, each.version) for each in second.outcomes] == [("applied", 1)]
        [standing] = second.standings
        assert (standing.version, standing.months[-1].lag_days, standing.known_at) == (2, 31, report.received_at)
        row = await recorded.pool.fetchrow("SELECT * FROM metrics.project")
        assert row is not None
        assert (row["period"], row["lag_days"], str(row["invested_year"]), row["listed"]) == (
            "2023-07",
            31,
            "1.5",
            True,
        )
        history = await recorded.pool.fetch("SELECT version FROM metrics.project_standing ORDER BY version")
        assert [each["version"] for each in history] == [1, 2]


async def test_the_same_batch_twice_changes_nothing_and_says_the_same(database: str) -> None:
    """A replay writes nothing and announces the same versions."""
    batch = (listed(), progress("2023-03"), raised(), contacted())
    async with bench(database) as recorded:
        first = await recorded.settle(*batch)
        before = await recorded.dump(*TABLES)
        second = await recorded.settle(*batch)
        assert second.changed == 0
        assert (second.standings, second.red_lines) == (first.standings, first.red_lines)
        assert sorted(second.outcomes, key=str) == sorted(first.outcomes, key=str)
        assert await recorded.dump(*TABLES) == before


async def test_any_order_and_batches_end_the_same(database: str, postgres: str) -> None:
    """Out-of-order revisions, one batch or many: the same standing, outcomes and red lines."""
    story: list[Stated] = [
        listed(), listed("enter", "2023-02-01", OF_2023, plan=None), progress("2023-03", {"permit": "2023-03-20"}),
        progress("2023-03", {"permit": "2023-03-25"}, revision=2), progress("2023-03", revision=1),
        progress("2023-04", by="anji"), raised(), closed(), listed("leave", "2023-09-01", reason="用地"),
    ]  # fmt: skip
    async with bench(database) as recorded:
        await recorded.settle(*story)
        [standing] = await Reading(recorded.pool).standings(PROGRAMME)
        outcomes = [tuple(await recorded.outcome(event)) for event in story]
        await recorded.pool.execute(
            "TRUNCATE metrics.project_statement, metrics.project, metrics.project_standing, metrics.project_subject, "
            "metrics.project_outcome, metrics.project_receipt_item, metrics.project_red_line, "
            "metrics.project_outcome_history, metrics.project_red_line_past"
        )
        shuffled = random.Random(7).sample(story, len(story))
        for event in shuffled:
            await recorded.settle(event)
        [again] = await Reading(recorded.pool).standings(PROGRAMME)
        assert (again.months, again.stays, again.plans) == (standing.months, standing.stays, standing.plans)
        assert [tuple(await recorded.outcome(event)) for event in story] == outcomes
        lines = await Reading(recorded.pool).red_lines(PROGRAMME, None)
        assert [(line.red_line, line.state) for line in lines] == [("cultivated_land", "closed")]


async def test_an_unknown_project_waits_for_its_listing(database: str) -> None:
    """A report before the list act is refused and applies once the project is listed: versions say so."""
    report = progress("2023-03")
    async with bench(database) as recorded:
        settled = await recorded.settle(report)
        assert [(o.outcome, o.code, o.version) for o in settled.outcomes] == [("refused", "unknown_project", 1)]
        assert settled.standings == ()
        settled = await recorded.settle(listed())
        told = {o.id: (o.outcome, o.version) for o in settled.outcomes}
        assert told[report.id] == ("applied", 2)
        assert settled.standings[0].months[-1].status == "under_way"


async def test_duplicates_and_id_conflicts_are_outcomes_of_their_items(database: str) -> None:
    """Rule 2.7: the first recorded holds."""
    first = progress("2023-03")
    again = msgspec.structs.replace(first, receipt="B")
    other = msgspec.structs.replace(again, said=progress("2023-03", invested_total="9").said)
    async with bench(database) as recorded:
        await recorded.settle(listed(), first)
        settled = await recorded.settle(again, other)
        assert {(o.receipt, o.outcome, o.version) for o in settled.outcomes if o.version == 0} == {
            ("B", "duplicate", 0),
            ("B", "id_conflict", 0),
        }
        rows = await Reading(recorded.pool).receipt("B")
        assert sorted(row["outcome"] for row in rows) == ["duplicate", "id_conflict"]
        [standing] = await Reading(recorded.pool).standings(PROGRAMME)
        assert standing.months[-1].invested_total == "0"


async def test_history_answers_known_at(database: str) -> None:
    """Rule 2.10: an earlier moment gives the earlier version, to the byte."""
    async with bench(database) as recorded:
        await recorded.settle(listed(), progress("2023-03"))
        [before] = await Reading(recorded.pool).standings(PROGRAMME)
        await recorded.settle(
            progress("2023-04"), listed("amend", "2023-05-02", None, plan=plan(invest_total="13"), reason="扩建")
        )
        reading = Reading(recorded.pool)
        assert await reading.standings(PROGRAMME, at("2023-04-30")) == [before]
        assert (await reading.standing(PROGRAMME, PROJECT_ID, None)) != before
        assert await reading.standings(PROGRAMME, at("2022-12-31")) == []


async def test_what_waits_for_the_office(database: str) -> None:
    """Rules 2.9 and 2.10: a report behind its month's lock waits beside what counts, until it is decided; what waited
    at a moment is told later too."""
    async with open_pool(database, application="test-projects", size=4) as pool:
        clock, reading = HandClock(), Reading(pool)
        recorded = Bench(pool, Settling(CATALOGUE, pool, clock))
        late = progress(
            "2023-03", received=at("2023-08-02"), revision=1, invested_total="15000", unit="CNY_10k", reason="补"
        )
        for event in (listed(), progress("2023-03", invested_total="1"), late):
            clock.instant = event.received_at
            await recorded.settle(event)
        [row] = await reading.held(PROGRAMME, None)
        [known] = await reading.standings(PROGRAMME)
        seen = held(row, known)
        clock.instant = at("2023-08-05")
        await recorded.settle(ruled(late, "return", at("2023-08-05")))
        assert (seen.project, seen.period, seen.revision, seen.unit) == (PROJECT_ID, "2023-03", 1, "deqing")
        assert (seen.invested_total, seen.present_invested_total, seen.present_status) == ("1.5", "1", "under_way")
        assert await reading.held(PROGRAMME, None) == []
        assert await reading.held(PROGRAMME, at("2023-08-03")) == [row]
        assert await reading.held(PROGRAMME, at("2023-07-31")) == []


async def test_what_was_said_then_comes_back(database: str) -> None:
    """Rules 2.10 and 12: statements with what had become of them and red lines as they were said, after each one."""
    async with open_pool(database, application="test-projects", size=4) as pool:
        clock, reading = HandClock(), Reading(pool)
        recorded = Bench(pool, Settling(CATALOGUE, pool, clock))

        async def told(known_at: datetime | None) -> list[Any]:
            said = await reading.statements(PROGRAMME, PROJECT_ID, known_at)
            return [said, await reading.red_lines(PROGRAMME, known_at)]

        story: list[Stated] = [
            listed(), progress("2023-03"), progress("2023-03", {"permit": "2023-03-25"}, at("2023-04-08"), revision=1),
            raised("2023-05-01"), raised("2023-05-20"), closed("2023-06-20"),
        ]  # fmt: skip
        answers = {}
        for event in sorted(story, key=lambda each: each.received_at):
            clock.instant = event.received_at
            await recorded.settle(event)
            answers[event.received_at] = await told(None)
        assert [then for then, answer in answers.items() if await told(then) != answer] == []
        outcomes = {row["outcome"] for said, _ in answers.values() for row in said}
        assert outcomes == {"applied", "superseded"}
        lines = [(line.state, line.repeated) for _, found in answers.values() for line in found]
        assert lines == [("open", 0), ("open", 1), ("closed", 1)]
