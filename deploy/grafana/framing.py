"""The frame all boards share: uid, variables, time, refresh, links from one to the next, and the words above them."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.models import dashboard as d

from deploy.grafana import rows
from deploy.grafana.asking import POSTGRES, marks, sql
from deploy.grafana.looking import GREEN, YELLOW, sentence

TAG = "liangshai"
_DIMENSIONS = {
    "programme": ("工程 Programme", "SELECT programme AS __value, name_zh AS __text FROM metrics.programme ORDER BY 1"),
    "district": (
        "区县 District",
        "SELECT district AS __value, name_zh AS __text FROM metrics.district d"
        " WHERE EXISTS (SELECT FROM metrics.series s WHERE s.programme = d.programme AND s.district = d.district)"
        " AND programme = ${programme:sqlstring} ORDER BY position",
    ),
    "department": (
        "责任单位 Department",
        "SELECT department AS __value, name_zh AS __text FROM metrics.department d"
        " WHERE EXISTS (SELECT FROM metrics.series s WHERE s.programme = d.programme AND s.department = d.department)"
        " AND programme = ${programme:sqlstring} ORDER BY position",
    ),
    "indicator": (
        "指标 Indicator",
        "SELECT DISTINCT ON (i.position) i.indicator AS __value, i.name_zh AS __text FROM metrics.indicator i"
        " JOIN metrics.newest n USING (programme, indicator)"
        " WHERE programme = ${programme:sqlstring} AND n.district = ${district:sqlstring} ORDER BY i.position",
    ),
}
SIMULATED = """
SELECT CASE WHEN EXISTS (SELECT FROM metrics.report WHERE source >= '/simulated/' AND source < '/simulated0')
  THEN '演示数据:模拟报送,非湖州市实际情况 · simulated, not Huzhou''s performance'
  ELSE '各单位报送数据 · as reported' END AS "数据 Data"
"""
DESK = "http://127.0.0.1:8104"  # an installation's own takes its place when boards are deployed (start.sh, deploying)
MARKS = (
    ("督办单开出 Tickets opened", rows.OPENED, YELLOW),
    ("督办单办结 Tickets closed", rows.CLOSED, GREEN),
)
DATES = """
SELECT to_char(metrics.platform_time() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') AS "平台日期 Platform date",
  (SELECT max(period_end)::text FROM metrics.newest) AS "数据截至 Data as of",
  (SELECT to_char(min(through) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') FROM alerts.watermark)
    AS "已判定至 Judged up to"
"""


def board(uid: str, title: str, description: str, dimensions: Sequence[str], panels: Sequence[Any]) -> d.Dashboard:
    """A whole board; every one of them begins with what its data is and of when."""
    others = db.DashboardLink("亮晒 Boards").type(d.DashboardLinkType.DASHBOARDS)
    frame = (
        db.Dashboard(title)
        .uid(f"liangshai-{uid}")
        .description(description)
        .tags([TAG])
        .timezone("Asia/Shanghai")
        .time("now-4y", "now")
        .refresh("10s")
        .readonly()
        .link(others.tags([TAG]).as_dropdown(True).include_vars(True))
    )
    frame = frame.with_variable(db.TextBoxVariable("desk").label("亮晒网址 Desk").default_value(DESK))
    if "programme" in dimensions:
        frame = frame.annotations([marks(*each) for each in MARKS])
    for dimension in dimensions:
        frame = frame.with_variable(_variable(dimension))
    heading = (
        sentence("数据性质 What this is", sql(SIMULATED), width=12),
        sentence("日期 Dates", sql(DATES), width=12),
    )
    for number, panel in enumerate((*heading, *panels), start=1):
        frame = frame.with_panel(panel.id(number))
    return frame.build()


def _variable(dimension: str) -> db.QueryVariable:
    label, text = _DIMENSIONS[dimension]
    return (
        db.QueryVariable(dimension)
        .label(label)
        .datasource(POSTGRES)
        .query(text)
        .refresh(d.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(d.VariableSort.DISABLED)
    )
