"""What the states of items and rows are called, Chinese first."""

from collections.abc import Mapping

from contracts.events import Text

ITEMS: Mapping[str, Text] = {
    "counted": Text("计分", "counted"),
    "missing": Text("应报未报，按0分计", "due and not reported: counts with nothing"),
    "incomplete": Text(
        "已报送，但此前缺报、累计数无法计算，按0分计", "reported, but no total behind a gap: counts with nothing"
    ),
    "not_applicable": Text("不适用", "not applicable"),
    "no_target": Text("没有可用目标，不计分", "no target: not scored"),
    "no_baseline": Text("尚无起点，不计分", "no baseline yet: not scored"),
    "disputed": Text("目标有疑义，不计分", "the target is disputed: not scored"),
    "not_binding": Text("力争性目标，不计分", "effort wording: not scored"),
    "not_due": Text("本期不评判", "not judged in this period"),
    "not_due_yet": Text("尚未到报送期限", "not due to be reported yet"),
    "before_due_date": Text("尚未到期限，不计分", "its date has not come: not scored"),
    "too_early": Text("时序过早，不计分", "too early in its window: not scored"),
    "excused": Text("经批准免报", "excused"),
    "ended": Text("指标已结束", "ended"),
    "too_few_districts": Text("适用区县不足两个，只展示", "fewer than two districts: shown, not scored"),
}
ROWS: Mapping[str, Text] = {
    "too_few_reported": Text("报送不足八成，不排位", "too little reported: not ranked"),
    "nothing_due": Text("本期没有应计分的指标", "nothing to be scored in this edition"),
}


def of_item(left_out: str | None, reason: str | None, *, reported: bool) -> tuple[str, Text]:
    """The state of an item and its words; `reason`: why its standing has no value."""
    state = left_out or ("counted" if reported else "incomplete" if reason == "incomplete" else "missing")
    return state, ITEMS.get(state, Text(state, state))
