"""Where the shipped programme breaks off, begins anew, is in doubt or is effort wording (rule 4.11), to the end."""

from datetime import timedelta
from fractions import Fraction

import msgspec
import pytest

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.events import Standing
from contracts.periods import parse
from contracts.programme import CITY, Allocation, Indicator, Lookup
from services.metrics.fold import Fact, Folded, fold

LOOKUP = load(SHIPPED)
CELLS = Cells(LOOKUP)
PAIRS = [(i.continues, i.id) for i in LOOKUP.programme.indicators if i.continues is not None]
EFFORT = [
    (i.id, target.on)
    for i in LOOKUP.programme.indicators
    for target in i.targets
    if not target.binding and not i.derived and target.value is not None
]


def series_of(indicator: Indicator) -> str:
    """A series that is reported, not derived."""
    return indicator.applicable[0] if indicator.derived else CITY


def told(indicator: Indicator, *values: str) -> list[Fact]:
    """The first periods of its life, each reported the day after it was over."""
    district = series_of(indicator)
    cells = CELLS.of(indicator.id, district)[1:]
    return [
        Fact(
            *("/breaks", cell.period.text, district, cell.period.text, 0, Fraction(value)),
            *(cell.period.closes_at + timedelta(days=1), None, None, "final"),
        )
        for cell, value in zip(cells, values, strict=False)
    ]


def folded(indicator: Indicator, facts: list[Fact]) -> Folded:
    return fold(LOOKUP, CELLS, indicator, facts)


def standings(indicator: Indicator, facts: list[Fact]) -> list[Standing]:
    found = folded(indicator, facts).standings
    return [found[series_of(indicator), fact.period] for fact in facts]


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_nothing_reaches_across_a_break(earlier: str, later: str) -> None:
    """Rule 4.11: the new version's first report is compared with nothing: no jump test, forecast or old start."""
    old, new = LOOKUP.indicators[earlier], LOOKUP.indicators[later]
    assert (old.id, old.unit, old.name) != (new.id, new.unit, new.name)
    first = standings(new, told(new, "100", "1"))[0]
    assert not {"running_total_fell", "change_over_30_percent"} & set(first.flags)
    assert first.forecast is None or first.forecast.value is None
    assert first.baseline_source in (None, "zero", "declared", "first_report", "no_baseline")


@pytest.mark.parametrize("ended", sorted({earlier for earlier, _ in PAIRS}))
def test_what_ended_takes_no_more_reports(ended: str) -> None:
    """Rule 4.11: a figure of 2023 alone has no cell after it: a report for 2024 is outside its life."""
    indicator = LOOKUP.indicators[ended]
    assert indicator.valid_to.year == 2023
    late = Fact(
        *("/breaks", "late", series_of(indicator), "2024", 0, Fraction(5)),
        *(parse("2024").closes_at, None, None, "final"),
    )
    found = folded(indicator, [late])
    assert found.outcomes["/breaks", "late"][:2] == ("refused", "outside_life")
    assert found.standings == {}


def test_a_disputed_target_is_shown_and_never_expected() -> None:
    """Rule 4.11: 电子商务专业村, 60 in 2023 and 20 in 2027: whatever is reported in between is held against nothing."""
    indicator = LOOKUP.indicators["ecommerce_villages"]
    owed = {"2023-12-31": "10", "2027-12-31": "4"}
    shares = tuple(Allocation(indicator=indicator.id, district=d, targets=owed) for d in indicator.applicable)
    lookup = Lookup(msgspec.structs.replace(LOOKUP.programme, decomposition=shares))
    found = fold(lookup, Cells(lookup), indicator, told(indicator, *("1",) * 18)).standings
    district = series_of(indicator)
    before, after = found[district, "2023-06"], found[district, "2024-06"]
    assert before.mode != "none"
    assert (after.mode, after.reason, after.expected, after.attainment, after.forecast) == (
        *("none", "disputed", None, None),
        None,
    )


@pytest.mark.parametrize(("name", "on"), EFFORT)
def test_effort_wording_has_a_light_and_no_score(name: str, on: object) -> None:
    """Rule 4.11: what is measured towards an effort target carries no attainment and binds nobody."""
    indicator = LOOKUP.indicators[name]
    district = series_of(indicator)
    every = [cell for cell in CELLS.of(name, district)[1:] if cell.period.end <= on]  # type: ignore[operator]
    facts = told(indicator, *("1",) * len(every))
    last = standings(indicator, facts)[-1]
    assert last.target_on == on
    assert (last.binding, last.attainment, last.exact.attained) == (False, None, None)
    assert last.mode in ("share", "bound", "due")
