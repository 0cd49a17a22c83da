"""Place ranges (rule 10.5): who can be ahead when every weight moves by up to 10 %, exactly."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.scores.robustness import leading, place_ranges
from services.alerts.scores.scoring import Item

CALM = settings(deadline=None, max_examples=100)
Pairs = dict[str, tuple[int, int]]  # item → weight, attainment


def item(id: str, attainment: str | None, weight: str = "1") -> Item:
    return Item(id, Fraction(weight), None if attainment is None else Fraction(attainment))


def ahead(a: Pairs, b: Pairs, moved: dict[str, Fraction]) -> Fraction:
    """By how much `a` leads under these weights."""
    one, other = (
        Fraction(sum(moved[i] * w * v for i, (w, v) in of.items()), sum(moved[i] * w for i, (w, _) in of.items()))
        for of in (a, b)
    )
    return one - other


def drawn(seed: int) -> tuple[Pairs, Pairs]:
    """Two units that are close, of up to seven items, some of which only one of them has."""
    dice = random.Random(seed)
    items = "abcdefg"[: dice.randint(2, 7)]
    weights, base = {i: dice.randint(1, 4) for i in items}, dice.randint(20, 80)
    a, b = ({i: (weights[i], base + dice.randint(-12, 12)) for i in items if dice.random() < 0.75} for _ in "ab")
    return a or {"a": (weights["a"], base)}, b or {"a": (weights["a"], base)}


def corners(a: Pairs, b: Pairs) -> Fraction:
    """The most by which `a` can lead at the corners: each weight up or down."""
    names = sorted(a.keys() | b.keys())
    tenths = (Fraction(9, 10), Fraction(11, 10))
    return max(ahead(a, b, dict(zip(names, ends, strict=True))) for ends in product(tenths, repeat=len(names)))


@pytest.mark.parametrize("part", range(4))
def test_no_corner_is_overlooked(part: int) -> None:
    """All corners of 400 pairs, tried by brute force, agree: who can lead, who can catch up, who always trails."""
    counted = {1: 0, 0: 0, -1: 0}
    for seed in range(100 * part, 100 * part + 100):
        a, b = drawn(seed)
        found, most = leading(a, b), corners(a, b)
        counted[found] += 1
        assert found == (most > 0) - (most < 0), (seed, a, b)
    assert counted[1] > 20
    assert counted[-1] > 10


@CALM
@given(st.lists(st.tuples(*[st.integers(0, 100)] * 2), min_size=1, max_size=6), st.randoms(note_method_calls=False))
def test_no_weights_within_ten_percent_leave_the_range(values: Sequence[tuple[int, int]], random: object) -> None:
    """Rule 10.5: with any such weights, who is ahead was said to be able to be, and who is always ahead is."""
    one, two = ({str(n): (1, pair[side]) for n, pair in enumerate(values) if n % 3 != side} for side in (0, 1))
    moved = {str(n): Fraction(random.randint(90, 110), 100) for n in range(len(values))}  # type: ignore[attr-defined]
    if one and two:
        lead = ahead(one, two, moved)
        assert leading(one, two) >= (lead > 0) - (lead < 0)
        assert leading(two, one) >= (lead < 0) - (lead > 0)


def test_a_firm_place_stays_firm_whatever_the_weights() -> None:
    """Rule 10.5: better in everything is ahead for all weights; a tie in everything is ahead for none."""
    top, low = [item("x", "90"), item("y", "80")], [item("x", "70"), item("y", "79")]
    assert place_ranges({"top": top, "low": low})["top"] == (1, 1)
    assert place_ranges({"top": top, "low": low})["low"] == (2, 2)
    assert place_ranges({"top": top, "same": top})["top"] == (1, 1)


def test_ties_of_units_with_different_items() -> None:
    """All that both have is worth the same: nobody is ahead under any weights; a hair more is."""
    three, two = [item(i, "80") for i in "xyz"], [item(i, "80") for i in "xy"]
    assert place_ranges({"three": three, "two": two}) == {"three": (1, 1), "two": (1, 1)}
    more = [*two, item("z", "80.0001")]
    assert place_ranges({"more": more, "two": two}) == {"more": (1, 1), "two": (2, 2)}


def test_an_item_that_only_one_has_counts_in_the_range_too() -> None:
    """Rule 10.5: the weights move for both units alike, also where their items differ; without weight none counts."""
    three, two = [item("x", "80"), item("y", "80"), item("z", "86")], [item("x", "82"), item("y", "82")]
    assert place_ranges({"two": two, "three": three})["two"] == (1, 2)  # 82 against 82 as set: z decides
    weightless = [*two, item("z", "100", "0")]
    assert place_ranges({"two": two, "weightless": weightless})["two"] == (1, 1)
    assert place_ranges({"two": two, "nothing": []}) == {"two": (1, 1), "nothing": (1, 1)}
