"""The boards of one district and of one department: their items, lights by period, tickets and discipline."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana import rows
from deploy.grafana.asking import POSTGRES, promql, sql
from deploy.grafana.framing import board
from deploy.grafana.looking import COLOURS, curves, figure, history, items, linked, lists
from deploy.grafana.words import ITEM_WORDS, MESSAGE_WORDS, TICKET_CODES, TICKET_WORDS

_OF_DEPARTMENT_MESSAGE = " AND f.document -> 'labels' ->> 'department' = ${department:sqlstring}"
_CURVE = """
SELECT c.period_end::timestamp AT TIME ZONE 'Asia/Shanghai' AS "time", c.value::float8 AS "完成 value",
  c.expected::float8 AS "序时 expected", c.target::float8 AS "目标 target"
FROM metrics.cell c
WHERE c.programme = ${programme:sqlstring} AND c.district = ${district:sqlstring}
  AND c.indicator = ${indicator:sqlstring} AND c.value IS NOT NULL AND $__timeFilter(c.period_end)
ORDER BY 1
"""
_LAG = """
SELECT c.period_end::timestamp AT TIME ZONE 'Asia/Shanghai' AS "time", avg(c.lag)::float8 AS "平均滞后 mean lag",
  max(c.lag)::float8 AS "最大滞后 largest lag"
FROM metrics.cell c
WHERE c.programme = ${programme:sqlstring} AND c.district = ${district:sqlstring} AND c.lag IS NOT NULL
  AND $__timeFilter(c.period_end)
GROUP BY c.period_end ORDER BY 1
"""
_DEPARTMENT_LIGHTS = f"""
WITH living AS (SELECT s.*, coalesce({rows.ENDED}, false) AS ended FROM alerts.series s)
SELECT d.name_zh AS "区县 District", d.district AS "district",
  count(*) FILTER (WHERE s.light = 'red' AND NOT ended) AS "■ 红 red",
  count(*) FILTER (WHERE s.light = 'yellow' AND NOT ended) AS "▲ 黄 yellow",
  count(*) FILTER (WHERE s.light = 'grey' AND NOT ended) AS "◆ 灰 grey",
  count(*) FILTER (WHERE s.light = 'green' AND NOT ended) AS "● 绿 green",
  count(*) FILTER (WHERE ended) AS "已结束 Ended"
FROM living s JOIN metrics.district d USING (programme, district)
WHERE s.programme = ${{programme:sqlstring}} AND s.department = ${{department:sqlstring}}
GROUP BY d.name_zh, d.district, d.position ORDER BY d.position
"""
_DEPARTMENT_COUNT = f"""
SELECT count(*) AS "{{colour}}" FROM alerts.series s
WHERE s.programme = ${{programme:sqlstring}} AND s.department = ${{department:sqlstring}} AND s.light = '{{colour}}'
  AND NOT coalesce({rows.ENDED}, false)
"""


def district() -> Dashboard:
    """uid liangshai-district."""
    here = 'programme="$programme",district="$district"'
    lights = [
        figure(
            f"{text} {name}",
            promql(f'liangshai_lights{{{here},colour="{name}"}}', instant=True),
            colour=colour,
            width=3,
        )
        for name, (text, colour) in COLOURS.items()
    ]
    ratios = [
        figure(title, promql(f"liangshai_district_{name}_ratio{{{here}}}", instant=True), unit="percentunit", width=3)
        for title, name in (("报送率 Completeness", "completeness"), ("及时率 Timeliness", "timeliness"))
    ]
    warnings = promql(f"liangshai_warnings_open{{{here}}}", instant=True)
    tickets = promql(f'sum(liangshai_tickets{{{here},state!~"CLOSED|CANCELLED"}}) or vector(0)', instant=True)
    name = "i.name_zh"
    return board(
        "district",
        "区县 District",
        "一个区县的全部指标、各期定格灯、督办单与报送纪律。One district: items, lights of record, tickets, discipline.",
        ("programme", "district", "indicator"),
        (
            *lights,
            *ratios,
            figure("预警 Open warnings", warnings, width=3),
            figure("督办单 Open tickets", tickets, width=3),
            linked(
                items("最差在前 Worst first", sql(rows.worst_first(rows.OF_DISTRICT)), height=14, words=ITEM_WORDS),
                "指标 Indicator",
                "督办 Level",
            ),
            history("各期定格灯 Lights of record", sql(rows.records(name, rows.OF_DISTRICT), "time_series"), height=14),
            curves("所选指标 The chosen indicator", [sql(_CURVE, "time_series")], source=POSTGRES),
            curves("滞后(百分点)Lag in points", [sql(_LAG, "time_series")], source=POSTGRES),
            linked(
                items(
                    "督办单 Tickets",
                    sql(rows.tickets(rows.OF_DISTRICT)),
                    height=10,
                    words=TICKET_WORDS,
                    plain=TICKET_CODES,
                ),
                "指标或项目 Indicator or project",
            ),
            linked(
                items("预警信息 Messages", sql(rows.messages(rows.OF_DISTRICT)), height=8, words=MESSAGE_WORDS),
                "内容 Message",
            ),
        ),
    )


def department() -> Dashboard:
    """uid liangshai-department."""
    here = 'programme="$programme",department="$department"'
    lights = [
        figure(
            f"{text} {name}",
            sql(_DEPARTMENT_COUNT.replace("{colour}", name)),
            colour=colour,
            width=4,
            source=POSTGRES,
        )
        for name, (text, colour) in COLOURS.items()
    ]
    ratios = [
        figure(title, promql(f"liangshai_department_{name}_ratio{{{here}}}", instant=True), unit="percentunit", width=4)
        for title, name in (("报送率 Completeness", "completeness"), ("及时率 Timeliness", "timeliness"))
    ]
    messages = sql(rows.messages(_OF_DEPARTMENT_MESSAGE))
    where, named = rows.OF_DEPARTMENT, "i.name_zh || ' ' || d.name_zh"
    return board(
        "department",
        "责任单位 Department",
        "一个单位牵头的全部指标。Everything one department leads.",
        ("programme", "department"),
        (
            *lights,
            *ratios,
            linked(
                items("最差在前 Worst first", sql(rows.worst_first(where)), height=14, words=ITEM_WORDS),
                "指标 Indicator",
                "督办 Level",
            ),
            linked(
                items("各区县 By district", sql(_DEPARTMENT_LIGHTS), height=8, width=12, words={}),
                to=lists("区县 District", "items?district={district}&department=$department"),
            ),
            linked(items("预警信息 Messages", messages, height=8, width=12, words=MESSAGE_WORDS), "内容 Message"),
            history("各期定格灯 Lights of record", sql(rows.records(named, where), "time_series"), height=14),
            linked(
                items("督办单 Tickets", sql(rows.tickets(where)), height=10, words=TICKET_WORDS, plain=TICKET_CODES),
                "指标或项目 Indicator or project",
            ),
        ),
    )
