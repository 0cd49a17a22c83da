"""Judging and acting at once on a real Postgres: the feed stays gap-free and no ticket does anything twice."""

import asyncio
from itertools import pairwise

from contracts.events import Watermark
from contracts.topics import PARTITIONS
from services.alerts.acting import Acting
from services.alerts.tickets import Event, NotApplicable
from tests.support.judging import LOOKUP, STEP, bench
from tests.support.standings import at, coloured

PAIRS = [
    (indicator.id, indicator.applicable[0])
    for indicator in LOOKUP.programme.indicators
    if indicator.frequency == "monthly" and indicator.applicable
][:24]


async def acted(acting: Acting, ticket: str, act: str) -> bool:
    """Whether it was done."""
    try:
        await acting(ticket, Event(act, at("2023-06-07"), actor="someone"))
    except NotApplicable:
        return False
    return True


async def test_acts_and_judging_at_once(database: str) -> None:
    """Two replicas judge different partitions while units act: numbers without gaps, chains without forks."""
    due = at("2023-06-06", 0)
    async with bench(database) as alerts:
        await alerts.judge(*(coloured("2023-05", "yellow", indicator=i, district=d) for i, d in PAIRS))
        alerts.clock.instant = due
        await alerts.judge(*(Watermark(partition=p, through=due, position=0) for p in range(PARTITIONS)))
        tickets = [
            str(row["ticket"]) for row in await alerts.pool.fetch("SELECT ticket FROM alerts.ticket WHERE rule = 'lag'")
        ]
        assert len(tickets) == len(PAIRS)
        moment = at("2023-06-07")
        await alerts.hear(*(coloured("2023-06", "red", indicator=i, district=d, known_at=moment) for i, d in PAIRS))
        over = [Watermark(partition=p, through=moment + STEP, position=1) for p in range(PARTITIONS)]
        june = [alerts.received(each) for each in over]
        judged = [alerts.judging.judge(june[start::3]) for start in range(3)]
        acts = [acted(alerts.acting, ticket, act) for ticket in tickets for act in ("ack", "review_passed", "ack")]
        done, _ = await asyncio.gather(asyncio.gather(*acts), asyncio.gather(*judged))
        assert done == [True, False, True] * len(tickets)
        feed = await alerts.feed(None)
        assert [m.seq for m in feed] == list(range(1, len(feed) + 1))
        for ticket in tickets:
            chain = [m for m in feed if m.ticket_id == ticket]
            assert [m.notification_reason for m in chain] == ["first", "acknowledged"]
            assert all(later.references == (earlier.message_id,) for earlier, later in pairwise(chain))
        assert sum(m.notification_reason == "early" for m in feed) == 2 * len(PAIRS)
        assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")
