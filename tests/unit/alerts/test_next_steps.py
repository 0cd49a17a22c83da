"""What follows of a ticket (rule 8): by when, and once the day has passed, since how many working days."""

from datetime import date, datetime
from typing import Any

import pytest

from contracts.calendar import Calendar
from services.alerts.next_steps import Today, next_step
from tests.support.standings import at

CALENDAR = Calendar(breaks=[(date(2023, 9, 29), date(2023, 10, 6))], worked_weekends=[date(2023, 10, 7)])
FRIDAY = at("2023-09-16", 0)  # 24:00 of Friday 15 September


def said(state: str, now: datetime, rule: str = "lag", level: int = 1, **given: Any) -> tuple[str, str]:
    """The sentence in both languages."""
    step = next_step(rule, state, level, Today(now, CALENDAR), **given)
    return step.zh, step.en


@pytest.mark.parametrize(
    ("state", "zh", "en"),
    [
        (
            "OPEN",
            "请于2023年9月15日24时前签收；逾期未签收，督办升级为督办函",
            "acknowledge it by 24:00 on 2023-09-15; otherwise it is raised to supervision letter",
        ),
        (
            "ACKED",
            "请于2023年9月15日24时前反馈原因、措施和承诺日期；逾期未反馈，督办升级为督办函",
            "answer with cause, plan and promised date by 24:00 on 2023-09-15; otherwise it is raised to "
            "supervision letter",
        ),
        (
            "RECOVERED",
            "由专班办公室于2023年9月15日24时前复核；期满无异议即销号",
            "the office reviews it by 24:00 on 2023-09-15; without objection it is closed then",
        ),
    ],
)
def test_before_its_day_it_asks_for_it(state: str, zh: str, en: str) -> None:
    """The day is named, and what follows otherwise."""
    assert said(state, at("2023-09-15", 23), timer_at=FRIDAY) == (zh, en)


@pytest.mark.parametrize(
    ("state", "zh", "en"),
    [
        (
            "OPEN",
            "签收期限（2023年9月15日24时）已过2个工作日，请立即签收；仍未签收，督办升级为督办函",
            "the deadline to acknowledge it (24:00 on 2023-09-15) passed 2 working days ago: do so at once; otherwise "
            "it is raised to supervision letter",
        ),
        (
            "ACKED",
            "反馈期限（2023年9月15日24时）已过2个工作日，请立即反馈原因、措施和承诺日期；仍未反馈，督办升级为督办函",
            "the deadline to answer (24:00 on 2023-09-15) passed 2 working days ago: answer at once with cause, plan "
            "and promised date; otherwise it is raised to supervision letter",
        ),
        (
            "RECOVERED",
            "复核期限（2023年9月15日24时）已过2个工作日，由专班办公室尽快复核；无异议即销号",
            "the time for the office's review (24:00 on 2023-09-15) passed 2 working days ago: without objection it is "
            "closed",
        ),
    ],
)
def test_a_day_that_has_passed_is_not_asked_for(state: str, zh: str, en: str) -> None:
    """It has passed, since when, and what is to be done now: Monday and Tuesday are two working days."""
    assert said(state, at("2023-09-19", 9), timer_at=FRIDAY) == (zh, en)


def test_a_promised_day_that_has_passed() -> None:
    """Until the next light of record decides, the promise is not asked for as if its day were to come."""
    kept: dict[str, Any] = {"promised_on": date(2023, 9, 28)}
    assert said("ANSWERED", at("2023-09-28", 20), **kept)[0].startswith("请于2023年9月28日前整改到位；届时仍滞后，")
    zh, en = said("ANSWERED", at("2023-10-08", 9), level=3, **kept)
    assert zh == "承诺日期（2023年9月28日）已过1个工作日，请确认已整改到位；下次定灯仍滞后，将再次提醒"
    assert en == (
        "the promised date (2023-09-28) passed 1 working day ago: it should be put right by now; if it is still behind "
        "at the next light of record, there will be a reminder"
    )
    zh, en = said("ANSWERED", at("2023-10-09", 9), rule="forecast", **kept)
    assert (zh, en) == (
        "承诺日期（2023年9月28日）已过2个工作日，请尽快落实措施，赶上进度",
        "the promised date (2023-09-28) passed 2 working days ago: carry out what was planned",
    )


def test_no_working_day_has_passed_yet() -> None:
    """On the weekend after a Friday the day has passed, and no number is made up."""
    zh, en = said("OPEN", at("2023-09-17", 9), timer_at=FRIDAY)
    assert zh.startswith("签收期限（2023年9月15日24时）已过，请立即签收")
    assert "passed: do so at once" in en


def test_a_suspension_that_is_over() -> None:
    """It goes on."""
    until: dict[str, Any] = {"suppressed_until": FRIDAY}
    assert said("OPEN", at("2023-09-15", 9), **until)[0].startswith("暂缓督办至2023年9月15日24时，")
    assert said("OPEN", at("2023-09-16", 9), **until)[0] == "暂缓督办已于2023年9月15日24时期满，恢复督办，时限重新计算"
