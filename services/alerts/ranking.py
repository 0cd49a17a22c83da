"""Places (排位, rule 10.5): on published two-place scores, with how firmly each is held, and who is listed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from contracts.numbers import published
from services.alerts.scoring import Item

PLACES, SHOWN = 2, 4  # of a score, of an attainment
SCALE = 10_000  # a shown attainment as a whole number
LOWER, AS_SET, HIGHER = 9, 10, 11  # tenths of a weight: each may move by 10 % either way
LOCAL_LEAST, LOCAL_MORE = 60, 40

_Whole = dict[str, tuple[int, int]]  # item → weight, attainment as shown, in whole numbers


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


def place_ranges(items: Mapping[str, Sequence[Item]]) -> dict[str, tuple[int, int]]:
    """Each unit's place at best and at worst when every weight moves by 10 %: a rival is ahead at best if no weights
    let the unit catch up, at worst if some weights put the rival ahead. `items` are those of all ranked units."""
    unit = lcm(*(item.weight.denominator for of in items.values() for item in of))
    whole = {name: _whole(of, unit) for name, of in items.items()}
    leads = {(a, b): _lead(whole[a], whole[b]) for a in whole for b in whole if a != b}
    return {
        name: (
            1 + sum(leads[name, rival] < 0 for rival in whole if rival != name),
            1 + sum(leads[rival, name] > 0 for rival in whole if rival != name),
        )
        for name in whole
    }


def lead(ahead: Sequence[Item], behind: Sequence[Item]) -> Fraction:
    """The most points by which one can lead another (below 0: the least by which it trails), the weights being
    the same for both."""
    unit = lcm(*(item.weight.denominator for item in (*ahead, *behind)))
    return _lead(_whole(ahead, unit), _whole(behind, unit)) / SCALE


def _lead(a: _Whole, b: _Whole) -> Fraction:
    """From the weights as set on, each is moved to the end that helps, as long as that brings more. Where both have
    the same items that ends at the true maximum; where they differ, at one that no single weight improves.
    Attainments count as they are shown, in whole numbers throughout."""
    moved = dict.fromkeys(a.keys() | b.keys(), AS_SET)
    best = _difference(a, b, moved)
    while best is not None:
        (a_sum, a_weight), (b_sum, b_weight) = _sums(a, moved), _sums(b, moved)
        for item in moved:
            gain = 0
            if item in a:
                gain += (a[item][1] * a_weight - a_sum) * b_weight**2
            if item in b:
                gain -= (b[item][1] * b_weight - b_sum) * a_weight**2
            moved[item] = HIGHER if gain > 0 else LOWER
        further = _difference(a, b, moved)
        if further is None or further <= best:
            return best
        best = further
    return Fraction(0)


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


def _whole(items: Sequence[Item], unit: int) -> _Whole:
    return {item.id: (int(item.weight * unit), _shown(item.attainment)) for item in items if item.counts}


def _shown(attainment: Fraction | None) -> int:
    return 0 if attainment is None else int(published(attainment, SHOWN).replace(".", ""))


def _sums(items: _Whole, moved: Mapping[str, int]) -> tuple[int, int]:
    weighed = [(moved[item] * weight, value) for item, (weight, value) in items.items()]
    return sum(weight * value for weight, value in weighed), sum(weight for weight, _ in weighed)


def _difference(a: _Whole, b: _Whole, moved: Mapping[str, int]) -> Fraction | None:
    (a_sum, a_weight), (b_sum, b_weight) = _sums(a, moved), _sums(b, moved)
    return Fraction(a_sum, a_weight) - Fraction(b_sum, b_weight) if a_weight and b_weight else None
