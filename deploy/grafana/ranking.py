"""The board of scores and places (rule 10), of what is not judged and why, and of the catalogue's versions."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.asking import promql, sql
from deploy.grafana.framing import board
from deploy.grafana.looking import coloured, curves, items, linked, listed

_LIGHTS = """
SELECT d.name_zh AS "区县 District", d.district AS "district", count(*) FILTER (WHERE l.record = 'red') AS "■ 红 red",
  count(*) FILTER (WHERE l.record = 'yellow') AS "▲ 黄 yellow",
  count(*) FILTER (WHERE l.record = 'green') AS "● 绿 green",
  round(-10.0 * (count(*) FILTER (WHERE l.record = 'yellow') + 2 * count(*) FILTER (WHERE l.record = 'red'))
    / (2 * count(*)), 2) AS "过程分 Process points"
FROM alerts.light l JOIN metrics.district d USING (programme, district)
JOIN metrics.indicator i USING (programme, indicator)
WHERE l.programme = ${programme:sqlstring} AND l.binding AND l.record IN ('red', 'yellow', 'green') AND i.rankable
  AND d.kind <> 'city' AND extract(year FROM l.period_end) = (
    SELECT max(extract(year FROM period_end)) FROM alerts.light WHERE record IN ('red', 'yellow', 'green'))
GROUP BY d.name_zh, d.district, d.position ORDER BY d.position
"""
_UNJUDGED = """
SELECT n.reason AS "原因 Reason", count(*) AS "序列 Series", count(DISTINCT n.indicator) AS "指标 Indicators"
FROM metrics.newest n WHERE n.programme = ${programme:sqlstring} AND n.mode = 'none'
GROUP BY n.reason ORDER BY 2 DESC
"""
_COMPARED = """
SELECT i.name_zh AS "指标 Indicator", n.period AS "报告期 Period", n.value AS "区县汇总 From districts",
  n.standing -> 'derived' ->> 'reported' AS "市级填报 Reported",
  n.standing -> 'derived' ->> 'difference' AS "差额 Difference", i.unit_zh AS "单位 Unit",
  n.indicator AS "indicator", n.district AS "district"
FROM metrics.newest n JOIN metrics.indicator i USING (programme, indicator)
WHERE n.programme = ${programme:sqlstring} AND n.district = 'huzhou' AND i.aggregate IN ('sum', 'share_done')
ORDER BY (n.standing -> 'derived' ->> 'reported') IS NULL, i.position LIMIT 100
"""
_FORESEEN = """
SELECT d.name_zh AS "区县 District", d.district AS "district",
  count(*) FILTER (WHERE (n.standing -> 'forecast' ->> 'will_miss')::boolean) AS "预计完不成 Will miss",
  count(*) FILTER (WHERE (n.standing -> 'forecast' ->> 'falling_fast')::boolean) AS "快速落后 Falling fast",
  count(*) FILTER (WHERE n.standing -> 'forecast' ->> 'value' IS NOT NULL) AS "有预测 With a forecast"
FROM metrics.newest n JOIN metrics.district d USING (programme, district)
WHERE n.programme = ${programme:sqlstring} GROUP BY d.name_zh, d.district, d.position ORDER BY d.position
"""
_VERSIONS = """
SELECT version AS "版本 Version", applied_at AS "启用 Applied", reason_zh AS "原因 Reason", actor AS "经办 Actor",
  reason_en AS "Reason (en)"
FROM metrics.catalogue WHERE programme = ${programme:sqlstring}
UNION ALL SELECT '1', live_since, '方案原文', '', 'the plan as printed'
FROM metrics.programme WHERE programme = ${programme:sqlstring} ORDER BY 2 DESC
"""
# What the catalogue in force leaves in doubt, the gravest first, of these what does not add up (rule 3.3).
_FINDINGS = """
SELECT CASE f.severity WHEN 'error' THEN '✕ 错误 error' WHEN 'warning' THEN '! 提醒 warning' ELSE '· 说明 note' END
    AS "程度 Severity", f.zh AS "待核事项 Finding", coalesce(i.name_zh, split_part(f.place, '/', 2)) AS "对象 Of",
  f.place AS "位置 Place", f.en AS "Finding (en)"
FROM metrics.finding f JOIN metrics.programme p USING (programme, catalogue_version)
LEFT JOIN metrics.indicator i ON i.programme = f.programme AND i.indicator = split_part(f.place, '/', 2)
WHERE f.programme = ${programme:sqlstring}
ORDER BY array_position(ARRAY['error', 'warning', 'note'], f.severity), f.code NOT LIKE 'decomposition%', f.position
LIMIT 300
"""
_OF_DISTRICT = {"区县 District": "items?district={district}"}


def _by_district(name: str) -> str:
    return (
        f'liangshai_district_{name}{{programme="$programme"}} * on (programme, district) group_left (name_zh)'
        " liangshai_district_info"
    )


def ranking() -> Dashboard:
    """uid liangshai-ranking."""
    departments = (
        'sort_desc(liangshai_department_score{programme="$programme"} * on (programme, department) group_left (name_zh)'
        " liangshai_department_info)"
    )
    every = 'sum by (colour) (liangshai_lights{programme="$programme"})'
    return board(
        "ranking",
        "排位与计分 Scores and places",
        "区县得分、排位与过程分;责任单位只列分不排位。Districts are ranked, departments listed without places.",
        ("programme",),
        (
            listed("区县得分 Scores", promql(_by_district("score"), "{{name_zh}}", instant=True), height=7),
            listed("区县排位 Places", promql(_by_district("place"), "{{name_zh}}", instant=True), height=7),
            listed(
                "过程分 Process points", promql(_by_district("process_points"), "{{name_zh}}", instant=True), height=7
            ),
            linked(
                items("本年定格灯与过程分 Lights of record this year", sql(_LIGHTS), height=8, width=12, words={}),
                to=_OF_DISTRICT,
            ),
            linked(items("预测 Forecasts", sql(_FORESEEN), height=8, width=12, words={}), to=_OF_DISTRICT),
            listed("责任单位得分 Departments", promql(departments, "{{name_zh}}", instant=True), height=12, width=24),
            curves("近一小时得分 Scores in the last hour", [promql(_by_district("score"), "{{name_zh}}")], last="1h"),
            coloured(curves("近一小时的灯 Lights in the last hour", [promql(every, "{{colour}}")], last="1h")),
            items("未评判及原因 Not judged, and why", sql(_UNJUDGED), height=8, width=8, words={}),
            linked(
                items("市级与区县之和 City against its districts", sql(_COMPARED), height=8, width=16, words={}),
                "指标 Indicator",
            ),
            items("目录版本 Versions of the catalogue", sql(_VERSIONS), height=6, words={}),
            items("目录待核事项 What the catalogue leaves in doubt", sql(_FINDINGS), height=10, words={}),
        ),
    )
