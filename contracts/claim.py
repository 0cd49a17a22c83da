"""The partitions of one batch: what is done with it is acknowledged or rewound there, unless they were taken away."""

import contextlib
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from contracts.positions import Positions


class Claim:
    """Ours for as long as the assignment does not change."""

    def __init__(self, topic: str, positions: Positions, consumer: AIOKafkaConsumer) -> None:
        self._topic, self._positions, self._consumer = topic, positions, consumer
        self._epoch = positions.epoch

    @property
    def _lost(self) -> bool:
        return self._epoch != self._positions.epoch

    async def commit(self, offsets: Mapping[int, int]) -> None:
        if self._lost:
            raise CommitFailedError("the assignment changed while the batch was in hand")
        await self._consumer.commit({self._partition(number): offset for number, offset in offsets.items()})

    def rewind(self, offsets: Mapping[int, int]) -> None:
        """After a change of the assignment aiokafka starts from what is committed: there is nothing to rewind."""
        if self._lost:
            return
        for number, offset in offsets.items():
            with contextlib.suppress(IllegalStateError):  # each by itself: FastStream's nack() ends at the first
                self._consumer.seek(self._partition(number), offset)

    def _partition(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic, number)
