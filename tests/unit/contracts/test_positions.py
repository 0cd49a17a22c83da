"""Positions: where each partition stands, asked once, moved by what is handled, forgotten at a rebalance."""

from collections.abc import Collection, Mapping

import pytest

from contracts.operations.connections import Unavailable
from contracts.positions import Positions
from tests.support.delivering import TOPIC, record


class Broker:
    """Ends and commits as a broker would tell them; may be away."""

    def __init__(self, beginning: dict[int, int], end: dict[int, int], committed: dict[int, int]) -> None:
        self.starts = beginning
        self.ends = end
        self.commits = committed
        self.away = False
        self.meanwhile: Positions | None = None  # loses its partitions while the broker is asked

    async def end(self, topic: str, partitions: Collection[int]) -> dict[int, int]:
        self._answer()
        if self.meanwhile is not None:
            self.meanwhile.let_go()
        return {number: self.ends[number] for number in partitions}

    async def beginning(self, topic: str, partitions: Collection[int]) -> dict[int, int]:
        self._answer()
        return {number: self.starts[number] for number in partitions}

    async def committed(self, partitions: Collection[int]) -> Mapping[int, int]:
        self._answer()
        return {number: self.commits[number] for number in partitions if number in self.commits}

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("kafka is away")


def make() -> tuple[Broker, Positions]:
    """Three partitions: one committed, one never, one whose committed records have been deleted since."""
    broker = Broker({0: 0, 1: 3, 2: 90}, {0: 7, 1: 3, 2: 90}, {0: 5, 2: 40})
    return broker, Positions(TOPIC.name, broker, broker.committed)


async def test_partitions_begin_at_what_was_committed_or_at_their_beginning() -> None:
    """Committed, else the beginning; also the beginning when what was committed is gone."""
    _, positions = make()
    await positions.take(frozenset({0, 1, 2}))
    assert positions.at == {0: 5, 1: 3, 2: 90}


async def test_caught_up_are_those_that_have_reached_the_end() -> None:
    """An idle partition is caught up at once, one with records only after they are handled."""
    _, positions = make()
    await positions.take(frozenset({0, 1, 2}))
    assert await positions.caught_up() == {1: 3, 2: 90}
    assert await positions.measure() == {0: 2, 1: 0, 2: 0}
    positions.advance([record(5), record(6)])
    assert await positions.caught_up() == {0: 7, 1: 3, 2: 90}
    assert await positions.measure() == {0: 0, 1: 0, 2: 0}
    assert positions.handled_at is not None


async def test_a_position_never_goes_back() -> None:
    """A batch that comes again after it was handled does not un-handle what followed."""
    _, positions = make()
    await positions.take(frozenset({0}))
    positions.advance([record(6)])
    positions.advance([record(5)])
    assert positions.at == {0: 7}


async def test_a_rebalance_clears_the_positions_and_moves_the_epoch() -> None:
    """What another member handled meanwhile is unknown here; a batch of a partition let go moves nothing."""
    broker, positions = make()
    await positions.take(frozenset({0, 1}))
    before = positions.epoch
    positions.let_go()
    assert (positions.at, positions.epoch) == ({}, before + 1)
    assert await positions.caught_up() == {}
    broker.commits[1] = 8
    await positions.take(frozenset({1}))
    positions.advance([record(6)])
    assert positions.at == {1: 8}


async def test_positions_are_asked_for_again_when_nobody_answered() -> None:
    """A broker that is away during the assignment does not leave the partition without a position for ever."""
    broker, positions = make()
    broker.away = True
    await positions.take(frozenset({0}))
    assert positions.at == {}
    with pytest.raises(Unavailable):
        await positions.caught_up()
    broker.away = False
    assert await positions.measure() == {0: 2}


async def test_what_is_handled_before_the_broker_answers_stands() -> None:
    """The first batch may be handled while the committed offset is still unknown."""
    broker, positions = make()
    broker.away = True
    await positions.take(frozenset({0}))
    positions.advance([record(6)])
    broker.away = False
    assert await positions.caught_up() == {0: 7}


async def test_an_answer_from_before_a_rebalance_counts_for_nothing() -> None:
    """Ends asked for one assignment say nothing about the next."""
    broker, positions = make()
    await positions.take(frozenset({1}))
    broker.meanwhile = positions
    assert await positions.caught_up() == {}
