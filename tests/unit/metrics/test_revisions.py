"""Which report of a cell counts (services/metrics/revisions.py)."""

from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.periods import SHANGHAI
from services.metrics.revisions import Fact, after_lock, known_by, known_from, resolve

CALM = settings(deadline=None, max_examples=50)  # a slow machine is no finding
NOON = datetime(2023, 7, 3, 12, tzinfo=SHANGHAI)
LOCK = datetime(2023, 8, 1, tzinfo=SHANGHAI)


def fact(id: str, revision: int = 0, value: int | str | None = 30, days: float = 0, **given: object) -> Fact:
    made = None if value is None else Fraction(value)
    received = NOON + timedelta(days=days)
    return Fact("/s", id, "deqing", "2023-06", revision, made, received, None, None, "final", **given)  # type: ignore[arg-type]


FACTS = st.lists(
    st.builds(
        fact,
        id=st.sampled_from("abcdefgh"),
        revision=st.integers(0, 3),
        value=st.sampled_from([None, 30, 31, "30.0"]),
        days=st.sampled_from([0, 1, 2, 3]),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@CALM
@given(facts=FACTS, shuffled=st.randoms())
def test_order_changes_nothing(facts: list[Fact], shuffled: object) -> None:
    """Rule 2.8: whatever order the topic shows, the same report counts and each has the same outcome."""
    other = list(facts)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    first, second = resolve(facts), resolve(other + other[:2])
    assert first.effective == second.effective
    assert first.verdicts == second.verdicts
    assert {each.id for each in first.rivals} == {each.id for each in second.rivals}
    assert first.first_received_at == second.first_received_at


@CALM
@given(facts=FACTS)
def test_highest_revision_counts_and_all_have_an_outcome(facts: list[Fact]) -> None:
    """Rule 2.8: gaps are fine; of one revision the first received holds."""
    found = resolve(facts)
    assert found.verdicts.keys() == {each.identity for each in facts}
    if facts:
        assert found.effective is not None
        assert found.effective.revision == max(each.revision for each in facts)
        same = [each for each in facts if each.revision == found.effective.revision]
        assert found.effective.received_at == min(each.received_at for each in same)


def test_tie_in_time_goes_to_the_smaller_id() -> None:
    """Rule 2.8: same revision, same moment: source and id decide."""
    assert resolve([fact("b", value=31), fact("a")]).verdicts["/s", "b"] == ("revision_conflict", None)


def test_higher_revision_of_the_same_value_is_unchanged_and_counts() -> None:
    """Rule 2.8: it becomes the effective one and ends a conflict."""
    found = resolve([fact("a"), fact("b", value=31, days=1), fact("c", revision=1, days=2)])
    assert found.effective is not None
    assert found.effective.id == "c"
    assert not found.rivals
    assert found.verdicts["/s", "c"] == ("unchanged", None)
    assert found.verdicts["/s", "a"] == ("superseded", None)


def test_first_applied_value_tells_when_the_cell_was_received() -> None:
    """Rule 7.2: a withdrawal first, then a lower revision that never applied, then the value that did."""
    withdrawal, lower, later = fact("w", 2, None), fact("a", 0, 30, 1), fact("b", 3, 31, 2)
    assert resolve([withdrawal, lower, later]).first_received_at == later.received_at
    assert resolve([fact("a"), fact("w", 1, None, 1), fact("b", 2, 31, 2)]).first_received_at == NOON


def test_lock_is_decided_by_the_receipt() -> None:
    """Rule 2.9: received at the lock is too late; approved, it is known from its approval."""
    at_lock = (LOCK - NOON) / timedelta(days=1)
    assert known_from(fact("a", days=at_lock - 0.001), LOCK) is not None
    assert known_from(fact("a", days=at_lock), LOCK) is None
    approved = fact("a", days=at_lock, approved_at=LOCK + timedelta(days=3))
    assert known_from(approved, LOCK) == LOCK + timedelta(days=3)
    assert after_lock(fact("a")) == ("refused", "period_locked")


def test_known_at_is_inclusive() -> None:
    """Rule 2.10: known at the very moment of receipt."""
    assert known_by([fact("a")], LOCK, NOON)
    assert not known_by([fact("a")], LOCK, NOON - timedelta(microseconds=1))
