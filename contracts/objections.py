"""Every reason for which intake turns an item down: a stable code and what would be right, in Chinese and English.

The only list of these codes: acceptance raises them, the OpenAPI document prints them, the examples name them.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from contracts.events import Text
from contracts.verdicts import Status, Step


class Kind(msgspec.Struct, frozen=True):
    """What an objection of one code means for the item."""

    status: Status
    step: Step
    text: Text
    retryable: bool = False


class Objection(msgspec.Struct, frozen=True):
    """One reason against one item. `args` fill the texts; `pointer` is a JSON pointer into the event."""

    code: str
    pointer: str | None = None
    args: Mapping[str, str] = MappingProxyType({})
    related: tuple[int, ...] = ()

    @property
    def kind(self) -> Kind:
        return OBJECTIONS[self.code]

    @property
    def text(self) -> Text:
        template = self.kind.text
        return Text(template.zh.format_map(self.args), template.en.format_map(self.args))


def _table(
    status: Status, step: Step, texts: Mapping[str, tuple[str, str]], retryable: bool = False
) -> dict[str, Kind]:
    return {code: Kind(status, step, Text(zh, en), retryable) for code, (zh, en) in texts.items()}


_DECODING = {
    "malformed_json": ("不是合法的 JSON：{why}", "not valid JSON: {why}"),
    "not_an_object": ("每条应为一个 CloudEvents 对象", "an item is one CloudEvent, a JSON object"),
    "missing_field": ("缺少必填项“{field}”", "the required field '{field}' is missing"),
    "unknown_field": (
        "“{field}”不是内容(data)的字段；可用：{known}",
        "'{field}' is not a field of data; there are: {known}",
    ),
    "unknown_attribute": (
        "“{field}”不是可发送的 CloudEvents 属性；可用：{known}",
        "'{field}' is not an attribute to send; there are: {known}",
    ),
    "server_set_attribute": (
        "“{field}”由平台填写，请删除后重发",
        "'{field}' is set by the platform; leave it out",
    ),
    "wrong_type": (
        '此处应为{wanted_zh}，收到的是{got_zh}。数值请写成字符串，如 "41.20"',
        'this is {wanted}, not {got}. Send values as strings: "41.20"',
    ),
    "invalid_choice": ("“{field}”只能取：{allowed}", "'{field}' is one of: {allowed}"),
    "invalid_time": (
        "时间须为带时区的 RFC 3339，如 2026-03-31T23:59:59+08:00",
        "a time is RFC 3339 with its offset: 2026-03-31T23:59:59+08:00",
    ),
    "invalid_date": ("日期应为 YYYY-MM-DD，如 2026-03-31", "a date is YYYY-MM-DD: 2026-03-31"),
    "invalid_text": (
        "“{field}”须为 {least}-{most} 个字符，不含控制字符",
        "'{field}' has {least} to {most} characters and no control characters",
    ),
    "unsupported_specversion": ("specversion 须为 1.0", "specversion is 1.0"),
    "unknown_type": ("type 须为 {wanted}", "type is {wanted}"),
    "unsupported_content": (
        "data 须为 JSON 对象(datacontenttype 为 application/json)",
        "data is a JSON object (datacontenttype application/json)",
    ),
    "event_too_large": ("单条不得超过 {limit} 字节", "one event holds at most {limit} bytes"),
    "row_width": ("此行有 {got} 列，表头有 {wanted} 列", "this row has {got} columns, the header {wanted}"),
}

_TABLE_DECODING = {
    "cell_error": (
        "单元格是错误值 {text}；请改正公式后重发",
        "the cell holds the error {text}; mend its formula and send again",
    ),
    "formula_without_result": (
        "公式没有保存结果；请在 Excel 或 WPS 中打开、重算并保存，或直接填写数值",
        "the formula has no saved result; open the file in Excel or WPS, recalculate and save, or write the value",
    ),
    "merged_value": (
        "数值单元格合并了 {rows} 行，不能确定属于哪一行；请取消合并后逐行填写",
        "the value is merged over {rows} rows and could belong to any; unmerge it and fill in each row",
    ),
    "scaled_display": (
        "单元格格式把 {text} 缩小显示，看到的与存储的不同；请改为常规格式后核对数值与单位",
        "the cell's format shows {text} scaled down; make its format General and check value and unit",
    ),
    "percent_in_other_unit": (
        "此处是百分数，而单位是“{unit}”；请将单位写为 %，或将单元格改为常规格式",
        "this is a percentage and its unit is '{unit}'; write % as the unit, or make the cell's format General",
    ),
    "unreadable_number": ("“{text}”不是数：{why_zh}", "'{text}' is not a number: {why}"),
    "too_many_decimals": (
        "数值 {text} 的小数超过 8 位；请四舍五入，公式可写 =ROUND(…,2)",
        "{text} has more than 8 decimals; round it, in a formula with =ROUND(…,2)",
    ),
    "unreadable_period": (
        "报告期“{text}”无法识别；请写 2026年3月、2026-03、2026-Q1、2026年一季度或 2026{hint_zh}",
        "the period '{text}' cannot be read; write 2026-03, 2026年3月, 2026-Q1 or 2026{hint}",
    ),
    "ambiguous_period": (
        "{text} 可能是 {year}年1月，也可能是 {year}年10月；请写 {year}-01 或 {year}-10",
        "{text} may be January or October; write {year}-01 or {year}-10",
    ),
    "ambiguous_name": (
        "名称“{name}”对应多个指标：{ids}；请填写指标编号",
        "'{name}' is the name of several indicators: {ids}; write the indicator's id",
    ),
    "names_disagree": (
        "指标编号“{id}”与指标名称“{name}”不是同一指标(后者为 {of})；请核对此行是否错位",
        "'{id}' and '{name}' are not the same indicator (the name is of {of}); is the row out of place?",
    ),
    "units_disagree": (
        "单位栏是“{unit}”，表头写的是“{heading}”；请统一",
        "the unit column says '{unit}', the heading '{heading}'; let them agree",
    ),
}

_VALIDATING = {
    "reserved_source": (
        "source 以 {prefix} 开头的为平台专用",
        "sources that begin with {prefix} are the platform's own",
    ),
    "unknown_programme": ("没有工程“{programme}”；现有：{known}", "no programme '{programme}'; there is: {known}"),
    "unknown_indicator": ("没有指标“{indicator}”{nearest_zh}", "no indicator '{indicator}'{nearest}"),
    "unknown_district": ("没有区县“{district}”；可用：{known}", "no district '{district}'; there are: {known}"),
    "not_applicable": (
        "指标“{indicator}”不由“{district}”报送；适用：{districts}",
        "'{indicator}' is not reported for '{district}'; it is for: {districts}",
    ),
    "invalid_period": (
        "报告期“{period}”应写作 YYYY、YYYY-Qn 或 YYYY-MM",
        "the period '{period}' is written YYYY, YYYY-Qn or YYYY-MM",
    ),
    "wrong_period_type": (
        "此指标按{frequency_zh}报送，报告期如 {example}",
        "this indicator is reported {frequency}: {example}",
    ),
    "outside_programme": (
        "报告期“{period}”不在此指标的期限 {first} 至 {last} 内",
        "the period '{period}' is outside the indicator's life, {first} to {last}",
    ),
    "period_not_closed": (
        "报告期“{period}”尚未结束，{closes_at} 起可报送",
        "the period '{period}' is not over; it can be reported from {closes_at}",
    ),
    "invalid_value": (
        "数值应为十进制字符串，如 41.20(整数部分至多 15 位，小数至多 8 位，无千分位)",
        "a value is a decimal string such as 41.20 (at most 15 digits, 8 decimals, no separators)",
    ),
    "value_out_of_range": ("数值 {value} 超出范围：应为 {allowed_zh}", "{value} is out of range: {allowed}"),
    "not_yes_or_no": (
        "此指标只报“未完成”0 或“已完成”{done}",
        "this indicator takes 0 (not done) or {done} (done)",
    ),
    "unknown_unit": (
        "不认识单位“{unit}”；此指标用“{wanted_zh}”({wanted})",
        "no unit '{unit}'; use {wanted} ({wanted_zh})",
    ),
    "unit_mismatch": (
        "单位“{unit}”不能换算为“{wanted_zh}”；可用：{possible}",
        "'{unit}' cannot be converted into {wanted}; possible: {possible}",
    ),
    "invalid_revision": ("修订号应为 0 至 {most} 的整数", "a revision is a whole number from 0 to {most}"),
    "withdrawal_needs_reason": (
        "数值为空表示撤回，须填写 reason；如非撤回请填写数值",
        "a null value withdraws the cell and needs a reason; otherwise send a value",
    ),
    "withdrawal_needs_revision": (
        "撤回是一次修订，revision 须大于 0",
        "a withdrawal is a revision: revision is greater than 0",
    ),
    "time_outside_period": (
        "time 不在报告期 {period} 内({first} 至 {last})",
        "time lies outside the period {period} ({first} to {last})",
    ),
    "reports_disagree": (
        "本批中同一单元、同一修订号有不同数值(第 {others} 条)；请只保留一个",
        "this batch holds different values for one cell and revision (items {others}); keep one",
    ),
    "id_conflict": (
        "本批第 {others} 条已用同一 source 和 id 报送了其他内容",
        "item {others} of this batch has the same source and id with another payload",
    ),
}

_AUTHORISING = {
    "not_authorised_for_cell": (
        "此令牌不能为“{district}”填报“{indicator}”；该序列由“{writer}”填报",
        "this token may not report '{indicator}' for '{district}'; its writer is '{writer}'",
    ),
    "not_authorised_for_kind": (
        "此令牌无权进行“{kind}”类报送(修订号大于 0 需要 correct)",
        "this token may not {kind} (a revision above 0 needs correct)",
    ),
}

_ACT_VALIDATING = {
    "act_needs_report": (
        "“{act}”须在 report 中写明所指报送的 source 和 id",
        "{act} names the report it is about: report with source and id",
    ),
    "act_needs_reason": ("“{act}”须填写 reason", "{act} needs a reason"),
    "not_for_this_act": ("“{field}”只用于：{acts}", "'{field}' is only for: {acts}"),
    "cell_never_due": (
        "“{district}”的 {period} 本来就无须报送，不必免报",
        "nothing is ever due for '{district}' in {period}: there is nothing to excuse",
    ),
    "until_passed": (
        "免报截止日 {until} 已过(今天是 {today})；请写今天或以后的日期，或留空",
        "the last excused day {until} is past (today is {today}); name a later one, or none",
    ),
}

_ACT_AUTHORISING = {
    "not_authorised_for_comment": (
        "此令牌不能说明“{district}”的“{indicator}”；由填报单位“{writer}”或专班办公室说明",
        "this token may not comment on '{indicator}' for '{district}': its writer '{writer}' or the office does",
    ),
}

_OF_SEVERAL_ACTS = {
    "acts_disagree": (
        "本批对同一报送既批准又退回(第 {others} 条)；请只保留一个",
        "this batch both approves and returns one report (items {others}); keep one",
    ),
}

_PROJECT_VALIDATING = {
    "invalid_project": (
        "项目编号“{project}”应为小写字母开头的字母、数字和下划线(2-64 位)，且不与指标重名",
        "a project's id '{project}' is 2 to 64 lower-case letters, digits and underscores, and no indicator's",
    ),
    "not_fed_by_projects": (
        "指标“{name}”({indicator})不由重大项目汇总，不能挂钩",
        "{indicator} is not made of projects: no project feeds it",
    ),
    "unknown_list": ("没有清单“{list}”；现有：{known}", "no list '{list}'; there are: {known}"),
    "unknown_department": ("没有单位“{department}”", "no department or district '{department}'"),
    "act_incomplete": ("清单变动“{act}”{wanted_zh}", "the list act '{act}' {wanted}"),
    "weights_not_100": (
        "节点权重合计应为 100，现为 {sum}(每个节点权重须大于 0)",
        "the weights of the nodes add up to {sum}, not to 100 (each is above 0)",
    ),
    "invalid_amount": (
        "“{field}”应为不小于 0 的十进制字符串，如 3.25",
        "'{field}' is a decimal string of 0 or more, such as 3.25",
    ),
    "invalid_month": ("“{field}”应为月份 YYYY-MM，如 2023-06", "'{field}' is a month, YYYY-MM: 2023-06"),
    "date_out_of_range": (
        "“{field}”应在 {first} 至 {last} 之间",
        "'{field}' lies between {first} and {last}",
    ),
    "duplicate_entry": ("“{field}”中“{id}”重复", "'{id}' stands twice in '{field}'"),
    "evidence_missing": ("触碰红线须说明情况并附佐证", "a red line is raised with a text and evidence"),
    "subject_missing": (
        "请填写 project 或 indicator 之一",
        "name one of project and indicator, and not both",
    ),
}

_PROJECT_AUTHORISING = {
    "not_authorised_for_act": (
        "此令牌无权进行此操作，需要 {kinds} 权限",
        "this token may not say this; it needs one of: {kinds}",
    ),
    "not_authorised_for_place": (
        "此令牌无权为“{district}”填报",
        "this token may not speak for '{district}'",
    ),
}

_DUPLICATE = {
    "duplicate": ("与本批第 {others} 条完全相同", "the same event as item {others} of this batch"),
}
_PUBLISHING = {
    "broker_unavailable": (
        "{seconds} 秒内未得到消息队列确认，请原样重发(相同 source 和 id 不会重复入库)",
        "not confirmed within {seconds} s; send the same again (one source and id is never recorded twice)",
    ),
}
_ABORTED = {
    "batch_aborted": (
        "整批要求全部成功(atomic)，而第 {others} 条未通过，故未发送",
        "not sent: the batch is atomic and items {others} did not pass",
    ),
}

OBJECTIONS: Mapping[str, Kind] = MappingProxyType(
    _table("rejected", "decoding", _DECODING | _TABLE_DECODING)
    | _table("rejected", "validating", _VALIDATING)
    | _table("rejected", "authorising", _AUTHORISING)
    | _table("rejected", "validating", _ACT_VALIDATING | _OF_SEVERAL_ACTS)
    | _table("rejected", "authorising", _ACT_AUTHORISING)
    | _table("rejected", "validating", _PROJECT_VALIDATING)
    | _table("rejected", "authorising", _PROJECT_AUTHORISING)
    | _table("duplicate", "validating", _DUPLICATE)
    | _table("failed", "publishing", _PUBLISHING, retryable=True)
    | _table("aborted", "publishing", _ABORTED, retryable=True)
)
OF_ACTS = frozenset({*_ACT_VALIDATING, *_ACT_AUTHORISING, *_OF_SEVERAL_ACTS})  # never said of a report
OF_PROJECTS = frozenset({*_PROJECT_VALIDATING, *_PROJECT_AUTHORISING, "invalid_date"})  # never said of a report
OF_TABLES = frozenset(_TABLE_DECODING)  # only said of a cell of a table
