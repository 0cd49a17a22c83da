"""What alerts tells Prometheus about itself: each instrument with its meaning and when to look at it."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Instruments:
    """Built on the registry it is given; nothing is registered at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Look here when a receiver says it was told nothing: `retry` grows while it is away, `failed` is final.
        self.deliveries = Counter(
            "liangshai_deliveries",
            "Attempts to hand feed messages to a receiver, by what came of them",
            ["receiver", "result"],
            registry=registry,
        )
        # Look here when messages arrive late: what a receiver has not had yet.
        self.deliveries_pending = Gauge(
            "liangshai_deliveries_pending", "Feed messages a receiver has not had yet", ["receiver"], registry=registry
        )
        # Look here when a chat is silent: what waits for the end of quiet hours, for the digest or for its grouping.
        self.deliveries_held = Gauge(
            "liangshai_deliveries_held",
            "Feed messages that wait for the moment at which their receiver may be told",
            ["receiver"],
            registry=registry,
        )
        # Look here when a chat or mailbox got nothing: `retry` grows while it is away, `failed` is final.
        self.notifications = Counter(
            "liangshai_notifications",
            "Attempts to tell people several messages at once, a numbered part each, by reason and by what came of it",
            ["receiver", "reason", "result"],
            registry=registry,
        )
        # To be joined: which way each receiver is reached.
        self.receiver = Gauge(
            "liangshai_receiver", "1 for each receiver that is listed", ["receiver", "channel"], registry=registry
        )
        # More than 0 needs the operator: the receiver refused them, or was away longer than they are tried.
        self.deliveries_failed = Gauge(
            "liangshai_deliveries_failed",
            "Feed messages given up for a receiver in the last day (real time)",
            ["receiver"],
            registry=registry,
        )
        # 1 needs the operator: the receiver answered 410 or is listed no more.
        self.receiver_disabled = Gauge(
            "liangshai_receiver_disabled", "1 while a receiver is sent nothing more", ["receiver"], registry=registry
        )
        # Look here when the wall or its gauges seem old: seconds to read and draw them.
        self.drawing = Histogram(
            "liangshai_drawing_seconds",
            "Time to read and draw what is shown without a token",
            ["what"],
            registry=registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
        )
        # Exactly one replica says 1: it exports lights and tickets.
        self.leader = Gauge(
            "liangshai_exposition_leader", "1 on the replica that exports the domain's gauges", registry=registry
        )
        # Look here when the boards' lights stand still: real time of the last reading.
        self.refreshed = Gauge(
            "liangshai_exposition_refresh_timestamp_seconds",
            "Real time of the last refresh of the domain's gauges",
            registry=registry,
        )
        # Look here when units say an act was not taken.
        self.acts = Counter(
            "liangshai_acts", "Acts on tickets, by act and by what came of it", ["act", "result"], registry=registry
        )
