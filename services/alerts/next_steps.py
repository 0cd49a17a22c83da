"""What follows of a ticket, by when, and what happens if nobody does anything (rule 8): one sentence, Chinese first.

A day that has passed is not asked for any more: the sentence says that it has passed, and since how many working days.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.calendar import Calendar
from contracts.events import Text
from contracts.periods import SHANGHAI, midnight
from services.alerts.tickets import HIGHEST
from services.alerts.words import LEVELS


@dataclass(frozen=True, slots=True)
class Today:
    """The platform's moment, and the calendar that knows its working days."""

    now: datetime
    calendar: Calendar

    def since(self, by: datetime | None) -> Text | None:
        """How long ago a moment was, after "已过" and "passed"; None before it."""
        if by is None or self.now < by:
            return None
        days = self.calendar.business_days_since(by, self.now)
        return Text(f"{days}个工作日", f" {days} working day{'s' if days > 1 else ''} ago") if days else Text("", "")


def next_step(
    rule: str,
    state: str,
    level: int,
    today: Today,
    *,
    timer_at: datetime | None = None,
    promised_on: date | None = None,
    suppressed_until: datetime | None = None,
) -> Text:
    """For whoever holds the ticket: what is to be done, until when, and what follows otherwise."""
    if suppressed_until is not None:
        until, over = moment(suppressed_until), today.since(suppressed_until)
        if over is not None:
            return Text(
                f"暂缓督办已于{until.zh}期满，恢复督办，时限重新计算",
                f"the suspension ended at {until.en}: it goes on, its deadline starts again in full",
            )
        return Text(
            f"暂缓督办至{until.zh}，期间不计签收、反馈时限；期满恢复督办，时限重新计算",
            f"suspended until {until.en}: no deadline runs; afterwards it starts again in full",
        )
    if state in ("CLOSED", "CANCELLED"):
        return Text("已办结，无需办理", "finished: nothing is left to do")
    if rule == "reporting":
        return _report(level)
    deadline = midnight(promised_on + timedelta(days=1)) if state == "ANSWERED" and promised_on else timer_at
    over = today.since(deadline)
    if over is not None and deadline is not None:
        return _overdue(rule, state, level, deadline, over)
    return _steps(rule, state, level, timer_at, promised_on)


def _overdue(rule: str, state: str, level: int, deadline: datetime, over: Text) -> Text:
    """The day has passed and nothing has followed yet."""
    by, after = moment(deadline), _otherwise(rule, level)
    match state:
        case "OPEN":
            return Text(
                f"签收期限（{by.zh}）已过{over.zh}，请立即签收；仍未签收，{after.zh}",
                f"the deadline to acknowledge it ({by.en}) passed{over.en}: do so at once; otherwise {after.en}",
            )
        case "ACKED":
            return Text(
                f"反馈期限（{by.zh}）已过{over.zh}，请立即反馈原因、措施和承诺日期；仍未反馈，{after.zh}",
                f"the deadline to answer ({by.en}) passed{over.en}: answer at once with cause, plan and promised date; "
                f"otherwise {after.en}",
            )
        case "ANSWERED":
            on = day((deadline - timedelta(days=1)).date())
            if rule == "forecast":
                return Text(
                    f"承诺日期（{on.zh}）已过{over.zh}，请尽快落实措施，赶上进度",
                    f"the promised date ({on.en}) passed{over.en}: carry out what was planned",
                )
            return Text(
                f"承诺日期（{on.zh}）已过{over.zh}，请确认已整改到位；下次定灯仍滞后，{after.zh}",
                f"the promised date ({on.en}) passed{over.en}: it should be put right by now; "
                f"if it is still behind at the next light of record, {after.en}",
            )
        case _:
            return Text(
                f"复核期限（{by.zh}）已过{over.zh}，由专班办公室尽快复核；无异议即销号",
                f"the time for the office's review ({by.en}) passed{over.en}: without objection it is closed",
            )


def _steps(rule: str, state: str, level: int, timer_at: datetime | None, promised_on: date | None) -> Text:
    by = Text("期限", "the deadline") if timer_at is None else moment(timer_at)
    after = _otherwise(rule, level)
    match state:
        case "OPEN":
            return Text(
                f"请于{by.zh}前签收；逾期未签收，{after.zh}", f"acknowledge it by {by.en}; otherwise {after.en}"
            )
        case "ACKED":
            return Text(
                f"请于{by.zh}前反馈原因、措施和承诺日期；逾期未反馈，{after.zh}",
                f"answer with cause, plan and promised date by {by.en}; otherwise {after.en}",
            )
        case "ANSWERED":
            on = Text("承诺日期", "the promised date") if promised_on is None else day(promised_on)
            if rule == "forecast":
                return Text(f"请于{on.zh}前落实措施，赶上进度", f"carry out what was planned by {on.en}")
            return Text(
                f"请于{on.zh}前整改到位；届时仍滞后，{after.zh}",
                f"put it right by {on.en}; if it is still behind then, {after.en}",
            )
        case _:
            return Text(
                f"由专班办公室于{by.zh}前复核；期满无异议即销号",
                f"the office reviews it by {by.en}; without objection it is closed then",
            )


def _otherwise(rule: str, level: int) -> Text:
    if rule == "forecast":
        return Text("将再次提醒（预测督办不升级）", "there will be a reminder (a forecast is never escalated)")
    if level >= HIGHEST:
        return Text("将再次提醒", "there will be a reminder")
    return Text(f"督办升级为{LEVELS[level + 1].zh}", f"it is raised to {LEVELS[level + 1].en}")


def _report(level: int) -> Text:
    if level >= HIGHEST:
        return Text("请立即补报，收到数据即销号", "report at once; the value closes the ticket")
    after = LEVELS[level + 1]
    return Text(
        f"请尽快补报，收到数据即销号；下一期再逾期，督办升级为{after.zh}",
        f"report soon, the value closes the ticket; when the next due date is missed too it is raised to {after.en}",
    )


def moment(value: datetime) -> Text:
    """2023年6月8日24时: midnight belongs to the day that it ends."""
    here = value.astimezone(SHANGHAI)
    if (here.hour, here.minute) == (0, 0):
        before = day((here - timedelta(days=1)).date())
        return Text(f"{before.zh}24时", f"24:00 on {before.en}")
    on, clock = day(here.date()), f"{here:%H:%M}"
    return Text(f"{on.zh}{clock}", f"{clock} on {on.en}")


def day(value: date) -> Text:
    return Text(f"{value.year}年{value.month}月{value.day}日", value.isoformat())
