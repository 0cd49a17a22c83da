"""Buckets: emptied, filled by time, forgotten when full."""

from contracts import rates
from contracts.rates import Rates


def test_a_bucket_empties_and_fills() -> None:
    """Three at once, then one a second; the seconds to wait are told, and nothing is taken."""
    now = [0.0]
    bucket = Rates(lambda: now[0])
    told = [bucket.spend("a", 1, burst=3, per_second=1) for _ in range(4)]
    assert told == [0, 0, 0, 1]
    assert bucket.spend("b", 3, burst=3, per_second=1) == 0  # a bucket each
    assert bucket.spend("a", 2, burst=3, per_second=1) == 2
    now[0] = 2.0
    assert bucket.spend("a", 2, burst=3, per_second=1) == 0


def test_a_full_bucket_lets_any_size_through_and_owes_for_it() -> None:
    """No file is unsendable; what was paid before counts."""
    now = [0.0]
    bucket = Rates(lambda: now[0])
    assert bucket.spend("a", 1, burst=2, per_second=1) == 0
    assert bucket.spend("a", 5, burst=2, per_second=1, paid=1) == 0
    assert bucket.spend("a", 1, burst=2, per_second=1) == 4


def test_full_buckets_are_dropped_and_others_kept() -> None:
    """Ten thousand callers that never come again cost nothing for ever; who still owes is not forgiven."""
    now = [0.0]
    bucket = Rates(lambda: now[0])
    for number in range(rates._MOST + 1):
        bucket.spend(str(number), 1, burst=1, per_second=1)
    bucket.spend("owes", 1, burst=1, per_second=0.01)
    now[0] = 5.0
    assert bucket.spend("owes", 1, burst=1, per_second=0.01) == 95
    assert len(bucket._buckets) == 1
