"""A reported event as a row: its cell, its value in the series' unit, or why it is no fact."""

from fractions import Fraction

import pytest

from services.metrics.entries import Entry, entries
from tests.support.recorded import CATALOGUE, INDICATOR, LOOKUP, at, event, received


def entry(*args: object, **said: object) -> Entry:
    """The entry of one event."""
    [made] = entries(CATALOGUE, [received(event(*args, **said), 7)])  # type: ignore[arg-type]
    return made


def test_an_entry_is_a_fact_of_its_cell() -> None:
    """Rule 2.2: the value converted exactly, everything the fold needs beside it."""
    made = entry("deqing", "2023-06", "12345.6", indicator="major_projects_investment", unit="万元", revision=2)
    assert (made.refused, made.value_in_unit, made.offset) == (None, "1.23456", 7)
    fact = made.fact(at("2023-07-02"))
    assert (fact.value, fact.revision, fact.period) == (Fraction("1.23456"), 2, "2023-06")
    assert fact.received_at == at("2023-07-02")


def test_a_year_means_its_last_period() -> None:
    """Rule 2.1: `YYYY` sent to a monthly series is December; the document keeps what was sent."""
    made = entry("deqing", "2023", "5")
    assert made.period == "2023-12"
    assert b'"period":"2023"' in made.document


def test_a_share_of_districts_done_is_in_percent() -> None:
    """Rule 3.2: the lead's comparison figure of a derived share has its own unit."""
    shared = next(each for each in LOOKUP.programme.indicators if each.aggregate == "share_done")
    assert entry("huzhou", "2023", "50", indicator=shared.id, unit="percent").refused is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"indicator": "unheard_of"}, "unknown_indicator"),
        ({"programme": "other"}, "unknown_programme"),
        ({"unit": "percent"}, "unit_mismatch"),
        ({"value": "three"}, "invalid_value"),
        ({"district": "nowhere"}, "outside_life"),
        ({"period": "2031-06"}, "outside_life"),
        ({"period": "soon"}, "outside_life"),
    ],
)
def test_what_is_no_fact_says_why(said: dict[str, str], code: str) -> None:
    """Rule 2.6: recording's own no has a code."""
    whole = {"district": "deqing", "period": "2023-06", "value": "3", **said}
    assert entry(whole.pop("district"), whole.pop("period"), whole.pop("value"), **whole).refused == code


def test_the_hash_is_of_the_payload_and_nothing_else() -> None:
    """Rule 2.7: receipt, receipt time and sender do not make another payload; the value does."""
    one = entry("deqing", "2023-06", "3", receipt="A").payload_hash
    assert entry("deqing", "2023-06", "3", at("2023-07-09"), receipt="B", indicator=INDICATOR).payload_hash == one
    assert entry("deqing", "2023-06", "3.0").payload_hash != one
