"""Which series are over (rules 4.11 and 8): their last cell is locked, nothing can move them any more.

Their last light is history: shown, but neither counted among the present ones nor put before them.
"""

from datetime import datetime

from contracts.editions import Catalogue, Edition

Key = tuple[str, str]  # indicator, district


class Lives:
    """The end of each series' life, found once for each version of the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found_of: Edition | None = None
        self._over_at: dict[Key, datetime] = {}

    def ended(self, now: datetime) -> frozenset[Key]:
        """The series that are over at `now`."""
        newest = self._catalogue.newest
        if self._found_of is not newest:
            self._over_at = {(i.id, d): newest.cells.of(i.id, d)[-1].lock_at for i, d in newest.lookup.series}
            self._found_of = newest
        return frozenset(key for key, at in self._over_at.items() if at <= now)
