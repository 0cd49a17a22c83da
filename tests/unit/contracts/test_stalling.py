"""A client that has stalled is told from one that is slow, idle or without its broker."""

import pytest

from contracts.delivery import Disowned, Handled, Outcome, Postponed
from contracts.stalling import Stalling

LOST = Postponed("commit: TimeoutError()", unacknowledged=True)


@pytest.mark.parametrize(("outcomes", "noticed"), [
    ([LOST, LOST], False),
    ([LOST, LOST, LOST], True),
    ([LOST, LOST, Handled(1), LOST], False),
    ([LOST, LOST, Disowned("a rebalance"), LOST], False),
    ([LOST, LOST, Postponed("postgres is away"), LOST], False),
])  # fmt: skip
def test_what_cannot_be_acknowledged(outcomes: list[Outcome], noticed: bool) -> None:
    """Three batches in a row; anything else in between begins the count again."""
    stalling = Stalling()
    for outcome in outcomes:
        stalling.became(outcome)
    assert stalling.noticed.is_set() is noticed


def test_what_is_not_brought() -> None:
    """A minute in which records wait and no batch comes; a batch, an empty topic or a broker away ends the silence."""
    clock = [0.0]
    stalling = Stalling(lambda: clock[0])

    def waits(at: float, lag: int) -> bool:
        clock[0] = at
        stalling.waits({0: 0, 1: lag})
        return stalling.noticed.is_set()

    assert not any(waits(at, lag) for at, lag in ((0, 0), (10, 5), (69, 5)))
    stalling.heard()
    assert not any(waits(at, lag) for at, lag in ((70, 5), (129, 5), (131, 0), (140, 5), (199, 6)))
    assert waits(200, 6)


def test_another_client_begins_anew() -> None:
    """Nothing of what the one before did is held against it."""
    clock = [0.0]
    stalling = Stalling(lambda: clock[0])
    stalling.waits({0: 1})
    for _ in range(3):
        stalling.became(LOST)
    stalling.over()
    clock[0] = 60
    stalling.waits({0: 1})
    stalling.became(LOST)
    assert not stalling.noticed.is_set()
