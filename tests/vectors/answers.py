"""What the project's own functions answer to the input of a vector, one function a form, in the vectors' notation.

A form takes a vector's input as keyword arguments, so an input field that it does not know is an error.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from typing import Any

from contracts.calendar import LOCK_AFTER_DAYS, Calendar, cell_state
from contracts.events import Exact
from contracts.numbers import UnitMismatch, convert, exact, plain, published
from contracts.periods import SHANGHAI, Frequency, parse
from contracts.programme import Profile
from contracts.targets import yearly
from services.alerts.judgement import judge, raw
from services.metrics.accumulation import RolledUp, accumulate, share_done, total
from services.metrics.baseline import start_of
from services.metrics.forecast import Outlook, Point, Way, by_tempo, least_squares
from services.metrics.measure import Measure, measure, mode_of
from services.metrics.quality import needs_explanation
from services.metrics.revisions import Fact, known_by, newest, resolve
from services.metrics.schedule import growth, line, seasonal, steps, whole_items, window
from services.metrics.written import as_sent
from tests.support.standings import standing
from tests.vectors import restated, scores, supervised
from tests.vectors.sequences import lights

Answer = Mapping[str, Any]
Forms = Mapping[str, Callable[..., Answer]]
BASE_END = date(2022, 12, 31)
EARLY = datetime(2000, 1, 1, tzinfo=SHANGHAI)


class Answers:
    """The forms of every group, with the calendar and the profile of the file."""

    def __init__(self, calendar: Mapping[str, Any], profile: Mapping[str, Any]) -> None:
        self.breaks = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in calendar["breaks"]]
        self.worked = [date.fromisoformat(day) for day in calendar["worked_weekends"]]
        self.profile = Profile(id="vectors", version=1, **profile)
        self.groups: Forms = {
            "schedule": self.schedule,
            "measure": self.measure,
            "forecast": self.forecast,
            "scoring": partial(scores.scoring, self.profile),
            "ranking": scores.places,
            "restatement": partial(restated.restatement, self.profile, self._calendar()),
            "hysteresis": self.hysteresis,
            "accumulation": self.accumulation,
            "revision": self.revision,
            "calendar": self.calendar,
            "two_clocks": self.two_clocks,
            "quality": self.quality,
            "rounding": self.rounding,
            "ticket": partial(supervised.ticket, self._calendar()),
            "feed": partial(supervised.feed, self._calendar()),
        }

    def schedule(self, **given: Any) -> Answer:
        if given.get("ask") == "baseline":
            return _baseline(**given)
        if "shape" in given:
            return _yearly(**given)
        forms: Forms = {
            "anchors": _anchors,
            "linear": _anchors,
            "steps": _steps,
            "seasonal": _seasonal,
            "growth": _growth,
        }
        return forms[given["kind"]](**given)

    def measure(self, *, actual: str, expected: Any, S: str, T: str, unit: str = "CNY_100M", **plan: Any) -> Answer:
        found = _measured(self.profile, exact(actual), _number(expected), exact(S), exact(T), **plan)
        made = _standing(found, exact(actual), _number(expected), exact(S), exact(T), unit=unit, **plan)
        return {
            "mode": found.mode,
            "short": published(found.short, 3),
            "lag_pp": _published(found.lag, 3),
            "short_pct": _published(found.short_pct, 3),
            "ratio": _published(found.ratio, 3),
            "light": raw(made, self.profile),
        }

    def forecast(self, **given: Any) -> Answer:
        return _line(**given) if "method" in given else _tempo(p_min=exact(self.profile.p_min), **given)

    def hysteresis(self, **given: Any) -> Answer:
        if "reports" in given:
            return {"lights": lights(self.profile, **given)}
        return self._after(**given)

    def _after(self, *, previous: Any, actual: str, tolerance: str, goal: str = "reach", **plan: Any) -> Answer:
        if "at" in plan:
            start, target = exact(plan.pop("S")), exact(plan.pop("T"))
            due = line([(BASE_END, start), (date(2023, 12, 31), target)], date.fromisoformat(plan.pop("at")))
        else:
            start = target = due = exact(plan.pop("expected"))
        said = {"tolerance": tolerance, "direction": plan.pop("direction", 1), "goal": goal}
        found = _measured(self.profile, exact(actual), due, start, target, **said, **plan)
        made = _standing(found, exact(actual), due, start, target, **said)
        return {
            "lag_pp": _published(found.lag, 3),
            "ratio": _published(found.ratio, 3),
            "raw": raw(made, self.profile),
            "light": judge(made, previous, self.profile),
        }

    def accumulation(self, **given: Any) -> Answer:
        forms: Forms = {"aggregate": _rolled_up, "unit": _converted, "reported_as": _accumulated}
        return next(form for field, form in forms.items() if field in given)(**given)

    def revision(self, *, events_in_topic_order: list[dict[str, Any]]) -> Answer:
        decided = resolve([_fact(**event) for event in events_in_topic_order])
        held = decided.effective
        return {
            "effective": held and {"id": held.id, "revision": held.revision, "value": _plain(held.value)},
            "dispositions": {id: outcome for (_, id), (outcome, _) in decided.verdicts.items()},
            "conflict": bool(decided.rivals),
        }

    def calendar(self, *, ask: str, **given: Any) -> Answer:
        forms: Forms = {
            "period_end": _period_end,
            "due_at": self._due,
            "cell_state": self._state,
            "deadline": self._deadline,
        }
        return forms[ask](**given)

    def _calendar(self, due_days: int = 5, *, holiday_shift: bool = True) -> Calendar:
        days = dict.fromkeys(Frequency, due_days)
        return Calendar(self.breaks, self.worked, days, holiday_shift=holiday_shift, lock_after_days=LOCK_AFTER_DAYS)

    def _due(self, *, period: str, due_days: int, holiday_shift: bool = True, statistical_lag_days: int = 0) -> Answer:
        due_at = self._calendar(due_days, holiday_shift=holiday_shift).due_at(parse(period), statistical_lag_days)
        return {"due_at": due_at.isoformat()}

    def _state(self, *, period: str, due_days: int, now: str, first_received_at: str | None, **flags: bool) -> Answer:
        due_at = self._calendar(due_days).due_at(parse(period))
        first = datetime.fromisoformat(first_received_at) if first_received_at else None
        return {"state": cell_state(parse(period), due_at, datetime.fromisoformat(now), first, **flags)}

    def _deadline(self, *, event_at: str, business_days: int) -> Answer:
        end = self._calendar().business_days_after(datetime.fromisoformat(event_at), business_days)
        return {"deadline": end.isoformat()}

    def two_clocks(self, **given: Any) -> Answer:
        return _as_of(**given) if "as_of" in given else self._known_at(**given)

    def _known_at(
        self, *, period: str, facts: list[dict[str, Any]], approved_at: dict[str, str], known_at: str
    ) -> Answer:
        made = [_fact(id=str(n), approved_at=approved_at.get(str(f["revision"])), **f) for n, f in enumerate(facts)]
        calendar = self._calendar()
        lock_at = calendar.lock_at(calendar.due_at(parse(period)), EARLY)
        held = resolve(known_by(made, lock_at, datetime.fromisoformat(known_at))).effective
        return {"value": _plain(held.value) if held else None}

    def quality(self, *, accumulation: Any, value: str, previous: str | None = None, **given: Any) -> Answer:
        last_year, correction = given.pop("same_last_year", None), given.pop("correction", False)
        before, same = (exact(each) if each is not None else None for each in (previous, last_year))
        found = needs_explanation(accumulation, exact(value), before, same, correction=correction, **given)
        return {"needs_explanation": list(found)}

    def rounding(self, *, exact: Any, places: int) -> Answer:
        return {"published": published(_number(exact), places)}


def _anchors(
    *, kind: str, anchors: list[dict[str, str]], at: str, whole_items: bool = False, ask: str = "expected"
) -> Answer:
    dated, day = _dated(anchors), date.fromisoformat(at)
    (first, start), (last, target) = window(dated, day)
    if ask == "window":
        return {"S_on": first.isoformat(), "S": plain(start), "T_on": last.isoformat(), "T": plain(target)}
    due = line(dated, day)
    if whole_items:
        return {"plan_line": published(due, 6), "expected": plain(_whole(start, due))}
    return {"expected": published(due, 6)}


def _steps(*, kind: str, milestones: list[dict[str, str]], S: str, at: str) -> Answer:
    return {"expected": published(steps(_dated(milestones), exact(S), date.fromisoformat(at)), 6)}


def _seasonal(*, kind: str, S: str, T: str, cumulative_month_percent: list[str], at: str) -> Answer:
    shares = tuple(exact(percent) / 100 for percent in cumulative_month_percent)
    return {"expected": published(seasonal(exact(S), exact(T), shares, date.fromisoformat(at)), 6)}


def _growth(*, kind: str, S: str, growth: str, months: int) -> Answer:
    return {"expected": published(_grown(exact(S), exact(growth), Fraction(months)), 6)}


_whole, _grown = whole_items, growth  # their names are the names of input fields


def _yearly(*, indicator: str, shape: str, targets: dict[str, str | None], years: list[int]) -> Answer:
    shapes = {"yearly_flow": False, "every_year": True}
    printed = {int(year): exact(value) if value is not None else None for year, value in targets.items()}
    span = range(years[0], years[-1] + 1)
    found = yearly(printed, span, every_year=shapes[shape])
    return {str(year): _published(found.get(year), 2) for year in span}


def _baseline(*, ask: str, declared: Any, reports: dict[str, str], accumulation: Any, stock: bool) -> Answer:
    values = {parse(period): exact(value) for period, value in reports.items()}
    base = values.pop(parse("2022"), None)
    first = min(values, default=None)
    start = start_of(
        accumulation,
        stock=stock,
        declared=(date.fromisoformat(declared[0]), exact(declared[1])) if declared else None,
        base_year=(BASE_END, base) if base is not None else None,
        first_report=(first.end, values[first]) if first else None,
        before_programme=BASE_END,
    )
    on = start.on.isoformat() if start.on else "start of each year" if start.source == "zero" else None
    return {"S_on": on, "S": _plain(start.value), "source": start.source}


def _tempo(
    *, S: str, T: str, tolerance: str, direction: int, periods: list[dict[str, str | None]], p_min: Fraction
) -> Answer:
    way = Way(Fraction(S), Fraction(T), Fraction(tolerance), direction, p_min)
    points = [
        Point(Fraction(each["expected"] or ""), None if each["actual"] is None else Fraction(each["actual"]))
        for each in periods
    ]
    found = by_tempo(points, way, reports=sum(point.actual is not None for point in points[1:]))
    return _foreseen(found)


def _line(*, method: str, points: list[dict[str, Any]], at_index: int) -> Answer:
    assert method == "weighted_least_squares"
    value = least_squares([(each["index"], exact(each["value"])) for each in points], Fraction(at_index))
    return _foreseen(Outlook(value, reason=None if value is not None else "fewer_than_4_reports"))


def _foreseen(found: Outlook) -> Answer:
    return {
        "forecast": _published(found.value, 3),
        "tempo_3": _published(found.tempo_3, 3),
        "tempo_1": _published(found.tempo_1, 3),
        "required_tempo": _published(found.required, 3),
        "will_miss": found.will_miss,
        "reason": found.reason,
    }


def _measured(
    profile: Profile,
    actual: Fraction,
    due: Fraction,
    start: Fraction,
    target: Fraction,
    *,
    tolerance: str,
    direction: int,
    goal: Any,
) -> Measure:
    mode = mode_of(start, target, exact(tolerance), direction, goal, profile.min_range_tols)
    return measure(actual, due, start, target, direction=direction, mode=mode, p_min=exact(profile.p_min))


def _standing(
    found: Measure,
    actual: Fraction,
    due: Fraction,
    start: Fraction,
    target: Fraction,
    *,
    tolerance: str,
    direction: int,
    goal: Any,
    unit: str = "CNY_100M",
) -> Any:
    given = (actual, due, start, target, exact(tolerance), found.short, found.lag, found.ratio)
    names = ("actual", "expected", "start", "target", "tolerance", "short", "lag", "ratio")
    numbers = {name: str(value) for name, value in zip(names, given, strict=True) if value is not None}
    about = {"mode": found.mode, "unit": unit, "goal": goal, "direction": direction}
    return standing("2023-06", str(actual), **about, exact=Exact(**numbers))


def _accumulated(
    *,
    reported_as: Any,
    judged_as: Any,
    values: dict[str, str],
    at: str,
    first_year: int | None = None,
    S: str | None = None,
) -> Answer:
    known = {parse(period): exact(value) for period, value in values.items()}
    start = exact(S) if S is not None else None
    found = accumulate(known, reported_as, judged_as, parse(at), first_year=first_year, start=start)
    period = found.period.text if found.period else None
    return {"value": _plain(found.value), "period": period, "complete": found.complete, "months": found.months}


def _rolled_up(*, aggregate: str, applicable: list[str], values: dict[str, str]) -> Answer:
    forms: Mapping[str, Callable[..., RolledUp]] = {"sum": total, "share_done": partial(share_done, done=Fraction(1))}
    found = forms[aggregate](applicable, {district: exact(value) for district, value in values.items()})
    return {"value": as_sent(found.value, 0) if found.value is not None else None, "missing": list(found.missing)}


def _converted(*, value: str, unit: str, indicator_unit: str) -> Answer:
    try:
        return {"value": plain(convert(exact(value), unit, indicator_unit))}
    except UnitMismatch:
        return {"rejected": "unit_mismatch"}


def _period_end(*, period: str) -> Answer:
    return {"period_end": parse(period).end.isoformat()}


def _as_of(*, reported: list[str], as_of: str) -> Answer:
    found = newest((parse(period) for period in reported), date.fromisoformat(as_of))
    return {"period": found.text if found else None}


def _fact(*, id: str, revision: int, value: str | None, received_at: str, approved_at: str | None = None) -> Fact:
    return Fact(
        "/vectors",
        id,
        "deqing",
        "2023-06",
        revision,
        exact(value) if value is not None else None,
        datetime.fromisoformat(received_at),
        "a reason",
        None,
        "final",
        datetime.fromisoformat(approved_at) if approved_at else None,
    )


def _dated(anchors: list[dict[str, str]]) -> list[tuple[date, Fraction]]:
    return [(date.fromisoformat(each["on"]), exact(each["value"])) for each in anchors]


def _number(given: Any) -> Fraction:
    return Fraction(given["exact"]) if isinstance(given, dict) else Fraction(given)


def _plain(value: Fraction | None) -> str | None:
    return None if value is None else plain(value)


def _published(value: Fraction | None, places: int) -> str | None:
    return None if value is None else published(value, places)
