"""The way in: progress.standing, its standings and watermarks, consumed batch by batch into judging."""

from contracts.consumption import Consumption
from contracts.operations.instruments import DeliveryInstruments
from contracts.operations.publishing import Producer
from contracts.topics import STANDING
from services.alerts.judging import Judging

GROUP = "alerts"


def consume(bootstrap: str, judging: Judging, producer: Producer, instruments: DeliveryInstruments) -> Consumption:
    """The consumption that judges what metrics announces; it starts with the process."""
    return Consumption(bootstrap, STANDING, GROUP, judging.judge, dead_letters=producer, instruments=instruments)
