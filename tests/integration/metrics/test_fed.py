"""Sums over projects on a real Postgres: from statements to derived reports, told until the broker has them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from contracts.codec import Record, decode
from contracts.events import ProgressReported
from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool, open_pool
from contracts.operations.publishing import Message, Placed
from contracts.project_events import Stated
from contracts.topics import REPORTED, partition_of
from services.metrics import settling
from services.metrics.entries import entries as report_entries
from services.metrics.projects.entries import entries
from services.metrics.projects.fed import Telling
from services.metrics.projects.settling import Settling
from tests.support import recorded as reports
from tests.support.projects import PROGRAMME, listed, plan, progress, received
from tests.support.recorded import CATALOGUE, HandClock

FED = "county_hospital_investment"
LINKED = plan(feeds=(FED,))


@dataclass
class Broker:
    """Takes what is published, unless it is away."""

    away: bool = False
    records: list[Record] = field(default_factory=list)

    async def publish_all(self, messages: Sequence[Message]) -> list[Placed]:
        if self.away:
            raise Unavailable("kafka: away")
        placed = []
        for message in messages:
            assert message.partition is not None
            offset = len(self.records)
            placed.append(Placed(message.partition, offset))
            record = Record(message.topic, message.partition, offset, message.key, message.value, 0)
            self.records.append(record)
        return placed

    @property
    def told(self) -> list[ProgressReported]:
        """The derived reports, in their order."""
        found = [decode(record) for record in self.records]
        assert all(isinstance(each, ProgressReported) for each in found)
        return found  # type: ignore[return-value]  # asserted

    @property
    def values(self) -> list[tuple[str, str | None, int]]:
        return [(each.report.period, each.report.value, each.report.revision) for each in self.told]


@dataclass
class Bench:
    pool: Pool
    settling: Settling
    broker: Broker
    telling: Telling

    async def say(self, *events: Stated) -> None:
        """One batch, as recording does it."""
        await self.settling.settle(entries([received(event, n) for n, event in enumerate(events)]))
        await self.telling.tell()


@contextlib.asynccontextmanager
async def bench(database: str) -> AsyncIterator[Bench]:
    async with open_pool(database, application="test-fed", size=6) as pool:
        broker = Broker()
        telling = Telling(pool, broker)  # type: ignore[arg-type]  # all that it asks of a producer
        yield Bench(pool, Settling(CATALOGUE, pool, HandClock()), broker, telling)


async def test_a_project_s_report_becomes_a_report_of_the_indicator(database: str) -> None:
    """In its partition, from the platform's source, known since the project's report; corrected: the next revision."""
    async with bench(database) as fed:
        said = progress("2023-03", invested_total="2.5", confidence="at_risk")
        await fed.say(listed(plan=LINKED), said)
        [told] = fed.broker.told
        assert fed.broker.records[0].topic == REPORTED.name
        assert fed.broker.records[0].partition == partition_of(PROGRAMME, FED)
        assert (told.source, told.report.value, told.report.unit) == ("/platform/projects", "2.5", "CNY_100M")
        assert (told.report.period, told.report.district, told.report.confidence) == ("2023-03", "deqing", "at_risk")
        assert told.received_at == said.received_at
        await fed.say(progress("2023-03", invested_total="2.7", revision=1))
        await fed.say(listed(project="free"), progress("2023-03", project="free", invested_total="9"))
        assert fed.broker.values == [("2023-03", "2.5", 1), ("2023-03", "2.7", 2)]


async def test_the_report_is_recorded_as_any_other(database: str) -> None:
    """Through the indicator's own recording: applied, and the standing says what it is the sum of."""
    async with bench(database) as fed:
        await fed.say(listed(plan=LINKED), progress("2023-03", invested_total="2.5"))
        [told] = fed.broker.told
        recording = settling.Settling(CATALOGUE, fed.pool, HandClock())
        settled = await recording.settle(report_entries(CATALOGUE, [reports.received(told)]))
        assert [(each.outcome, each.code) for each in settled.outcomes] == [("applied", None)]
        [standing] = [each for each in settled.standings if each.district == "deqing"]
        assert standing.fed is not None
        assert (standing.value, standing.fed.projects.zh) == ("2.5", "德清县人民医院迁建")


async def test_the_same_batch_again_tells_nothing_new(database: str) -> None:
    """A replay after the broker's yes."""
    async with bench(database) as fed:
        batch = (listed(plan=LINKED), progress("2023-03", invested_total="2.5"))
        await fed.say(*batch)
        await fed.say(*batch)
        assert fed.broker.values == [("2023-03", "2.5", 1)]


async def test_what_the_broker_did_not_take_is_told_later(database: str) -> None:
    """An outage after the commit: the repeated batch tells it; a sum that moved meanwhile is told once."""
    async with bench(database) as fed:
        fed.broker.away = True
        batch = (listed(plan=LINKED), progress("2023-03", invested_total="2.5"))
        with pytest.raises(Unavailable):
            await fed.say(*batch)
        fed.broker.away = False
        await fed.say(*batch)
        assert fed.broker.values == [("2023-03", "2.5", 1)]
        fed.broker.away = True
        for value, revision in (("3", 1), ("3.5", 2)):
            with pytest.raises(Unavailable):
                await fed.say(progress("2023-03", invested_total=value, revision=revision))
        fed.broker.away = False
        await fed.telling.tell()
        assert fed.broker.values[1:] == [("2023-03", "3.5", 3)]


async def test_two_projects_settled_at_once_are_summed_one_after_the_other(database: str) -> None:
    """Two replicas, two partitions, one cell: the last sum has both."""
    async with bench(database) as fed:
        await fed.say(listed(plan=LINKED), listed(project="other", plan=LINKED))
        other = Bench(fed.pool, Settling(CATALOGUE, fed.pool, HandClock()), fed.broker, fed.telling)
        await asyncio.gather(
            fed.say(progress("2023-03", invested_total="2.5")),
            other.say(progress("2023-03", project="other", invested_total="1")),
        )
        row = await fed.pool.fetchrow("SELECT value, revision FROM metrics.fed WHERE period = '2023-03'")
        assert row is not None
        assert tuple(row) == ("3.5", 1)


async def test_a_link_that_is_taken_back_takes_its_sum_back(database: str) -> None:
    """The list act is withdrawn: nothing feeds the cell any more, the unit's own report holds again."""
    async with bench(database) as fed:
        await fed.say(listed(), listed("amend", "2023-02-10", None, plan=LINKED), progress("2023-03"))
        assert fed.broker.values == [("2023-03", "0", 1)]
        undone: dict[str, Any] = {"revision": 1, "reason": "误挂钩"}
        await fed.say(listed(None, "2023-02-10", None, **undone))
        assert fed.broker.values[1:] == [("2023-03", None, 2)]
