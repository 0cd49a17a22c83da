"""The tables of items that several boards show, as SQL: worst first, tickets, messages, lights by period."""

from deploy.grafana.words import RULES

# Series' own rows: light as 0-3 (looking.py gives it shape and letter), by how much, since when, and its open ticket.
_ITEMS = """
SELECT array_position(ARRAY['grey', 'green', 'yellow', 'red'], s.light) - 1 AS "灯 Light",
  CASE WHEN {ended} THEN '已结束 ended' WHEN s.stale THEN '陈旧 stale' ELSE '' END AS "新旧 Age",
  i.name_zh AS "指标 Indicator", d.name_zh AS "区县 District", u.name_zh AS "责任单位 Department",
  CASE WHEN s.override IS NOT NULL THEN '人工' || s.override || ' by the office'
    WHEN s.forecast THEN '▲ 预测 forecast' ELSE '' END AS "研判 Beside the numbers",
  s.lag_text_zh AS "滞后 Behind", s.value AS "完成 Value", s.expected AS "序时 Expected", s.target AS "目标 Target",
  i.unit_zh AS "单位 Unit", s.light_period AS "报告期 Period",
  to_char(s.since AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS "自 Since", t.level AS "督办 Level",
  t.state AS "状态 State", i.name_en AS "Indicator (en)",
  s.indicator AS "indicator", s.district AS "district", t.ticket AS "ticket"
FROM alerts.series s
JOIN metrics.indicator i USING (programme, indicator)
JOIN metrics.district d USING (programme, district)
LEFT JOIN metrics.department u ON u.programme = s.programme AND u.department = s.department
LEFT JOIN LATERAL (
  SELECT t.ticket::text AS ticket, level, state FROM alerts.ticket t
  WHERE t.programme = s.programme AND t.indicator = s.indicator AND t.district = s.district
    AND t.state NOT IN ('CLOSED', 'CANCELLED') ORDER BY t.opened_at DESC LIMIT 1) t ON true
WHERE s.programme = ${programme:sqlstring}{where}
ORDER BY {ended}, array_position(ARRAY['red', 'yellow', 'grey', 'green'], s.light), s.lag DESC NULLS LAST,
  i.position, d.position
LIMIT {limit}
"""
_TICKETS = """
SELECT t.rule AS "类型 Rule", t.level AS "督办 Level", t.state AS "状态 State", t.severity AS "灯 Light",
  coalesce(i.name_zh, p.name_zh, t.indicator) AS "指标或项目 Indicator or project", d.name_zh AS "区县 District",
  coalesce(a.name_zh, b.name_zh, t.addressee) AS "送达 Addressee",
  t.episode AS "次 Episode", t.run AS "连续期数 Run", t.first_period AS "自 From", t.last_period AS "至 To",
  t.opened_at AS "开出 Opened", t.timer AS "计时 Timer", t.timer_at AS "时限 Until", t.promised_on AS "承诺 Promised",
  t.suppressed_until AS "暂缓至 Suspended until", t.close_code AS "结果 Closed as",
  t.ticket::text AS "ticket"
FROM alerts.ticket t
LEFT JOIN metrics.indicator i USING (programme, indicator)
LEFT JOIN metrics.project p ON p.programme = t.programme AND p.project = t.indicator
JOIN metrics.district d ON d.programme = t.programme AND d.district = t.district
LEFT JOIN metrics.district a ON a.programme = t.programme AND a.district = t.addressee
LEFT JOIN metrics.department b ON b.programme = t.programme AND b.department = t.addressee
WHERE t.programme = ${programme:sqlstring}{where}
ORDER BY t.state IN ('CLOSED', 'CANCELLED'), t.level DESC, t.opened_at DESC
LIMIT {limit}
"""
_MESSAGES = """
SELECT f.seq AS "序号 Seq", f.sent AS "发出 Sent", f.severity AS "灯 Light", f.notification_reason AS "原因 Reason",
  f.document -> 'annotations' ->> 'summary_zh' AS "内容 Message",
  f.document -> 'annotations' ->> 'summary_en' AS "Message (en)", CASE
    WHEN f.document -> 'labels' ->> 'objection' IS NOT NULL THEN
      concat('items/', f.document -> 'labels' ->> 'indicator', '/', f.district,
        '#objection-', f.document -> 'labels' ->> 'objection')
    WHEN f.ticket IS NOT NULL THEN 'tickets/' || f.ticket
    WHEN f.document -> 'labels' ->> 'project' IS NOT NULL THEN
      concat('projects/', f.document -> 'labels' ->> 'project', '#red-lines')
    WHEN f.kind = 'reminder' THEN 'calendar?unit=' || (f.document -> 'labels' ->> 'addressee')
    ELSE concat('items/', f.document -> 'labels' ->> 'indicator', '/', f.district) END AS "page"
FROM alerts.feed f WHERE f.programme = ${programme:sqlstring}{where}
ORDER BY f.seq DESC LIMIT {limit}
"""
# The items that were worst at the newest fixed period, with every light of record they ever had.
_RECORDS = """
WITH shown AS (
  SELECT l.programme, l.indicator, l.district,
    count(*) FILTER (WHERE l.record = 'red') * 2 + count(*) FILTER (WHERE l.record = 'yellow') AS weight
  FROM alerts.light l JOIN alerts.series s USING (programme, indicator, district)
  WHERE l.programme = ${programme:sqlstring} AND l.record IS NOT NULL{where}
  GROUP BY 1, 2, 3 ORDER BY weight DESC, l.indicator, l.district LIMIT {limit})
SELECT l.period_end::timestamp AT TIME ZONE 'Asia/Shanghai' AS "time", {name} AS metric,
  array_position(ARRAY['grey', 'green', 'yellow', 'red'], l.record) - 1 AS value
FROM alerts.light l JOIN shown USING (programme, indicator, district)
JOIN metrics.indicator i USING (programme, indicator)
JOIN metrics.district d USING (programme, district)
WHERE l.record IS NOT NULL AND $__timeFilter(l.period_end) ORDER BY 1, shown.weight DESC
"""
# A series `s` is over when its last cell is locked (rule 4.11): its light is history and is listed last.
ENDED = """(SELECT c.lock_at <= metrics.platform_time() FROM metrics.cell c
  WHERE c.programme = s.programme AND c.indicator = s.indicator AND c.district = s.district
  ORDER BY c.period_end DESC LIMIT 1)"""
# Tickets opened and closed as marks over every curve.
_RULE = " ".join(
    ("CASE t.rule", *(f"WHEN '{code}' THEN '{text}'" for code, text in RULES["类型 Rule"].items()), "ELSE t.rule END")
)
OPENED = """
SELECT t.opened_at AS "time", coalesce(i.name_zh, p.name_zh, t.indicator) || ' · ' || d.name_zh AS text, {rule} AS tags
FROM alerts.ticket t LEFT JOIN metrics.indicator i USING (programme, indicator)
LEFT JOIN metrics.project p ON p.programme = t.programme AND p.project = t.indicator
JOIN metrics.district d ON d.programme = t.programme AND d.district = t.district
WHERE t.programme = ${programme:sqlstring} AND $__timeFilter(t.opened_at) ORDER BY t.opened_at DESC LIMIT 500
""".replace("{rule}", _RULE)
CLOSED = """
SELECT t.closed_at AS "time", coalesce(i.name_zh, p.name_zh, t.indicator) || ' · ' || d.name_zh AS text,
  {rule} || ',' || CASE t.state WHEN 'CLOSED' THEN '已销号 closed' ELSE '已撤销 cancelled' END AS tags
FROM alerts.ticket t LEFT JOIN metrics.indicator i USING (programme, indicator)
LEFT JOIN metrics.project p ON p.programme = t.programme AND p.project = t.indicator
JOIN metrics.district d ON d.programme = t.programme AND d.district = t.district
WHERE t.programme = ${programme:sqlstring} AND $__timeFilter(t.closed_at) ORDER BY t.closed_at DESC LIMIT 500
""".replace("{rule}", _RULE)
OF_DISTRICT = " AND {row}.district = ${district:sqlstring}"
OF_DEPARTMENT = " AND {row}.department = ${department:sqlstring}"


def worst_first(where: str = "", limit: int = 500) -> str:
    """Series, worst first."""
    return _with(_ITEMS, where, row="s", limit=limit)


def tickets(where: str = "", limit: int = 300) -> str:
    """Tickets, living ones and high levels first."""
    return _with(_TICKETS, where, row="t", limit=limit)


def messages(where: str = "", limit: int = 50) -> str:
    """The feed, newest first."""
    return _with(_MESSAGES, where, row="f", limit=limit)


def records(name: str, where: str = "", limit: int = 30) -> str:
    """Lights of record by period of the worst items; `name` is the SQL that names a row."""
    return _with(_RECORDS, where, row="s", limit=limit).replace("{name}", name)


def _with(text: str, where: str, *, row: str, limit: int) -> str:
    """The query narrowed by a condition on its rows: Grafana's own braces forbid str.format."""
    return text.replace("{where}", where.replace("{row}", row)).replace("{limit}", str(limit)).replace("{ended}", ENDED)
