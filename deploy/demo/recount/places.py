"""Place ranges and lists by hand (rule 10.5): every cut of the items that could put one unit ahead of another is tried.

Where one unit leads another by the most, each weight is at the end that helps, so the items that are raised are cut off
by thresholds: on what one of them has alone by its attainment, on what both have by the difference. The most is looked
for among all those cuts, where the services climb from the weights as set.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import accumulate

LOW, HIGH = 9, 11  # tenths of a weight
SHOWN = 10_000
STEPS = 8  # ratios of both units' weights that are looked at where their items differ

Sums = tuple[int, int, int, int]  # a's points and weight, b's points and weight
Counted = Mapping[str, Fraction | None]


def ranges_of(units: Mapping[str, Counted]) -> dict[str, tuple[int, int]]:
    """Each unit's place at best and at worst when every weight moves by a tenth; equal weights as set."""
    shown = {unit: {item: _shown(value) for item, value in of.items()} for unit, of in units.items()}
    most = {(a, b): most_ahead(shown[a], shown[b]) for a in shown for b in shown if a != b}
    return {
        unit: (
            1 + sum(most[unit, other] < 0 for other in shown if other != unit),
            1 + sum(most[other, unit] > 0 for other in shown if other != unit),
        )
        for unit in shown
    }


def most_ahead(a: Mapping[str, int], b: Mapping[str, int]) -> Fraction:
    """The most by which a's score can lead b's."""
    both = [item for item in a if item in b]
    only_a = _cuts(sorted((a[item] for item in a if item not in b), reverse=True))
    only_b = _cuts(sorted(b[item] for item in b if item not in a))
    best: Fraction | None = None
    for (pa, wa), (pb, wb) in ((x, y) for x in only_a for y in only_b):
        for qa, qb, w in _shared([(a[item], b[item]) for item in both], len(a), len(b)):
            ahead = (pa + qa) * (wb + w) - (pb + qb) * (wa + w)
            of = (wa + w) * (wb + w)
            if best is None or ahead * best.denominator > best.numerator * of:
                best = Fraction(ahead, of)
    assert best is not None
    return best


def listed(results: Mapping[str, tuple[Fraction, int]], top: int, bottom: int) -> tuple[list[str], list[str]]:
    """红榜 and 黑榜 of one item: by (how far ahead, 1 exceeded or -1 missed)."""
    order = sorted((ahead for ahead, _ in results.values()), reverse=True)
    first, last = set(order[:top]), set(order[len(order) - bottom :])
    return (
        [unit for unit, (ahead, verdict) in results.items() if verdict > 0 and ahead in first],
        [unit for unit, (ahead, verdict) in results.items() if verdict < 0 and ahead in last],
    )


def _cuts(values: Sequence[int]) -> list[tuple[int, int]]:
    """(points, weight) with the first few raised and the others lowered, for each number of those."""
    more = [0, *accumulate((HIGH - LOW) * value for value in values)]
    return [
        (LOW * sum(values) + points, LOW * len(values) + (HIGH - LOW) * raised) for raised, points in enumerate(more)
    ]


def _shared(pairs: Sequence[tuple[int, int]], of_a: int, of_b: int) -> Iterator[tuple[int, int, int]]:
    """(a's points, b's points, weight) of what both have, for each cut along each ratio of their whole weights."""
    ratios = {Fraction(of_b * (99 + 2 * step), of_a * (121 - 2 * step)) for step in range(1 + 2 * STEPS)}
    for ratio in {Fraction(1)} if of_a == of_b == len(pairs) else ratios:
        n, d = ratio.numerator, ratio.denominator
        order = sorted(pairs, key=lambda pair: n * pair[0] - d * pair[1], reverse=True)
        of_first = _cuts([first for first, _ in order])
        of_second = _cuts([second for _, second in order])
        for (first, weight), (second, _) in zip(of_first, of_second, strict=True):
            yield first, second, weight


def _shown(value: Fraction | None) -> int:
    """An attainment as it is printed, four places, as a whole number; a missing one is worth nothing."""
    if value is None:
        return 0
    printed = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return int(printed * SHOWN)
