"""Instruments of intake: what became of the items sent to it."""

from prometheus_client import CollectorRegistry, Counter

from contracts.verdicts import Answer


class IntakeInstruments:
    """Counted per request, from the answer itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.items = Counter(
            "liangshai_intake_items_total",
            "Items by verdict (dry runs aside). Look here when a department says its reports do not arrive.",
            ["status"],
            registry=registry,
        )
        self.objections = Counter(
            "liangshai_intake_objections_total",
            "Items turned down, by code. Look here to see what senders get wrong; broker_unavailable is ours.",
            ["code"],
            registry=registry,
        )

    def note(self, answer: Answer) -> None:
        """Count one answer."""
        if answer.dry_run:
            return
        for status in answer.counts.__struct_fields__:
            self.items.labels(status).inc(getattr(answer.counts, status))
        for conflict in answer.conflicts:
            self.objections.labels(conflict.code).inc(conflict.count)
