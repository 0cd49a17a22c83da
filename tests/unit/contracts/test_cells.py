"""Every cell of a programme: periods, due dates, locks, applicability (rules 2.1, 2.5, 2.9, 3.3 and 4.7)."""

from collections import Counter
from datetime import date

import pytest
from msgspec.structs import replace

from contracts.catalogue import SHIPPED, load
from contracts.cells import NEVER, Cells, reporting_frequency
from contracts.periods import Frequency
from contracts.programme import CITY, Allocation, Lookup


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


@pytest.fixture(scope="module")
def cells(lookup: Lookup) -> Cells:
    return Cells(lookup)


def test_a_series_has_its_life_in_order_after_the_base_year(cells: Cells) -> None:
    """rule 2.1: 2022, then every month of five years."""
    periods = [cell.period.text for cell in cells.of("major_projects", "anji")]
    assert periods[:3] == ["2022", "2023-01", "2023-02"]
    assert periods[-1] == "2027-12"
    assert len(periods) == 1 + 60


@pytest.mark.parametrize(
    ("indicator", "count", "last"),
    [
        ("transport_investment_2023", 12, "2023-12"),  # a 2023 work point ends with the year
        ("hemei_village_rate", 20, "2027-Q4"),
        ("urbanisation_rate", 5, "2027"),
        ("grain_sown_area", 5, "2027"),
    ],
)
def test_periods_follow_frequency_and_life(cells: Cells, indicator: str, count: int, last: str) -> None:
    """rules 2.1 and 4.11: one frequency a version, from valid_from to valid_to."""
    periods = [cell.period.text for cell in cells.of(indicator, "wuxing")][1:]
    assert (len(periods), periods[-1]) == (count, last)


def test_the_base_year_is_never_due_and_does_not_lock_by_time(lookup: Lookup, cells: Cells) -> None:
    """rule 2.9: any series may send 2022, nobody owes it."""
    for indicator, district in lookup.series:
        cell = cells.of(indicator.id, district)[0]
        assert cell.period.text == "2022"
        assert (cell.due_at, cell.record_at, cell.lock_at) == (None, None, NEVER)
        assert cell.applicable


def test_a_cell_knows_when_it_is_due_and_locks(cells: Cells) -> None:
    """rules 2.9 and 7.1: October is due on 5 November and locked on 1 December 00:00."""
    cell = cells.get("major_projects", "anji", "2023-10")
    assert cell is not None
    assert cell.due_at is not None
    assert cell.due_at.isoformat() == "2023-11-06T00:00:00+08:00"
    assert cell.lock_at.isoformat() == "2023-12-01T00:00:00+08:00"


def test_a_statistical_lag_moves_due_and_lock(cells: Cells) -> None:
    """rule 7.1: the urbanisation of 2023 is due 60 + 31 days after the year."""
    cell = cells.get("urbanisation_rate", CITY, "2023")
    assert cell is not None
    assert cell.due_at is not None
    assert cell.due_at.isoformat() == "2024-04-01T00:00:00+08:00"
    assert cell.lock_at.isoformat() == "2024-05-01T00:00:00+08:00"


def test_a_comparison_figure_is_never_due_but_its_record_is_fixed(lookup: Lookup, cells: Cells) -> None:
    """rules 2.4 and 6.1: the city's derived figure is nobody's duty; its light is fixed when its districts are due."""
    for indicator in lookup.programme.indicators:
        for cell in cells.of(indicator.id, CITY)[1:]:
            assert (cell.due_at is None) == indicator.derived
            assert cell.record_at is not None
            if indicator.derived:
                district = cells.get(indicator.id, indicator.applicable[0], cell.period.text)
                assert district is not None
                assert district.record_at in (cell.record_at, None)


def test_a_share_of_zero_takes_its_stretch_out(lookup: Lookup) -> None:
    """rule 3.3: 0 at the end of 2023, then 2: not applicable and not due in 2023 alone."""
    share = Allocation(indicator="enclave_projects", district="anji", targets={"2023-12-31": "0", "2027-12-31": "2.0"})
    changed = Cells(Lookup(replace(lookup.programme, decomposition=(share,))))
    by_year = Counter((c.period.year, c.applicable, c.due_at is None) for c in changed.of("enclave_projects", "anji"))
    assert by_year == {(2022, True, True): 1, (2023, False, True): 12} | {
        (y, True, False): 12 for y in range(2024, 2028)
    }


def test_a_last_share_of_zero_takes_out_what_comes_before_it_alone(lookup: Lookup) -> None:
    """rule 3.3: 1 in 2023 and 0 by 2027: applicable in 2023, then not."""
    share = Allocation(indicator="enclave_projects", district="anji", targets={"2027-12-31": "0", "2023-12-31": "1"})
    changed = Cells(Lookup(replace(lookup.programme, decomposition=(share,))))
    applicable = {cell.period.year for cell in changed.of("enclave_projects", "anji")[1:] if cell.applicable}
    assert applicable == {2023}


@pytest.mark.parametrize(
    ("indicator", "district", "text", "period"),
    [
        ("container_throughput", CITY, "2024-05", "2024-05"),
        ("container_throughput", CITY, "2024", "2024-12"),  # communiqués print years
        ("container_throughput", CITY, "2022", "2022"),
        ("hemei_village_rate", "anji", "2025", "2025-Q4"),
        ("urbanisation_rate", "deqing", "2023", "2023"),
        ("transport_investment_2023", "anji", "2023", "2023-12"),
        ("transport_investment_2023", "anji", "2024", None),  # ended
        ("container_throughput", CITY, "2024-Q1", None),  # another period than the series takes
        ("urbanisation_rate", "deqing", "2023-06", None),
        ("container_throughput", CITY, "2021", None),
        ("container_throughput", CITY, "2028", None),
        ("container_throughput", "anji", "2024-05", None),  # a city series
        ("nothing", CITY, "2024-05", None),
        ("container_throughput", CITY, "２０２４", None),
        ("container_throughput", CITY, "soon", None),
    ],
)
def test_what_a_report_calls_its_period(
    cells: Cells, indicator: str, district: str, text: str, period: str | None
) -> None:
    """rule 2.1: its own period, the base year, or a year for the last period of that year; nothing else."""
    cell = cells.resolve(indicator, district, text)
    assert (cell.period.text if cell else None) == period
    if cell is not None:
        assert (cell.indicator, cell.district) == (indicator, district)


def test_a_yearly_floor_is_reported_by_the_year(lookup: Lookup) -> None:
    """rule 4.7: whatever its frequency, a yearly floor has one cell a year."""
    monthly = replace(lookup.indicators["grain_output"], frequency=Frequency.MONTHLY)
    assert reporting_frequency(monthly) is Frequency.YEARLY
    assert reporting_frequency(replace(monthly, yearly_floor=False)) is Frequency.MONTHLY


def test_iterating_gives_every_cell_once(lookup: Lookup, cells: Cells) -> None:
    """26,695 cells in 951 series, none twice, none outside the programme."""
    found = Counter((cell.indicator, cell.district, cell.period.text) for cell in cells)
    assert set(found.values()) == {1}
    assert len(found) == sum(len(cells.of(i.id, district)) for i, district in lookup.series) == 26695
    assert len(lookup.series) == 951
    assert all(date(2022, 12, 31) <= cell.period.end <= lookup.programme.last_day for cell in cells)


def test_districts_with_a_series_are_those_the_indicator_applies_to(lookup: Lookup, cells: Cells) -> None:
    """rule 2.5: three counties, six, named ones, and the city always."""
    assert lookup.indicators["county_high_speed_rail_coverage"].districts == ("deqing", "changxing", "anji", CITY)
    assert lookup.indicators["deqing_homestead_pilots"].districts == ("deqing", CITY)
    assert lookup.indicators["container_throughput"].districts == (CITY,)
    with pytest.raises(KeyError):
        cells.of("container_throughput", "anji")
