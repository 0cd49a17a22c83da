"""What intake objects to in a cell of a clerk's table: Chinese and English by code."""

DECODING = {
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
