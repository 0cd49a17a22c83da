"""What templates write numbers with."""

import pytest

from services.desk.drawing import rounded


@pytest.mark.parametrize(
    ("number", "like", "read"),
    [
        ("62.357", "80", "62.4"),
        ("18.000", "20", "18"),
        ("1.5834", "1.60", "1.58"),
        ("12.25", "90.0", "12.3"),
        ("6.357", None, "6.4"),
        ("79.96", "80", "79.96"),  # 80.0 would say that it is reached
        ("80.04", "80", "80.04"),
        ("0.004", "1", "0.004"),  # 0.0 would say that there is nothing
        ("-62.357", "80", "-62.4"),
        ("A级", "A级", "A级"),
    ],
)
def test_numbers_as_people_read_them(number: str, like: str | None, read: str) -> None:
    """As many places as the plan writes, one at least; more where it would be taken for another number."""
    assert rounded(number, like) == read
