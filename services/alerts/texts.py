"""The sentences of the feed and the wall, as an official would write them: Chinese first, English beside.

Numbers are rounded here once, for reading: lags to 1 place, amounts to the places the standing carries (rule 1.2).
"""

from fractions import Fraction

from contracts.events import Standing, Text
from contracts.numbers import ENGLISH_UNITS, plain, published
from contracts.periods import Period
from contracts.programme import District, Indicator
from contracts.quoting import quoted
from contracts.receding import DOUBTED, recedes
from services.alerts.happened import happened
from services.alerts.tickets import Ticket


def period(value: Period) -> Text:
    """2023年6月, 2023年第2季度, 2023年."""
    if value.months == 12:
        return Text(f"{value.year}年", str(value.year))
    if value.months == 3:
        quarter = value.end.month // 3
        return Text(f"{value.year}年第{quarter}季度", f"Q{quarter} {value.year}")
    return Text(f"{value.year}年{value.end.month}月", f"{value.year}-{value.end.month:02d}")


def lag(standing: Standing, indicator: Indicator) -> Text:
    """How far behind it is, in one phrase."""
    match standing.mode:
        case "share":
            return _share(Fraction(standing.exact.short or 0), Fraction(standing.exact.lag or 0))
        case "bound":
            return _bound(standing, indicator)
        case "due":
            return _due(standing)
        case _:
            return _NOT_JUDGED.get(standing.reason or "", Text("暂不评判", "not judged"))


_NOT_JUDGED = {
    "no_value": Text("本期无数据", "no value for this period"),
    "incomplete": Text("本期已报送，此前缺报、累计数无法计算", "reported; an earlier period is missing, no total"),
    "excused": Text("经批准免报", "excused from reporting"),
    "no_target": Text("尚无目标，只展示", "no target: shown only"),
    "no_baseline": Text("尚无起点，暂不评判", "no baseline: not judged"),
    "not_due": Text("年底一次评判", "judged once, at the end of its year"),
    "ended": Text("指标已到期", "the indicator has ended"),
    "disputed": Text("目标有疑义，只展示", "target disputed: shown only"),
    "not_applicable": Text("本期不适用", "not applicable in this period"),
}


_DOUBTS = {"at_risk": ("按期完成有风险", "at risk"), "unlikely": ("难以按期完成", "unlikely")}


def _share(short: Fraction, points: Fraction) -> Text:
    said = published(abs(points), 1)
    if said == "0.0":
        return Text("与序时进度持平", "on schedule")
    if points > 0:
        return Text(f"落后序时进度{said}个百分点", f"{said} percentage points behind schedule")
    return Text(f"超前序时进度{said}个百分点", f"{said} percentage points ahead of schedule")


def _bound(standing: Standing, indicator: Indicator) -> Text:
    """A floor or a ceiling: the distance in the unit, and in percent of what is expected; points for percent."""
    short = Fraction(standing.exact.short or 0)
    percent, (unit_zh, unit_en) = standing.unit == "percent", units(standing, indicator)
    expected, distance = amount(standing.exact.expected), amount(str(abs(short)))
    share = None if percent or standing.short_pct is None else published(abs(Fraction(standing.short_pct)), 1)
    zh, en = (f"（{share}%）", f" ({share}%)") if share else ("", "")
    line, line_en = f"{expected}{unit_zh}", f"{expected}{unit_en}"
    gap, gap_en = f"{distance}{'个百分点' if percent else unit_zh}", f"{distance}{' points' if percent else unit_en}"
    if short <= 0:
        return Text(f"达到要求（{line}）", f"within the required {line_en}")
    if standing.direction > 0:
        named = "应达值" if standing.goal == "reach" else "要求值"
        return Text(f"低于{named}{line}，差{gap}{zh}", f"{gap_en} below the required {line_en}{en}")
    return Text(f"高于控制值{line}，超{gap}{zh}", f"{gap_en} above the limit of {line_en}{en}")


def _due(standing: Standing) -> Text:
    done = Fraction(standing.direction) * (
        Fraction(standing.exact.target or 0) - Fraction(standing.exact.actual or 0)
    ) <= Fraction(standing.exact.tolerance or 0)
    day = standing.target_on
    if done:
        return Text("已完成", "done")
    if day is None:
        return Text("尚未完成", "not done yet")
    zh = f"{day.year}年{day.month}月{day.day}日"
    if standing.as_of >= day:
        return Text(f"应于{zh}前完成，尚未完成", f"due on {day}, not done")
    if standing.confidence in ("at_risk", "unlikely"):
        doubt_zh, doubt_en = _DOUBTS[standing.confidence]
        return Text(f"应于{zh}前完成，责任单位研判{doubt_zh}", f"due on {day}, reported as {doubt_en}")
    return Text(f"应于{zh}前完成，正在推进", f"due on {day}, under way")


def summary(
    reason: str,
    code: str | None,
    light: str,
    ticket: Ticket | None,
    indicator: Indicator,
    district: District,
    of: Period,
    standing: Standing | None,
) -> Text:
    """One message in one sentence: who, what, which period, what happened, how far behind."""
    told = happened(reason, code, light, ticket)
    when = period(of)
    zh = f"{district.name.zh}{quoted(indicator.name.zh)}{when.zh}{told.zh}"
    en = f"{district.name.en}, {indicator.name.en}, {when.en}: {told.en}"
    if standing is None or standing.value is None:
        return Text(f"{zh}。", f"{en}.")
    if ticket is not None and ticket.rule == "forecast":
        zh_, en_ = _foreseen(standing, indicator)
        return Text(f"{zh}{zh_}。", f"{en}{en_}.")
    far = lag(standing, indicator)
    figures_zh, figures_en = _figures(standing, indicator)
    return Text(f"{zh}：{figures_zh}{far.zh}。", f"{en}; {figures_en}{far.en}.")


def _foreseen(standing: Standing, indicator: Indicator) -> tuple[str, str]:
    """预计: where it is heading, and what it owes."""
    if standing.forecast is None or standing.forecast.value is None or standing.exact.target is None:
        return "", ""
    heading, target = amount(standing.forecast.value), amount(standing.exact.target)
    zh, en = units(standing, indicator)
    if recedes(indicator, Fraction(standing.exact.actual or 0), Fraction(standing.forecast.value)):
        doubt_zh, doubt_en = DOUBTED.zh, DOUBTED.en
        return f"：照此推算为{heading}{zh}（{doubt_zh}），目标{target}{zh}", (
            f"; carried on, {heading}{en} ({doubt_en}), target {target}{en}"
        )
    return f"：预计{heading}{zh}，目标{target}{zh}", f"; heading for {heading}{en}, target {target}{en}"


def _figures(standing: Standing, indicator: Indicator) -> tuple[str, str]:
    """实际与应达, where both are numbers of progress."""
    if standing.mode != "share" or standing.value is None or standing.exact.expected is None:
        return "", ""
    actual, expected = amount(standing.exact.actual), amount(standing.exact.expected)
    zh, en = units(standing, indicator)
    return f"实际{actual}{zh}，应达{expected}{zh}，", f"actual {actual}{en}, expected {expected}{en}, "


def amount(exact: str | None) -> str:
    """A quantity for reading: as it is when two places hold it, else rounded to two (rule 1.2)."""
    value = Fraction(exact or 0)
    two = published(value, 2)
    return plain(value) if Fraction(two) == value else two


def units(standing: Standing, indicator: Indicator) -> tuple[str, str]:
    """The unit's words after a number; the city's share of districts done is in percent whatever theirs is (3.2)."""
    if standing.unit in ("percent", "ratio"):
        sign = "%" if standing.unit == "percent" else ""
        return sign, sign
    english = ENGLISH_UNITS.get(standing.unit)
    return indicator.unit_zh, f" {english}" if english else ""
