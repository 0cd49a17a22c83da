"""One series as a drawing: the document that static/item.js hands to ECharts; the table says the same. Pure.

Numbers are floats in the drawings and nowhere else: a pixel needs no more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.events import Text
from contracts.numbers import exact
from contracts.periods import parse
from contracts.programme import Indicator
from services.desk.drawing import rounded
from services.desk.items.record import Dated, Row, newest
from services.desk.texts import Language, told

BOUNDS: Mapping[str, str] = {"ge": "≥", "gt": ">", "le": "≤", "approx": "≈"}
_STRAIGHT = ("linear", "anchors", "quota")  # the plan runs straight between two dated values (rules 4.2, 4.5, 4.6)
_COUNTING = ("applied", "unchanged", "duplicate")
Point = list[Any]


def document(
    rows: Sequence[Row], targets: Sequence[Dated], indicator: Indicator, unit: str, language: Language, today: date
) -> dict[str, Any]:
    """Everything to be drawn. Points are [day, value] or [day, value, label, colour or kind]."""
    standings = [row.standing for row in rows if row.standing is not None]
    last = newest(standings)
    forecast = last["forecast"] if last else None
    drawn = {
        "values": [_value(row) for row in rows if _has(row, "value")],
        "expected": [_point(row.standing, "expected") for row in rows if row.standing and _has(row, "expected")],
        "tolerance": list(_tolerance(standings)),
        "plan": list(_stretches(standings)) if indicator.schedule in _STRAIGHT else [],
        "targets": [_target(each, language) for each in targets if each.aim.value is not None],
        "others": list(_others(rows, indicator, language)),
        "forecast": [],
        "yearly": indicator.schedule == "quota",  # begins anew each January: no line leads across
        "today": today.isoformat(),
        "until": max([last["target_on"] or "", _end(last)]) if last else today.isoformat(),
        "unit": unit,
        "words": {key: told(f"item.chart_{key}", language) for key in _WORDS},
    }
    if last and forecast and forecast["value"] is not None and last["target_on"]:
        drawn["forecast"] = [[_end(last), _number(last["value"])], [last["target_on"], _number(forecast["value"])]]
    return drawn


_WORDS = (
    *("value", "expected", "tolerance", "plan", "target", "other", "forecast", "today", "whole", "stretch", "recent"),
    *("red", "yellow", "green", "grey", "period", "zoom"),
)


def _has(row: Row, name: str) -> bool:
    return row.standing is not None and row.standing[name] is not None


def _number(text: str) -> float:
    """A place on the screen, for a script that knows no other numbers; the table beside it has the exact text."""
    return float(exact(text))


def _end(standing: Mapping[str, Any]) -> str:
    return str(standing["as_of"])


def _point(standing: Mapping[str, Any], name: str) -> Point:
    return [_end(standing), _number(standing[name])]


def _value(row: Row) -> Point:
    """With its light and, where it was corrected, how often."""
    assert row.standing is not None
    light = (row.light or {}).get("live") or "grey"
    return [*_point(row.standing, "value"), f"R{row.corrected}" if row.corrected else "", light, row.period]


def _tolerance(standings: Iterable[Mapping[str, Any]]) -> Iterable[Point]:
    """[day, lower edge, width] around what is expected."""
    for each in standings:
        if each["expected"] is not None and each["tolerance"] is not None:
            around, off = _number(each["expected"]), _number(each["tolerance"])
            yield [_end(each), around - off, 2 * off]


def _stretches(standings: Iterable[Mapping[str, Any]]) -> Iterable[list[Point]]:
    """The straight way from each baseline to its target, once."""
    seen = set()
    for each in standings:
        way = each["baseline_on"], each["baseline"], each["target_on"], each["target"]
        if None not in way and way not in seen and each["mode"] == "share":
            seen.add(way)
            yield [[way[0], _number(way[1])], [way[2], _number(way[3])]]


def _target(dated: Dated, language: Language) -> Point:
    bound = BOUNDS[dated.aim.bound]
    marks = [told("item.disputed", language)] if dated.aim.disputed else []
    marks += [] if dated.aim.binding else [told("item.effort", language)]
    label = f"{bound}{dated.value}" + (f"（{'、'.join(marks)}）" if marks and language == "zh" else "")
    if marks and language == "en":
        label += f" ({', '.join(marks)})"
    kind = "open" if dated.aim.disputed or not dated.aim.binding else "firm"
    assert dated.aim.value is not None
    return [dated.aim.on.isoformat(), float(dated.aim.value), label, kind]


def _others(rows: Iterable[Row], indicator: Indicator, language: Language) -> Iterable[Point]:
    """Reports whose value does not count (any more), where they are on the same scale as what is drawn."""
    if indicator.reported_as != indicator.judged_as:
        return
    for row in rows:
        end = parse(row.period).end.isoformat()
        for each in row.reports:
            outcome = each["outcome"]["outcome"]
            if outcome not in _COUNTING and each["value_in_unit"] is not None:
                label = f"R{each['revision']} {told(f'item.outcome_{outcome}', language)}"
                yield [end, _number(each["value_in_unit"]), label, outcome]


def summary(rows: Sequence[Row], name: str, district: str, unit: str) -> Text:
    """What the drawing shows, in a sentence for those who do not see it."""
    with_value = [row for row in rows if _has(row, "value")]
    if not with_value:
        return Text(f"{district}“{name}”尚无数据", f"{name}, {district}: no data yet")
    first, last = with_value[0], with_value[-1]
    assert first.standing is not None
    assert last.standing is not None
    like = last.standing["target"]
    value, expected = (None if n is None else rounded(n, like) for n in map(last.standing.get, ("value", "expected")))
    zh = (
        f"{district}“{name}”从{first.period}到{last.period}共{len(with_value)}期的数值与序时进度；最近一期{value}{unit}"
    )
    en = (
        f"{name}, {district}: {len(with_value)} values from {first.period} to {last.period}; the last is {value} {unit}"
    )
    if expected is not None:
        zh, en = f"{zh}，应达{expected}{unit}", f"{en}, {expected} expected"
    return Text(f"{zh}。各数见下表。", f"{en}. The table below has every number.")
