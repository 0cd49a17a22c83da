"""The recount by hand-made logs with known results, and the questions of demo-check, each of which can say no."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

from contracts.cells import Cells
from contracts.periods import SHANGHAI
from contracts.programme import CITY, Lookup, Target
from deploy.demo.check import cells as check
from deploy.demo.check import feed as told
from deploy.demo.recount import facts as hand
from deploy.demo.recount.facts import Recount
from tests.support.programmes import DISTRICTS, indicator, lookup

CITY_JUNE = ("investment", CITY, "2023-06")
TARGETS = (Target(on=date(2023, 12, 31), value="120"), Target(on=date(2024, 12, 31), value="240"))


def sent(
    name: str, value: str | None, at: str = "2023-07-02", *, period: str = "2023-06", status: str = "accepted",
    receipt: str = "R1", **data: Any,
) -> dict[str, Any]:  # fmt: skip
    """One push of one item, as the driver logs it."""
    said = {"indicator": "investment", "district": CITY, "period": period, "value": value, "unit": "亿元", **data}
    return {
        "items": [{"id": name, "source": "/simulated/x", "data": said}],
        "answer": {
            "received_at": f"{at}T09:00:00+08:00",
            "receipt": receipt,
            "items": [{"index": 0, "status": status}],
        },
    }


@pytest.fixture
def counted(tmp_path: Path) -> Callable[..., Recount]:
    """The recount of some pushes to a programme of one indicator."""

    def count(*lines: Mapping[str, Any], programme: Lookup | None = None) -> Recount:
        of = programme or lookup(indicator(targets=TARGETS))
        log = tmp_path / "log.ndjson"
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return Recount.of(of, Cells(of), log)

    return count


Counted = Callable[..., Recount]


@pytest.mark.parametrize(
    ("lines", "outcomes", "value"),
    [
        ([sent("a", "50")], {"applied": 1}, "50"),
        ([sent("a", "50"), sent("b", "55", "2023-07-03", revision=1)], {"applied": 1, "superseded": 1}, "55"),
        ([sent("b", "55", revision=1), sent("a", "50", "2023-07-03")], {"applied": 1, "superseded": 1}, "55"),
        ([sent("a", "50"), sent("b", "50", "2023-07-03", revision=1)], {"unchanged": 1, "superseded": 1}, "50"),
        ([sent("a", "50"), sent("b", "50", "2023-07-03")], {"applied": 1, "unchanged": 1}, "50"),
        ([sent("a", "50"), sent("b", "51", "2023-07-03")], {"applied": 1, "revision_conflict": 1}, "50"),
        ([sent("a", "50"), sent("b", None, "2023-07-03", revision=1, reason="x")],
         {"applied": 1, "superseded": 1}, None),
        ([sent("a", "50"), sent("b", "51", "2023-09-30", revision=1, reason="x")],
         {"applied": 1, "held_for_approval": 1}, "50"),
        ([sent("a", "50"), sent("b", "51", "2023-09-30", revision=1)], {"applied": 1, "refused": 1}, "50"),
        ([sent("a", "500000", unit="万元")], {"applied": 1}, "50"),
        ([sent("a", "50", status="rejected")], {}, None),
    ],
    ids=["applied", "superseded", "superseded late", "unchanged revision", "unchanged twin", "revision_conflict",
         "withdrawn", "held_for_approval", "refused", "another unit", "rejected"],
)  # fmt: skip
def test_outcomes_and_values(
    counted: Counted, lines: Sequence[Any], outcomes: dict[str, int], value: str | None
) -> None:
    """Rules 2.6, 2.8 and 2.9: each outcome kind from a log that has exactly that in it."""
    recount = counted(*lines)
    assert dict(+recount.outcomes) == outcomes
    assert recount.values.get(CITY_JUNE) == (None if value is None else Fraction(value))


def test_a_repeat_is_no_second_fact(counted: Counted) -> None:
    """Rule 2.7: the same id in another receipt repeats; in the same receipt it is the same item."""
    recount = counted(sent("a", "50"), sent("a", "50", receipt="R1"), sent("a", "50", "2023-07-03", receipt="R2"))
    assert (len(recount.facts), recount.repeats, recount.outcomes["applied"]) == (1, 1, 1)


def test_a_year_is_its_last_period(counted: Counted) -> None:
    """Rule 2.1: `2023` is December of a monthly series."""
    recount = counted(sent("a", "120", "2024-01-03", period="2023"))
    assert recount.values == {("investment", CITY, "2023-12"): 120}


def test_the_city_is_the_sum_of_its_districts(counted: Counted) -> None:
    """Rule 3.2: complete or not at all; what the lead sent for comparison is not the city's figure."""
    of = lookup(indicator(aggregate="sum", applicable=DISTRICTS, writer="district", targets=TARGETS))
    parts = [sent(d, "5", district=d) for d in DISTRICTS]
    assert counted(*parts, sent("city", "99"), programme=of).with_city()[CITY_JUNE] == 30
    assert CITY_JUNE not in counted(*parts[1:], sent("city", "99"), programme=of).with_city()


def test_the_city_counts_who_is_done(counted: Counted) -> None:
    """Rule 3.2: share of districts done, in percent."""
    of = lookup(indicator(aggregate="share_done", goal="yes_no", unit="count", unit_zh="个", applicable=DISTRICTS))
    parts = [sent(d, "1" if d in DISTRICTS[:2] else "0", district=d, unit="个") for d in DISTRICTS]
    assert counted(*parts, programme=of).with_city()[CITY_JUNE] == Fraction(100, 3)


def test_rounding_is_half_up_away_from_zero() -> None:
    """Rule 1.2."""
    assert [hand.rounded(Fraction(n, 1000), 2) for n in (125, -125, 124)] == [
        Decimal("0.13"), Decimal("-0.13"), Decimal("0.12")
    ]  # fmt: skip


# --- the questions: each agrees with what is right, and finds one thing that is off


@dataclass
class Stored:
    """Postgres' place: rows by a word of the question that asks for them."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    async def fetch(self, asked: str) -> list[dict[str, Any]]:
        return next(rows for word, rows in self.rows.items() if word in asked)

    async def fetchval(self, asked: str) -> int:
        return next(number for word, number in self.numbers.items() if word in asked)

    @property
    def connection(self) -> asyncpg.Connection:
        return cast(asyncpg.Connection, self)


def cell(
    value: str,
    expected: str | None = "60.000",
    lag: str | None = "12.500",
    attainment: str | None = "75",
    period: str = "2023-06",
) -> dict[str, Any]:
    """A row of metrics.cell."""
    told = (("expected", expected), ("lag", lag), ("attainment", attainment))
    numbers = {n: None if v is None else Decimal(v) for n, v in told}
    return {
        "indicator": "investment", "district": CITY, "period": period, "value": Decimal(value), **numbers
    }  # fmt: skip


OFF_VALUES = {
    "another value": [cell("45.1")],
    "missing": [],
    "surplus": [cell("45"), cell("1", period="2023-05")],
}


@pytest.mark.parametrize("rows", OFF_VALUES.values(), ids=OFF_VALUES.keys())
async def test_a_wrong_value_is_found(counted: Counted, rows: list[dict[str, Any]]) -> None:
    """Effective values: right, changed, missing, and one that nobody reported."""
    recount = counted(sent("a", "45"))
    assert (await check.effective_values(Stored({"cell": [cell("45")]}).connection, recount)).wrong == []
    assert len((await check.effective_values(Stored({"cell": rows}).connection, recount)).wrong) == 1


@pytest.mark.parametrize("off", [{"expected": "60.001"}, {"lag": "12.501"}, {"lag": None}, {"attainment": "76"}])
async def test_a_wrong_expectation_is_found(counted: Counted, off: dict[str, Any]) -> None:
    """E, lag and attainment to the last written place."""
    recount = counted(sent("a", "45"))
    right = await check.against_the_plan(Stored({"cell": [cell("45")]}).connection, recount)
    assert (right.compared, right.wrong) == (1, [])
    wrong = Stored({"cell": [cell("45", **off)]})
    assert len((await check.against_the_plan(wrong.connection, recount)).wrong) == 1


async def test_a_missing_cell_is_found_not_stumbled_over(counted: Counted) -> None:
    """A cell that is not stored is an answer, not a KeyError."""
    recount = counted(sent("a", "45"))
    answer = await check.against_the_plan(Stored({"cell": []}).connection, recount)
    assert len(answer.wrong) == 1


def light(live: str | None = "yellow", record: str | None = "yellow", period: str = "2023-06") -> dict[str, Any]:
    """A row of alerts.light."""
    return {"indicator": "investment", "district": CITY, "period": period, "live": live, "record": record}


FIXED = [light(None, "grey", f"2023-0{month}") for month in range(1, 6)]


@pytest.mark.parametrize(("rows", "wrong"), [
    ([*FIXED, light()], 0),
    ([*FIXED, light(record="red")], 1),
    ([*FIXED, light(live="green")], 1),
    (FIXED, 1),
    ([*FIXED, light(), light(period="2031-01")], 1),
])  # fmt: skip
async def test_a_wrong_light_is_found(counted: Counted, rows: list[dict[str, Any]], wrong: int) -> None:
    """45 of 60 owed is yellow; a cell due without a value is grey of record; what is not due has none."""
    recount = counted(sent("a", "45"))
    stored = Stored({"alerts.light": rows})
    answer = await check.lights_of_record(stored.connection, recount, cast(Any, FakeDemo()))
    assert len(answer.wrong) == wrong


@pytest.mark.parametrize(("rows", "repeats", "wrong"), [
    ({"applied": 1, "superseded": 1}, 1, 0),
    ({"applied": 2, "superseded": 1}, 1, 1),
    ({"applied": 1}, 1, 1),
    ({"applied": 1, "superseded": 1, "refused": 1}, 1, 1),
    ({"applied": 1, "superseded": 1}, 2, 1),
])  # fmt: skip
async def test_a_wrong_outcome_is_found(counted: Counted, rows: dict[str, int], repeats: int, wrong: int) -> None:
    """Outcomes by kind and repeats by receipt item."""
    again = sent("b", "55", "2023-07-04", revision=1, receipt="R2")
    recount = counted(sent("a", "50"), sent("b", "55", "2023-07-03", revision=1), again)
    stored = Stored({"outcome": [{"outcome": k, "count": n} for k, n in rows.items()]}, {"duplicate": repeats})
    assert len((await check.outcomes(stored.connection, recount)).wrong) == wrong


@dataclass
class FakeDemo:
    """What the questions ask of a demo."""

    until: datetime = datetime(2023, 7, 20, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize(("stored", "wrong"), [((6, 1, 1), 0), ((6, 1, 0), 1), ((6, 2, 1), 1), ((5, 1, 1), 1)])
async def test_a_wrong_completeness_is_found(counted: Counted, stored: tuple[int, int, int], wrong: int) -> None:
    """Due, received, on time: six months were due by 20 July, June was received before it was due."""
    recount = counted(sent("a", "45"))
    row = dict(zip(("due", "received", "on_time"), stored, strict=True))
    department = recount.lookup.programme.indicators[0].lead
    rows = {"district_": [{"district": CITY, **row}], "department_": [{"department": department, **row}]}
    answer = await check.completeness(Stored(rows).connection, recount, cast(Any, FakeDemo()))
    assert (answer.compared, len(answer.wrong)) == (2, 2 * wrong)


SHOWN = {
    ("liangshai_indicator_value", "investment", CITY): 45.0,
    ("liangshai_indicator_expected", "investment", CITY): 60.0,
    ("liangshai_indicator_lag_ratio", "investment", CITY): 0.125,
    ("liangshai_light", "investment", CITY): 2.0,
}


@pytest.mark.parametrize("change", [
    {},
    {("liangshai_indicator_value", "investment", CITY): 46.0},
    {("liangshai_light", "investment", CITY): 1.0},
    {("liangshai_light", "investment", "anji"): 1.0},
])  # fmt: skip
async def test_a_wrong_gauge_is_found(monkeypatch: pytest.MonkeyPatch, change: dict[Any, float]) -> None:
    """A gauge that differs, and one that has no row; no waiting for what will not come."""

    async def at_once(_: float) -> None: ...

    monkeypatch.setattr("deploy.demo.check.cells.asyncio.sleep", at_once)
    monkeypatch.setattr(check, "_scrape", lambda _: iter((SHOWN | change).items()))
    light = {"indicator": "investment", "district": CITY, "light": "yellow"}
    stored = Stored({"metrics.newest": [cell("45")], "alerts.series": [light]})
    answer = await check.gauges(stored.connection, cast(Any, FakeDemo()))
    assert (answer.compared, len(answer.wrong)) == (4, len(change))


def change(number: int, seq: int | None, reason: str | None = None) -> dict[str, Any]:
    """A worsening between stored lights."""
    return {"change": number, "seq": seq, "reason": reason}


@pytest.mark.parametrize(("worse", "feed", "said", "wrong"), [
    ([change(1, 1), change(2, None, "hysteresis")], [1, 2], [1], 0),
    ([change(1, None)], [], [], 1),
    ([change(1, 7)], [], [], 1),
    ([change(1, 1), change(2, 1)], [1], [1], 1),
    ([change(1, 1)], [1, 2], [1, 2], 1),
], ids=["right", "no message", "lost message", "one for two", "message without a change"])  # fmt: skip
async def test_a_worsening_without_its_message_is_found(
    worse: list[dict[str, Any]], feed: list[int], said: list[int], wrong: int
) -> None:
    """Exactly one message for each worsening, and the reverse."""
    rows = {"light_change": worse, "notification_reason": _numbered(said), "feed": _numbered(feed)}
    assert len((await told.messages(Stored(rows).connection)).wrong) == wrong


def _numbered(numbers: Sequence[int]) -> list[dict[str, Any]]:
    return [{"seq": number} for number in numbers]


@pytest.mark.parametrize(("last", "wrong"), [(3, 0), (4, 1)])
async def test_a_gap_in_the_feed_is_found(last: int, wrong: int) -> None:
    """As many messages as the last number says."""
    answer = await told.without_gap(Stored(numbers={"count": 3, "max": last}).connection)
    assert len(answer.wrong) == wrong


def acted(name: str, act: str, at: str, period: str = "2023-06", **data: Any) -> dict[str, Any]:
    """One act of the office, as the driver logs it."""
    said = {"indicator": "investment", "district": CITY, "period": period, "act": act, **data}
    answer = {"received_at": f"{at}T11:00:00+08:00", "receipt": name, "items": [{"index": 0, "status": "accepted"}]}
    return {
        "path": "/v1/acts",
        "items": [{"id": name, "source": "/simulated/office", "data": said}],
        "answer": answer,
    }


PUBLISHED = acted("p", "cell.published", "2023-07-25", publication="排位")


@pytest.mark.parametrize(("lines", "outcomes", "value"), [
    ([sent("a", "50"), sent("b", "55", "2023-07-28", revision=1)], {"applied": 1, "superseded": 1}, "55"),
    ([sent("a", "50"), PUBLISHED, sent("b", "55", "2023-07-28", revision=1)], {"applied": 1, "refused": 1}, "50"),
    ([sent("a", "50"), PUBLISHED, sent("b", "55", "2023-07-28", revision=1, reason="x")],
     {"applied": 1, "held_for_approval": 1}, "50"),
    ([sent("a", "50"), PUBLISHED, sent("b", "55", "2023-07-24", revision=1)], {"applied": 1, "superseded": 1}, "55"),
    ([sent("a", "50"), PUBLISHED, sent("b", "55", "2023-07-28", revision=1, reason="x"),
      acted("q", "report.approved", "2023-07-29", report={"source": "/simulated/x", "id": "b"})],
     {"applied": 1, "superseded": 1}, "55"),
], ids=["not published", "refused", "held", "before", "approved"])  # fmt: skip
def test_a_publication_locks_at_once(
    counted: Counted, lines: Sequence[Any], outcomes: dict[str, int], value: str
) -> None:
    """Rule 2.9: a week before the calendar would; what was received before it counts whenever it is shown."""
    recount = counted(*lines)
    assert dict(+recount.outcomes) == outcomes
    assert recount.values[CITY_JUNE] == Fraction(value)


def test_a_published_cell_keeps_the_catalogue_it_was_published_by(tmp_path: Path) -> None:
    """Rule 2.9: a version known between the publication and the calendar's lock moves July's cell, not June's."""
    first, doubled = (lookup(indicator(targets=(Target(on=date(2023, 12, 31), value=v),))) for v in ("120", "240"))
    log = tmp_path / "log.ndjson"
    applied = {"applied": "2", "since": "2023-07-28T09:00:00+08:00"}
    lines = [sent("a", "50"), PUBLISHED, applied, sent("c", "60", "2023-08-02", period="2023-07")]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    helds = Recount.of(first, Cells(first), log, {"2": doubled}).helds()
    assert (helds[CITY_JUNE].target, helds["investment", CITY, "2023-07"].target) == (Fraction(120), Fraction(240))


@pytest.mark.parametrize(("at", "wrong"), [("2023-07-25", 0), ("2023-07-26", 1), (None, 1)])
async def test_a_wrong_publication_is_found(counted: Counted, at: str | None, wrong: int) -> None:
    """When a cell was published, and that it was."""
    cell_ = {"indicator": "investment", "district": CITY, "period": "2023-06"}
    moment = datetime.fromisoformat(f"{at}T11:00:00+08:00") if at else None
    stored = Stored({
        "act_outcome": [{"kind": "cell.published", "outcome": "applied", "count": 1}],
        "excused": [], "published_at": [cell_ | {"published_at": moment}] if at else [],
    })  # fmt: skip
    answer = await check.office_acts(stored.connection, counted(sent("a", "50"), PUBLISHED))
    assert len(answer.wrong) == wrong
