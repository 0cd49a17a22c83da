"""Standings and series for the tests of alerts: a yearly task of 80 in a straight line, unless told otherwise."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Exact, Standing, Text
from contracts.numbers import plain, published
from contracts.periods import SHANGHAI, between, parse
from contracts.programme import Profile
from services.alerts.changes import Message, Name
from services.alerts.episodes import Episodes
from services.alerts.judgement import Judgement
from services.alerts.lights import CellLight, SeriesLights
from services.alerts.loading import BEGINNING
from services.alerts.supervision import Series

PROFILE = Profile(id="default", version=1)
CALENDAR = Calendar()
PROGRAMME, INDICATOR, DISTRICT = "huzhou-2023-2027", "major_projects_investment", "deqing"


def at(day: str, hour: int = 12) -> datetime:
    """An instant of the programme."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI) + timedelta(hours=hour)


def cells(
    first: str = "2023-01", last: str = "2023-12", indicator: str = INDICATOR, district: str = DISTRICT
) -> tuple[Cell, ...]:
    """The cells of a series from one period to another, due and locked by the plain calendar."""
    found = between(parse(first).frequency, parse(first).end, parse(last).end)
    live = at("2023-01-01", 0)
    dated = ((period, CALENDAR.due_at(period)) for period in found)
    return tuple(
        Cell(indicator, district, period, due, CALENDAR.lock_at(due, live), True, due) for period, due in dated
    )


def standing(period: str, value: str | None, **given: Any) -> Standing:
    """A month of a yearly task of 80: S 0, E in a straight line. `known_at` defaults to noon after the period's end."""
    of = parse(period)
    expected = Fraction(given.pop("expected", Fraction(80 * of.end.month, 12)))
    target = Fraction(given.pop("target", 80))
    tolerance = Fraction(given.pop("tolerance", "0.1"))
    defaults: dict[str, Any] = {
        "programme": PROGRAMME,
        "indicator": INDICATOR,
        "district": DISTRICT,
        "period": period,
        "version": 1,
        "catalogue_version": "1",
        "rule_version": "1",
        "as_of": of.end,
        "known_at": of.closes_at + timedelta(hours=12),
        "received_at": None if value is None else of.closes_at + timedelta(hours=12),
        "unit": "CNY_100M",
        "direction": 1,
        "goal": "reach",
        "schedule": "quota",
        "mode": "none" if value is None else "share",
        "reason": "no_value" if value is None else None,
        "value": value,
        "target_on": date(of.year, 12, 31),
        "baseline": "0",
        "baseline_on": date(of.year, 1, 1),
        "baseline_source": "zero",
        "attainment": None,
        "binding": True,
        "confidence": None,
        "flags": (),
        "owed": None,
        "derived": None,
        "window_years": (of.year, of.year),
        "explanation": Text("", ""),
    }
    return Standing(**defaults | _numbers(value, expected, target, tolerance, given.get("mode")) | given)


def _numbers(
    value: str | None, expected: Fraction, target: Fraction, tolerance: Fraction, mode: str | None
) -> dict[str, Any]:
    names = ("expected", "target", "tolerance", "short", "short_pct", "lag", "ratio")
    if value is None or mode == "none":
        return dict.fromkeys(names) | {"exact": Exact()}
    actual = Fraction(value)
    short, share = expected - actual, expected / target
    ratio = actual / expected if share >= Fraction(15, 100) else None
    lag = 100 * short / target
    said = {
        "expected": published(expected, 3),
        "target": plain(target),
        "tolerance": plain(tolerance),
        "short": published(short, 3),
        "short_pct": published(100 * short / expected, 3) if expected else None,
        "lag": published(lag, 3),
        "ratio": None if ratio is None else published(ratio, 3),
    }
    exact = Exact(
        actual=str(actual), expected=str(expected), start="0", target=str(target), tolerance=str(tolerance),
        short=str(short), lag=str(lag), ratio=None if ratio is None else str(ratio),
        attained=None if ratio is None else str(100 * max(Fraction(0), min(Fraction(1), ratio))),
    )  # fmt: skip
    return said | {"exact": exact}


def coloured(period: str, colour: str, **given: Any) -> Standing:
    """A month whose raw colour is this one; grey: reported, but without a target."""
    if colour == "grey":
        return standing(period, "1", mode="none", reason="no_target", binding=False, **given)
    share = {"green": Fraction(1), "yellow": Fraction(3, 4), "red": Fraction(0)}[colour]
    expected = Fraction(80 * parse(period).end.month, 12)
    return standing(period, plain(Fraction(round(expected * share * 1000), 1000)), mode="share", **given)


def series(of: Sequence[Cell] | None = None) -> Series:
    """A series about which nothing is known yet."""
    of = cells() if of is None else of
    blank = SeriesLights(
        tuple(CellLight(None, None, False, "grey", False) for _ in of), None, "grey", False,
        min((c.record_at for c in of if c.record_at), default=None),
    )  # fmt: skip
    name = Name(PROGRAMME, of[0].indicator, of[0].district)
    return Series(name, of, CALENDAR, BEGINNING, [None] * len(of), blank, Episodes(CALENDAR))


def receive(to: Series, what: Standing, now: datetime | None = None) -> None:
    """A standing comes; `now` defaults to when it became known."""
    receive_all(to, [what], what.known_at if now is None else now)


def receive_all(to: Series, what: Sequence[Standing], now: datetime) -> None:
    """Standings of one moment come together."""
    places = {cell.period.text: i for i, cell in enumerate(to.cells)}
    to.receive([(places[each.period], each, Judgement.of(each, PROFILE)) for each in what], max(now, to.through))


def replay(to: Series, history: Iterable[Standing | datetime]) -> Series:
    """Standings and watermarks in this order."""
    for each in history:
        if isinstance(each, datetime):
            to.pass_time(each, each)
        else:
            receive(to, each)
    return to


def said(by: Series, rule: str = "lag") -> list[tuple[str, str]]:
    """What a series has said of its lights: (reason, period); or under another rule."""
    return [(message.reason, by.cells[message.cell].period.text) for message in told(by, rule)]


def told(by: Series, rule: str = "lag") -> list[Message]:
    """The messages of a series about its lights, or those under another rule."""
    return [m for m in by.messages if (m.ticket.rule if m.ticket is not None else "lag") == rule]
