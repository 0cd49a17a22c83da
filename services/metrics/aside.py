"""What a receipt says of a report or an act that ended in the dead letters: `refused`, code `dead_lettered`, so that
its sender need not wait for ever. A record that cannot even be read names no receipt: only its dead letter tells of it.
"""

from collections.abc import Iterator, Sequence

import structlog

from contracts.acts import ProgressActed
from contracts.codec import decode
from contracts.delivery import Dead, Unreadable
from contracts.events import ProgressReported
from contracts.operations.connections import Unavailable
from contracts.operations.database import Pool, sorted_errors

log = structlog.get_logger(__name__)


class Aside:
    """Called with the dead letters of a batch, once they are written and before the batch is acknowledged."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, dead: Sequence[Dead]) -> None:
        """Write down what can be told of them. `Unavailable` repeats the batch; a defect here loses only this note."""
        rows = [_row(event, letter.reason) for letter in dead for event in _readable(letter)]
        if not rows:
            return
        try:
            with sorted_errors():
                await self._pool.executemany(_NOTE, rows)
        except Unavailable:
            raise
        except Exception:
            log.exception("dead letters not noted in their receipts", records=len(rows))


def _readable(letter: Dead) -> Iterator[ProgressReported | ProgressActed]:
    try:
        event = decode(letter.record)
    except Unreadable:
        return
    if isinstance(event, ProgressReported | ProgressActed):
        yield event


def _row(event: ProgressReported | ProgressActed, reason: str) -> tuple[str | int, ...]:
    said = event.report if isinstance(event, ProgressReported) else event.act
    where = (said.indicator, said.district, said.period)
    return (event.receipt, event.receipt_size, event.source, event.id, *where, reason)


_NOTE = """
INSERT INTO metrics.put_aside (receipt, expected, source, id, indicator, district, period, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"""
