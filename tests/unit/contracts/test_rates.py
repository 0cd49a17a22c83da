"""Buckets: emptied, filled by time, forgotten when full."""

from contracts import rates
from contracts.rates import Allowance, Rates


def test_a_bucket_empties_and_fills() -> None:
    """Three at once, then one a second; the seconds to wait are told, and nothing is taken."""
    now = [0.0]
    bucket = Rates(lambda: now[0])
    told = [bucket.spend(Allowance("a", 3, 1), 1) for _ in range(4)]
    assert told == [0, 0, 0, 1]
    assert bucket.spend(Allowance("b", 3, 1), 3) == 0  # a bucket each
    assert bucket.spend(Allowance("a", 3, 1), 2) == 2
    now[0] = 2.0
    assert bucket.spend(Allowance("a", 3, 1), 2) == 0


def test_a_full_bucket_lets_any_size_through_and_owes_for_it() -> None:
    """No file is unsendable; what was paid before counts."""
    now = [0.0]
    bucket = Rates(lambda: now[0])
    assert bucket.spend(Allowance("a", 2, 1), 1) == 0
    assert bucket.spend(Allowance("a", 2, 1), 5, paid=1) == 0
    assert bucket.spend(Allowance("a", 2, 1), 1) == 4


def test_full_buckets_are_dropped_and_others_kept() -> None:
    """Ten thousand callers that never come again cost nothing for ever; who still owes is not forgiven."""
    now = [0.0]
    bucket = Rates(lambda: now[0])
    for number in range(rates._MOST + 1):
        bucket.spend(Allowance(str(number), 1, 1), 1)
    bucket.spend(Allowance("owes", 1, 0.01), 1)
    now[0] = 5.0
    assert bucket.spend(Allowance("owes", 1, 0.01), 1) == 95
    assert len(bucket._buckets) == 1
