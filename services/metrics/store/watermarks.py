"""How far each partition has come, in SQL: it only grows, whichever replica writes it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from contracts.events import Watermark
from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from services.metrics.store.arrays import transposed, unnest


class Marks:
    """The table metrics.watermark, or another of its form: projects have their own."""

    def __init__(self, pool: Pool, table: str = "metrics.watermark") -> None:
        self._pool = pool
        self._read, self._advance = _READ.format(table=table), _ADVANCE.format(table=table)

    async def read(self, partitions: Collection[int]) -> list[Watermark]:
        """The watermarks of these partitions, where they have one."""
        with sorted_errors():
            return [_watermark(*row) for row in await self._pool.fetch(self._read, sorted(partitions))]

    async def advance(self, marks: Sequence[Watermark]) -> list[Watermark]:
        """Write these watermarks; what holds afterwards."""
        rows = sorted((mark.partition, mark.through, mark.position) for mark in marks)
        with sorted_errors():
            return [_watermark(*row) for row in await self._pool.fetch(self._advance, *transposed(rows))]


def _watermark(partition: int, through: datetime, position: int) -> Watermark:
    return Watermark(partition=partition, through=through.astimezone(SHANGHAI), position=position)


_READ = "SELECT partition, through, position FROM {table} WHERE partition = ANY($1::integer[])"

_ADVANCE = f"""
INSERT INTO {{table}} AS held (partition, through, position)
SELECT partition, through, position FROM {unnest("partition integer, through timestamptz, position bigint")}
ON CONFLICT (partition) DO UPDATE
    SET through = greatest(held.through, excluded.through), position = excluded.position
RETURNING partition, through, position"""
