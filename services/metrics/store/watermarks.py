"""How far each partition has come, in SQL: it only grows, whichever replica writes it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from contracts.events import Watermark
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from services.metrics.store.arrays import transposed, unnest


class Marks:
    """The table metrics.watermark."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def read(self, partitions: Collection[int]) -> list[Watermark]:
        """The watermarks of these partitions, where they have one."""
        with sorted_errors():
            return [_watermark(*row) for row in await self._pool.fetch(_READ, sorted(partitions))]

    async def advance(self, marks: Sequence[Watermark]) -> list[Watermark]:
        """Write these watermarks; what holds afterwards."""
        rows = sorted((mark.partition, mark.through, mark.position) for mark in marks)
        with sorted_errors():
            return [_watermark(*row) for row in await self._pool.fetch(_ADVANCE, *transposed(rows))]


def _watermark(partition: int, through: datetime, position: int) -> Watermark:
    return Watermark(partition=partition, through=through.astimezone(SHANGHAI), position=position)


_READ = "SELECT partition, through, position FROM metrics.watermark WHERE partition = ANY($1::integer[])"

_ADVANCE = f"""
INSERT INTO metrics.watermark AS held (partition, through, position)
SELECT partition, through, position FROM {unnest("partition integer, through timestamptz, position bigint")}
ON CONFLICT (partition) DO UPDATE
    SET through = greatest(held.through, excluded.through), position = excluded.position
RETURNING partition, through, position"""
