"""Another version of the shipped catalogue, and its mark in a partition."""

from datetime import date, datetime
from typing import Any

import msgspec

from contracts.catalogue_events import CatalogueApplied, CatalogueVersion
from contracts.events import Text
from contracts.programme import Allocation, Lookup, Programme, Target
from tests.support.recorded import INDICATOR, LOOKUP, PARTITION

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
