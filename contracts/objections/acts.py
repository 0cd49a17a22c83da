"""What intake objects to in an act on a cell (rule 2.9): Chinese and English by code."""

VALIDATING = {
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

AUTHORISING = {
    "not_authorised_for_comment": (
        "此令牌不能说明“{district}”的“{indicator}”；由填报单位“{writer}”或专班办公室说明",
        "this token may not comment on '{indicator}' for '{district}': its writer '{writer}' or the office does",
    ),
}

OF_SEVERAL = {
    "acts_disagree": (
        "本批对同一报送既批准又退回(第 {others} 条)；请只保留一个",
        "this batch both approves and returns one report (items {others}); keep one",
    ),
}
