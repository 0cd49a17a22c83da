"""The board of reporting discipline: who reports completely and in time, what is overdue, what became of reports."""

from typing import Any

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.asking import POSTGRES, promql, sql
from deploy.grafana.framing import board
from deploy.grafana.looking import curves, figure, items, linked

_DEPARTMENTS = """
SELECT u.name_zh AS "责任单位 Department", c.department AS "department", c.due AS "应报 Due",
  c.received AS "已报 Received",
  c.on_time AS "按时 On time",
  round(100 * c.completeness, 1) AS "报送率 Completeness %", round(100 * c.timeliness, 1) AS "及时率 Timeliness %"
FROM metrics.department_completeness c JOIN metrics.department u USING (programme, department)
WHERE c.programme = ${programme:sqlstring} ORDER BY c.completeness, c.timeliness
"""
_DISTRICTS = """
SELECT d.name_zh AS "区县 District", c.district AS "district", c.due AS "应报 Due", c.received AS "已报 Received",
  c.on_time AS "按时 On time",
  round(100 * c.completeness, 1) AS "报送率 Completeness %", round(100 * c.timeliness, 1) AS "及时率 Timeliness %"
FROM metrics.district_completeness c JOIN metrics.district d USING (programme, district)
WHERE c.programme = ${programme:sqlstring} ORDER BY c.completeness, c.timeliness
"""
_OVERDUE = """
SELECT i.name_zh AS "指标 Indicator", d.name_zh AS "区县 District",
  coalesce(a.name_zh, b.name_zh, c.answers) AS "填报 Writer",
  c.period AS "报告期 Period", c.due_at AS "时限 Due",
  floor(extract(epoch FROM metrics.platform_time() - c.due_at) / 86400) AS "逾期天数 Days overdue",
  c.indicator AS "indicator", c.district AS "district"
FROM metrics.duties(metrics.platform_time()) c
JOIN metrics.indicator i USING (programme, indicator) JOIN metrics.district d USING (programme, district)
LEFT JOIN metrics.district a ON a.programme = c.programme AND a.district = c.answers
LEFT JOIN metrics.department b ON b.programme = c.programme AND b.department = c.answers
WHERE c.programme = ${programme:sqlstring} AND NOT c.received ORDER BY c.due_at DESC, i.position, d.position LIMIT 300
"""
_NEXT = """
SELECT (c.due_at AT TIME ZONE 'Asia/Shanghai')::date AS "时限 Due",
  coalesce(a.name_zh, b.name_zh, c.answers, s.answers) AS "填报 Writer", coalesce(c.answers, s.answers) AS "unit",
  count(*) AS "应报 Cells", count(*) FILTER (WHERE c.received_at IS NOT NULL AND NOT c.withdrawn) AS "已报 Received"
FROM metrics.cell c JOIN metrics.series s USING (programme, indicator, district)
LEFT JOIN metrics.district a ON a.programme = s.programme AND a.district = coalesce(c.answers, s.answers)
LEFT JOIN metrics.department b ON b.programme = s.programme AND b.department = coalesce(c.answers, s.answers)
WHERE c.programme = ${programme:sqlstring} AND c.applicable AND c.due_at > metrics.platform_time()
  AND c.due_at <= metrics.platform_time() + interval '40 days'
GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC
"""
_OUTCOMES = """
SELECT o.outcome AS "结果 Outcome", o.code AS "代码 Code", count(*) AS "件数 Reports"
FROM metrics.outcome o WHERE o.programme = ${programme:sqlstring} GROUP BY 1, 2 ORDER BY 3 DESC
"""
_BY_MONTH = """
SELECT date_trunc('month', due_at AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai' AS "time",
  (count(*) FILTER (WHERE received))::float8 / count(*) AS "报送率 completeness",
  (count(*) FILTER (WHERE on_time))::float8 / count(*) AS "及时率 timeliness"
FROM metrics.duties(metrics.platform_time())
WHERE programme = ${programme:sqlstring} AND $__timeFilter(due_at) GROUP BY 1 ORDER BY 1
"""
_FLAGS = """
SELECT flag AS "标记 Flag", count(*) AS "单元 Cells", min(period) AS "自 From", max(period) AS "至 To"
FROM metrics.cell, unnest(flags) AS flag WHERE programme = ${programme:sqlstring} GROUP BY flag
UNION ALL SELECT 'withdrawn 已撤回', count(*), min(period), max(period)
FROM metrics.cell WHERE programme = ${programme:sqlstring} AND withdrawn
UNION ALL SELECT 'revision_conflict 版本冲突', count(*), min(period), max(period)
FROM metrics.cell WHERE programme = ${programme:sqlstring} AND conflict ORDER BY 2 DESC
"""

_EXCUSED = """
SELECT d.name_zh AS "区县 District", d.district AS "district", count(c.period) AS "免报 Excused cells",
  count(c.period) FILTER (WHERE c.excused_until IS NOT NULL) AS "限期 Until a day",
  min(c.period) AS "自 From", max(c.period) AS "至 To"
FROM metrics.district d LEFT JOIN metrics.cell c
  ON c.programme = d.programme AND c.district = d.district AND c.excused
WHERE d.programme = ${programme:sqlstring} GROUP BY d.name_zh, d.district, d.position ORDER BY d.position
"""
_ACTS = """
SELECT k.zh AS "办公室操作 Act", count(a.act) AS "件数 Acts",
  count(a.act) FILTER (WHERE o.outcome = 'applied') AS "生效 Applied",
  count(a.act) FILTER (WHERE o.outcome = 'refused') AS "不予受理 Refused", max(a.received_at) AS "最近 Last"
FROM (VALUES ('report.approved', '批准更正 approved'), ('report.returned', '退回 returned'),
  ('cell.excused', '免报 excused'), ('cell.unexcused', '恢复报送 no longer excused'),
  ('flag.commented', '异常说明 flag explained'), ('cell.published', '公布 published')) AS k (kind, zh)
LEFT JOIN metrics.act a ON a.kind = k.kind AND a.programme = ${programme:sqlstring}
LEFT JOIN metrics.act_outcome o USING (act) GROUP BY k.zh ORDER BY 2 DESC
"""
_OF_DISTRICT = {"区县 District": "calendar?unit={district}"}


def _lowest(title: str, name: str) -> Any:
    worst = promql(f'min(liangshai_department_{name}_ratio{{programme="$programme"}})', instant=True)
    return figure(title, worst, unit="percentunit", width=8)


def discipline() -> Dashboard:
    """uid liangshai-reporting."""
    by_district = promql(
        'liangshai_district_completeness_ratio{programme="$programme"} * on (programme, district) group_left (name_zh)'
        " liangshai_district_info",
        "{{name_zh}}",
    )
    in_time = promql(
        'liangshai_district_timeliness_ratio{programme="$programme"} * on (programme, district) group_left (name_zh)'
        " liangshai_district_info",
        "{{name_zh}}",
    )
    by_month = sql(_BY_MONTH, "time_series")
    age = 'max by (district) (liangshai_indicator_data_age_seconds{programme="$programme"})'
    median = 'quantile(0.5, liangshai_indicator_data_age_seconds{programme="$programme"})'
    return board(
        "reporting",
        "报送纪律 Reporting discipline",
        "应报、已报、按时、逾期,以及每条报送的入库结果。Due, received, in time, overdue; what became of reports.",
        ("programme",),
        (
            _lowest("最低报送率 Lowest completeness", "completeness"),
            _lowest("最低及时率 Lowest timeliness", "timeliness"),
            figure("数据中位年龄 Median age of data", promql(median, instant=True), unit="s", width=8),
            linked(items("区县 Districts", sql(_DISTRICTS), height=8, width=12, words={}), to=_OF_DISTRICT),
            linked(
                items("责任单位 Departments", sql(_DEPARTMENTS), height=8, width=12, words={}),
                to={"责任单位 Department": "calendar?unit={department}"},
            ),
            curves("按应报月份 By month due", [by_month], source=POSTGRES, unit="percentunit"),
            curves("区县报送率 Completeness now", [by_district], unit="percentunit", last="1h"),
            linked(items("逾期未报 Overdue", sql(_OVERDUE), height=10, width=12, words={}), "指标 Indicator"),
            linked(
                items("即将到期 Due next", sql(_NEXT), height=10, width=12, words={}),
                to={"填报 Writer": "calendar?unit={unit}"},
            ),
            items("入库结果 Outcomes", sql(_OUTCOMES), height=8, width=8, words={}),
            items("质量标记 Quality flags", sql(_FLAGS), height=8, width=8, words={}),
            curves("区县及时率 Timeliness now", [in_time], unit="percentunit", last="1h", width=8),
            linked(items("免报 Excused", sql(_EXCUSED), height=8, width=12, words={}), to=_OF_DISTRICT),
            items("办公室操作 Acts of the office", sql(_ACTS), height=8, width=12, words={}),
            curves("最旧数据 Oldest data by district", [promql(age, "{{district}}")], unit="s", last="1h", width=24),
        ),
    )
