"""What becomes of a promised date, by what happened to its ticket after it was given."""

from datetime import date

import pytest

from services.alerts.promises import Fate, Happened, promises

GIVEN = Happened("answer", promised_on=date(2023, 8, 31))


@pytest.mark.parametrize(
    ("after", "fate"),
    [
        ([], "open"),
        ([Happened("same", "2023-07")], "open"),  # a verdict before the promised day breaks nothing
        ([Happened("green", "2023-07")], "kept"),
        ([Happened("received")], "kept"),
        ([Happened("promise_broken", "2023-08")], "broken"),
        ([Happened("worse", "2023-08")], "broken"),  # it also raised the level
        ([Happened("worse", "2023-07"), Happened("green", "2023-08")], "kept"),
        ([Happened("worse", "2023-08"), Happened("green", "2023-09")], "broken"),
        ([Happened("restated_clear", "2023-07")], "void"),
        ([Happened("ended")], "void"),
    ],
)
def test_the_fate_of_a_promise(after: list[Happened], fate: Fate) -> None:
    """The first thing that decides it holds."""
    assert [each.fate for each in promises([GIVEN, *after])] == [fate]


def test_an_earlier_date_replaces_it() -> None:
    """The one given before is void, unless it was broken already; each is told in its order."""
    earlier = Happened("answer", promised_on=date(2023, 7, 31))
    assert [each.fate for each in promises([GIVEN, earlier, Happened("green", "2023-07")])] == ["void", "kept"]
    again = [GIVEN, Happened("promise_broken", "2023-08"), Happened("answer", promised_on=date(2023, 10, 31))]
    assert [each.fate for each in promises(again)] == ["broken", "open"]
    assert promises([Happened("ack")]) == []
