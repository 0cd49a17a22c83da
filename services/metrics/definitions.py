"""One indicator as each version of the catalogue defines it, as far as a cell of it is held to that version. Pure."""

from dataclasses import dataclass

import msgspec

from contracts.editions import Edition, Editions
from contracts.programme import Indicator


@dataclass(frozen=True, slots=True)
class Definition:
    """An indicator in one version; a version that no longer has it keeps the definition before."""

    edition: Edition
    indicator: Indicator
    counting: Indicator  # what of it decides how reports are counted: all but the plan and the words

    def counts_as(self, other: "Definition") -> bool:
        """Whether reports mean the same under both: what differs is at most the plan they are held against."""
        return self.counting == other.counting


def definitions(editions: Editions, indicator: str) -> tuple[Definition, ...]:
    """The definitions to which some cell is held, oldest first."""
    seats = (seat for district in editions.districts(indicator) for seat in editions.seats(indicator, district))
    held = {id(seat.edition) for seat in seats}
    found, latest = [], None
    for edition in editions.all:
        latest = edition.lookup.indicators.get(indicator, latest)
        if latest is not None and id(edition) in held:
            found.append(Definition(edition, latest, _counting(latest)))
    return tuple(found)


def _counting(indicator: Indicator) -> Indicator:
    return msgspec.structs.replace(
        indicator, targets=(), baseline=None, version=0, quote="", quote_2023=None, note=None, reason="", rules=()
    )
