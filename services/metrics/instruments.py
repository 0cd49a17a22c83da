"""Metrics' own instruments (never the domain's figures): name, meaning and where to look when they move."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from contracts.acts import ActOutcome
from contracts.events import Outcome


class RecordingInstruments:
    """What became of the batches of reports and acts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.outcomes = Counter(
            "liangshai_recording_outcomes_total",
            "Outcomes announced, by kind. Look here when departments ask what became of their reports.",
            ["outcome"],
            registry=registry,
        )
        self.acts = Counter(
            "liangshai_recording_acts_total",
            "Outcomes of acts announced, by kind of act and outcome. Look here when an approval did not come through.",
            ["act", "outcome"],
            registry=registry,
        )
        self.standings = Counter(
            "liangshai_recording_standings_total",
            "Versions of standings written. Look here when lights do not move: no new version, no new light.",
            registry=registry,
        )
        self.seconds = Histogram(
            "liangshai_recording_write_duration_seconds",
            "Time of one recording transaction. Look here when push to gauge takes too long.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=registry,
        )

    def observe(self, outcomes: Iterable[Outcome], acts: Iterable[ActOutcome], standings: int, seconds: float) -> None:
        """One batch."""
        for kind, number in Tally(each.outcome for each in outcomes).items():
            self.outcomes.labels(kind).inc(number)
        for (act, outcome), number in Tally((each.act, each.outcome) for each in acts).items():
            self.acts.labels(act, outcome).inc(number)
        self.standings.inc(standings)
        self.seconds.observe(seconds)


class WatermarkInstruments:
    """How far the pipeline's time has come."""

    def __init__(self, registry: CollectorRegistry, name: str = "liangshai_watermark_timestamp_seconds") -> None:
        self.through = Gauge(
            name,
            "Everything received before this platform time is recorded. Look here when lights of record are late.",
            ["partition"],
            registry=registry,
        )


class ExpositionInstruments:
    """The domain's gauges as a piece of machinery."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.leader = Gauge(
            "liangshai_exposition_leader",
            "1 on the replica that exports the domain's gauges. Look here when gauges are missing or double.",
            registry=registry,
        )
        self.refreshed = Gauge(
            "liangshai_exposition_refresh_timestamp_seconds",
            "Real time of the last refresh of the domain's gauges. Look here when boards stand still.",
            registry=registry,
        )
