"""What a message says happened, by the rule of its ticket: words, with {light}, {level} and {run} to be filled in."""

from collections.abc import Mapping

from contracts.events import Text
from services.alerts.tickets import Ticket
from services.alerts.words import LEVELS

_LIGHTS = {"yellow": Text("黄灯", "yellow"), "red": Text("红灯", "red")}

_ANY: Mapping[str, Text] = {
    "acknowledged": Text("责任单位已签收（{level}）", "acknowledged ({level})"),
    "answered": Text("责任单位已反馈（{level}）", "answered ({level})"),
    "reopened": Text("复核未通过，重新督办（{level}）", "review refused, open again ({level})"),
    "closed": Text("督办单销号", "ticket closed"),
    "objected": Text("责任单位提出异议，待专班办公室答复（{level}）", "the unit objects ({level})"),
    "objection_upheld": Text("专班办公室答复：异议成立（{level}）", "objection upheld ({level})"),
    "objection_dismissed": Text("专班办公室答复：异议不成立（{level}）", "objection dismissed ({level})"),
    "objection_withdrawn": Text("责任单位撤回异议（{level}）", "the unit takes its objection back ({level})"),
    "suppressed": Text("经批准暂缓督办（{level}）", "supervision suspended on approval ({level})"),
}
_LAG: Mapping[str, Text] = {
    "early": Text("预警，转为{light}", "early warning: turned {light}"),
    "withdrawn": Text("撤回预警，数据已更正，不再是{light}", "warning withdrawn: corrected, no longer {light}"),
    "first": Text("亮{light}，立督办单（{level}）", "{light} of record, ticket opened ({level})"),
    "worsened": Text("转为{light}，督办升级为{level}", "worsened to {light}, raised to {level}"),
    "escalated": Text("仍为{light}，督办升级为{level}", "still {light}, escalated to {level}"),
    "reminder": Text("仍为{light}，请尽快落实（{level}）", "still {light}, reminder ({level})"),
    "recovered": Text("恢复绿灯，待复核", "green again, awaiting review"),
    "cancelled": Text("数据更正后不再滞后，督办单撤销", "no lag left after correction, ticket cancelled"),
    "restated": Text("数据更正，督办级别不变（{level}）", "restated, level kept ({level})"),
}
_FORECAST: Mapping[str, Text] = {
    "first": Text(
        "按近期进度预计到期完不成目标，立督办单（{level}）",
        "at its recent tempo it will miss the target, ticket opened ({level})",
    ),
    "reminder": Text(
        "按近期进度预计到期完不成目标，请尽快落实（{level}）", "still forecast to miss the target, reminder ({level})"
    ),
    "recovered": Text("不再预计完不成目标，待复核", "no longer forecast to miss, awaiting review"),
    "cancelled": Text(
        "数据更正后不再预计完不成目标，督办单撤销", "no forecast of a miss is left after correction, ticket cancelled"
    ),
    "restated": Text("数据更正，仍保留预测督办（{level}）", "restated, the forecast ticket is kept ({level})"),
}
_REPORTING: Mapping[str, Text] = {
    "first": Text("逾期未报，立督办单（{level}）", "overdue, ticket opened ({level})"),
    "first again": Text("连续{run}期逾期未报，立督办单（{level}）", "{run} due dates missed, ticket opened ({level})"),
    "escalated": Text("仍未报送，督办升级为{level}", "still not reported, escalated to {level}"),
    "escalated again": Text(
        "连续{run}期逾期未报，督办升级为{level}", "{run} due dates missed in a row, escalated to {level}"
    ),
    "reminder": Text("仍未报送，请尽快补报（{level}）", "still not reported, reminder ({level})"),
}
# A reason code tells more than the reason.
_BY_CODE: Mapping[str, Text] = {
    "suppression_over": Text("暂缓督办结束，恢复督办（{level}）", "suspension over, supervision goes on ({level})"),
    "relapsed": Text("督办单结案，复核前再次滞后", "ticket closed: it fell back before the review"),
    "no_objection": Text("督办单销号，复核期满无异议", "ticket closed: no objection within the review period"),
    "ended": Text("督办单结案，指标或年度任务已到期", "ticket closed: the indicator or its year has ended"),
    "received": Text("已补报，督办单销号", "reported, ticket closed"),
    "excused": Text("经批准免报，督办单撤销", "excused by the office, ticket cancelled"),
    "observed": Text(
        "预测成为实际，转为{light}，继续督办（{level}）",
        "as was forecast it turned {light}, supervision goes on ({level})",
    ),
}
_BY_HAND: Mapping[str, Text] = {  # reason code `override`
    "first": Text(
        "经人工研判调为{light}，立督办单（{level}）", "judged {light} by the office, ticket opened ({level})"
    ),
    "worsened": Text("经人工研判调为{light}，督办升级为{level}", "judged {light} by the office, raised to {level}"),
    "escalated": Text("经人工研判调为{light}，督办升级为{level}", "judged {light} by the office, raised to {level}"),
    "restated": Text(
        "经人工研判调为{light}，继续督办（{level}）", "judged {light} by the office, level kept ({level})"
    ),
}
_RED_LINE: Mapping[str, Text] = {  # reason code `red_line`
    "first": Text("触碰红线，亮{light}，立督办单（{level}）", "red line touched: {light}, ticket opened ({level})"),
    "worsened": Text("触碰红线，转为{light}，督办升级为{level}", "red line touched: {light}, raised to {level}"),
    "escalated": Text("红线未销号，仍为{light}，督办升级为{level}", "red line open, {light}, escalated to {level}"),
    "reminder": Text("红线未销号，仍为{light}，请尽快处置（{level}）", "red line open, {light}, reminder ({level})"),
    "restated": Text("触碰红线，继续督办（{level}）", "red line touched, level kept ({level})"),
}
_RULES: Mapping[str, Mapping[str, Text]] = {"forecast": _FORECAST, "reporting": _REPORTING}


def happened(reason: str, code: str | None, light: str, ticket: Ticket | None) -> Text:
    """What happened, filled in; of a warning (`ticket` None) only the light."""
    text = _words(reason, code, ticket)
    level = LEVELS.get(0 if ticket is None else ticket.level, Text("", ""))
    colour, run = _LIGHTS[light], 0 if ticket is None else ticket.run
    return Text(
        text.zh.format(light=colour.zh, level=level.zh, run=run),
        text.en.format(light=colour.en, level=level.en, run=run),
    )


def _words(reason: str, code: str | None, ticket: Ticket | None) -> Text:
    if code == "override" and reason in _BY_HAND:
        return _BY_HAND[reason]
    if code == "red_line" and reason in _RED_LINE:
        return _RED_LINE[reason]
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    of = _LAG if ticket is None else _RULES.get(ticket.rule, _LAG)
    again = of.get(f"{reason} again") if ticket is not None and ticket.run > 1 else None
    return again or of.get(reason) or _ANY.get(reason) or _LAG[reason]
