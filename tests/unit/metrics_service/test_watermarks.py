"""Watermarks: monotone, D behind, announced only when complete, again when positions move, adopted by a new owner."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from contracts.events import Watermark
from contracts.operations.connections import Unavailable
from services.metrics import watermarks as module
from services.metrics.instruments import WatermarkInstruments
from services.metrics.watermarks import Stamps, Watermarks
from tests.support.recorded import HandClock, at, event, received

DAY = timedelta(days=1)


@dataclass
class Platform:
    """A clock, a consumption, a table and a broker by hand; `said` is what was announced."""

    clock: HandClock = field(default_factory=HandClock)
    positions: dict[int, int] = field(default_factory=lambda: {0: 5})
    complete: set[int] = field(default_factory=lambda: {0})
    written: dict[int, Watermark] = field(default_factory=dict)
    said: list[tuple[int, datetime, int]] = field(default_factory=list)
    stamps: Stamps = field(default_factory=Stamps)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    broker_away: bool = False
    asked: int = 0

    async def caught_up(self) -> Mapping[int, int]:
        self.asked += 1
        return {each: at for each, at in self.positions.items() if each in self.complete}

    async def read(self, partitions: Collection[int]) -> list[Watermark]:
        return [self.written[each] for each in partitions if each in self.written]

    async def advance(self, marks: Sequence[Watermark]) -> list[Watermark]:
        for mark in marks:
            held = self.written.get(mark.partition, mark)
            through = max(held.through, mark.through)
            self.written[mark.partition] = Watermark(partition=mark.partition, through=through, position=mark.position)
        return [self.written[mark.partition] for mark in marks]

    async def watermarks(self, marks: Sequence[Watermark]) -> None:
        if self.broker_away:
            raise Unavailable("kafka")
        self.said += [(mark.partition, mark.through, mark.position) for mark in marks]

    def replica(self) -> Watermarks:
        """A replica that owns the partitions now."""
        me: Any = self
        return Watermarks(self.clock, me, self.stamps, me, me, self.turn, WatermarkInstruments(CollectorRegistry()))


async def test_a_driven_instant_is_announced_at_once_and_once() -> None:
    """Everything before the instant is recorded: `through` is the instant itself (D is 0)."""
    platform = Platform()
    marks = platform.replica()
    await marks.step()
    await marks.step()
    assert platform.said == [(0, at("2023-01-01"), 5)]
    assert platform.asked == 1
    platform.clock.instant += DAY
    await marks.step()
    assert platform.said[1:] == [(0, at("2023-01-02"), 5)]


async def test_a_moved_position_is_told_with_the_present_instant() -> None:
    """So that whoever sent a report sees that its offset has been handled."""
    platform = Platform()
    marks = platform.replica()
    await marks.step()
    platform.positions[0] = 9
    await marks.step()
    assert platform.said == [(0, at("2023-01-01"), 5), (0, at("2023-01-01"), 9)]


async def test_what_is_not_complete_is_not_told() -> None:
    """Unhandled records in a partition: its instant waits, the others' do not."""
    platform = Platform(positions={0: 5, 1: 7}, complete={1})
    marks = platform.replica()
    await marks.step()
    assert platform.said == [(1, at("2023-01-01"), 7)]
    platform.complete.add(0)
    await marks.step()
    assert platform.said[1:] == [(0, at("2023-01-01"), 5)]


async def test_while_a_batch_is_under_way_nothing_is_asked_or_told() -> None:
    """The turn is the batch's: no watermark passes it."""
    platform = Platform()
    marks = platform.replica()
    async with platform.turn:
        step = asyncio.create_task(marks.step())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (platform.asked, platform.said) == (0, [])
    await step
    await marks.step()
    assert platform.said == [(0, at("2023-01-01"), 5)]


async def test_under_the_real_clock_it_follows_ten_seconds_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """T = now - D when caught up, else the newest stamp - D; never backwards."""
    monkeypatch.setattr(module, "_EVERY", 0)
    delay = timedelta(seconds=10)
    platform = Platform(HandClock(driven=False, delay=delay))
    marks = platform.replica()
    await marks.step()
    assert platform.said == [(0, at("2023-01-01") - delay, 5)]
    platform.complete.clear()
    platform.clock.instant += DAY
    await marks.step()
    assert len(platform.said) == 1  # behind, and no stamp seen: nothing new is known
    platform.stamps.note([received(event("deqing", "2022", "1", at("2023-01-01", "18:00")))])
    platform.positions = {0: 5}
    platform.stamps.newest = {0: at("2023-01-01", "18:00")}
    await marks.step()
    assert platform.said[1:] == [(0, at("2023-01-01", "18:00") - delay, 5)]
    platform.stamps.newest = {0: at("2022-12-31")}
    await marks.step()
    assert len(platform.said) == 2


async def test_the_real_clock_is_followed_about_each_second() -> None:
    """Not at every turn of the loop."""
    platform = Platform(HandClock(driven=False))
    marks = platform.replica()
    await marks.step()
    platform.clock.instant += DAY
    await marks.step()
    assert (platform.asked, len(platform.said)) == (1, 1)


async def test_a_new_owner_goes_on_from_the_table_and_says_so_again() -> None:
    """The last owner may have died between writing and announcing; time never goes back for it."""
    platform = Platform()
    platform.written[0] = Watermark(partition=0, through=at("2023-03-01"), position=4)
    await platform.replica().step()
    assert platform.said == [(0, at("2023-03-01"), 5)]


async def test_a_partition_that_comes_back_is_adopted_again() -> None:
    """What another owner wrote meanwhile holds."""
    platform = Platform()
    marks = platform.replica()
    await marks.step()
    platform.positions = {}
    await marks.step()
    platform.written[0] = Watermark(partition=0, through=at("2023-05-01"), position=8)
    platform.positions = {0: 8}
    await marks.step()
    assert platform.said[-1] == (0, at("2023-05-01"), 8)


async def test_what_the_broker_did_not_take_is_announced_later() -> None:
    """Written first, announced until it is acknowledged; meanwhile the check is red."""
    platform = Platform(broker_away=True)
    marks = platform.replica()
    running = asyncio.create_task(marks.run())
    for _ in range(20):
        await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await marks.check()
    running.cancel()
    platform.broker_away = False
    await marks.step()
    assert platform.said == [(0, at("2023-01-01"), 5)]


async def test_a_partition_that_was_taken_away_is_shown_no_more() -> None:
    """Its gauge would stand still here while another replica's moves."""
    platform = Platform(positions={0: 5, 1: 7}, complete={0, 1})
    registry, me = CollectorRegistry(), cast(Any, platform)
    instruments = WatermarkInstruments(registry)
    marks = Watermarks(platform.clock, me, platform.stamps, me, me, platform.turn, instruments)
    await marks.step()
    del platform.positions[0]
    await marks.step()
    shown = registry.get_sample_value
    assert shown("liangshai_watermark_timestamp_seconds", {"partition": "0"}) is None
    assert shown("liangshai_watermark_timestamp_seconds", {"partition": "1"}) == at("2023-01-01").timestamp()
