"""The city wall: how many lights of each colour, every item worst first, each district, what was said last."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana import rows
from deploy.grafana.asking import POSTGRES, promql, sql
from deploy.grafana.framing import board
from deploy.grafana.looking import COLOURS, coloured, curves, figure, items, linked, lists
from deploy.grafana.words import ITEM_WORDS, MESSAGE_WORDS

_DISTRICTS = f"""
WITH living AS (SELECT s.*, coalesce({rows.ENDED}, false) AS ended FROM alerts.series s)
SELECT d.name_zh AS "区县 District", s.district AS "district",
  count(*) FILTER (WHERE s.light = 'red' AND NOT ended) AS "■ 红 red",
  count(*) FILTER (WHERE s.light = 'yellow' AND NOT ended) AS "▲ 黄 yellow",
  count(*) FILTER (WHERE s.light = 'grey' AND NOT ended) AS "◆ 灰 grey",
  count(*) FILTER (WHERE s.light = 'green' AND NOT ended) AS "● 绿 green",
  count(*) FILTER (WHERE ended) AS "已结束 Ended",
  (SELECT count(*) FROM alerts.ticket t WHERE t.programme = s.programme AND t.district = s.district
    AND t.state NOT IN ('CLOSED', 'CANCELLED')) AS "督办 Tickets",
  round(100 * c.completeness, 1) AS "报送率 Completeness %", round(100 * c.timeliness, 1) AS "及时率 Timeliness %"
FROM living s JOIN metrics.district d USING (programme, district)
LEFT JOIN metrics.district_completeness c ON c.programme = s.programme AND c.district = s.district
WHERE s.programme = ${{programme:sqlstring}}
GROUP BY s.programme, s.district, d.name_zh, d.position, c.completeness, c.timeliness ORDER BY d.position
"""
_TO = lists("区县 District", "items?district={district}") | {
    "督办 Tickets": "tickets?unit={district}",
    "报送率 Completeness %": "calendar?unit={district}",
    "及时率 Timeliness %": "calendar?unit={district}",
}
RECORDS_BY_MONTH = """
SELECT period_end::timestamp AT TIME ZONE 'Asia/Shanghai' AS "time", count(*) FILTER (WHERE record = 'red') AS red,
  count(*) FILTER (WHERE record = 'yellow') AS yellow, count(*) FILTER (WHERE record = 'green') AS green
FROM alerts.light WHERE programme = ${programme:sqlstring} AND record IS NOT NULL AND $__timeFilter(period_end)
GROUP BY period_end ORDER BY 1
"""


def _count(colour: str) -> str:
    return f'sum(liangshai_lights{{programme="$programme",colour="{colour}"}})'


def city() -> Dashboard:
    """uid liangshai-city."""
    counts = [
        figure(f"{text} {name}", promql(_count(name), instant=True), colour=colour, width=4)
        for name, (text, colour) in COLOURS.items()
    ]
    warnings = promql('sum(liangshai_warnings_open{programme="$programme"})', instant=True)
    tickets = promql(
        'sum(liangshai_tickets{programme="$programme",state!~"CLOSED|CANCELLED"}) or vector(0)', instant=True
    )
    by_colour = promql('sum by (colour) (liangshai_lights{programme="$programme"})', "{{colour}}")
    return board(
        "city",
        "亮晒墙 City wall",
        "全市各指标序列的灯、滞后与督办,最差在前。Every series of the programme, worst first.",
        ("programme",),
        (
            *counts,
            figure("预警 Open warnings", warnings),
            figure("督办单 Open tickets", tickets),
            linked(
                items("最差在前 Worst first", sql(rows.worst_first()), height=18, words=ITEM_WORDS),
                "指标 Indicator",
                "督办 Level",
            ),
            linked(items("各区县 By district", sql(_DISTRICTS), height=9, width=12, words={}), to=_TO),
            linked(
                items("最新预警信息 Last messages", sql(rows.messages()), height=9, width=12, words=MESSAGE_WORDS),
                "内容 Message",
            ),
            coloured(
                curves(
                    "定格灯(按报告期)Lights of record by period",
                    [sql(RECORDS_BY_MONTH, "time_series")],
                    source=POSTGRES,
                )
            ),
            coloured(curves("近一小时的灯 Lights in the last hour", [by_colour], last="1h")),
        ),
    )
