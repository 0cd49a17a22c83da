"""The board of major projects (rule 12): the list, days behind, investment, causes of delay and red lines."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.asking import POSTGRES, promql, sql
from deploy.grafana.framing import board
from deploy.grafana.looking import COLOURS, LEVELS, LIGHT, RED, YELLOW, curves, figure, items, linked

_OF = "p.programme = ${programme:sqlstring}"
_LISTED = f"SELECT count(*) FILTER (WHERE p.listed) AS n FROM metrics.project p WHERE {_OF}"
_BEHIND = f"SELECT count(*) FILTER (WHERE p.listed AND p.lag_days > {{days}}) AS n FROM metrics.project p WHERE {_OF}"
_UNSTARTED = (
    f"SELECT count(*) FILTER (WHERE p.listed AND p.unstarted_months > 0) AS n FROM metrics.project p WHERE {_OF}"
)
_RED_LINES_OPEN = f"SELECT count(*) FILTER (WHERE p.state = 'open') AS n FROM metrics.project_red_line p WHERE {_OF}"
_PROBLEMS_OPEN = f"SELECT count(*) FILTER (WHERE p.solved_in IS NULL) AS n FROM metrics.project_problem p WHERE {_OF}"
_LIST = f"""
SELECT coalesce(s.shown, 'grey') AS "灯 Light",
  p.lag_days AS "落后天数 Days behind", p.name_zh AS "项目 Project", d.name_zh AS "区县 District",
  u.name_zh AS "责任单位 Department", p.contact AS "联系人 Contact", p.status AS "状态 Status",
  p.period AS "报告期 Period", p.late_node AS "滞后节点 Late node", p.done AS "完成点数 Done", p.due AS "应完成 Due",
  p.unstarted_months AS "逾期未开工月 Unstarted", round(p.invested_total, 2) AS "累计投资亿元 Invested",
  p.invest_total AS "计划总投资 Planned", CASE WHEN p.invented THEN '演示用虚构 invented' ELSE '' END AS "说明 Note",
  t.level AS "督办 Level", p.name_en AS "Project (en)", t.ticket AS "ticket", p.project AS "project"
FROM metrics.project p JOIN metrics.district d USING (programme, district)
LEFT JOIN metrics.department u USING (programme, department)
LEFT JOIN alerts.project_shown s USING (programme, project)
LEFT JOIN LATERAL (
  SELECT o.ticket::text AS ticket, o.level FROM alerts.ticket o
  WHERE o.programme = p.programme AND o.rule = 'project' AND o.indicator = p.project
    AND o.state NOT IN ('CLOSED', 'CANCELLED') ORDER BY o.opened_at DESC LIMIT 1) t ON true
WHERE {_OF} AND p.listed
ORDER BY greatest(p.lag_days, 30 * p.unstarted_months) DESC NULLS LAST, p.project
"""
_DISTRICTS = f"""
SELECT d.name_zh AS "区县 District", d.district AS "district", count(*) FILTER (WHERE p.listed) AS "在列 Listed",
  count(*) FILTER (WHERE p.ended = 'complete') AS "已完成 Completed",
  count(*) FILTER (WHERE p.listed AND p.lag_days > 7) AS "落后7天以上 > 7 days behind",
  count(*) FILTER (WHERE p.listed AND p.unstarted_months > 0) AS "逾期未开工 Not started",
  max(p.lag_days) FILTER (WHERE p.listed) AS "最多落后天数 Most days behind",
  sum(p.invest_total) AS "计划总投资亿元 Planned", sum(p.invested_total) AS "累计完成亿元 Invested",
  sum(p.planned_year) AS "本年计划 This year", sum(p.invested_year) AS "本年完成 Done this year"
FROM metrics.project p JOIN metrics.district d USING (programme, district) WHERE {_OF}
GROUP BY d.name_zh, d.district, d.position ORDER BY d.position
"""
_FACTORS = f"""
SELECT f.zh AS "要素 Factor", f.factor AS "factor",
  count(p.problem) FILTER (WHERE p.solved_in IS NULL) AS "未解决 Open",
  count(p.problem) FILTER (WHERE p.solved_in IS NULL AND p.due < metrics.platform_time()) AS "逾期 Overdue",
  count(p.problem) AS "共计 All"
FROM (VALUES ('land', '用地 land'), ('funds', '资金 funds'), ('approvals', '审批 approvals'),
  ('relocation', '征迁 relocation'), ('design', '设计 design'), ('procurement', '招标采购 procurement'),
  ('weather', '天气 weather'), ('other', '其他 other')) AS f (factor, zh)
LEFT JOIN metrics.project_problem p ON p.factor = f.factor AND {_OF}
GROUP BY f.zh, f.factor ORDER BY 3 DESC, 5 DESC
"""
_PROBLEMS = f"""
SELECT CASE WHEN p.solved_in IS NULL THEN '未解决 open' ELSE '已解决 solved' END AS "状态 State",
  r.name_zh AS "项目 Project", p.said AS "问题 Problem", p.factor AS "要素 Factor",
  coalesce(u.name_zh, d.name_zh, p.owner) AS "责任单位 Owner", p.due AS "时限 Due", p.raised_in AS "提出 Raised",
  p.solved_in AS "解决 Solved", p.project AS "project"
FROM metrics.project_problem p JOIN metrics.project r USING (programme, project)
LEFT JOIN metrics.department u ON u.programme = p.programme AND u.department = p.owner
LEFT JOIN metrics.district d ON d.programme = p.programme AND d.district = p.owner
WHERE {_OF} ORDER BY p.solved_in IS NOT NULL, p.due LIMIT 200
"""
_RED_LINES = f"""
SELECT CASE p.state WHEN 'open' THEN '未销号 open' ELSE '已销号 closed' END AS "状态 State",
  p.red_line AS "底线 Red line", coalesce(r.name_zh, i.name_zh, p.name) AS "项目或任务 Project or task",
  d.name_zh AS "区县 District", p.document ->> 'text' AS "情况 What", p.raised_at AS "提出 Raised",
  p.closed_at AS "销号 Closed", p.document ->> 'reason' AS "理由 Reason",
  CASE p.kind WHEN 'project' THEN 'projects/' || p.name ELSE 'items/' || p.name || '/' || p.district END AS "page"
FROM metrics.project_red_line p JOIN metrics.district d USING (programme, district)
LEFT JOIN metrics.project r ON p.kind = 'project' AND r.programme = p.programme AND r.project = p.name
LEFT JOIN metrics.indicator i ON p.kind = 'indicator' AND i.programme = p.programme AND i.indicator = p.name
WHERE {_OF} ORDER BY p.state = 'open' DESC, p.raised_at DESC
"""
_OF_DISTRICT = "projects?district={district}"
_BY_STATE = 'sum by (state) (liangshai_projects{programme="$programme"})'


def projects() -> Dashboard:
    """uid liangshai-projects."""
    numbers = (
        ("在列项目 Listed", _LISTED, None),
        ("落后7天以上 > 7 days behind", _BEHIND.replace("{days}", "7"), YELLOW),
        ("落后15天以上 > 15 days behind", _BEHIND.replace("{days}", "15"), RED),
        ("逾期未开工 Not started in time", _UNSTARTED, YELLOW),
        ("未解决问题 Open problems", _PROBLEMS_OPEN, None),
        ("未销号红线 Open red lines", _RED_LINES_OPEN, RED),
    )
    lights = {LIGHT: COLOURS, "督办 Level": LEVELS}
    return board(
        "projects",
        "重大项目 Major projects",
        "滚动清单、落后天数、投资、制约要素与四条底线。The rolling list: days behind, investment, causes, red lines.",
        ("programme",),
        (
            *(figure(title, sql(text), colour=colour, source=POSTGRES) for title, text, colour in numbers),
            linked(items("项目清单 The list", sql(_LIST), height=18, words=lights), "督办 Level", "项目 Project"),
            linked(
                items("各区县 By district", sql(_DISTRICTS), height=9, width=14, words={}),
                to={"区县 District": _OF_DISTRICT, "在列 Listed": _OF_DISTRICT},
            ),
            linked(
                items("制约要素 Causes of delay", sql(_FACTORS), height=9, width=10, words={}),
                to={"要素 Factor": "projects?factor={factor}"},
            ),
            linked(items("问题清单 Problems", sql(_PROBLEMS), height=10, width=14, words={}), "项目 Project"),
            linked(
                items("四条底线 Red lines", sql(_RED_LINES), height=10, width=10, words={}),
                "项目或任务 Project or task",
            ),
            curves("项目数(按状态)Projects by state", [promql(_BY_STATE, "{{state}}")], last="1h", width=24),
        ),
    )
