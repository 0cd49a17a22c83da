"""Reminders on a real Postgres: told once every partition has passed 09:00, exactly once, gap-free (rule 7.3)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest

from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.feed_events import FeedMessage, Reminder
from contracts.operations.connections import Unavailable
from contracts.periods import SHANGHAI
from contracts.programme import OFFICE
from contracts.topics import PARTITIONS, partition_of
from services.alerts.reading.feed import FeedReading
from services.alerts.reminders import store
from services.alerts.reminders.occasions import Duties
from tests.support.judging import LOOKUP, Bench, bench
from tests.support.standings import DISTRICT, INDICATOR, PROGRAMME, at, coloured, standing

DUTIES = Duties(Catalogue(LOOKUP))
SOON, OVERDUE, DUE = at("2023-07-02", 9), at("2023-07-06", 9), at("2023-07-06", 0)
JUNE = (INDICATOR, DISTRICT, "2023-06")


@pytest.fixture
async def alerts(database: str) -> AsyncIterator[Bench]:
    """Alerts as it stands at the end of June, nothing reported and nothing excused."""
    async with bench(database, silent=True) as found:
        await pass_all(found, at("2023-06-30"))
        assert await reminders(found) == []
        yield found


def marks(through: datetime, partitions: Sequence[int] = range(PARTITIONS)) -> list[Watermark]:
    return [Watermark(partition=p, through=through, position=0) for p in partitions]


async def pass_all(alerts: Bench, through: datetime) -> None:
    """One batch with every partition's watermark."""
    alerts.clock.instant = through
    await alerts.judge(*marks(through))


async def reminders(alerts: Bench) -> list[FeedMessage]:
    feed = await alerts.feed(None)
    assert [m.seq for m in feed] == list(range(1, len(feed) + 1))
    return [m for m in feed if m.kind == "reminder"]


def cells(messages: Sequence[FeedMessage]) -> Counter[tuple[str, str, str]]:
    """Every cell of the single ones, counted."""
    return Counter(
        (c.indicator, c.district, c.period)
        for m in messages
        if isinstance(m.reminder, Reminder)
        for c in m.reminder.cells
    )


def units(message: FeedMessage) -> dict[str, int]:
    assert isinstance(message.reminder, Reminder)
    return {each.unit: each.cells for each in message.reminder.units}


async def test_who_owes_is_reminded_before_and_after(alerts: Bench) -> None:
    """What has a value or an excuse is left out; the others are listed once to their unit, the units to the office."""
    other = next(duty.key for duty in DUTIES.of(DUE) if duty.key[0] != INDICATOR)
    free = standing("2023-06", None, reason="excused", indicator=other[0], district=other[1], known_at=at("2023-07-01"))
    await alerts.judge(free)
    await pass_all(alerts, SOON)
    *singles, collective = await reminders(alerts)
    due = Counter(duty.key for duty in DUTIES.of(DUE))
    assert cells(singles) == due - Counter([other])
    assert units(collective) == {m.labels["addressee"]: cells([m]).total() for m in singles}
    assert (collective.labels["addressee"], collective.sent, collective.reason_code) == (OFFICE, SOON, "due_soon")
    await alerts.judge(coloured("2023-06", "green", known_at=at("2023-07-03")))
    await pass_all(alerts, OVERDUE)
    *_, again = found = (await reminders(alerts))[len(singles) + 1 :]
    assert cells(found) == due - Counter([other, JUNE])
    assert {m.reason_code for m in found} == {"overdue"}
    assert again.references == (collective.message_id,)


async def test_an_excuse_holds_until_its_end(alerts: Bench) -> None:
    """Rule 7.2: an excuse that was over before the moment is none."""
    over = {"reason": "excused", "known_at": at("2023-06-30"), "excused_until": at("2023-07-02", 0)}
    await alerts.judge(standing("2023-06", None, **over))
    await pass_all(alerts, SOON)
    assert JUNE in cells(await reminders(alerts))


async def test_the_last_partition_decides(alerts: Bench) -> None:
    """As long as one partition is behind 09:00 nothing is said: what it holds may be a report that came in time."""
    last = partition_of(PROGRAMME, INDICATOR)
    alerts.clock.instant = SOON
    await alerts.judge(*marks(SOON, [p for p in range(PARTITIONS) if p != last]))
    assert await reminders(alerts) == []
    value = coloured("2023-06", "green", known_at=at("2023-07-01"))
    await alerts.judge(value, *marks(SOON, [last]))
    assert JUNE not in cells(await reminders(alerts))
    assert await alerts.pool.fetchval("SELECT next_at FROM alerts.reminding") == OVERDUE


async def test_again_changes_nothing(alerts: Bench) -> None:
    """The same batch twice, a restart between: every message once (rule 9)."""
    await pass_all(alerts, SOON)
    before = await reminders(alerts)
    restarted = alerts.afresh()
    for batch in list(alerts.batches):
        await restarted.judging.judge(batch)
    await pass_all(restarted, SOON)
    assert await reminders(restarted) == before


async def test_two_replicas_at_once_say_it_once(alerts: Bench) -> None:
    """Partitions that pass 09:00 at the same time on two replicas: one of them decides, neither forgets."""
    alerts.clock.instant = SOON
    other = alerts.afresh()
    batches = [marks(SOON, range(p, PARTITIONS, 4)) for p in range(4)]
    received = [[alerts.received(mark) for mark in batch] for batch in batches]
    await asyncio.gather(*((alerts if n % 2 else other).judging.judge(batch) for n, batch in enumerate(received)))
    *singles, _ = await reminders(alerts)
    assert cells(singles) == Counter(duty.key for duty in DUTIES.of(DUE))


async def test_a_crash_before_the_commit_forgets_nothing(alerts: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is rolled back whole, the watermark too; the repeated batch says it."""

    async def fails(*_: object) -> None:
        raise Unavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(store, "advance", fails)
        with pytest.raises(Unavailable):
            await pass_all(alerts, SOON)
    assert await reminders(alerts) == []
    assert await alerts.pool.fetchval("SELECT max(through) FROM alerts.watermark") < SOON
    await pass_all(alerts, SOON)
    assert await reminders(alerts)


async def test_what_was_slept_through(alerts: Bench) -> None:
    """Alerts was away from 1 to 8 July: no announcement of what is overdue already, but the reminder of that."""
    await pass_all(alerts, at("2023-07-08"))
    codes = Counter((m.reason_code, str(m.reminder.due_on)) for m in await reminders(alerts)
                    if isinstance(m.reminder, Reminder))  # fmt: skip
    assert {code for code, due_on in codes if due_on == "2023-07-05"} == {"overdue"}
    assert ("due_soon", "2023-07-10") in codes  # the quarter's


async def test_an_old_programme_is_not_reminded_of_its_past(database: str) -> None:
    """The first start in the middle of a programme: reminders begin from then on."""
    async with bench(database, silent=True) as alerts:
        await pass_all(alerts, at("2025-03-20"))
        assert await reminders(alerts) == []


async def test_the_next_moment_is_told_to_whoever_drives(alerts: Bench) -> None:
    """GET /v1/watermarks names the reminder as a moment at which time alone does something."""
    next_at = (await FeedReading(alerts.pool).judged()).next_at
    assert next_at is not None
    assert next_at.astimezone(SHANGHAI) == SOON


async def test_a_unit_reads_its_own(alerts: Bench) -> None:
    """Of reminders a unit's token shows those to the unit, whatever series it may read; the office's shows all."""
    await pass_all(alerts, SOON)
    found = await reminders(alerts)
    unit = found[0].labels["addressee"]
    reading = FeedReading(alerts.pool)
    for series, asked, wanted in (
        (None, OFFICE, [m.seq for m in found]),
        ([], unit, [m.seq for m in found if m.labels["addressee"] == unit]),
        ([f"{INDICATOR}/{DISTRICT}"], None, []),
    ):
        page, _ = await reading.messages(PROGRAMME, series, asked, found[0].seq - 1, 1000)
        assert len(page) == len(wanted), (series, asked)


async def test_a_report_that_cannot_be_computed_is_not_reminded_of(alerts: Bench) -> None:
    """Rules 3.1, 7.2 and 7.3: who has reported behind a gap has reported; taken back it is owed again."""
    behind = {"reason": "incomplete", "received_at": at("2023-07-01"), "known_at": at("2023-07-01")}
    await alerts.judge(standing("2023-06", None, **behind))
    await pass_all(alerts, SOON)
    assert JUNE not in cells(await reminders(alerts))
    back = {"reason": "no_value", "flags": ("withdrawn",), "known_at": at("2023-07-05"), "version": 2}
    await alerts.judge(standing("2023-06", None, received_at=at("2023-07-01"), **back))
    await pass_all(alerts, OVERDUE)
    assert cells(await reminders(alerts))[JUNE] == 1
