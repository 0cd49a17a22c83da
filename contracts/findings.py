"""What can be found in a catalogue: one stable code each, how grave it is, and what it says in Chinese and English.

Only what cannot be read is an error. What the text itself says is a warning at most; a note is worth knowing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    place: str  # part/id/date, e.g. indicators/ecommerce_villages/2027-12-31
    severity: Severity
    zh: str
    en: str


def finding(code: str, place: str, **words: object) -> Finding:
    severity, zh, en = CODES[code]
    return Finding(code, place, severity, zh.format_map(words), en.format_map(words))


CODES: Mapping[str, tuple[Severity, str, str]] = MappingProxyType(
    {
        "duplicate_id": ("error", "编号重复:{id}", "the id {id} is used twice"),
        "unknown_id": ("error", "引用了不存在的编号:{id}", "there is no {kind} {id}"),
        "another_programme": (
            "error",
            "须为同一工程{id}:编号、起始日、启用时间不得更改",
            "must be the same programme {id}: its id, first day and start of work stay",
        ),
        "indicator_vanished": (
            "error",
            "指标不能删除:请用 valid_to 使其结束",
            "an indicator cannot vanish: end it by its valid_to",
        ),
        "meaning_changed": (
            "error",
            "{field} 不得更改:口径变化请新建指标并注明 continues",
            "its {field} must stay: another definition is another indicator that `continues` this one",
        ),
        "group_without_route": (
            "warning",
            "收件组{id}没有任何路由:收不到消息",
            "no route leads to the group {id}: it is told nothing",
        ),
        "level_without_route": (
            "warning",
            "{level}级督办单没有路由:无人收到",
            "no route takes tickets of level {level}: nobody is told of them",
        ),
        "cannot_be_fed": (
            "error",
            "不能由重大项目汇总:须为按月报送、按工程累计的{unit}指标",
            "projects cannot feed it: that takes a monthly running total in {unit}",
        ),
        "not_a_number": ("error", "不是数:{text}", "{text!r} is not a decimal number"),
        "calendar_year_without_data": (
            "warning",
            "没有{year}年的放假安排:只按周末计算",
            "no announced breaks are known for {year}: weekends only",
        ),
        "district_does_not_report": ("warning", "{zh}不报送,却列为适用", "applies to {id}, which does not report"),
        "no_responsible_unit": (
            "warning",
            "原文未列责任单位:由专班办公室牵头",
            "the text prints no responsible unit: the task-force office leads",
        ),
        "lead_differs": (
            "note",
            "首列单位不同:2023年要点为{first},方案为{then}",
            "led by {first} in 2023, by {then} in the plan",
        ),
        "definition_differs": (
            "warning",
            "口径不同:2023年为{earlier}({earlier_unit}),本指标为{name}({unit}),不跨口径比较",
            "2023 counted {id} ({earlier_unit}), this counts in {unit}: nothing is compared across the break",
        ),
        "bound_differs": ("note", "各年的比较方式不同:{bounds}", "the bound differs between the years: {bounds}"),
        "deviation": ("note", "{zh}", "{en}"),
        "no_target": (
            "note",
            "原文没有数值目标:收集并展示,不评判",
            "the text prints no figure: collected and shown, never judged",
        ),
        "target_unreadable": (
            "warning",
            "原文残缺,目标数值不明:展示,不评判",
            "the text is damaged and the figure lost: shown, never judged",
        ),
        "target_disputed": (
            "warning",
            "目标存疑:展示,不用于序时进度",
            "the target is disputed: shown, never expected",
        ),
        "target_not_binding": (
            "note",
            "力争类表述:显示灯,不督办、不计分",
            "effort wording: a light is shown, no ticket, no score",
        ),
        "target_outside_life": (
            "warning",
            "目标日期不在指标有效期内",
            "the target is dated outside the life of its indicator",
        ),
        "target_too_fine": (
            "warning",
            "目标的小数位多于指标设定的{decimals}位",
            "printed with more decimals than the {decimals} of its indicator",
        ),
        "targets_not_monotonic": (
            "warning",
            "目标倒退:{earlier}之后为{later}",
            "the targets go back from {earlier} to {later}",
        ),
        "every_year_exception": (
            "warning",
            "原文称每年{later},{year}年却为{earlier}:该年按{earlier}",
            "{later} is said to hold every year, but {year} has {earlier}: that year keeps its own",
        ),
        "target_weaker_than_start": (
            "warning",
            "目标不优于起点{start}:按底线评判",
            "no better than the start {start}: judged as a bound",
        ),
        "years_without_target": (
            "note",
            "年度流量只印有{year}年的目标:此前各年无目标,直至办公室设定",
            "a yearly flow with a figure for {year} alone: no target before it until the office sets them",
        ),
        "tolerance_zero": (
            "warning",
            "没有容差:差一个末位也会亮灯",
            "no tolerance: the last digit alone can turn its light",
        ),
        "stock_without_start": (
            "note",
            "累计数可能含2023年以前的存量:首次报送前没有起点",
            "may include stock from before 2023: no baseline until its first report",
        ),
        "own_targets_missing": (
            "note",
            "各区县需有自己的目标:设定前展示,不评判",
            "districts need targets of their own: shown, not judged, until they have them",
        ),
        "decomposition_missing": (
            "warning",
            "市级目标未分解:区县展示,不评判",
            "the city target is not split: districts are shown, not judged",
        ),
        "decomposition_differs": (
            "warning",
            "各地之和{total}不等于全市目标{target}",
            "the parts add up to {total}, the city target is {target}",
        ),
        "share_without_target": (
            "warning",
            "分解给了不适用的区县,或没有目标的日期",
            "a share for a district it does not apply to, or at a date without a target",
        ),
    }
)
