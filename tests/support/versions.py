"""Another version of the shipped catalogue, its mark in a partition, and a replica of metrics that takes it over."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from contracts.catalogue_events import CatalogueApplied, CatalogueVersion
from contracts.delivery import Received
from contracts.editions import Catalogue
from contracts.events import Text
from contracts.operations.database import Pool
from contracts.operations.versions import Versions
from contracts.programme import Allocation, Lookup, Programme, Target
from services.metrics.act_entries import act_entries
from services.metrics.entries import entries
from services.metrics.memory import Memory
from services.metrics.settling import Settled, Settling
from services.metrics.succeeding import Succeeded, Succeeding
from tests.support.recorded import INDICATOR, LOOKUP, PARTITION, HandClock

REASON = Text("2024年工作要点", "work points of 2024")


def changed(
    version: str = "2", *, base: Lookup = LOOKUP, shares: dict[str, str] | None = None, **fields: Any
) -> Programme:
    """The programme with other fields of the usual indicator, and Deqing's shares of it where they are given."""
    programme = base.programme
    indicators = [
        msgspec.structs.replace(each, **fields) if each.id == INDICATOR else each for each in programme.indicators
    ]
    decomposition = [
        each for each in programme.decomposition if shares is None or (each.indicator, each.district) != OF_DEQING
    ]
    if shares is not None:
        decomposition.append(Allocation(indicator=INDICATOR, district="deqing", targets=shares))
    return msgspec.structs.replace(
        programme, version=version, indicators=tuple(indicators), decomposition=tuple(decomposition)
    )


def of_indicator(indicator: str, version: str = "2", **fields: Any) -> Programme:
    """The programme with other fields of one indicator."""
    every = LOOKUP.programme.indicators
    indicators = [msgspec.structs.replace(each, **fields) if each.id == indicator else each for each in every]
    return msgspec.structs.replace(LOOKUP.programme, version=version, indicators=tuple(indicators))


OF_DEQING = (INDICATOR, "deqing")


def twin(version: str = "2", name: str = "new_projects") -> Programme:
    """The programme with one indicator more, made like the usual one."""
    indicator = msgspec.structs.replace(
        LOOKUP.indicators[INDICATOR], id=name, targets=(Target(on=date(2023, 12, 31), value="12"),)
    )
    return msgspec.structs.replace(
        LOOKUP.programme, version=version, indicators=(*LOOKUP.programme.indicators, indicator)
    )


def mark(programme: Programme, applied_at: datetime, partition: int = PARTITION) -> CatalogueApplied:
    """What ingest says of it in a partition."""
    return CatalogueVersion.of(programme, reason=REASON, actor="office", applied_at=applied_at).mark(partition)


@dataclass
class Replica:
    """One process of metrics: what it remembers, and the database it shares."""

    pool: Pool
    clock: HandClock = field(default_factory=HandClock)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(LOOKUP))

    def __post_init__(self) -> None:
        memory, versions = Memory(), Versions("metrics", self.catalogue)
        self.settling = Settling(self.catalogue, self.pool, self.clock, memory)
        self.succeeding = Succeeding(self.catalogue, versions, self.pool, self.clock, memory)

    async def settle(self, *batch: Received[Any]) -> Settled:
        return await self.settling.settle(entries(self.catalogue, batch), act_entries(self.catalogue, batch))

    async def take_over(self, said: CatalogueApplied) -> Succeeded:
        found = await self.succeeding.take_over(said)
        assert found is not None
        return found
