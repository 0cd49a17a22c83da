"""The domain's gauges of alerts: their text, and that they vanish rather than grow old (rule 13)."""

from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from services.alerts.exposition import Exposition, gauges
from services.alerts.instruments import Instruments
from services.alerts.showing import Present

PRESENT = Present(
    lights=[("p", "a", "deqing", "red"), ("p", "b", "deqing", "grey"), ("p", "a", "anji", "yellow")],
    tickets=[("p", "deqing", "lag", "OPEN", 2, 3)],
    suppressed=[("p", "deqing", 2)],
    overrides=[("p", "a", "anji", "red")],
    forecasts=[("p", "a", "anji")],
    warnings=[("p", "anji", 1)],
)


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """Every sample by its name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_every_light_count_ticket_and_warning() -> None:
    """0 grey, 1 green, 2 yellow, 3 red; counts of all four colours, also where there are none."""
    found = samples(gauges(PRESENT))
    assert found["liangshai_light", "p", "a", "deqing"] == 3
    assert found["liangshai_light", "p", "b", "deqing"] == 0
    assert found["liangshai_light", "p", "a", "anji"] == 2
    assert [found["liangshai_lights", "p", "deqing", c] for c in ("red", "yellow", "green", "grey")] == [1, 0, 0, 1]
    assert found["liangshai_tickets", "p", "deqing", "lag", "OPEN", "2"] == 3
    assert [found["liangshai_tickets_suppressed", "p", district] for district in ("deqing", "anji")] == [2, 0]
    assert found["liangshai_light_override", "p", "a", "anji"] == 3
    assert [found["liangshai_overrides", "p", district] for district in ("deqing", "anji")] == [0, 1]
    assert found["liangshai_light_forecast", "p", "a", "anji"] == 1
    assert found["liangshai_warnings_open", "p", "anji"] == 1
    assert found["liangshai_warnings_open", "p", "deqing"] == 0


def test_what_ended_is_counted_apart() -> None:
    """Rule 4.11: its light stays to be seen, the counts are those of the living."""
    found = samples(gauges(PRESENT, frozenset({("a", "deqing")})))
    assert found["liangshai_light", "p", "a", "deqing"] == 3
    assert found["liangshai_lights", "p", "deqing", "red"] == 0
    assert (found["liangshai_series_ended", "p", "deqing"], found["liangshai_series_ended", "p", "anji"]) == (1, 0)


class Stage:
    """A reading, a lead and a stopwatch under the test's hand."""

    def __init__(self) -> None:
        self.held, self.at, self.away = True, 0.0, False

    async def present(self) -> Present:
        if self.away:
            raise ConnectionRefusedError("gone")
        return PRESENT

    def exposition(self) -> Exposition:
        told: Any = self
        return Exposition(told, told, Instruments(CollectorRegistry()), frozenset, monotonic=lambda: self.at)


async def test_old_gauges_are_dropped() -> None:
    """Ten seconds without a reading: nothing; back with the next one."""
    stage = Stage()
    exposition = stage.exposition()
    assert exposition.rendered() == b""
    await exposition.draw()
    stage.away, stage.at = True, 9.0
    await exposition.draw()
    assert exposition.rendered() == gauges(PRESENT)
    stage.at = 10.0
    assert exposition.rendered() == b""
    stage.away = False
    await exposition.draw()
    assert exposition.rendered() == gauges(PRESENT)


async def test_only_the_leader_exports() -> None:
    """The lead is lost: nothing more at once."""
    stage = Stage()
    exposition = stage.exposition()
    await exposition.draw()
    stage.held = False
    assert exposition.rendered() == b""
