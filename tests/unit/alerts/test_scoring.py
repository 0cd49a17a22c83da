"""Scores and places (rule 10): sums, the gate, points, places, ranges and lists, and the caps that always hold."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.scores.ranking import (
    Result,
    as_published,
    black_list,
    change,
    local_form,
    places,
    red_list,
)
from services.alerts.scores.scoring import (
    Item,
    bonus_points,
    contribution,
    goes_beyond,
    process_points,
    score,
    weights,
)

GATE = Fraction(80, 100)
CALM = settings(deadline=None, max_examples=60)


def item(id: str, attainment: str | None, weight: str = "1", left_out: str | None = None) -> Item:
    return Item(id, Fraction(weight), None if attainment is None else Fraction(attainment), left_out)


def test_the_gate_is_exact() -> None:
    """Rule 10.2: four fifths of the weight is enough, a hair less is not, whatever the rounding would say."""
    five = [item(str(n), "100") for n in range(4)] + [item("4", None)]
    assert score(five, GATE).ranked
    hair = [item("reported", "100", "0.7999999"), item("missing", None, "0.2000001")]
    assert score(hair, GATE).reason == "too_few_reported"


def test_what_is_left_out_is_in_neither_sum() -> None:
    """Rule 10.2: excused, not due, too early, not applicable: no zero, and nothing for the gate."""
    items = [item("a", "60"), *(item(why, None, left_out=why) for why in ("excused", "not_due", "too_early"))]
    assert score(items, GATE).value == 60
    assert score(items, GATE).share == 1
    assert score(items[1:], GATE).reason == "nothing_due"


def test_contributions_add_up_to_the_score() -> None:
    """Rule 10.2: every point of a score comes from an item that can be named."""
    items = [item("a", "60", "2"), item("b", None), item("c", "90", "1"), item("d", "10", left_out="excused")]
    whole = score(items, GATE)
    parts = [contribution(each, whole) for each in items]
    assert parts == [30, 0, Fraction(45, 2), None]
    assert sum(part for part in parts if part is not None) == whole.value


def test_three_levels_are_normalised_within_each_parent() -> None:
    """Rule 10.2: a heading with many items weighs no more than one with a single item; nothing named weighs 1."""
    paths = {"a": ("x", "x1", "a"), "b": ("x", "x1", "b"), "c": ("x", "x2", "c"), "d": ("y", "y1", "d")}
    found = weights(paths, [{"y": Fraction(3)}, {"x1": Fraction(3)}, {"b": Fraction(2)}])
    assert found == {
        "a": Fraction(1, 4) * Fraction(3, 4) * Fraction(1, 3),
        "b": Fraction(1, 4) * Fraction(3, 4) * Fraction(2, 3),
        "c": Fraction(1, 4) * Fraction(1, 4),
        "d": Fraction(3, 4),
    }
    assert sum(found.values()) == 1


def test_points_of_the_year() -> None:
    """Rule 10.4: yellow counts once, red twice; 110 % of the way exactly is beyond it, downwards too."""
    assert process_points(120, 30, 1200) == Fraction(-3, 4)
    assert process_points(0, 0, 0) == 0
    assert process_points(0, 7, 7) == -10
    assert bonus_points(3, 60) == Fraction(1, 2)
    assert bonus_points(0, 0) == 0
    assert goes_beyond(Fraction(88), Fraction(0), Fraction(80))
    assert not goes_beyond(Fraction("87.999"), Fraction(0), Fraction(80))
    assert goes_beyond(Fraction("1.597"), Fraction("1.63"), Fraction("1.60"))
    assert not goes_beyond(Fraction(5), Fraction(5), Fraction(5))


@pytest.mark.parametrize(
    ("scores", "held"),
    [
        ({"a": "91.004", "b": "90.995", "c": "90.994"}, {"a": 1, "b": 1, "c": 3}),
        ({"a": "95", "b": None, "c": "88"}, {"a": 1, "b": None, "c": 2}),
        ({}, {}),
    ],
)
def test_places_are_given_on_printed_scores(scores: dict[str, str | None], held: dict[str, int | None]) -> None:
    """Rule 10.5: HALF_UP to two places, then 1, 1, 3; without a place nobody is pushed down."""
    assert places({unit: None if s is None else Fraction(s) for unit, s in scores.items()}) == held


def test_change_needs_both_places() -> None:
    """Rule 10.5: two places up is 2; who had none has no change."""
    assert (change(3, 1), change(1, 3), change(None, 1), change(1, None)) == (2, -2, None, None)


def test_the_local_form_has_its_guard() -> None:
    """Rule 10.5: 60 to 100 between the last and the first; all alike stay what they are."""
    assert local_form({"a": Fraction(50), "b": Fraction(75), "c": Fraction(100)}) == {"a": 60, "b": 80, "c": 100}
    assert local_form({"a": Fraction(50), "b": Fraction(50)}) == {"a": 50, "b": 50}
    assert local_form({}) == {}


def test_red_and_black_lists() -> None:
    """Rule 10.5: first is not enough without having exceeded, last not without having missed; ties share a list."""
    results = [
        Result("a", Fraction(5), exceeded=True, missed=False),
        Result("b", Fraction(5), exceeded=True, missed=False),
        Result("c", Fraction(1), exceeded=False, missed=False),
        Result("d", Fraction(-9), exceeded=False, missed=True),
    ]
    assert (red_list(results, 1), black_list(results, 1)) == (["a", "b"], ["d"])
    assert (red_list(results[2:], 1), black_list(results[:3], 1)) == ([], [])


attainments = st.one_of(st.none(), st.fractions(0, 100, max_denominator=1000))
items_of = st.lists(
    st.tuples(st.fractions(0, 5, max_denominator=10), attainments, st.sampled_from([None, None, None, "excused"])),
    max_size=12,
).map(lambda found: [Item(str(n), w, s, why) for n, (w, s, why) in enumerate(found)])


@CALM
@given(items_of, st.randoms())
def test_a_score_is_a_share_and_knows_no_order(items: list[Item], random: object) -> None:
    """Rules 10.2 and 1.1: 0 to 100, the same in every order, gate and score of the same sum."""
    found, shuffled = score(items, GATE), list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled, GATE) == found
    assert found.value is None or 0 <= found.value <= 100
    assert found.share is None or 0 <= found.share <= 1


@CALM
@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 60), st.integers(0, 60))
def test_points_stay_within_their_caps(yellow: int, red: int, green: int, beyond: int, others: int) -> None:
    """Rule 10.4: −10 to 0, and 0 to 10."""
    assert -10 <= process_points(yellow, red, yellow + red + green) <= 0
    assert 0 <= bonus_points(beyond, beyond + others) <= 10


@CALM
@given(st.dictionaries(st.sampled_from("abcdef"), st.fractions(0, 100, max_denominator=500), min_size=1))
def test_places_are_the_competition_ranking(scores: dict[str, Fraction]) -> None:
    """Rule 10.5: a place is one more than those printed ahead; someone is first."""
    held = places({**scores, "below": None})
    for unit, value in scores.items():
        assert held[unit] == 1 + sum(as_published(other) > as_published(value) for other in scores.values())
    assert held["below"] is None
    assert 1 in held.values()


@CALM
@given(st.dictionaries(st.sampled_from("abcdef"), items_of, min_size=2), st.data())
def test_a_correction_moves_nobody_elses_score(units: dict[str, list[Item]], data: st.DataObject) -> None:
    """Rule 10 (target-based): another unit's items are in no sum of mine."""
    before = {unit: score(items, GATE) for unit, items in units.items()}
    corrected = data.draw(st.sampled_from(sorted(units)))
    units[corrected] = data.draw(items_of)
    after = {unit: score(items, GATE) for unit, items in units.items()}
    assert all(before[unit] == after[unit] for unit in units if unit != corrected)
