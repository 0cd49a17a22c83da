"""Scores (得分): what the items of one unit add up to, exactly (rules 10.2 to 10.4). Pure.

An item is one indicator in one edition. Its attainment (完成度, rule 10.1) is metrics', as the standing shows it:
whoever adds up what is shown finds the score.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

NOTHING = Fraction(0)
MOST_POINTS = 10  # that the year's lights can take away and that going beyond the targets can add
BEYOND = Fraction(110, 100)  # of the way to the target, for the bonus


@dataclass(frozen=True, slots=True)
class Item:
    """What one indicator brings to a score. `left_out` says why it is in neither sum (not_applicable, too_early, …)."""

    id: str
    weight: Fraction
    attainment: Fraction | None  # 0…100; None: nothing reported that counts, which is worth nothing
    left_out: str | None = None

    @property
    def counts(self) -> bool:
        return self.left_out is None


@dataclass(frozen=True, slots=True)
class Score:
    """Σ w·s / Σ w with both sums; `reported` is the weight of what was reported."""

    points: Fraction
    weight: Fraction
    reported: Fraction
    gate: Fraction

    @property
    def value(self) -> Fraction | None:
        """0…100; None where nothing was due."""
        return self.points / self.weight if self.weight else None

    @property
    def share(self) -> Fraction | None:
        """The reported part of the weight, 0…1."""
        return self.reported / self.weight if self.weight else None

    @property
    def reason(self) -> str | None:
        """Why it is not ranked; None: it is."""
        if self.share is None:
            return "nothing_due"
        return None if self.share >= self.gate else "too_few_reported"

    @property
    def ranked(self) -> bool:
        return self.reason is None


def score(items: Iterable[Item], gate: Fraction) -> Score:
    """The sums over the items that count; a missing one counts with nothing (rule 10.2)."""
    counted = [item for item in items if item.counts]
    reported = [item for item in counted if item.attainment is not None]
    return Score(
        points=sum((i.weight * i.attainment for i in reported if i.attainment is not None), NOTHING),
        weight=sum((item.weight for item in counted), NOTHING),
        reported=sum((item.weight for item in reported), NOTHING),
        gate=gate,
    )


def contribution(item: Item, of: Score) -> Fraction | None:
    """The points of the score that come from one item; the contributions of all items add up to the score."""
    if not item.counts or not of.weight:
        return None
    return item.weight * (item.attainment or NOTHING) / of.weight


def deduction(yellow: int, red: int) -> int:
    """Y + 2R: what lights of record take away, before it is spread over all that were measured (rule 10.4)."""
    return yellow + 2 * red


def process_points(yellow: int, red: int, measured: int) -> Fraction:
    """−10·(Y + 2R)/(2N) over the measured lights of record: −10 when all were red, 0 when none was measured (10.4)."""
    return -MOST_POINTS * Fraction(deduction(yellow, red), 2 * measured) if measured else NOTHING


def bonus_points(beyond: int, reach_items: int) -> Fraction:
    """+10 × the share of scored reach items at 110 % of their way at the year's end (rule 10.4)."""
    return MOST_POINTS * Fraction(beyond, reach_items) if reach_items else NOTHING


def goes_beyond(actual: Fraction, start: Fraction, target: Fraction) -> bool:
    """a ≥ 1.10, exactly."""
    return target != start and (actual - start) / (target - start) >= BEYOND


def weights(paths: Mapping[str, Sequence[str]], levels: Sequence[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """The weight of each item from the weights of three levels, normalised within each parent (rule 10.2).

    `paths` name an item's area, heading and own id; what a level does not name weighs 1. They are made from the
    scheme's items, whatever was reported, so that one unit's reports move nobody else's weights.
    """
    children: dict[tuple[str, ...], dict[str, Fraction]] = {}
    for path in paths.values():
        for depth, name in enumerate(path):
            children.setdefault(tuple(path[:depth]), {})[name] = levels[depth].get(name, Fraction(1))
    totals = {parent: sum(named.values(), NOTHING) for parent, named in children.items()}
    return {item: _product(path, children, totals) for item, path in paths.items()}


def _product(
    path: Sequence[str],
    children: Mapping[tuple[str, ...], Mapping[str, Fraction]],
    totals: Mapping[tuple[str, ...], Fraction],
) -> Fraction:
    weight = Fraction(1)
    for depth, name in enumerate(path):
        parent = tuple(path[:depth])
        weight = weight * children[parent][name] / totals[parent] if totals[parent] else NOTHING
    return weight
