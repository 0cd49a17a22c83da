"""What intake objects to in a report, and in the form of any item: Chinese and English by code."""

DECODING = {
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

VALIDATING = {
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

AUTHORISING = {
    "not_authorised_for_cell": (
        "此令牌不能为“{district}”填报“{indicator}”；该序列由“{writer}”填报",
        "this token may not report '{indicator}' for '{district}'; its writer is '{writer}'",
    ),
    "not_authorised_for_kind": (
        "此令牌无权进行“{kind}”类报送(修订号大于 0 需要 correct)",
        "this token may not {kind} (a revision above 0 needs correct)",
    ),
}
