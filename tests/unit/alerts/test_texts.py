"""What an official reads: rules 1.2, 5 and 9."""

from datetime import date
from typing import Any

import msgspec
import pytest

from contracts.events import Forecast, Text
from contracts.periods import parse
from contracts.programme import District, Indicator
from services.alerts import texts
from services.alerts.tickets import Ticket
from tests.support.standings import standing

INVESTMENT: dict[str, Any] = {"unit": "CNY_100M", "unit_zh": "亿元", "decimals": 0}
RATE: dict[str, Any] = {"unit": "percent", "unit_zh": "%", "decimals": 1}
RATIO: dict[str, Any] = {"unit": "ratio", "unit_zh": "比", "decimals": 2}
DEQING = District(id="deqing", name=Text("德清县", "Deqing"), kind="county", reports=True)


def indicator(**given: Any) -> Indicator:
    """An indicator of which only unit and name matter."""
    plain: dict[str, Any] = {
        "id": "investment", "name": Text("重大项目投资额", "Major project investment"), "valid_from": date(2023, 1, 1),
        "valid_to": date(2027, 12, 31), "area": "a", "section": "1", "scope": "city", "quote": "", "reason": "",
        "measure": "annual", "tolerance": "0.5", "direction": 1, "goal": "reach", "schedule": "quota",
        "reported_as": "ytd", "judged_as": "ytd", "frequency": "monthly", "writer": "lead", "departments": (),
        "applicable": (), "aggregate": "none", "rankable": False,
    }  # fmt: skip
    return Indicator(**plain | given)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("30", "落后序时进度12.5个百分点", "12.5 percentage points behind schedule"),
        ("40.01", "与序时进度持平", "on schedule"),
        ("48", "超前序时进度10.0个百分点", "10.0 percentage points ahead of schedule"),
    ],
)
def test_lag_in_points(value: str, zh: str, en: str) -> None:
    """Share mode: rounded to one place for reading, HALF_UP."""
    assert texts.lag(standing("2023-06", value), indicator(**INVESTMENT)) == Text(zh, en)


@pytest.mark.parametrize(
    ("unit", "given", "zh"),
    [
        (
            INVESTMENT,
            {"value": "119", "expected": "120.3", "target": "120.3"},
            "低于要求值120.3亿元，差1.3亿元（1.1%）",
        ),
        (INVESTMENT, {"value": "120.3", "expected": "120.3", "target": "120.3"}, "达到要求（120.3亿元）"),
        (
            INVESTMENT,
            {"value": "0", "expected": "2", "target": "2", "goal": "reach"},
            "低于应达值2亿元，差2亿元（100.0%）",
        ),
        (RATE, {"value": "94.9", "expected": "96", "target": "96"}, "低于要求值96%，差1.1个百分点"),
        (
            RATIO,
            {"value": "1.60", "expected": "1.58", "target": "1.58", "direction": -1, "short": "0.02"},
            "高于控制值1.58，超0.02（1.3%）",
        ),
    ],
)
def test_distance_of_a_bound(unit: dict[str, Any], given: dict[str, Any], zh: str) -> None:
    """Bound mode: the distance in the unit, points for percent, and its share of what is required."""
    given = {"goal": "hold_floor", "unit": unit["unit"]} | given
    value = given.pop("value")
    found = standing("2023-06", value, mode="bound", **given)
    if given.get("direction") == -1:
        found = standing("2023-06", value, mode="bound", exact=_turned(found), **given)
    assert texts.lag(found, indicator(**unit)).zh == zh


def test_the_unit_is_the_series_own() -> None:
    """Rule 3.2: the city's share of districts done is in percent, whatever the districts' unit."""
    share = standing("2023-06", "50", mode="bound", unit="percent", goal="reach", expected="100", target="100")
    assert texts.lag(share, indicator(**INVESTMENT)) == Text(
        "低于应达值100%，差50个百分点", "50 points below the required 100%"
    )


def _turned(found: Any) -> Any:
    """The exact numbers of a ceiling: short counts the other way."""
    return msgspec.structs.replace(found.exact, short="1/50")


@pytest.mark.parametrize(
    ("period", "value", "confidence", "zh"),
    [
        ("2023-06", "0", None, "应于2023年12月31日前完成，正在推进"),
        ("2023-06", "0", "at_risk", "应于2023年12月31日前完成，责任单位研判按期完成有风险"),
        ("2023-12", "0", None, "应于2023年12月31日前完成，尚未完成"),
        ("2023-12", "1", None, "已完成"),
    ],
)
def test_yes_or_no(period: str, value: str, confidence: str | None, zh: str) -> None:
    """Due mode (rule 5.1)."""
    found = standing(period, value, mode="due", expected="0", target="1", tolerance="0.5", confidence=confidence)
    assert texts.lag(found, indicator(**INVESTMENT)).zh == zh


def test_what_cannot_be_judged_says_why() -> None:
    """Mode none: the reason in words."""
    assert (
        texts.lag(standing("2023-06", "5", mode="none", reason="no_target"), indicator(**INVESTMENT)).zh
        == "尚无目标，只展示"
    )


def test_periods_in_words() -> None:
    """As officials write them."""
    assert [texts.period(parse(text)).zh for text in ("2023-06", "2023-Q2", "2023")] == [
        "2023年6月",
        "2023年第2季度",
        "2023年",
    ]


def test_a_whole_sentence() -> None:
    """Who, what, when, what happened, the numbers, how far behind."""
    said = texts.summary(
        "first",
        None,
        "yellow",
        Ticket(level=1),
        indicator(**INVESTMENT),
        DEQING,
        parse("2023-06"),
        standing("2023-06", "30"),
    )
    assert (
        said.zh
        == "德清县“重大项目投资额”2023年6月亮黄灯，立督办单（提醒）：实际30亿元，应达40亿元，落后序时进度12.5个百分点。"
    )
    closed = texts.summary(
        "closed", "no_objection", "red", Ticket(level=3), indicator(**INVESTMENT), DEQING, parse("2023-06"), None
    )
    assert closed.zh == "德清县“重大项目投资额”2023年6月督办单销号，复核期满无异议。"


@pytest.mark.parametrize(
    ("value", "judged_as", "zh"),
    [
        ("67.0", "programme", "：预计67亿元，目标80亿元。"),
        ("-27.60", "programme", "：照此推算为-27.6亿元（累计数减少，推算不足为据），目标80亿元。"),
        ("-27.60", "level", "：预计-27.6亿元，目标80亿元。"),
    ],
)
def test_a_forecast_that_only_carries_a_fall_on_says_so(value: str, judged_as: str, zh: str) -> None:
    """Rules 2.11 and 6.7: the number stands as computed, with the words that a running total fell; a level may fall."""
    forecast = Forecast(value=value, tempo_3="-1", tempo_1="-1", required="2", will_miss=True, reason=None)
    found = standing("2023-06", "30", forecast=forecast)
    of = msgspec.structs.replace(indicator(**INVESTMENT), judged_as=judged_as)
    said = texts.summary("first", None, "yellow", Ticket(rule="forecast", level=1), of, DEQING, parse("2023-06"), found)
    assert said.zh.endswith(zh)
    assert ("not to be relied on" in said.en) == ("不足为据" in zh)
