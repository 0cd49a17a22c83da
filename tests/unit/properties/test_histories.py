"""What holds of every history whatever (rules 2.10, 6.1, 10): random reports through the services' pure path.

2,000 histories in the suite, shared out among the properties; `make properties N=100000` runs as many.
"""

import os
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.periods import Period
from contracts.programme import CITY
from services.alerts.judgement import WORSE
from services.alerts.supervision import Series
from services.alerts.table import LAGGING, TABLES
from services.metrics.fold import Folded, Folding
from services.metrics.ledger import Place
from services.metrics.revisions import Fact, resolve
from tests.support.histories import (
    BYTES,
    FAR,
    History,
    Path,
    Sent,
    among_watermarks,
    batches,
    decode,
    gathered,
    histories,
    shapes,
    shared,
    shuffled,
)

PROPERTIES = 8  # those below
MANY = int(os.environ.get("LIANGSHAI_PROPERTIES", "2000")) // PROPERTIES
many = settings(max_examples=MANY, deadline=None, database=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2**32)

pytestmark = pytest.mark.timeout(
    300 if MANY <= 1000 else 0
)  # on a busy machine; as long as it takes where many are asked


@many
@given(histories(), SEEDS)
def test_any_order_and_repetition(history: History, seed: int) -> None:
    """Rule 6.1: any permutation, any repetition, any batches: the same standings, lights and tickets."""
    chance = random.Random(seed)
    straight = Path(history.shape).run([[event] for event in history.events]).run([FAR])
    mixed = Path(history.shape).run(batches(shuffled(history, chance), chance)).run([FAR])
    assert mixed.standings == straight.standings
    for district, series in straight.series.items():
        assert mixed.series[district].lights == series.lights
        assert [*mixed.series[district].tickets] == [*series.tickets]


@many
@given(histories(), SEEDS)
def test_a_moment_is_told_alike_however_it_comes(history: History, seed: int) -> None:
    """Rules 6.5 and 8: what became known at one moment, permuted, repeated and in any batches, says the same."""
    chance, straight, mixed = random.Random(seed), Path(history.shape), Path(history.shape)
    for moment, events in gathered(history):
        straight.tell(moment, [events])
        among = [*events, *(event for event in events if chance.random() < 0.3)]
        chance.shuffle(among)
        mixed.tell(moment, batches(among, chance))
        assert mixed.said == straight.said
    for path in (straight, mixed):
        path.pass_time(FAR)
    assert mixed.said == straight.said


@many
@given(histories(), SEEDS)
def test_a_kept_folding_says_what_one_afresh_says(history: History, seed: int) -> None:
    """Rule 6.1: what is folded again is only what new facts can move; piece by piece it adds up to the whole."""
    chance, shape = random.Random(seed), history.shape
    kept, whole = Folding(shape.editions, shape.indicator), Folding(shape.editions, shape.indicator)
    said, events = Folded({}, {}), [*history.events]
    chance.shuffle(events)
    for batch in batches(events, chance):
        _give(kept, batch)
        part = kept.fold()
        for name in ("standings", "outcomes", "acts", "rulings"):
            getattr(said, name).update(getattr(part, name))
    _give(whole, history.events)
    assert said == whole.fold()


def _give(folding: Folding, events: Sequence[Sent]) -> None:
    for event in events:
        folding.add(event) if isinstance(event, Fact) else folding.add_act(event)


@many
@given(histories(), SEEDS)
def test_any_order_among_watermarks(history: History, seed: int) -> None:
    """Rule 6.1: time passes in between: the same standings and lights of record, and a ticket is open or it is not."""
    chance = random.Random(seed)
    straight = Path(history.shape).run([history.events, FAR])
    mixed = Path(history.shape).run(among_watermarks(shuffled(history, chance), chance)).run([FAR])
    assert mixed.standings == straight.standings
    for district, series in straight.series.items():
        other = mixed.series[district]
        assert [c.record for c in other.lights.cells] == [c.record for c in series.lights.cells]
        for rule in TABLES:
            assert (other.tickets.current(rule).state in LAGGING) == (series.tickets.current(rule).state in LAGGING)


@many
@given(histories(), st.integers(0, 7))
def test_a_better_value_never_worsens_the_newest_light(history: History, up: int) -> None:
    """Rules 5 and 6.2: with S unchanged, the newest period's light is never worse for a better value."""
    before = Path(history.shape).run([history.events, FAR])
    for district, series in before.series.items():
        cell = newest(series)
        better = None if cell is None else improved(history, district, cell, up)
        if cell is None or better is None:
            continue
        after = Path(history.shape).run([[*history.events, better], FAR])
        if cell.text != "2022" and start(after, district, cell) == start(before, district, cell):
            i = series.lights.at
            assert i is not None
            assert WORSE[after.series[district].lights.cells[i].live] <= WORSE[series.lights.cells[i].live]


@many
@given(shared(), st.binary(min_size=BYTES, max_size=BYTES))
def test_a_correction_moves_no_other_district(history: History, told: bytes) -> None:
    """Rule 10.1: what one district sends moves no standing, attainment or light of another (the city's sum apart)."""
    more = decode(bytes([shapes().index(history.shape)]) + told).events
    others = set(history.shape.indicator.districts) - {event.district for event in more} - {CITY}
    before = Path(history.shape, others).run([history.events, FAR])
    after = Path(history.shape, others).run([[*history.events, *(replace(event, id="more") for event in more)], FAR])
    told_before, told_after = before.standings, after.standings
    assert others
    for place, standing in told_before.items():
        if place[0] in others:
            assert told_after[place] == standing
    for district in others:
        assert after.series[district].lights == before.series[district].lights


@many
@given(histories())
def test_caps_hold(history: History) -> None:
    """Rules 8 and 10.1: attainment within 0 and 100, levels within 1 and 3; ahead is never better than green."""
    path = Path(history.shape).run([[event] for event in history.events]).run([FAR])
    for standing in path.standings.values():
        assert standing.attainment is None or 0 <= Fraction(standing.attainment) <= 100
        assert standing.attainment is None or standing.binding
    for series in path.series.values():
        assert all(1 <= transition.after.level <= 3 for transition in series.tickets.transitions)
        moved = [t for t in series.tickets.transitions if t.before.episode == t.after.episode]
        assert all(t.after.level >= t.before.level for t in moved)


@many
@given(histories())
def test_known_at_rebuilds_every_earlier_answer(history: History) -> None:
    """Rule 2.10: what history says was known at a moment is, byte for byte, what was answered at that moment."""
    path = Path(history.shape)
    answers: list[tuple[datetime, dict[Place, bytes]]] = []
    for event in history.events:
        path.deliver([event])
        answers.append((event.received_at, {place: v[-1].document for place, v in path.versions.items()}))
    for at, told in dict(answers).items():  # of one moment the last answer
        rebuilt = {
            place: [moved.document for moved in versions if moved.standing.known_at <= at]
            for place, versions in path.versions.items()
        }
        assert {place: found[-1] for place, found in rebuilt.items() if found} == told


def newest(series: Series) -> Period | None:
    """The newest period with a value."""
    return None if series.lights.at is None else series.cells[series.lights.at].period


def start(path: Path, district: str, period: Period) -> tuple[str | None, str | None]:
    """S of a cell: where it comes from and what it is."""
    standing = path.standings[district, period.text]
    return standing.baseline, standing.baseline_source


def improved(history: History, district: str, period: Period, up: int) -> Fact | None:
    """A correction in time of the newest cell's own report to one that is better; None where that is not to be had."""
    shape = history.shape
    own = [fact for fact in history.facts if (fact.district, fact.period) == (district, period.text)]
    lock = shape.editions.get(shape.indicator.id, district, period.text)
    counted = [fact for fact in own if lock is not None and fact.received_at < lock.lock_at]
    ruled = len(own) < sum((event.district, event.period) == (district, period.text) for event in history.events)
    if not counted or ruled or len(counted) < len(own) or (shape.indicator.derived and district == CITY):
        return None
    latest = max(counted, key=lambda fact: (fact.revision, fact.id))
    holds = resolve(counted).effective
    if holds is None or holds.value is None:
        return None
    value = holds.value + shape.indicator.direction * (abs(holds.value) or 1) * Fraction(up + 1, 2)
    if shape.indicator.unit == "percent" and shape.indicator.measure != "growth":
        value = min(value, Fraction(100))
    at = max(fact.received_at for fact in counted)
    return replace(latest, id="better", revision=9, value=value, received_at=at, confidence=holds.confidence)
