"""A version of the catalogue in alerts, on a real Postgres (rules 2.9, 4.4 and 8): lights, ends, new series."""

from collections.abc import AsyncIterator
from datetime import date

import msgspec
import pytest

from contracts.topics import partition_of
from tests.support.judging import PARTITION, Bench, bench
from tests.support.recorded import LOOKUP, PROGRAMME
from tests.support.standings import INDICATOR, at, coloured
from tests.support.versions import mark, of_indicator, twin

NEW = "new_projects"


@pytest.fixture
async def alerts(database: str) -> AsyncIterator[Bench]:
    """Alerts with an empty database."""
    async with bench(database) as found:
        yield found


async def test_lights_follow_the_standings_held_to_the_version(alerts: Bench) -> None:
    """Rule 5: the thresholds are the version's own; what was judged before it keeps its light."""
    june = coloured("2023-06", "yellow")
    await alerts.judge(coloured("2023-05", "yellow"), june)
    strict = msgspec.structs.replace(LOOKUP.programme.profile, version=2, r_pp="11", r_ratio="0.79")
    programme = msgspec.structs.replace(LOOKUP.programme, version="2", profile=strict)
    held = msgspec.structs.replace(june, version=2, catalogue_version="2", known_at=at("2023-07-03"))
    await alerts.judge(mark(programme, at("2023-07-03"), PARTITION), held)
    rows = await alerts.pool.fetch("SELECT period, live FROM alerts.light WHERE version > 0 ORDER BY period")
    assert [tuple(row) for row in rows] == [("2023-05", "yellow"), ("2023-06", "red")]


async def test_a_ticket_ends_with_a_life_that_was_cut(alerts: Bench) -> None:
    """Rule 8: the last cell that is left is locked, then the ticket is closed as ended."""
    await alerts.judge(coloured("2023-05", "yellow"), at("2023-06-06", 0))
    cut = of_indicator(INDICATOR, valid_to=date(2023, 5, 31))
    await alerts.judge(mark(cut, at("2023-06-10"), PARTITION), at("2023-06-30"))
    assert await alerts.pool.fetchval("SELECT state FROM alerts.ticket WHERE rule = 'lag'") != "CLOSED"
    await alerts.judge(at("2023-07-01", 0))
    row = await alerts.pool.fetchrow("SELECT state, close_code FROM alerts.ticket WHERE rule = 'lag'")
    assert row is not None
    assert tuple(row) == ("CLOSED", "ended")


async def test_a_new_series_is_watched_from_its_mark_on(alerts: Bench) -> None:
    """Its rows are there, its lights of record are fixed when their time comes; the same mark again changes nothing."""
    there = partition_of(PROGRAMME, NEW)
    said = mark(twin(), at("2023-07-03"), there)
    await alerts.judge(said)
    before = await alerts.dump("series", "catalogue", "catalogue_mark")
    assert any(row["indicator"] == NEW and row["next_at"] is not None for row in before["series"])
    await alerts.judge(said, said)
    assert await alerts.dump("series", "catalogue", "catalogue_mark") == before
    held = coloured("2023-07", "red", indicator=NEW, catalogue_version="2")
    await alerts.judge(held)
    assert [(m.labels["indicator"], m.notification_reason) for m in await alerts.feed()] == [(NEW, "early")]


async def test_after_a_restart_the_version_is_known(alerts: Bench) -> None:
    """A process that never saw the mark reads it before it judges a standing of a new cell."""
    await alerts.judge(mark(twin(), at("2023-07-03"), partition_of(PROGRAMME, NEW)))
    other = alerts.afresh()
    await other.judge(coloured("2023-07", "red", indicator=NEW, catalogue_version="2"))
    assert len(await other.feed()) == 1


async def test_a_standing_of_no_cell_is_a_defect(alerts: Bench) -> None:
    """What no version knows is told to nobody: it goes to the dead letters."""
    with pytest.raises(ValueError, match="no cell"):
        await alerts.judge(coloured("2023-07", "red", indicator=NEW))


async def test_a_published_cell_stays_with_its_version(alerts: Bench) -> None:
    """Rule 2.9: May was published before a version that has no May any more: it keeps its due date and its light."""
    published = at("2023-06-08")
    told = coloured("2023-05", "yellow", version=2, known_at=published, published_at=published)
    cut = of_indicator(INDICATOR, valid_to=date(2023, 4, 30))
    await alerts.judge(coloured("2023-05", "yellow"), at("2023-06-06", 0), told, at("2023-06-09"))
    await alerts.judge(mark(cut, at("2023-06-10"), PARTITION))
    for each in (alerts, alerts.afresh()):
        await each.judge(at("2023-06-12"))
        row = await each.pool.fetchrow("SELECT due_at, lock_at, record FROM alerts.light WHERE period = '2023-05'"
                                       " AND version = 2")  # fmt: skip
        assert row is not None
        assert tuple(row) == (at("2023-06-06", 0), published, "yellow")
    row = await alerts.pool.fetchrow("SELECT state, close_code FROM alerts.ticket WHERE rule = 'lag'")
    assert row is not None
    assert tuple(row) == ("CLOSED", "ended")
    later = coloured("2023-05", "red", version=3, known_at=at("2023-06-20"), published_at=published)
    await alerts.judge(later)
    assert await alerts.pool.fetchval("SELECT record FROM alerts.light WHERE version = 3") == "red"
    assert await alerts.pool.fetchval("SELECT count(*) FROM alerts.ticket WHERE rule = 'lag'") == 1
