"""The sentences, word for word (services/metrics/explanation.py)."""

import re
from datetime import date
from typing import Any

import pytest

from contracts.periods import Frequency
from contracts.programme import CITY, Baseline, Target
from tests.support.programmes import Trial, trial
from tests.support.situations import GOLDEN, document, situations

END_2023, END_2027 = date(2023, 12, 31), date(2027, 12, 31)
PLAN = (Target(on=END_2023, value="80"), Target(on=END_2027, value="800"))
RATE: dict[str, Any] = {"judged_as": "level", "unit": "percent", "unit_zh": "%", "frequency": Frequency.QUARTERLY}


def said(told: Trial, period: str, district: str = CITY) -> tuple[str, str]:
    text = told.standing(period, district).explanation
    return text.zh, text.en


def test_behind_schedule() -> None:
    """What is, what should be, the lag with one place (rule 1.2), from where to where."""
    assert said(trial(targets=PLAN).tell_all({"2023-06": "30"}), "2023-06") == (
        "截至2023年6月底累计完成30亿元，按序时进度应完成40亿元，落后序时进度12.5个百分点，完成序时任务的75.0%"
        "（2023年底目标80亿元）。",
        "By the end of June 2023: 30 hundred million yuan done so far; 40 hundred million yuan expected: 12.5 points"
        " behind schedule, 75.0 % of what was due (target 80 hundred million yuan, end of"
        " 2023).",
    )


def test_still_owed_is_said() -> None:
    """Rule 4.10: the missed target is named."""
    zh, en = said(trial(targets=PLAN).tell_all({"2024-01": "66"}), "2024-01")
    assert "；2023年底目标80亿元尚未达到，仍须补足。" in zh
    assert "; the target 80 hundred million yuan of end of 2023 is still owed." in en


@pytest.mark.parametrize(
    ("value", "zh"),
    [
        ("97", "截至2023年第一季度末为97%，要求不低于96%，达到要求。"),
        ("95.96", "截至2023年第一季度末为95.96%，要求不低于96%，相差0.04个百分点，在允许误差之内。"),
        ("94.9", "截至2023年第一季度末为94.9%，要求不低于96%，低1.1个百分点。"),
    ],
)
def test_floor(value: str, zh: str) -> None:
    """A floor has no lag: met, within the tolerance, or missed by so much."""
    targets = (Target(on=END_2027, value="96"),)
    told = trial(targets=targets, goal="hold_floor", schedule="hold", tolerance="0.05", **RATE)
    assert said(told.tell_all({"2023-Q1": value}), "2023-Q1")[0] == zh


def test_ceiling_and_small_range() -> None:
    """A ceiling is missed upwards; a range too small to divide is held against its line."""
    ratio = trial(
        targets=(Target(on=END_2023, value="1.54"), Target(on=END_2027, value="1.58")), judged_as="level",
        unit="ratio", unit_zh="", decimals=2, tolerance="0.005", direction=-1, frequency=Frequency.YEARLY,
    )  # fmt: skip
    assert said(ratio.tell_all({"2024": "1.60"}), "2024")[0].startswith("2024年为1.60，要求不高于1.58，高0.02（1.3%）")
    start = Baseline(on=date(2022, 12, 31), value="98.40")
    small = trial(targets=(Target(on=END_2023, value="98.45"),), baseline=start, tolerance="0.05", **RATE)
    assert "，按序时进度应达到98.43%，相差" in said(small.tell_all({"2023-Q2": "98.39"}), "2023-Q2")[0]


@pytest.mark.parametrize(
    ("given", "zh"),
    [
        ({}, "尚无目标，只展示、不评判。"),
        ({"targets": (Target(on=END_2027, value="20", disputed=True),)}, "不评判（2027年底目标20亿元）。"),
        ({"targets": (Target(on=END_2027, value="20", binding=False),)}, "力争性表述，只亮灯，不督办、不计分。"),
        ({"targets": (Target(on=END_2027, value="20", bound="approx"),)}, "2027年底目标20亿元左右）。"),
    ],
)  # fmt: skip
def test_what_else_is_said(given: dict[str, Any], zh: str) -> None:
    """Why nothing is judged, effort wording, an about target."""
    assert said(trial(**given).tell_all({"2023-06": "2"}), "2023-06")[0].endswith(zh)


def test_average_growth_is_said_of_yearly_rates() -> None:
    """Rule 4.5: 年均 is the geometric mean of the years so far, 4 places; not said while a year is missing."""
    rates = {"2023": "21", "2024": "0", "2026": "10"}
    targets, yearly = (Target(on=END_2027, value="10"),), RATE | {"frequency": Frequency.YEARLY, "measure": "growth"}
    told = trial(targets=targets, goal="hold_floor", schedule="hold", **yearly).tell_all(rates)
    assert "；规划期年均增长10%" in said(told, "2024")[0]
    assert "年均" not in said(told, "2023")[0] + said(told, "2026")[0]


def test_marks_and_questions() -> None:
    """Rule 2.11: provisional values are marked, a total that fell asks for a word; a withdrawn cell says so."""
    told = trial(targets=PLAN).tell_all({"2023-05": "30"})
    told.tell("2023-06", "29", status="provisional")
    zh, _ = said(told, "2023-06")
    assert zh.startswith("截至2023年6月底累计完成29亿元（初步数），")
    assert zh.endswith("；累计数较前期下降，请说明。")
    told.tell("2023-06", None, "2023-07-04", revision=1, reason="wrong list")
    assert said(told, "2023-06")[0] == "截至2023年6月底，报送数据已撤回，不作评判（2023年底目标80亿元）。"


def test_city_names_who_is_missing_and_what_the_lead_reports() -> None:
    """Rule 3.2: in the names of the catalogue."""
    half = {"2023-12-31": "40", "2027-12-31": "400"}
    told = trial({"deqing": half, "anji": half}, targets=PLAN, applicable=("deqing", "anji"), aggregate="sum")
    told.tell("2023-06", "15", district="deqing")
    told.tell("2023-06", "31")
    assert said(told, "2023-06")[0].endswith("；全市数由区县汇总，尚缺anji；牵头单位另报31亿元。")
    told.tell("2023-06", "15", district="anji")
    assert said(told, "2023-06")[0].endswith("；牵头单位另报31亿元，比汇总数多1亿元。")


def test_by_its_day() -> None:
    """Rule 5.1: not due, at risk, done, due and not done."""
    told = trial(targets=(Target(on=END_2023, value="100"),), goal="yes_no", schedule="due_date", **RATE)
    told.tell("2023-Q1", "0")
    told.tell("2023-Q2", "0", confidence="unlikely")
    told.tell("2023-Q3", "100")
    told.tell("2023-Q4", "0")
    ends = (
        "尚未完成，要求2023年底前完成，尚未到期。",
        "尚未完成，要求2023年底前完成，尚未到期，报送单位研判难以按期完成。",
        "已完成（要求2023年底前完成）。",
        "尚未完成，要求2023年底前完成，已到期；较上期变动超过30%，请说明。",
    )
    for n, end in enumerate(ends, 1):
        assert said(told, f"2023-Q{n}")[0].endswith(f"季度末{end}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_situations_read_as_they_were_read(language: str) -> None:
    """Every named situation says what was read and found fit to sign; `python -m tests.support.situations` rewrites."""
    assert document(language) == (GOLDEN / f"explanations.{language}.txt").read_text(encoding="utf-8")
    assert len(situations()) >= 40


def test_no_machine_words_and_no_doubled_marks() -> None:
    """What an official reads is Chinese: no ids, no ISO dates, no doubled punctuation."""
    for name, text in situations().items():
        assert not re.search(r"[a-z_]{3,}|\d{4}-\d{2}|[“”]{2}|[，；、。]{2}|None", text.zh), name
