"""What a department has to explain (services/metrics/quality.py)."""

from fractions import Fraction

from contracts.periods import Frequency, Period, between, parse
from services.metrics.quality import FELL, JUMPED, compared, needs_explanation

F = Fraction
MONTHS = [parse("2022"), *between(Frequency.MONTHLY, parse("2023-01").end, parse("2024-12").end)]


def found(accumulation: str, values: dict[str, int], corrected: frozenset[Period] = frozenset()) -> dict[str, object]:
    known = {parse(period): F(value) for period, value in values.items()}
    flags = compared(accumulation, MONTHS, known, corrected)  # type: ignore[arg-type]
    return {period.text: each for period, each in flags.items()}


def test_thirty_percent_is_strict() -> None:
    """Rule 2.11: exactly 30 % is no jump; base 0 or missing is not tested."""
    assert needs_explanation("level", F(130), F(100)) == ()
    assert needs_explanation("level", F("130.1"), F(100)) == (JUMPED,)
    assert needs_explanation("level", F(5), F(0)) == ()
    assert needs_explanation("level", F(5), None) == ()


def test_total_may_fall_at_new_year_only_if_it_is_the_years() -> None:
    """Rule 2.11: a ytd begins anew each January, a programme total never falls; a gap hides no fall."""
    values = {"2023-11": 70, "2024-01": 5, "2024-04": 4}
    assert found("ytd", values) == {"2024-04": (FELL,)}
    assert found("programme", values) == {"2024-01": (FELL,), "2024-04": (FELL,)}


def test_ytd_is_held_against_last_years_same_month() -> None:
    """Rule 2.11: not against the month before."""
    values = {"2023-06": 100, "2024-05": 20, "2024-06": 131}
    assert found("ytd", values) == {"2024-06": (JUMPED,)}


def test_level_is_held_against_the_period_before() -> None:
    """Rule 2.11: over a gap nothing is compared; a declared correction is not tested."""
    assert found("level", {"2023-01": 100, "2023-03": 10}) == {}
    assert found("level", {"2023-01": 100, "2023-02": 10}) == {"2023-02": (JUMPED,)}
    assert found("level", {"2023-01": 100, "2023-02": 10}, frozenset([parse("2023-02")])) == {}
