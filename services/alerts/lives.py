"""Which series are over (rules 4.11 and 8): their last cell is locked, nothing can move them any more.

Their last light is history: shown, but neither counted among the present ones nor put before them.
"""

from datetime import datetime

from contracts.cells import Cells
from contracts.programme import Lookup

Key = tuple[str, str]  # indicator, district


class Lives:
    """The end of each series' life, found once."""

    def __init__(self, lookup: Lookup, cells: Cells) -> None:
        self._over_at = {(i.id, d): cells.of(i.id, d)[-1].lock_at for i, d in lookup.series}

    def ended(self, now: datetime) -> frozenset[Key]:
        """The series that are over at `now`."""
        return frozenset(key for key, at in self._over_at.items() if at <= now)
