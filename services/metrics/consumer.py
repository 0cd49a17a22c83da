"""The way in: progress.reported, consumed batch by batch into recording."""

from collections.abc import Callable, Sequence

from contracts.consumption import Consumption
from contracts.delivery import Received
from contracts.events import ProgressReported
from contracts.operations.connections import Producer
from contracts.operations.instruments import DeliveryInstruments
from contracts.topics import REPORTED
from services.metrics.recording import Recording
from services.metrics.watermarks import Stamps

GROUP = "metrics"


def consume(
    bootstrap: str,
    recording: Recording,
    stamps: Stamps,
    producer: Producer,
    instruments: DeliveryInstruments,
    moved: Callable[[], None],
) -> Consumption:
    """The consumption that records what is reported, and says so by `moved`; it starts with the process."""

    async def handle(batch: Sequence[Received[ProgressReported]]) -> None:
        await recording.record(batch)
        stamps.note(batch)
        moved()

    return Consumption(bootstrap, REPORTED, GROUP, handle, dead_letters=producer, instruments=instruments)
