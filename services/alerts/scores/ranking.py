"""Places (排位, rule 10.5): on published two-place scores, and who is listed (how firmly: robustness.py). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from contracts.numbers import published

PLACES = 2  # of a score
LOCAL_LEAST, LOCAL_MORE = 60, 40


def as_published(score: Fraction) -> Fraction:
    """The score as it is printed, two places: what is printed alike is placed alike."""
    return Fraction(published(score, PLACES))


def places(scores: Mapping[str, Fraction | None]) -> dict[str, int | None]:
    """Competition ranking 1, 1, 3. None holds no place and takes none away: below the gate, or nothing due."""
    printed = {unit: as_published(score) for unit, score in scores.items() if score is not None}
    return {
        unit: 1 + sum(other > printed[unit] for other in printed.values()) if unit in printed else None
        for unit in scores
    }


def change(before: int | None, now: int | None) -> int | None:
    """Places gained since an earlier result, below 0 lost; None where one of the two has no place."""
    return before - now if before is not None and now is not None else None


def local_form(values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """60 + 40·(v − min)/(max − min), the form some places use: it says who is first, not who is on target. Where all
    are alike there is nothing to spread, and each keeps its own value."""
    if not values:
        return {}
    least, most = min(values.values()), max(values.values())
    if least == most:
        return dict(values)
    return {unit: LOCAL_LEAST + LOCAL_MORE * (value - least) / (most - least) for unit, value in values.items()}


@dataclass(frozen=True, slots=True)
class Result:
    """How one unit stands in what is listed: `ahead` orders, more is better."""

    unit: str
    ahead: Fraction
    exceeded: bool
    missed: bool


def red_list(results: Iterable[Result], top: int) -> list[str]:
    """红榜: exceeded the target and among the first `top` places."""
    every = list(results)
    return [r.unit for r in every if r.exceeded and sum(other.ahead > r.ahead for other in every) < top]


def black_list(results: Iterable[Result], bottom: int) -> list[str]:
    """黑榜: missed the target and among the last `bottom` places."""
    every = list(results)
    return [r.unit for r in every if r.missed and sum(other.ahead < r.ahead for other in every) < bottom]
