"""Ledgers kept between batches, so that a busy indicator's facts are not read from Postgres again for each report.

Only ever a copy: a ledger counts as long as its number follows the database's (another replica's batch, a rollback or
a restart makes it stale), and it is taken out while a batch works on it, so that a failed batch leaves none behind.
"""

from collections import OrderedDict
from collections.abc import Mapping

from services.metrics.ledger import Ledger

Key = tuple[str, str]  # programme, indicator


class Memory:
    """The ledgers last worked on, as many as `facts` facts."""

    def __init__(self, facts: int = 200_000) -> None:
        self._limit = facts
        self._held: OrderedDict[Key, Ledger] = OrderedDict()

    def take(self, numbers: Mapping[Key, int]) -> dict[Key, Ledger]:
        """The ledgers that are just one batch behind these numbers; the others of these keys are forgotten."""
        held = {key: self._held.pop(key) for key in numbers if key in self._held}
        return {key: ledger for key, ledger in held.items() if ledger.moved == numbers[key] - 1}

    def keep(self, ledgers: Mapping[Key, Ledger], numbers: Mapping[Key, int]) -> None:
        """The committed ledgers of a batch, and the numbers it gave to all that it locked."""
        self._held.update(ledgers)
        for key, number in numbers.items():
            held = self._held.get(key)
            if held is not None and (key in ledgers or held.moved == number - 1):
                held.moved = number
                self._held.move_to_end(key)
        while len(self._held) > 1 and sum(ledger.size for ledger in self._held.values()) > self._limit:
            self._held.popitem(last=False)
