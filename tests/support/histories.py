"""Random histories of one indicator: what departments might send over two years, and the services' pure path for it.

A history is drawn as bytes and decoded: fast enough for a hundred thousand, and hypothesis shrinks it well.
`Path` leads facts and watermarks through the pure modules as the services do: ledger, standings, lights, tickets.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from contracts.acts import ActKind
from contracts.editions import Edition, Editions
from contracts.events import Standing, Watermark
from contracts.numbers import exact
from contracts.periods import SHANGHAI, Frequency, midnight
from contracts.programme import Baseline, Indicator, Target
from services.alerts.changes import Message
from services.alerts.loading import BEGINNING
from services.alerts.moments import Moment, Told, steps
from services.alerts.supervision import Series
from services.metrics.acts import CellAct
from services.metrics.fold import Fact
from services.metrics.ledger import ActDecided, Decided, Ledger, Moved, Place
from tests.support import standings
from tests.support.programmes import indicator, lookup

END_2023, END_2024 = date(2023, 12, 31), date(2024, 12, 31)
HALF = {"2023-12-31": "40", "2024-12-31": "100"}
PLAN = (Target(on=END_2023, value="80"), Target(on=END_2024, value="200"))
RATE: dict[str, Any] = {"judged_as": "level", "unit": "percent", "unit_zh": "%", "tolerance": "0.05"}
QUARTERS: dict[str, Any] = {"frequency": Frequency.QUARTERLY}
FAR = datetime(2026, 6, 1, tzinfo=SHANGHAI)
BYTES = 6  # a report and what is done about it
KINDS: tuple[ActKind, ...] = (
    "report.approved",
    "report.approved",
    "report.approved",
    "report.returned",
    "cell.excused",
    "cell.unexcused",
    "flag.commented",
    "cell.published",
)
Sent = Fact | CellAct
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
    each: dict[str, Any] = {"applicable": ("deqing", "anji"), "aggregate": "reported"}
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
        _shape("60 94.9 95.96 96 97", targets=level[1:], goal="hold_floor", schedule="hold",
               **RATE, **QUARTERS, **each),
        _shape(
            "1.5 1.58 1.6 1.62 1.7", targets=(Target(on=END_2023, value="1.60"), Target(on=END_2024, value="1.56")),
            judged_as="level", unit="ratio", unit_zh="", decimals=2, tolerance="0.005", direction=-1, **QUARTERS,
            baseline=Baseline(on=date(2022, 12, 31), value="1.66"), **each,
        ),
        _shape("0 100", targets=(Target(on=END_2023, value="100"),), goal="yes_no", schedule="due_date", **RATE),
        _shape(
            "0 60 80 100", targets=(Target(on=END_2024, value="100"),), goal="yes_no", schedule="due_date",
            applicable=("deqing", "anji", "changxing"), aggregate="share_done", **RATE, **QUARTERS,
        ),
        _shape("0 2 10 40 90 200", targets=PLAN, reported_as="ytd", schedule="seasonal"),
        _shape("1 8 9.5 10 10.4 12", targets=(Target(on=END_2024, value="10"),), goal="hold_floor", schedule="hold",
               measure="growth", frequency=Frequency.YEARLY, **RATE, **each),
        _shape("0 20 50 80 200", targets=(Target(on=END_2023, value="80", bound="approx"),
                                          Target(on=END_2024, value="200", binding=False))),
    )  # fmt: skip


@dataclass(frozen=True)
class History:
    """What was sent, in the order of its receipt."""

    shape: Shape
    events: tuple[Sent, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(event for event in self.events if isinstance(event, Fact))

    def __repr__(self) -> str:
        number = shapes().index(self.shape)
        lines = map(_line, self.events)
        return "\n  ".join((f"History of shape {number}:", *lines))


def _line(event: Sent) -> str:
    at = f"{event.district} {event.period} {event.received_at:%Y-%m-%dT%H:%M}"
    if isinstance(event, CellAct):
        return f"{at} {event.kind} {event.report[1] if event.report else ''}"
    return f"{at} r{event.revision} {event.value}{'' if event.reason else ' no reason'} ({event.id})"


DELAYS = (1, 2, 4, 5, 6, 9, 20, 33, 47, 60, 75, 120, 200, 300, 400, 0)  # days after a period's end


def histories(most: int = 14) -> st.SearchStrategy[History]:
    """Any reports: revisions, conflicts, late, after the lock, approved or not, withdrawn."""
    return st.tuples(st.integers(0, len(shapes()) - 1), _told(most)).map(lambda drawn: decode(_led(*drawn)))


def shared(most: int = 14) -> st.SearchStrategy[History]:
    """Any reports of an indicator that several districts answer for."""
    several = [n for n, shape in enumerate(shapes()) if len(shape.indicator.districts) > 1]
    return st.tuples(st.sampled_from(several), _told(most)).map(lambda drawn: decode(_led(*drawn)))


def _told(most: int) -> st.SearchStrategy[bytes]:
    """The bytes of as many reports: left to itself, hypothesis draws one or two and seldom more."""
    sizes = st.sampled_from([n for n in (1, 2, 3, 4, 5, 6, 8, 11, 14) if n <= most])
    return sizes.flatmap(lambda n: st.binary(min_size=BYTES * n, max_size=BYTES * n))


def _led(shape: int, told: bytes) -> bytes:
    return bytes([shape]) + told


def decode(told: bytes) -> History:
    """The history that these bytes tell."""
    shape = shapes()[told[0] % len(shapes())]
    events: list[Sent] = []
    for n, at in enumerate(range(1, len(told) - BYTES + 1, BYTES)):
        events += _events(shape, n, told[at : at + BYTES])
    return History(shape, tuple(sorted(events, key=lambda each: (each.received_at, each.source, each.id))))


def _events(shape: Shape, n: int, told: bytes) -> Iterator[Sent]:
    """A report, and often an act about it or about its cell."""
    where, when, what, marks, delay, hour = told
    districts = shape.indicator.districts
    district = districts[where % len(districts)]
    cells = shape.editions.of(shape.indicator.id, district)[:PERIODS]
    period = cells[when % len(cells)].period
    begun = max(period.closes_at, midnight(date(2023, 1, 1)))
    received = begun + timedelta(days=DELAYS[delay % len(DELAYS)], hours=hour % 24)
    fact = Fact(
        source="/random",
        id=f"{n:02d}",
        district=district,
        period=period.text,
        revision=marks % 4 % 3,
        value=shape.values[what % len(shape.values)],
        received_at=received,
        reason="更正" if marks & 4 else None,
        confidence=(None, "likely", "at_risk", "unlikely")[marks >> 4 & 3],
        status="provisional" if marks & 64 else "final",
    )
    yield fact
    if marks & 8:
        kind = KINDS[hour // 24 % len(KINDS)]
        about = fact.identity if kind.startswith(("report", "flag")) else None
        at = received + timedelta(days=where // 16, hours=1)
        yield CellAct("/office", f"{n:02d}", kind, district, period.text, at, about, "理由")


@dataclass
class Path:
    """The services' pure path for one indicator: everything that recording and judging decide, without the servers.

    `judged`: the districts whose lights are wanted, where not all are."""

    shape: Shape
    judged: Collection[str] | None = None
    ledger: Ledger = field(default_factory=lambda: Ledger(0))
    series: dict[str, Series] = field(default_factory=dict)
    versions: dict[Place, list[Moved]] = field(default_factory=dict)  # metrics' history
    reached: datetime = BEGINNING

    def __post_init__(self) -> None:
        of = self.shape.indicator
        judged = of.districts if self.judged is None else self.judged
        self.series = {d: standings.series(self.shape.editions.of(of.id, d)) for d in judged}

    def deliver(self, events: Iterable[Sent]) -> None:
        """A batch: what is new is recorded and folded, what that moved is judged."""
        for standing in self.record(events):
            if standing.district in self.series:
                standings.receive(self.series[standing.district], standing)

    def tell(self, moment: datetime, of_it: Iterable[Sequence[Sent]]) -> None:
        """What became known at one moment, in batches, and that it is over: judged as under a driven clock."""
        self.pass_time(moment)
        told = [Told(0, max(s.known_at, moment), s) for batch in of_it for s in self.record(batch)]
        over = moment + timedelta(microseconds=1)
        for step in steps([Watermark(partition=0, through=over, position=0)], told, over):
            if isinstance(step, Moment):
                for district, series in self.series.items():
                    found = [event for event in step.events if event.district == district]
                    standings.receive_all(series, found, step.sent)
        self.pass_time(over)

    def record(self, events: Iterable[Sent]) -> list[Standing]:
        """A batch of metrics: what is new is recorded and folded; what that moved."""
        for event in events:
            if isinstance(event, CellAct):
                if event.identity not in self.ledger.acts:
                    self.ledger.add_act(event, ActDecided(0, 0, None))
            elif event.identity not in self.ledger.outcomes:
                self.ledger.add(event, Decided(0, 0, None))
        found = self.ledger.settle(self.ledger.fold(self.shape.editions, self.shape.indicator)).moved
        for moved in found:
            self.versions.setdefault((moved.standing.district, moved.standing.period), []).append(moved)
        return [moved.standing for moved in found]

    def pass_time(self, to: datetime) -> None:
        """A watermark: everything received before it has been delivered."""
        self.reached = max(self.reached, to)
        for series in self.series.values():
            series.pass_time(self.reached, self.reached)

    def run(self, steps: Iterable[Sequence[Sent] | datetime]) -> "Path":
        for step in steps:
            self.pass_time(step) if isinstance(step, datetime) else self.deliver(step)
        return self

    @property
    def standings(self) -> dict[Place, Standing]:
        """The newest of each cell, without its number and the moment of its version, which tell of the way here."""
        found = {place: versions[-1].standing for place, versions in self.versions.items()}
        return {place: _unnumbered(standing) for place, standing in found.items()}

    @property
    def said(self) -> dict[str, list[tuple[Any, ...]]]:
        """What each series has said, in its order, without numbers and names."""
        return {district: [*map(_said, series.messages)] for district, series in self.series.items()}


def _said(message: Message) -> tuple[Any, ...]:
    warning = message.warning and (message.warning.period, message.warning.colour, message.warning.opened_at)
    standing = message.standing and msgspec.structs.replace(message.standing, version=0)
    about = message.reason, message.cell, message.at, message.through, message.code
    return *about, warning, message.ticket, len(message.names), standing


def _unnumbered(standing: Standing) -> Standing:
    return msgspec.structs.replace(standing, version=0, known_at=BEGINNING)


def batches(events: Sequence[Sent], chance: random.Random) -> Iterator[list[Sent]]:
    """Cut anywhere."""
    rest = list(events)
    while rest:
        size = chance.randint(1, 4)
        yield rest[:size]
        rest = rest[size:]


def shuffled(history: History, chance: random.Random) -> list[Sent]:
    """Any order, some of them again."""
    events = [*history.events, *(event for event in history.events if chance.random() < 0.3)]
    chance.shuffle(events)
    return events


def gathered(history: History) -> Iterator[tuple[datetime, list[Sent]]]:
    """The same told at few moments, with what is said at each: its own and what would have come since the last one."""
    moments: dict[datetime, list[Sent]] = {}
    for event in history.events:
        first = event.received_at.replace(day=1, hour=11, minute=0)
        at = first + timedelta(days=14 if event.received_at.day < 15 else 34)
        moments.setdefault(at, []).append(replace(event, received_at=at))
    yield from sorted(moments.items())


def among_watermarks(events: Sequence[Sent], chance: random.Random) -> Iterator[list[Sent] | datetime]:
    """In this order with watermarks that keep their word: nothing received before one comes after it."""
    left = {event.identity: event.received_at for event in events}
    for event in events:
        yield [event]
        left.pop(event.identity, None)
        through = min(left.values(), default=FAR)
        if chance.random() < 0.5:
            yield min(through, FAR) - timedelta(days=chance.choice((0, 0, 1, 30, 100)))
