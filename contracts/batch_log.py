"""What is said of each batch: one line in the log, and the instruments."""

import logging
from collections.abc import Sequence

import structlog

from contracts.codec import Record
from contracts.delivery import Handled, Outcome
from contracts.operations.instruments import DeliveryInstruments

_KEYS = 20  # named in a log line

log = structlog.get_logger("delivery")


class BatchLog:
    """The line of a topic's batches in a group."""

    def __init__(self, topic: str, group: str, instruments: DeliveryInstruments | None) -> None:
        self._topic, self._group, self._instruments = topic, group, instruments

    def note(self, records: Sequence[Record], outcome: Outcome, seconds: float) -> None:
        """The canonical line of a batch, and its instruments."""
        name = type(outcome).__name__.lower()
        dead = outcome.dead if isinstance(outcome, Handled) else ()
        level = logging.INFO if isinstance(outcome, Handled) and not dead else logging.WARNING
        log.log(
            level,
            "batch",
            topic=self._topic,
            group=self._group,
            outcome=name,
            reason=None if isinstance(outcome, Handled) else outcome.reason,
            records=len(records),
            offsets=_spans(records),
            keys=[(record.key or b"").decode("utf-8", "replace") for record in records[:_KEYS]],
            dead=[f"{letter.record.partition}/{letter.record.offset} {letter.reason}" for letter in dead[:_KEYS]],
            duration_ms=round(seconds * 1000, 3),
        )
        if self._instruments is not None:
            self._instruments.note(self._topic, name, len(records), [letter.reason for letter in dead], seconds)


def _spans(records: Sequence[Record]) -> dict[int, str]:
    """First to last offset by partition."""
    spans: dict[int, list[int]] = {}
    for record in records:
        spans.setdefault(record.partition, []).append(record.offset)
    return {number: f"{min(offsets)}-{max(offsets)}" for number, offsets in spans.items()}
