"""What a reminder says, Chinese first: who owes what by when."""

from collections.abc import Mapping, Sequence
from datetime import date

from contracts.events import Text
from contracts.programme import Lookup
from contracts.quoting import quoted
from services.alerts.reminders.occasions import Kind

NAMED = 3  # indicators or units that a sentence names; the message lists all of them


def day(value: date) -> Text:
    return Text(f"{value.year}年{value.month}月{value.day}日", value.isoformat())


def unit_name(unit: str, lookup: Lookup) -> Text:
    found = lookup.departments.get(unit) or lookup.districts.get(unit)
    return Text(unit, unit) if found is None else found.name


def single(unit: str, kind: Kind, due_on: date, indicators: Sequence[str], count: int, lookup: Lookup) -> Text:
    """To the unit: how many cells it has not reported, and the first of the indicators."""
    name, by, (zh, en) = unit_name(unit, lookup), day(due_on), _named(indicators, lookup)
    if kind == "due_soon":
        return Text(
            f"报送提醒：{name.zh}有{count}项数据应于{by.zh}24时前报送，尚未报送：{zh}。",
            f"Reminder to {name.en}: {_cells(count)} due by the end of {by.en}, not reported yet: {en}.",
        )
    return Text(
        f"逾期提醒：{name.zh}有{count}项数据已于{by.zh}到期，仍未报送：{zh}。",
        f"Overdue: {name.en} has not reported {_cells(count)} due on {by.en}: {en}.",
    )


def by_hand(unit: str, indicators: Sequence[str], count: int, overdue: int, lookup: Lookup) -> Text:
    """To the unit, because the office asked: how much it has not reported, how much of it is late."""
    name, (zh, en) = unit_name(unit, lookup), _named(indicators, lookup)
    late_zh = f"，其中{overdue}项已逾期" if overdue else ""
    late_en = f", {overdue} of them overdue" if overdue else ""
    return Text(
        f"催报：{name.zh}尚有{count}项数据未报{late_zh}：{zh}。",
        f"The office asks {name.en} for {_cells(count)} not reported yet{late_en}: {en}.",
    )


def collective(kind: Kind, due_on: date, counts: Mapping[str, int], lookup: Lookup) -> Text:
    """To the office: how many units owe how many cells, those that owe most by name."""
    by, total, units = day(due_on), sum(counts.values()), len(counts)
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:NAMED]
    named = [(unit_name(unit, lookup), count) for unit, count in most]
    zh = "、".join(f"{name.zh}{count}项" for name, count in named) + ("等" if units > NAMED else "")
    en = ", ".join(f"{name.en} {count}" for name, count in named) + (" and others" if units > NAMED else "")
    many, have = (f"{units} units", "have") if units > 1 else ("1 unit", "has")
    if kind == "due_soon":
        return Text(
            f"报送提醒汇总：{by.zh}到期的数据尚有{units}个单位{total}项未报：{zh}。",
            f"Reminders: of what is due on {by.en}, {many} {have} {_cells(total)} to report: {en}.",
        )
    return Text(
        f"逾期未报汇总：{by.zh}到期的数据仍有{units}个单位{total}项未报：{zh}。",
        f"Overdue: of what was due on {by.en}, {many} {have} not reported {_cells(total)}: {en}.",
    )


def next_step(kind: Kind, due_on: date, *, office: bool) -> Text:
    """What follows."""
    by = day(due_on)
    if office:
        return Text("已分别提醒各单位", "each unit has been reminded")
    if kind == "due_soon":
        return Text(f"请于{by.zh}24时前报送", f"report by the end of {by.en}")
    if kind == "by_hand":
        return Text("请尽快报送；经批准可免报", "report as soon as possible, or ask the office to be excused")
    return Text("请尽快补报；经批准可免报", "report as soon as possible, or ask the office to be excused")


def _named(indicators: Sequence[str], lookup: Lookup) -> tuple[str, str]:
    """The first of the indicators, in both languages."""
    names = [lookup.indicators[each].name for each in indicators if each in lookup.indicators]
    zh = "、".join(quoted(each.zh) for each in names[:NAMED]) + ("等" if len(names) > NAMED else "")
    en = ", ".join(each.en for each in names[:NAMED]) + (" and others" if len(names) > NAMED else "")
    return zh, en


def _cells(count: int) -> str:
    return f"{count} cell{'s' if count > 1 else ''}"
