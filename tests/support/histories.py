"""Random histories of one indicator: what departments might send over two years, and the services' pure path for it.

A history is drawn as bytes and decoded: fast enough for a hundred thousand, and hypothesis shrinks it well.
`Path` leads facts and watermarks through the pure modules as the services do: ledger, standings, lights, tickets.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from contracts.editions import Edition, Editions
from contracts.events import Standing
from contracts.numbers import exact
from contracts.periods import SHANGHAI, Frequency, midnight
from contracts.programme import Baseline, Indicator, Target
from services.alerts.loading import BEGINNING
from services.alerts.supervision import Series
from services.metrics.fold import Fact
from services.metrics.ledger import Decided, Ledger, Moved, Place
from tests.support import standings
from tests.support.programmes import indicator, lookup

END_2023, END_2024 = date(2023, 12, 31), date(2024, 12, 31)
HALF = {"2023-12-31": "40", "2024-12-31": "100"}
PLAN = (Target(on=END_2023, value="80"), Target(on=END_2024, value="200"))
RATE: dict[str, Any] = {"judged_as": "level", "unit": "percent", "unit_zh": "%", "tolerance": "0.05"}
QUARTERS: dict[str, Any] = {"frequency": Frequency.QUARTERLY}
FAR = datetime(2026, 6, 1, tzinfo=SHANGHAI)
BYTES = 6  # a fact
PERIODS = 16  # the base year and the first fifteen periods: few enough that facts meet


@dataclass(frozen=True)
class Shape:
    """A kind of indicator with values that may be reported of it."""

    editions: Editions
    values: tuple[Fraction | None, ...]

    @property
    def indicator(self) -> Indicator:
        return self.editions.lookup.programme.indicators[0]


def _shape(values: str, allocations: dict[str, dict[str, str]] | None = None, **given: Any) -> Shape:
    of = lookup(indicator(valid_to=END_2024, **given), allocations=allocations)
    return Shape(Editions([Edition.of(of)]), (None, *map(exact, values.split())))


@cache
def shapes() -> tuple[Shape, ...]:
    """One of each way of judging (rules 3.1, 3.2, 4.4-4.10 and 5)."""
    two: dict[str, Any] = {"applicable": ("deqing", "anji"), "aggregate": "sum", "targets": PLAN}
    both = {"deqing": HALF, "anji": HALF}
    level = (Target(on=END_2023, value="90"), Target(on=END_2024, value="98"))
    return (
        _shape("0 3 9 17.25 30 40 60 100", both, **two),
        _shape("0 3 9 17.25 30 40 60 100", both, **two, stock=True),
        _shape("0 1 2 5 8 13", both, **two, judged_as="ytd", reported_as="increment", schedule="quota"),
        _shape(
            "0 1 2 3 4 9", targets=(Target(on=END_2024, value="4"),), every_year=True, judged_as="ytd", unit="count",
            unit_zh="个", decimals=0, tolerance="0.5", schedule="quota", measure="annual",
        ),
        _shape("60 70 80 88 90 95 98 100", targets=level, **RATE),
        _shape("60 94.9 95.96 96 97", targets=level[1:], goal="hold_floor", schedule="hold", **RATE, **QUARTERS),
        _shape(
            "1.5 1.58 1.6 1.62 1.7", targets=(Target(on=END_2023, value="1.60"), Target(on=END_2024, value="1.56")),
            judged_as="level", unit="ratio", unit_zh="", decimals=2, tolerance="0.005", direction=-1, **QUARTERS,
            baseline=Baseline(on=date(2022, 12, 31), value="1.66"),
        ),
        _shape("0 100", targets=(Target(on=END_2023, value="100"),), goal="yes_no", schedule="due_date", **RATE),
        _shape(
            "0 60 80 100", targets=(Target(on=END_2024, value="100"),), goal="yes_no", schedule="due_date",
            applicable=("deqing", "anji", "changxing"), aggregate="share_done", **RATE, **QUARTERS,
        ),
        _shape("0 2 10 40 90 200", targets=PLAN, reported_as="ytd", schedule="seasonal"),
        _shape("1 8 9.5 10 10.4 12", targets=(Target(on=END_2024, value="10"),), goal="hold_floor", schedule="hold",
               measure="growth", frequency=Frequency.YEARLY, **RATE),
        _shape("0 20 50 80 200", targets=(Target(on=END_2023, value="80", bound="approx"),
                                          Target(on=END_2024, value="200", binding=False))),
    )  # fmt: skip


@dataclass(frozen=True)
class History:
    """What was sent, in the order of its receipt."""

    shape: Shape
    facts: tuple[Fact, ...]

    def __repr__(self) -> str:
        number = shapes().index(self.shape)
        lines = (
            f"{f.district} {f.period} r{f.revision} {f.value} {f.received_at:%Y-%m-%dT%H:%M}"
            f"{f' approved {f.approved_at:%Y-%m-%d}' if f.approved_at else ''}{'' if f.reason else ' no reason'}"
            for f in self.facts
        )
        return "\n  ".join((f"History of shape {number}:", *lines))


DELAYS = (1, 2, 4, 5, 6, 9, 20, 33, 47, 60, 75, 120, 200, 300, 400, 0)  # days after a period's end


def histories(most: int = 14) -> st.SearchStrategy[History]:
    """Any reports: revisions, conflicts, late, after the lock, approved or not, withdrawn."""
    return st.binary(min_size=1 + BYTES, max_size=1 + BYTES * most).map(decode)


def decode(told: bytes) -> History:
    """The history that these bytes tell."""
    shape = shapes()[told[0] % len(shapes())]
    facts = [_fact(shape, n, told[at : at + BYTES]) for n, at in enumerate(range(1, len(told) - BYTES + 1, BYTES))]
    return History(shape, tuple(sorted(facts, key=lambda fact: (fact.received_at, fact.id))))


def _fact(shape: Shape, n: int, told: bytes) -> Fact:
    where, when, what, marks, delay, hour = told
    districts = shape.indicator.districts
    district = districts[where % len(districts)]
    cells = shape.editions.of(shape.indicator.id, district)[:PERIODS]
    cell = cells[when % len(cells)]
    begun = max(cell.period.closes_at, midnight(date(2023, 1, 1)))
    received = begun + timedelta(days=DELAYS[delay % len(DELAYS)], hours=hour % 24)
    explained = bool(marks & 4)
    approved = marks & 12 == 12 and received >= cell.lock_at
    return Fact(
        source="/random",
        id=f"{n:02d}",
        district=district,
        period=cell.period.text,
        revision=marks % 4 % 3,
        value=shape.values[what % len(shape.values)],
        received_at=received,
        reason="更正" if explained else None,
        confidence=(None, "likely", "at_risk", "unlikely")[marks >> 4 & 3],
        status="provisional" if marks & 64 else "final",
        approved_at=received + timedelta(days=3) if approved else None,
    )


@dataclass
class Path:
    """The services' pure path for one indicator: everything that recording and judging decide, without the servers."""

    shape: Shape
    ledger: Ledger = field(default_factory=lambda: Ledger(0))
    series: dict[str, Series] = field(default_factory=dict)
    versions: dict[Place, list[Moved]] = field(default_factory=dict)  # metrics' history
    reached: datetime = BEGINNING

    def __post_init__(self) -> None:
        of = self.shape.indicator
        self.series = {d: standings.series(self.shape.editions.of(of.id, d)) for d in of.districts}

    def deliver(self, facts: Iterable[Fact]) -> None:
        """A batch: what is new is recorded and folded, what that moved is judged."""
        for fact in facts:
            if fact.identity not in self.ledger.outcomes:
                self.ledger.add(fact, Decided(0, 0, None))
        folded = self.ledger.fold(self.shape.editions, self.shape.indicator)
        for moved in self.ledger.settle(folded)[0]:
            standing = moved.standing
            self.versions.setdefault((standing.district, standing.period), []).append(moved)
            standings.receive(self.series[standing.district], standing)

    def pass_time(self, to: datetime) -> None:
        """A watermark: everything received before it has been delivered."""
        self.reached = max(self.reached, to)
        for series in self.series.values():
            series.pass_time(self.reached, self.reached)

    def run(self, steps: Iterable[Sequence[Fact] | datetime]) -> "Path":
        for step in steps:
            self.pass_time(step) if isinstance(step, datetime) else self.deliver(step)
        return self

    @property
    def standings(self) -> dict[Place, Standing]:
        """The newest of each cell, without its number and the moment of its version, which tell of the way here."""
        found = {place: versions[-1].standing for place, versions in self.versions.items()}
        return {place: _unnumbered(standing) for place, standing in found.items()}


def _unnumbered(standing: Standing) -> Standing:
    return msgspec.structs.replace(standing, version=0, known_at=BEGINNING)


def batches(facts: Sequence[Fact], chance: random.Random) -> Iterator[list[Fact]]:
    """Cut anywhere."""
    rest = list(facts)
    while rest:
        size = chance.randint(1, 4)
        yield rest[:size]
        rest = rest[size:]


def shuffled(history: History, chance: random.Random) -> list[Fact]:
    """Any order, some of them again."""
    facts = [*history.facts, *(fact for fact in history.facts if chance.random() < 0.3)]
    chance.shuffle(facts)
    return facts


def among_watermarks(facts: Sequence[Fact], chance: random.Random) -> Iterator[list[Fact] | datetime]:
    """The facts in this order with watermarks that keep their word: nothing received before one comes after it."""
    first: dict[tuple[str, str], int] = {}
    for n, fact in enumerate(facts):
        first.setdefault(fact.identity, n)
    needed = [fact for n, fact in enumerate(facts) if first[fact.identity] == n]
    waiting = sorted(fact.received_at for fact in needed)
    for fact in facts:
        yield [fact]
        if fact.identity in first:
            del first[fact.identity]
            waiting.remove(fact.received_at)
        through = waiting[0] if waiting else FAR
        if chance.random() < 0.5:
            yield min(through, FAR) - timedelta(days=chance.choice((0, 0, 1, 30, 100)))


def known_from(fact: Fact) -> datetime:
    """When it comes to recording: an approved report with its approval."""
    return fact.approved_at or fact.received_at
