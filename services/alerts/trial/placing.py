"""The places of districts under the rules in force and under those on trial, in one edition (rules 10.2 to 10.5). Pure.

Attainment is metrics' and stays as recorded; what a trial moves are weights, gate, form, the basis of places,
and, where lights of record differ, process points.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from contracts.events import Colour
from contracts.numbers import published
from contracts.periods import Period
from services.alerts.scores.edition import Row, compute
from services.alerts.scores.items import Facts, Key, Lights, Sheet

Moved = tuple[Key, Period, Colour | None, Colour | None]  # a binding light of record: in force, on trial
NO_LIGHTS = Lights()


class PlaceMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A district whose score, points or place differ in the edition of a period."""

    district: str
    period: str
    place_now: int | None
    place_then: int | None
    score_now: str | None
    score_then: str | None
    process_now: str
    process_then: str


def places_moved(present: Sheet, trial: Sheet, facts: Facts, moved: Iterable[Moved]) -> list[PlaceMoved]:
    """Both editions from the same facts, the lights of the one on trial as the trial gives them."""
    now = compute(present, facts)
    then = compute(trial, replace(facts, lights=_lights(facts, moved)))
    after = {row.unit: row for row in then.districts}
    pairs = ((row, after[row.unit]) for row in now.districts if row.unit in after)
    found = [_pair(facts.period.text, one, other) for one, other in pairs]
    return [each for each in found if _differs(each)]


def _lights(facts: Facts, moved: Iterable[Moved]) -> Mapping[Key, Lights]:
    """The lights counted in the edition's year with those that the trial moves."""
    shifts: dict[Key, Counter[str]] = {}
    for key, period, now, then in moved:
        if period.year == facts.period.year and period.end <= facts.period.end:
            shift = shifts.setdefault(key, Counter())
            for colour, by in ((now, -1), (then, 1)):
                shift["measured"] += by * (colour in ("green", "yellow", "red"))
                shift[colour or ""] += by
                shift["december"] += by * (colour == "red" and period.end.month == 12)
    return {**facts.lights, **{key: _shifted(facts.lights.get(key, NO_LIGHTS), shift) for key, shift in shifts.items()}}


def _shifted(of: Lights, by: Counter[str]) -> Lights:
    return Lights(
        of.yellow + by["yellow"], of.red + by["red"], of.measured + by["measured"], of.red_in_december + by["december"]
    )


def _pair(period: str, now: Row, then: Row) -> PlaceMoved:
    return PlaceMoved(
        district=now.unit,
        period=period,
        place_now=now.place,
        place_then=then.place,
        score_now=_two(now),
        score_then=_two(then),
        process_now=published(now.process, 2),
        process_then=published(then.process, 2),
    )


def _two(row: Row) -> str | None:
    return None if row.score.value is None else published(row.score.value, 2)


def _differs(of: PlaceMoved) -> bool:
    return (of.place_now, of.score_now, of.process_now) != (of.place_then, of.score_then, of.process_then)
