"""A small programme built by hand, for the tests of the arithmetic: one city, six districts, the indicators given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from contracts.acts import ActKind
from contracts.cells import Cells
from contracts.events import Standing, Text
from contracts.numbers import exact
from contracts.periods import SHANGHAI, Frequency, midnight
from contracts.programme import CITY, Allocation, District, Indicator, Lookup, Profile, Programme, ReportingCalendar
from services.metrics.acts import CellAct
from services.metrics.fold import Fact, Folded, fold

DISTRICTS = ("wuxing", "nanxun", "deqing", "changxing", "anji", "south_taihu")
LIVE_SINCE = datetime(2023, 1, 1, tzinfo=SHANGHAI)


def indicator(**given: Any) -> Indicator:
    """A running total of the city in 亿元 on straight lines, monthly, unless told otherwise."""
    judged_as = given.get("judged_as", "programme")
    text = Text(given.get("id", "investment"), given.get("id", "investment"))
    defaults: dict[str, Any] = {
        "id": "investment",
        "name": text,
        "valid_from": date(2023, 1, 1),
        "valid_to": date(2027, 12, 31),
        "area": "goals",
        "section": "",
        "scope": "city",
        "quote": "",
        "reason": "",
        "measure": "cumulative",
        "unit": "CNY_100M",
        "unit_zh": "亿元",
        "decimals": 1,
        "tolerance": "0.1",
        "direction": 1,
        "goal": "reach",
        "schedule": "linear",
        "reported_as": judged_as,
        "judged_as": judged_as,
        "frequency": Frequency.MONTHLY,
        "writer": "lead",
        "departments": (),
        "applicable": (),
        "aggregate": "none",
        "rankable": False,
    }
    return Indicator(**defaults | given)


def lookup(*indicators: Indicator, allocations: Mapping[str, Mapping[str, str]] | None = None) -> Lookup:
    """The programme of these indicators; `allocations` of the first one, by district and date."""
    parts = (allocations or {}).items()
    return Lookup(
        Programme(
            id="trial",
            name=Text("试验", "Trial"),
            version="1",
            first_day=date(2023, 1, 1),
            last_day=date(2027, 12, 31),
            live_since=LIVE_SINCE,
            areas=(),
            departments=(),
            districts=tuple(
                District(id=each, name=Text(each, each), kind="city" if each == CITY else "county", reports=True)
                for each in (*DISTRICTS, CITY)
            ),
            indicators=indicators,
            decomposition=tuple(
                Allocation(indicator=indicators[0].id, district=district, targets=dict(targets))
                for district, targets in parts
            ),
            decomposition_note=Text("", ""),
            projects=(),
            calendar=ReportingCalendar(due_days={Frequency.MONTHLY: 5, Frequency.QUARTERLY: 10, Frequency.YEARLY: 31}),
            profile=Profile(id="default", version=1),
        )
    )


@dataclass
class Trial:
    """One indicator to which facts are told and which is folded when asked."""

    lookup: Lookup
    cells: Cells
    facts: list[Fact] = field(default_factory=list)
    acts: list[CellAct] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.indicator = self.lookup.programme.indicators[0]

    def tell(self, period: str, value: str | None, received: str | None = None, **given: Any) -> Fact:
        """A report of the city (or `district`), received one day after its period's end unless told otherwise."""
        district = given.pop("district", CITY)
        cell = self.cells.resolve(self.indicator.id, district, period)
        at = datetime.fromisoformat(f"{received}T09:00:00+08:00") if received else None
        fact = Fact(
            source=given.pop("source", "/trial"),
            id=given.pop("id", f"{district}/{period}/{given.get('revision', 0)}/{len(self.facts)}"),
            district=district,
            period=period,
            revision=given.pop("revision", 0),
            value=exact(value) if value is not None else None,
            received_at=at or (cell.period.closes_at if cell else midnight(date(2023, 1, 1))),
            reason=given.pop("reason", None),
            confidence=given.pop("confidence", None),
            status=given.pop("status", "final"),
            **given,
        )
        self.facts.append(fact)
        return fact

    def act(self, kind: ActKind, period: str, on: str, **given: Any) -> "Trial":
        """An act of the office, or a comment, on a cell of the city (or `district`)."""
        at, name = datetime.fromisoformat(f"{on}T09:00:00+08:00"), f"act-{len(self.acts)}"
        self.acts.append(CellAct("/office", name, kind, given.pop("district", CITY), period, at, **given))
        return self

    def tell_all(self, values: Mapping[str, str | None], **given: Any) -> "Trial":
        """Several periods of one series."""
        for period, value in values.items():
            self.tell(period, value, **given)
        return self

    def fold(self) -> Folded:
        return fold(self.lookup, self.cells, self.indicator, self.facts, self.acts)

    def standing(self, period: str, district: str = CITY) -> Standing:
        return self.fold().standings[district, period]

    def outcome(self, fact: Fact) -> tuple[str, str | None, tuple[str, ...]]:
        return self.fold().outcomes[fact.identity]


def trial(allocations: Mapping[str, Mapping[str, str]] | None = None, **given: Any) -> Trial:
    """A trial of one indicator."""
    of = lookup(indicator(**given), allocations=allocations)
    return Trial(of, Cells(of))


def number(text: str | None) -> Fraction:
    """An exact "n/d" of a standing."""
    assert text is not None
    return Fraction(text)


def in_six(value: str, last: Sequence[str] = DISTRICTS) -> dict[str, str]:
    """The same value for each district."""
    return dict.fromkeys(last, value)
