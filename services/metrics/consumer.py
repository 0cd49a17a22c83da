"""The way in: progress.reported, consumed batch by batch into recording."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from contracts.acts import ProgressActed
from contracts.catalogue_events import CatalogueApplied, RulesRepaired
from contracts.consumption import Consumption
from contracts.delivery import Aside, Received
from contracts.events import ProgressReported
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.publishing import Producer
from contracts.topics import REPORTED
from services.metrics.recording import Recording
from services.metrics.watermarks import Stamps

GROUP = "metrics"
Mark: TypeAlias = CatalogueApplied | RulesRepaired


def parted(
    batch: Sequence[Received[ProgressReported | ProgressActed | Mark]],
) -> Iterator[Mark | list[Received[ProgressReported | ProgressActed]]]:
    """A batch in its order: what is reported or done, as far as no version of catalogue or rules comes between."""
    reports: list[Received[ProgressReported | ProgressActed]] = []
    for each in batch:
        if isinstance(each.event, Mark):
            if reports:
                yield reports
            reports = []
            yield each.event
        else:
            reports.append(Received(each.event, each.record))
    if reports:
        yield reports


def consume(
    bootstrap: str,
    recording: Recording,
    stamps: Stamps,
    producer: Producer,
    instruments: DeliveryInstruments,
    moved: Callable[[], None],
    aside: Aside,
) -> Consumption:
    """The consumption that records what is reported, and says so by `moved`; it starts with the process. `aside` hears
    of what could not be recorded."""

    async def handle(batch: Sequence[Received[ProgressReported | ProgressActed | Mark]]) -> None:
        for part in parted(batch):
            match part:
                case CatalogueApplied():
                    await recording.succeed(part)
                case RulesRepaired():
                    await recording.recompute(part)
                case reports:
                    await recording.record(reports)
                    stamps.note(reports)
        moved()

    return Consumption(bootstrap, REPORTED, GROUP, handle, dead_letters=producer, instruments=instruments, aside=aside)
