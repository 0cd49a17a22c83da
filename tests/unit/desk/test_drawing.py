"""What templates write numbers with."""

import pytest

from services.desk.drawing import percent, rounded


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


@pytest.mark.parametrize(("part", "whole", "read"), [
    (1, 8, "13%"), (7, 8, "88%"), (1, 3, "33%"), (2, 3, "67%"), (0, 9, "0%"), (2, 2, "100%")
])  # fmt: skip
def test_a_share_is_rounded_half_up(part: int, whole: int, read: str) -> None:
    """Rule 1.2: an eighth is 13 per cent, which halves to even would make 12."""
    assert percent(part, whole) == read
