"""The gauges as text: Prometheus reads them, they are exported only by the leader and never when old."""

from datetime import date
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from contracts.operations.connections import Unavailable
from services.metrics import exposition as module
from services.metrics.exposition import Exposition, ages, lasting
from services.metrics.instruments import ExpositionInstruments
from services.metrics.store.gauges import Present, State
from tests.support.recorded import at

PRESENT = Present(
    series=[
        ("p", "a", "deqing", "3", "4.00", "0.125000", "0.750000", int(at("2023-07-01", "00:00").timestamp())),
        ("p", "b", "deqing", "1", None, None, None, int(at("2023-07-01", "00:00").timestamp())),
    ],
    districts=[("p", "deqing", "0.5000", "0.2500")],
    departments=[("p", "office", "1.0000", "1.0000")],
    indicator_names=[("p", "a", '名"一"', "back\\slash", "area", "count", "个", "office")],
    district_names=[("p", "deqing", "德清县", "Deqing", "county")],
    department_names=[("p", "office", "办公室", "Office")],
)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """What Prometheus' own parser reads."""
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_gauges_are_what_prometheus_reads() -> None:
    """Rule 13: ids as labels, words in _info, shares as ratios; what is unknown is absent, not 0."""
    found = samples("".join(lasting(PRESENT)))
    of = frozenset({("programme", "p"), ("indicator", "a"), ("district", "deqing")})
    assert found["liangshai_indicator_value", of] == 3
    assert found["liangshai_indicator_expected", of] == 4
    assert found["liangshai_indicator_lag_ratio", of] == 0.125
    assert found["liangshai_indicator_attained_ratio", of] == 0.75
    other = frozenset({("programme", "p"), ("indicator", "b"), ("district", "deqing")})
    assert ("liangshai_indicator_lag_ratio", other) not in found
    assert (
        found["liangshai_district_completeness_ratio", frozenset({("programme", "p"), ("district", "deqing")})] == 0.5
    )
    assert (
        found["liangshai_department_timeliness_ratio", frozenset({("programme", "p"), ("department", "office")})] == 1
    )
    [info] = [dict(labels) for name, labels in found if name == "liangshai_indicator_info"]
    assert (info["name_zh"], info["name_en"]) == ('名"一"', "back\\slash")


def test_ages_grow_with_platform_time() -> None:
    """Seconds since the end of the newest period, never below 0."""
    now = at("2023-07-02", "00:00").timestamp()
    assert set(samples("".join(ages(PRESENT.series, now))).values()) == {86400}
    assert set(samples("".join(ages(PRESENT.series, now - 10 * 86400))).values()) == {0}


class Hand:
    """Leadership, clock and database of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held, self.monotonic, self.reads, self.series, self.away = True, 0.0, 0, 0, False
        self.state = State(1, date(2023, 7, 2), at("2023-07-02"))
        monkeypatch.setattr(module, "state", self._state)
        monkeypatch.setattr(module, "present", self._present)
        monkeypatch.setattr(module, "newest", self._newest)
        instruments = ExpositionInstruments(CollectorRegistry())
        pool: Any = None
        leadership: Any = self
        self.exposition = Exposition(pool, leadership, instruments, monotonic=lambda: self.monotonic)

    async def _state(self, _: Any) -> State:
        if self.away:
            raise Unavailable("postgres")
        return self.state

    async def _present(self, _: Any) -> Present:
        self.reads += 1
        return PRESENT

    async def _newest(self, _: Any) -> list[Any]:
        self.series += 1
        return PRESENT.series


async def test_only_the_leader_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two replicas one: the other has nothing to copy, whatever it has read before."""
    hand = Hand(monkeypatch)
    await hand.exposition.draw()
    assert b"liangshai_indicator_value" in hand.exposition.rendered()
    hand.held = False
    assert hand.exposition.rendered() == b""


async def test_what_is_not_refreshed_for_ten_seconds_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap is honest, an old figure is not."""
    hand = Hand(monkeypatch)
    await hand.exposition.draw()
    hand.away, hand.monotonic = True, 9.9
    with pytest.raises(Unavailable):
        await hand.exposition.draw()
    assert hand.exposition.rendered() != b""
    hand.monotonic = 10.0
    assert hand.exposition.rendered() == b""


async def test_tables_are_read_only_when_something_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger or the day; and every half minute anyway."""
    hand = Hand(monkeypatch)
    for moved, day, now, reads in (
        (1, 2, 0, 1),
        (1, 2, 1, 1),
        (2, 2, 2, 2),
        (2, 3, 3, 3),
        (2, 3, 20, 3),
        (2, 3, 34, 4),
    ):
        hand.state, hand.monotonic = State(moved, date(2023, 7, day), at("2023-07-02")), now
        await hand.exposition.draw()
        assert hand.reads == reads


async def test_a_report_is_shown_without_reading_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the second the series alone are read; what they leave out comes with the next second."""
    hand = Hand(monkeypatch)
    for moved, now, reads, series in ((1, 0, 1, 0), (2, 0.1, 1, 1), (2, 0.2, 1, 1), (3, 0.3, 1, 2), (3, 1.0, 2, 2)):
        hand.state, hand.monotonic = State(moved, date(2023, 7, 2), at("2023-07-02")), now
        await hand.exposition.draw()
        assert (hand.reads, hand.series) == (reads, series)
