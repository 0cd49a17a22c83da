"""Instruments: each says what it means and when to look at it, and a batch is counted whole."""

import pytest
from prometheus_client import CollectorRegistry

from contracts.operations.instruments import DeliveryInstruments, ProcessInstruments, RequestInstruments


@pytest.mark.parametrize("kind", [DeliveryInstruments, ProcessInstruments, RequestInstruments])
def test_every_instrument_says_when_to_look_at_it(kind: type) -> None:
    """The meaning stands beside the name, on a registry that was passed in."""
    registry = CollectorRegistry()
    kind(registry)
    metrics = list(registry.collect())
    assert metrics
    for metric in metrics:
        assert metric.name.startswith("liangshai_")
        assert "Look here" in metric.documentation


def test_a_batch_is_counted_with_its_dead_letters() -> None:
    """Only what was handled counts as records; reasons are counted one by one."""
    registry = CollectorRegistry()
    instruments = DeliveryInstruments(registry)
    instruments.note("t", "handled", 5, ["not_json", "not_json", "defect"], 0.1)
    instruments.note("t", "postponed", 7, [], 0.1)

    def count(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"liangshai_delivery_{name}_total", {"topic": "t", **labels})

    assert count("records") == 5
    assert count("batches", outcome="handled") == count("batches", outcome="postponed") == 1
    assert count("dead_letters", reason="not_json") == 2
    assert count("dead_letters", reason="defect") == 1
