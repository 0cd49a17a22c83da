"""How firmly a place is held (rule 10.5): which rivals can be ahead when every weight moves by up to 10 %. Pure, exact.

Two units are compared under the same weights; where their items differ their scores have different denominators.
One is ahead of the other exactly if for some t both Σ w·(a − t) > 0 over its items and Σ w·(t − b) ≥ 0 over the
other's. For a given t both sums are linear in the weights, so the best weights follow from one order of the items by
what the second sum gains for what the first loses. Where that finds none, its last exchange gives multiples of the two
sums whose total no weights bring above 0; the largest total is convex in t, so that what keeps it below 0 at both ends
of a stretch of t does so all along. The stretch of t that can matter is halved until each part is decided.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm

from contracts.numbers import published
from services.alerts.scores.scoring import Item

SHOWN, SCALE = 4, 10_000  # of an attainment: its places as shown, and as a whole number
LOWER, AS_SET, HIGHER = 9, 10, 11  # tenths of a weight: each may move by 10 % either way
HALVINGS = 40  # what is undecided then touches 0 in a single point: a tie

Whole = Mapping[str, tuple[int, int]]  # item → weight, attainment as shown, in whole numbers
Pull = tuple[int, int]  # of one item's weight on the two sums


def place_ranges(items: Mapping[str, Sequence[Item]]) -> dict[str, tuple[int, int]]:
    """Each unit's place at best and at worst when every weight moves by 10 %: a rival is ahead at best if no weights
    let the unit catch up, at worst if some weights put the rival ahead. `items` are those of all ranked units."""
    unit = lcm(*(item.weight.denominator for of in items.values() for item in of))
    whole = {name: _whole(of, unit) for name, of in items.items()}
    leads = {(a, b): leading(whole[a], whole[b]) for a in whole for b in whole if a != b}
    return {
        name: (
            1 + sum(leads[name, rival] < 0 for rival in whole if rival != name),
            1 + sum(leads[rival, name] > 0 for rival in whole if rival != name),
        )
        for name in whole
    }


def leading(a: Whole, b: Whole) -> int:
    """1: some weights put `a` ahead of `b`. 0: none do, some let it catch up. -1: it trails under all weights."""
    if not a or not b:
        return 0
    if _scored(a, {}) > _scored(b, {}):
        return 1
    if {item: weight for item, (weight, _) in a.items()} == {item: weight for item, (weight, _) in b.items()}:
        return _sign(sum(_most(weight * (value - b[item][1])) for item, (weight, value) in a.items()))
    least, most = -_highest({item: (weight, -value) for item, (weight, value) in b.items()}), _highest(a)
    return _between(a, b, least, most, HALVINGS) if least <= most else -1


def _between(a: Whole, b: Whole, first: Fraction, last: Fraction, halvings: int) -> int:
    """The same, t being between these two."""
    found, multiples = _exchanged(_pulls(a, b, (first + last) / 2))
    if found > 0 or first == last:
        return found
    if _sign(max(_total(_pulls(a, b, t), multiples) for t in (first, last))) <= found:
        return found  # -1: below 0 all along; 0: nowhere above it
    if not halvings:
        return 0
    middle = (first + last) / 2
    lower = _between(a, b, first, middle, halvings - 1)
    return lower if lower > 0 else max(lower, _between(a, b, middle, last, halvings - 1))


def _pulls(a: Whole, b: Whole, t: Fraction) -> Iterator[Pull]:
    """What a tenth of each item's weight adds to Σ w·(a − t) and to Σ w·(t − b), as whole numbers."""
    at, of = t.numerator, t.denominator
    for item in a.keys() | b.keys():
        weight, ahead = a.get(item, (0, 0))
        other, behind = b.get(item, (0, 0))
        yield weight * (ahead * of - at), other * (at - behind * of)


def _exchanged(pulls: Iterator[Pull]) -> tuple[int, Pull]:
    """The sign of the first sum at its most while the second is not below 0, or -1 where it always is, and multiples
    that prove it: beginning with the most of the first, weights are moved where the second gains most for it."""
    first = second = 0
    trades: list[Pull] = []
    for x, y in pulls:
        raised = x > 0 or (x == 0 and y > 0)
        first, second = first + x * (HIGHER if raised else LOWER), second + y * (HIGHER if raised else LOWER)
        if x and (y < 0) == raised and y:
            trades.append(((HIGHER - LOWER) * abs(x), (HIGHER - LOWER) * abs(y)))
    if second >= 0:
        return _sign(first), (1, 0)
    for lost, gained in sorted(trades, key=lambda trade: Fraction(*trade)):
        if second + gained >= 0:
            return _sign(first * gained + second * lost), (gained, lost)
        first, second = first - lost, second + gained
    return -1, (0, 1)


def _total(pulls: Iterator[Pull], multiples: Pull) -> int:
    """The most of so much of both sums."""
    return sum(_most(multiples[0] * x + multiples[1] * y) for x, y in pulls)


def _most(pull: int) -> int:
    return pull * (HIGHER if pull > 0 else LOWER)


def _highest(of: Whole) -> Fraction:
    """The highest score that some weights give: those of the items above it are raised."""
    best, before = _scored(of, {}), None
    while best != before:
        before, best = best, _scored(of, {item: HIGHER if value > best else LOWER for item, (_, value) in of.items()})
    return best


def _scored(of: Whole, moved: Mapping[str, int]) -> Fraction:
    weighed = [(moved.get(item, AS_SET) * weight, value) for item, (weight, value) in of.items()]
    return Fraction(sum(weight * value for weight, value in weighed), sum(weight for weight, _ in weighed))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _whole(items: Sequence[Item], unit: int) -> dict[str, tuple[int, int]]:
    counted = (item for item in items if item.counts and item.weight)
    return {item.id: (int(item.weight * unit), _shown(item.attainment)) for item in counted}


def _shown(attainment: Fraction | None) -> int:
    return 0 if attainment is None else int(published(attainment, SHOWN).replace(".", ""))
