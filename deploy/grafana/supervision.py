"""The board of warnings and tickets: what is open, at which level, how long, and what was done about it."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana import rows
from deploy.grafana.asking import POSTGRES, promql, sql
from deploy.grafana.framing import board
from deploy.grafana.looking import COLOURS, LEVELS, LIGHT, curves, figure, items, linked
from deploy.grafana.words import EVENTS, MESSAGE_WORDS, TICKET_CODES, TICKET_WORDS

_WARNINGS = """
SELECT w.state = 'open' AS "有效 Open", w.colour AS "灯 Light", i.name_zh AS "指标 Indicator",
  d.name_zh AS "区县 District", w.period AS "报告期 Period", w.opened_at AS "发出 Opened",
  w.closed_at AS "结束 Closed",
  CASE w.state WHEN 'open' THEN '有效 open' ELSE '已解除 ' || w.state END AS "状态 State",
  w.indicator AS "indicator", w.district AS "district"
FROM alerts.warning w JOIN metrics.indicator i USING (programme, indicator)
JOIN metrics.district d USING (programme, district)
WHERE w.programme = ${programme:sqlstring} ORDER BY w.state = 'open' DESC, w.opened_at DESC LIMIT 200
"""
_REASONS = """
SELECT date_trunc('month', sent AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai' AS "time",
  notification_reason AS metric, count(*) AS value
FROM alerts.feed WHERE programme = ${programme:sqlstring} AND $__timeFilter(sent) GROUP BY 1, 2 ORDER BY 1, 2
"""
_EVENTS = """
SELECT e.at AS "时间 At", e.event AS "事件 Event", e.from_state AS "由 From", e.to_state AS "至 To",
  e.level AS "督办 Level",
  e.actor AS "经办 Actor", t.rule AS "类型 Rule",
  coalesce(i.name_zh, p.name_zh, t.indicator) AS "指标或项目 Indicator or project", d.name_zh AS "区县 District",
  t.ticket::text AS "ticket"
FROM alerts.ticket_event e JOIN alerts.ticket t USING (ticket)
LEFT JOIN metrics.indicator i USING (programme, indicator)
LEFT JOIN metrics.project p ON p.programme = t.programme AND p.project = t.indicator
JOIN metrics.district d ON d.programme = t.programme AND d.district = t.district
WHERE t.programme = ${programme:sqlstring} ORDER BY e.at DESC, e.ticket, e.position DESC LIMIT 200
"""
_BY_RULE = """
SELECT r.zh AS "类型 Rule", r.rule AS "rule",
  count(t.ticket) FILTER (WHERE t.state NOT IN ('CLOSED', 'CANCELLED')) AS "未结 Open",
  count(t.ticket) FILTER (WHERE t.suppressed) AS "暂缓 Suspended",
  count(t.ticket) FILTER (WHERE t.level = 3) AS "约谈 At level 3", count(t.ticket) AS "累计 All"
FROM (VALUES ('lag', '滞后 lag'), ('reporting', '报送 reporting'), ('forecast', '预测 forecast'),
  ('project', '项目 project')) AS r (rule, zh)
LEFT JOIN alerts.ticket t ON t.rule = r.rule AND t.programme = ${programme:sqlstring}
GROUP BY r.zh, r.rule ORDER BY 6 DESC
"""
_TIME_OPEN = """
SELECT d.name_zh AS "区县 District", d.district AS "district", count(*) AS "件数 Tickets",
  round(avg(extract(epoch FROM coalesce(t.closed_at, metrics.platform_time()) - t.opened_at) / 86400)::numeric, 1)
    AS "平均天数 Mean days open",
  count(*) FILTER (WHERE t.closed_at IS NULL) AS "未结 Open", max(t.level) AS "督办 Level",
  count(*) FILTER (WHERE t.episode > 1) AS "反复 Relapsed"
FROM alerts.ticket t JOIN metrics.district d USING (programme, district)
WHERE t.programme = ${programme:sqlstring} GROUP BY d.name_zh, d.district, d.position ORDER BY d.position
"""


def supervision() -> Dashboard:
    """uid liangshai-tickets."""
    living = 'programme="$programme",state!~"CLOSED|CANCELLED"'
    levels = [
        figure(
            f"督办 {text}",
            promql(f'sum(liangshai_tickets{{{living},level="{level}"}}) or vector(0)', instant=True),
            colour=colour,
            width=6,
        )
        for level, (text, colour) in LEVELS.items()
    ]
    warnings = promql('sum(liangshai_warnings_open{programme="$programme"})', instant=True)
    return board(
        "tickets",
        "预警与督办 Warnings and tickets",
        "预警即时发出;督办单随定格灯开出,逐级升级。Warnings come at once; tickets follow the lights of record.",
        ("programme",),
        (
            figure("有效预警 Open warnings", warnings, width=6),
            *levels,
            linked(
                items("督办单 Tickets", sql(rows.tickets()), height=14, words=TICKET_WORDS, plain=TICKET_CODES),
                "指标或项目 Indicator or project",
            ),
            linked(
                items("预警 Warnings", sql(_WARNINGS), height=10, width=12, words={LIGHT: COLOURS}),
                "指标 Indicator",
            ),
            linked(
                items("预警信息流 Feed", sql(rows.messages()), height=10, width=12, words=MESSAGE_WORDS), "内容 Message"
            ),
            curves("每月信息(按原因)Messages a month by reason", [sql(_REASONS, "time_series")], source=POSTGRES),
            linked(
                items("用时 Time open", sql(_TIME_OPEN), height=8, width=12, words={}),
                to={"区县 District": "tickets?state=all&unit={district}", "未结 Open": "tickets?unit={district}"},
            ),
            linked(
                items("按类型 By rule", sql(_BY_RULE), height=6, words={}),
                to={"类型 Rule": "tickets?rule={rule}", "累计 All": "tickets?state=all&rule={rule}"},
            ),
            linked(
                items("经过 What happened", sql(_EVENTS), height=10, words={"督办 Level": LEVELS}, plain=EVENTS),
                "指标或项目 Indicator or project",
            ),
        ),
    )
