"""The platform's own instruments (never the domain's figures): name, meaning and where to look when they move.

Each class declares its instruments on the registry it is given; a service passes one registry to all.
"""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class RequestInstruments:
    """What is asked of a service over HTTP."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "liangshai_http_requests_total",
            "HTTP requests answered. Look here when callers complain: 5xx are ours, 429 and 503 ask them to wait.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "liangshai_http_request_duration_seconds",
            "Time to answer a request. Look here when pushing or reading feels slow.",
            ["method", "route"],
            buckets=_FAST,
            registry=registry,
        )


class DeliveryInstruments:
    """What becomes of the records a service consumes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.batches = Counter(
            "liangshai_delivery_batches_total",
            "Batches by outcome. Look here when lag grows: postponed means a dependency is away, disowned a rebalance.",
            ["topic", "outcome"],
            registry=registry,
        )
        self.records = Counter(
            "liangshai_delivery_records_total",
            "Records handled, dead letters included. Look here to see whether anything moves at all.",
            ["topic"],
            registry=registry,
        )
        self.dead_letters = Counter(
            "liangshai_delivery_dead_letters_total",
            "Records set aside, by reason. Look here when a report has no outcome; defect means a bug of ours.",
            ["topic", "reason"],
            registry=registry,
        )
        self.seconds = Histogram(
            "liangshai_delivery_batch_duration_seconds",
            "Time from receiving a batch to its acknowledgement. Look here when push to light takes too long.",
            ["topic"],
            buckets=_FAST,
            registry=registry,
        )
        self.lag = Gauge(
            "liangshai_delivery_lag_records",
            "Records in the topic that are not handled yet. Look here when a light is late.",
            ["topic", "partition"],
            registry=registry,
        )

    def note(self, topic: str, outcome: str, records: int, reasons: Sequence[str], seconds: float) -> None:
        """Count one batch."""
        self.batches.labels(topic, outcome).inc()
        self.seconds.labels(topic).observe(seconds)
        if outcome == "handled":
            self.records.labels(topic).inc(records)
        for reason in reasons:
            self.dead_letters.labels(topic, reason).inc()


class ProcessInstruments:
    """What a process says about its own parts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.restarts = Counter(
            "liangshai_task_restarts_total",
            "Background tasks that failed and were started again. Look here when a loop (watermark, gauges) stutters.",
            ["task"],
            registry=registry,
        )
        self.ready = Gauge(
            "liangshai_ready",
            "1 while /readyz is green. Look here first; the body of /readyz says which check is red.",
            registry=registry,
        )
