"""What of the feed a person has read: a position, and single messages after it."""

from hypothesis import given
from hypothesis import strategies as st

from services.desk.kept import Marks

SEQS = st.integers(1, 30)


@given(SEQS, st.frozensets(SEQS))
def test_joining_changes_nothing_that_is_said(through: int, singles: frozenset[int]) -> None:
    """Whatever is marked, the joined marks read the same messages, count the same, and hold no single that follows."""
    marks = Marks(through, frozenset(seq for seq in singles if seq > through))
    joined = marks.joined()
    assert [joined.read(seq) for seq in range(1, 40)] == [marks.read(seq) for seq in range(1, 40)]
    assert joined.unread(40) == marks.unread(40) == sum(not marks.read(seq) for seq in range(1, 41))
    assert joined.through + 1 not in joined.singles
    assert all(seq > joined.through for seq in joined.singles)


def test_nothing_is_less_than_unread() -> None:
    """The mark may be newer than the list that is shown."""
    assert Marks(7).unread(4) == 0
