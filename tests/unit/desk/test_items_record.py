"""One series period by period, its targets and its drawing: nothing that happened is left out of the table."""

from datetime import date
from typing import Any

import msgspec
import pytest

from contracts.catalogue import SHIPPED, load
from contracts.programme import Lookup
from services.desk.items import chart, record
from tests.support.standings import standing

INDICATOR = "major_projects_investment"
TODAY = date(2023, 8, 10)


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ("亿元", "亿元", "hundred million yuan"),
        ("CNY_100M", "亿元", "hundred million yuan"),
        ("家", "家", ""),
        ("percent", "%", "%"),
        ("箩筐", "箩筐", "箩筐"),
    ],
)
def test_units_in_words(said: str, zh: str, en: str) -> None:
    """By id or as it was written, in the page's language; one that is none stays as it was written."""
    assert (record.unit_words(said, "zh"), record.unit_words(said, "en")) == (zh, en)


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


def standings(*said: Any) -> list[dict[str, Any]]:
    """Standings as the API answers them."""
    found: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(said))
    return found


def report(period: str, revision: int, value: str | None, outcome: str) -> dict[str, Any]:
    return {"period": period, "revision": revision, "value_in_unit": value, "outcome": {"outcome": outcome}}


def cell(period: str, live: str | None, record: str | None = None) -> dict[str, Any]:
    return {"period": period, "live": live, "record": record}


JUNE = standing("2023-06", "44", schedule="anchors")
JULY = standing("2023-07", None)
REPORTS = [report("2023-06", 0, "440", "superseded"), report("2023-06", 1, "44", "applied")]
ROWS = record.rows(standings(JUNE, JULY), [cell("2023-06", "green", "red"), cell("2023-09", None)], REPORTS, [])


def test_a_row_for_each_period_of_which_something_is_known() -> None:
    """In order of time, with its corrections; a cell nobody has judged or reported is left out."""
    assert [(row.period, row.corrected) for row in ROWS] == [("2023-06", 1), ("2023-07", 0)]
    assert ROWS[0].light == cell("2023-06", "green", "red")


def test_a_refused_report_alone_makes_a_row() -> None:
    """What was sent and not taken is told too; a quarter stands behind its last month."""
    sent = [report("2023-Q2", 0, "1", "refused"), report("2023-05", 0, "1", "applied")]
    assert [row.period for row in record.rows([], [], sent, [])] == ["2023-05", "2023-Q2"]


def test_the_newest_standing_is_the_last_with_a_value() -> None:
    """July has none: the light is about June."""
    found = record.newest(standings(JUNE, JULY))
    assert found is not None
    assert found["period"] == "2023-06"
    assert record.newest(standings(JULY)) is None


def test_targets_with_the_words_they_come_from(lookup: Lookup) -> None:
    """The city's targets are the plan's; a district's are allocated and say so."""
    indicator = lookup.indicators[INDICATOR]
    city = record.dated(lookup, indicator, "huzhou")
    assert [(each.value, each.target.source if each.target else None) for each in city] == [
        ("80", "points2023"),
        ("800", "plan"),
    ]
    district = record.dated(lookup, indicator, "deqing")
    assert [each.aim.on.year for each in district] == [2023, 2027]


def test_every_target_of_the_catalogue_can_be_written(lookup: Lookup) -> None:
    """Thirds are rounded, damaged figures have none, zeros at the end go and whole numbers stay."""
    written = [each for i, d in lookup.series for each in record.dated(lookup, i, d)]
    assert {each.value is None for each in written} == {True, False}
    assert not any("." in each.value and each.value.endswith("0") for each in written if each.value)
    assert "100" in {each.value for each in written}


def test_units_in_both_languages(lookup: Lookup) -> None:
    """As the plan writes it; a share in percent, pieces without a word in English."""
    money, share = (
        lookup.indicators[INDICATOR],
        next(i for i in lookup.indicators.values() if i.aggregate == "share_done" and i.unit != "percent"),
    )
    assert [record.unit_in(money, "anji", each) for each in ("zh", "en")] == ["亿元", "hundred million yuan"]
    assert record.unit_in(share, "huzhou", "en") == "%"


def test_the_drawing_has_value_schedule_tolerance_and_what_was_corrected(lookup: Lookup) -> None:
    """The point carries its light and R1; the superseded figure is drawn apart; the tolerance lies around E."""
    indicator = lookup.indicators[INDICATOR]
    drawn = chart.document(ROWS, record.dated(lookup, indicator, "huzhou"), indicator, "亿元", "zh", TODAY)
    assert drawn["values"] == [["2023-06-30", 44.0, "R1", "green", "2023-06"]]
    assert drawn["expected"] == [["2023-06-30", 40.0]]
    assert drawn["tolerance"] == [["2023-06-30", pytest.approx(39.9), pytest.approx(0.2)]]
    assert drawn["others"] == [["2023-06-30", 440.0, "R0 已被更正取代", "superseded"]]
    assert drawn["plan"] == [[["2023-01-01", 0.0], ["2023-12-31", 80.0]]]
    assert [each[2] for each in drawn["targets"]] == ["≥80", "≥800"]
    assert drawn["until"] == "2023-12-31"


def test_a_target_that_is_effort_wording_says_so(lookup: Lookup) -> None:
    """Drawn open and named in both languages."""
    indicator = next(i for i in lookup.indicators.values() if any(not t.binding and t.value for t in i.targets))
    targets = record.dated(lookup, indicator, "huzhou")
    for language, word in (("zh", "力争"), ("en", "effort")):
        drawn = chart.document([], targets, indicator, "", language, TODAY)  # type: ignore[arg-type] # one of the two
        assert any(word in label and kind == "open" for *_, label, kind in drawn["targets"])


def test_the_drawing_in_a_sentence() -> None:
    """For those who do not see it: how many values, the last one and what was expected."""
    said = chart.summary(ROWS, "投资", "安吉县", "亿元")
    assert "共1期" in said.zh
    assert "最近一期44亿元，应达40" in said.zh
    assert chart.summary([], "投资", "安吉县", "亿元").en.endswith("no data yet")
