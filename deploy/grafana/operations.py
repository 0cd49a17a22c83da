"""The board of the platform itself: is it ready, does it keep up, how fast is it, what is wrong."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.asking import promql, sql
from deploy.grafana.framing import board
from deploy.grafana.looking import curves, figure, items

_SERVICES = 'job=~"ingest|metrics|alerts"'
_WATERMARKS = """
SELECT partition AS "分区 Partition", m.through AS "已入库至 Recorded up to", m.position AS "位置 Position",
  a.through AS "已判定至 Judged up to", extract(epoch FROM m.through - a.through) AS "相差秒 Seconds between"
FROM metrics.watermark m LEFT JOIN alerts.watermark a USING (partition) ORDER BY partition
"""
_RECEIVERS = """
SELECT r.receiver AS "接收方 Receiver", r.channel AS "渠道 Channel",
  coalesce(array_to_string(r.groups, ' '), '*') AS "收件组 Groups", r.url AS "地址 Address",
  r.disabled_at AS "停用 Disabled", r.reason AS "原因 Reason",
  count(d.seq) FILTER (WHERE d.state = 'pending') AS "待送 Pending",
  max(d.notification) AS "通知数 Notifications",
  count(d.seq) FILTER (WHERE d.state = 'done') AS "已送 Delivered",
  count(d.seq) FILTER (WHERE d.state IN ('failed', 'dropped')) AS "未送达 Not delivered",
  max(d.attempts) AS "最多次数 Most attempts"
FROM alerts.receiver r LEFT JOIN alerts.delivery d USING (receiver) GROUP BY r.receiver ORDER BY r.receiver
"""
_SIZES = """
SELECT (SELECT count(*) FROM metrics.report) AS "报送 Reports",
  (SELECT count(*) FROM metrics.standing) AS "进度版本 Standing versions",
  (SELECT count(*) FROM alerts.light_change) AS "灯的变化 Light changes",
  (SELECT count(*) FROM alerts.feed) AS "信息 Messages",
  pg_size_pretty(pg_database_size(current_database())) AS "数据库 Database"
"""


def _slowest(metric: str, by: str, which: float = 0.99) -> str:
    return f"histogram_quantile({which}, sum by (le, {by}) (rate({metric}_bucket[$__rate_interval])))"


def _by_receiver(counter: str) -> str:
    return f"sum by (instance, receiver, result) (rate({counter}[$__rate_interval]))"


def operations() -> Dashboard:
    """uid liangshai-platform."""
    ready = promql(f"min by (job) (liangshai_ready{{{_SERVICES}}})", "{{job}}", instant=True)
    waiting = promql("sum(liangshai_delivery_lag_records) or vector(0)", instant=True)
    dead = promql("sum(liangshai_delivery_dead_letters_total) or vector(0)", instant=True)
    restarts = promql("sum(liangshai_task_restarts_total) or vector(0)", instant=True)
    requests = "sum by (job, status) (rate(liangshai_http_requests_total[$__rate_interval]))"
    records = "sum by (job, topic) (rate(liangshai_delivery_records_total[$__rate_interval]))"
    batches = "sum by (job, outcome) (rate(liangshai_delivery_batches_total[$__rate_interval]))"
    deliveries = (
        f"sum by (channel, result) (({_by_receiver('liangshai_deliveries_total')} or "
        f"{_by_receiver('liangshai_notifications_total')}) "
        "* on (instance, receiver) group_left (channel) liangshai_receiver)"
    )
    lag = "sum by (job, topic) (liangshai_delivery_lag_records)"
    return board(
        "platform",
        "平台自身 The platform itself",
        "平台是否就绪、是否跟得上、有多快。Ready, keeping up, how fast; runbooks stand in deploy/prometheus/rules.",
        (),
        (
            figure("就绪 Ready", ready, width=6),
            figure("待处理记录 Records waiting", waiting, width=6),
            figure("死信 Dead letters", dead, width=6),
            figure("任务重启 Task restarts", restarts, width=6),
            curves("请求 Requests", [promql(requests, "{{job}} {{status}}")], unit="reqps", last="1h"),
            curves(
                "应答最慢的1% Slowest hundredth",
                [promql(_slowest("liangshai_http_request_duration_seconds", "job"), "{{job}}")],
                unit="s",
                last="1h",
            ),
            curves("处理的记录 Records handled", [promql(records, "{{job}} {{topic}}")], last="1h"),
            curves("积压 Lag", [promql(lag, "{{job}} {{topic}}")], last="1h"),
            curves("批次结果 Batches by outcome", [promql(batches, "{{job}} {{outcome}}")], last="1h"),
            curves(
                "批次用时最慢的1% Slowest hundredth of batches",
                [promql(_slowest("liangshai_delivery_batch_duration_seconds", "job"), "{{job}}")],
                unit="s",
                last="1h",
            ),
            curves("送达 Deliveries", [promql(deliveries, "{{channel}} {{result}}")], last="1h"),
            curves(
                "导出主副本 Exposition leaders",
                [promql("sum by (job) (liangshai_exposition_leader)", "{{job}}")],
                last="1h",
            ),
            items("水位 Watermarks", sql(_WATERMARKS), height=9, width=12, words={}),
            items("接收方 Receivers", sql(_RECEIVERS), height=9, width=12, words={}),
            items("数量 Sizes", sql(_SIZES), height=4, words={}),
        ),
    )
