"""After a year of late, wrong and corrected standings in odd batches: everything stored follows from the standings."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from contracts.events import Standing, Watermark
from contracts.topics import PARTITIONS
from services.alerts.lights import fold
from services.alerts.reading.lights import LightReading
from services.alerts.reading.scope import Scope
from tests.support.judging import CELLS, LOOKUP, STEP, Bench, bench
from tests.support.servers import new_database
from tests.support.standings import at, coloured, standing

SERIES = [
    (indicator.id, district)
    for indicator in LOOKUP.programme.indicators
    if indicator.frequency == "monthly" and indicator.applicable and indicator.valid_to.year == 2027
    for district in indicator.applicable[:2]
][:12]
END = at("2024-05-06", 0)


def story(random: Random, months: int = 15) -> list[Standing | datetime]:
    """Standings of some months and the due dates, in the order in which they become known."""
    known: list[Standing] = []
    for indicator, district in SERIES:
        cells = [cell for cell in CELLS.of(indicator, district) if cell.record_at and cell.period.end < END.date()]
        for cell in cells[:months]:
            late = timedelta(days=random.choice((1, 2, 3, 4, 9, 40)))
            for version in range(1, random.choice((1, 2, 2, 3, 4))):
                told: dict[str, Any] = {"indicator": indicator, "district": district, "version": version}
                told["known_at"] = cell.period.closes_at + late + version * timedelta(days=1)
                gone = version > 1 and random.random() < 0.1
                colour = random.choice(("green", "green", "yellow", "red", "grey"))
                period = cell.period.text
                known.append(standing(period, None, **told) if gone else coloured(period, colour, **told))
    marks = [cell.record_at for cell in CELLS.of(*SERIES[0]) if cell.record_at and cell.record_at <= END][:months]
    events: list[tuple[datetime, Standing | datetime]] = [
        *((each.known_at, each) for each in known if each.known_at < END),
        *((mark, mark) for mark in marks),
    ]
    return [event for _, event in sorted(events, key=lambda each: each[0])]


async def play(
    alerts: Bench, events: Sequence[Standing | datetime], size: int, look: Callable[[], Awaitable[None]] | None = None
) -> None:
    """In batches, with a look after each that leaves nothing of its instant to come; an instant is the watermark of
    every partition."""
    batch: list[Standing | Watermark] = []
    for event, following in zip(events, [*events[1:], END], strict=True):
        if isinstance(event, datetime):
            alerts.clock.instant = event
            batch += [Watermark(partition=p, through=event, position=len(batch)) for p in range(PARTITIONS)]
        else:
            alerts.clock.instant = max(event.known_at, alerts.clock.instant)
            batch.append(event)
        if len(batch) >= size:
            over = _moment(following) > alerts.clock.instant
            if over:
                alerts.clock.instant += STEP
                batch += [Watermark(partition=p, through=alerts.clock.instant, position=0) for p in range(PARTITIONS)]
            await alerts.hear(*batch)
            batch = []
            if look is not None and over:
                await look()
    await alerts.judge(*batch, *(Watermark(partition=p, through=END, position=0) for p in range(PARTITIONS)))


def _moment(event: Standing | datetime) -> datetime:
    return event if isinstance(event, datetime) else event.known_at


async def recounted(alerts: Bench) -> int:
    """How many lights were compared with a fold of the stored standings."""
    rows = await alerts.pool.fetch("SELECT document::text AS document FROM alerts.standing")
    known = [msgspec.json.decode(row["document"], type=Standing) for row in rows]
    lights = await alerts.pool.fetch("SELECT * FROM alerts.light")
    stored = {(r["indicator"], r["district"], r["period"]): (r["live"], r["record"], r["caught_up"]) for r in lights}
    shown = {(r["indicator"], r["district"]): r for r in await alerts.pool.fetch("SELECT * FROM alerts.series")}
    for series in SERIES:
        mine = {each.period: each for each in known if (each.indicator, each.district) == series}
        cells = CELLS.of(*series)
        found = fold(cells, mine, LOOKUP.programme.profile, END)
        for cell, light in zip(cells, found.cells, strict=True):
            expected = (light.live, light.record, light.caught_up)
            assert stored.get((*series, cell.period.text), (None, None, False)) == expected
        assert (shown[series]["light"], shown[series]["stale"]) == (found.light, found.stale)
    return len(stored)


async def test_everything_follows_from_the_standings(database: str) -> None:
    """Rules 6.1-6.5, 8 and 9: lights, worsenings and messages, chains of messages, levels and events agree."""
    async with bench(database) as alerts:
        await play(alerts, story(Random(7)), 17)
        assert await recounted(alerts) > len(SERIES) * 15
        assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")
        feed = await alerts.feed(None)
        assert [m.seq for m in feed] == list(range(1, len(feed) + 1))
        assert len(feed) > 100
        said: dict[str, list[str]] = {}
        for message in feed:
            if message.ticket_id is not None:
                chain = said.setdefault(message.ticket_id, [])
                expected = chain[-1:] if message.msg_type == "Update" else chain
                assert not chain or list(message.references) == expected
                chain.append(message.message_id)
        tickets = await alerts.pool.fetch("SELECT ticket::text, message_ids::text[], state, level FROM alerts.ticket")
        assert {t["ticket"]: t["message_ids"] for t in tickets} == said
        last = await alerts.pool.fetch(
            "SELECT DISTINCT ON (ticket) ticket::text, to_state, level FROM alerts.ticket_event "
            "ORDER BY ticket, position DESC"
        )
        assert {(t["ticket"], t["state"], t["level"]) for t in tickets} == {tuple(row) for row in last}
        warned = await alerts.pool.fetch("SELECT state, count(*) FROM alerts.warning GROUP BY state")
        assert "confirmed" in {row["state"] for row in warned} <= {"confirmed", "withdrawn"}


async def test_earlier_lights_come_back(database: str) -> None:
    """Rules 2.10, 6.1, 6.4: known_at tells each light, stale and grey included, as the series showed it then."""
    async with bench(database) as alerts:
        reading = LightReading(alerts.pool)
        shown: dict[datetime, set[tuple[object, ...]]] = {}

        async def lights(known_at: datetime | None) -> set[tuple[object, ...]]:
            scope = Scope(programme=LOOKUP.programme.id, known_at=known_at)
            found = await reading.series(scope, "", 10_000)
            return {(each.indicator, each.district, each.light, each.period, each.stale) for each in found}

        async def look() -> None:
            shown[alerts.clock.instant] = await lights(None)

        await play(alerts, story(Random(5)), 5, look)
        assert len(shown) > 30
        for instant, seen in shown.items():
            differing = await lights(instant) ^ seen
            assert not differing, instant
        marks = {(light, stale) for seen in shown.values() for *_, light, _, stale in seen}
        assert {("red", True), ("green", True), ("grey", False)} <= marks


async def test_the_size_of_batches_changes_no_light_and_no_ticket(postgres: str, prepared_database: str) -> None:
    """However the records are cut into batches: the same lights, and the same tickets are open."""
    events, found = story(Random(11), 6), []
    for size in (2, 40, 10_000):
        with new_database(postgres, like=prepared_database) as url:
            async with bench(url) as alerts:
                await play(alerts, events, size)
                await recounted(alerts)
                open_ = "state IN ('OPEN', 'ACKED', 'ANSWERED')"
                query = f"SELECT rule, indicator, district FROM alerts.ticket WHERE {open_} ORDER BY 1, 2, 3"
                found.append([tuple(row) for row in await alerts.pool.fetch(query)])
    assert set(found[0]) == set(found[1]) == set(found[2])
