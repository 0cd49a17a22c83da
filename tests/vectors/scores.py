"""Vectors of attainment, scores and places (rule 10): put to metrics' and alerts' own functions."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from contracts.numbers import UNITS, exact, published
from contracts.programme import Goal, Profile
from services.alerts.scores import ranking, robustness
from services.alerts.scores.scoring import Item, bonus_points, process_points, score
from services.metrics.attainment import of_due, of_way
from services.metrics.measure import mode_of

Answer = Mapping[str, Any]
GOALS: Mapping[str, Goal] = {"hold": "hold_floor", "floor": "hold_floor", "ceiling": "hold_ceiling"}
LEFT_OUT: Mapping[str, bool] = {"applicable": True, "due": True, "excused": False, "too_early": False}  # what counts


def scoring(profile: Profile, *, goal: str, **given: Any) -> Answer:
    """The attainment of one value."""
    if "done" in given:
        return {"attainment": _published(of_due(given["done"], given["due"]), 4)}
    return {"attainment": _published(attainment(profile, goal=goal, **given), 4)}


def attainment(
    profile: Profile,
    *,
    A: str,
    E: str,
    goal: str = "reach",
    S: str | None = None,
    T: str | None = None,
    direction: int = 1,
    tol: str = "0",
    approx_pct: str | None = None,
    unit: str = "CNY_100M",
    whole_items: bool | None = None,
) -> Fraction | None:
    """A value held against what is expected; a bound is given by E alone."""
    start, target = None if S is None else exact(S), exact(T if T is not None else E)
    meant: Any = GOALS.get(goal, goal)
    way = start is not None and direction * (target - start) > 0
    whole = UNITS[unit].whole if whole_items is None else whole_items
    return of_way(
        exact(A),
        exact(E),
        start,
        target,
        tolerance=exact(tol),
        direction=direction,
        mode=mode_of(start, target, exact(tol), direction, meant, profile.min_range_tols),
        whole_reach=way and whole and meant == "reach",
        approx_pct=None if approx_pct is None else exact(approx_pct),
        p_min=exact(profile.p_min),
    )


def places(**given: Any) -> Answer:
    """Scores, points and places, by what is given."""
    forms: Mapping[str, Callable[..., Answer]] = {
        "scores": _scores,
        "items": _score,
        "rows": _rows,
        "attainments": _range,
        "yellow_periods": _process,
        "items_at_110_percent": _bonus,
    }
    return next(form for field, form in forms.items() if field in given)(**given)


def _scores(*, scores: dict[str, str]) -> Answer:
    exactly = {unit: Fraction(value) for unit, value in scores.items()}
    found = ranking.places(exactly)
    return {
        "rows": {unit: {"score": published(value, 2), "place": found[unit]} for unit, value in exactly.items()},
    }


def _score(*, items: Sequence[Mapping[str, Any]], gate: str) -> Answer:
    found = score([_item(str(n), **each) for n, each in enumerate(items)], Fraction(gate))
    return {
        "score": _published(found.value, 2),
        "reported_share": _published(None if found.share is None else 100 * found.share, 2),
        "ranked": found.ranked,
        "reason": found.reason,
    }


def _item(id: str, *, weight: str, s: str | None, reported: bool, **flags: bool) -> Item:
    assert flags.keys() <= LEFT_OUT.keys()
    left_out = next((name for name, flag in flags.items() if flag is not LEFT_OUT[name]), None)
    return Item(id, Fraction(weight), Fraction(s) if reported and s is not None else None, left_out)


def _rows(*, rows: Sequence[Mapping[str, Any]]) -> Answer:
    held = {row["district"]: Fraction(row["score"]) if row["gate_met"] and row["score"] else None for row in rows}
    return {"places": ranking.places(held)}


def _range(*, attainments: dict[str, dict[str, str | None]], weights: dict[str, str], district: str) -> Answer:
    items = {
        unit: [Item(item, Fraction(weights[item]), _exactly(value)) for item, value in values.items()]
        for unit, values in attainments.items()
    }
    return {"place_range": list(robustness.place_ranges(items)[district])}


def _process(*, yellow_periods: int, red_periods: int, judged_item_periods: int) -> Answer:
    return {"process_points": published(process_points(yellow_periods, red_periods, judged_item_periods), 2)}


def _bonus(*, items_at_110_percent: int, scored_reach_items: int) -> Answer:
    return {"bonus_points": published(bonus_points(items_at_110_percent, scored_reach_items), 2)}


def _exactly(value: str | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _published(value: Fraction | None, places: int) -> str | None:
    return None if value is None else published(value, places)
