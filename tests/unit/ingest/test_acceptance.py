"""What a report can be told without memory: rules 2.1-2.5 and 5.1 at their edges (the examples show the rest)."""

from datetime import datetime, timedelta
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.editions import Catalogue, Edition
from contracts.numbers import UNITS, exact
from contracts.objections import Objection
from contracts.periods import SHANGHAI, parse
from contracts.programme import Lookup
from services.ingest.acceptance import Acceptable, Acceptance
from services.ingest.envelope import decode
from tests.support.intake import NOW, event, grant, judged, lookup


def _accepted(found: Acceptable | Objection) -> Acceptable:
    assert isinstance(found, Acceptable), found
    return found


def _code(found: Acceptable | Objection) -> str:
    assert isinstance(found, Objection), found
    return found.code


def test_a_period_opens_when_it_is_over() -> None:
    """Rule 2.1: June can be reported from 1 July 00:00 in Shanghai, not a microsecond earlier."""
    closes = datetime(2023, 7, 1, tzinfo=SHANGHAI)
    assert _code(judged(event(), grant(), closes - timedelta(microseconds=1))) == "period_not_closed"
    _accepted(judged(event(), grant(), closes))


def test_a_year_means_the_last_period_of_a_finer_series() -> None:
    """Rule 2.1: 2023 sent to a monthly series is December 2023, and it opens when December is over."""
    found = _accepted(judged(event(period="2023"), grant()))
    assert found.cell.period == parse("2023-12")
    assert _code(judged(event(period="2023"), grant(), datetime(2023, 12, 31, 23, 59, tzinfo=SHANGHAI))) == (
        "period_not_closed"
    )


def test_any_series_takes_the_base_year() -> None:
    """Rule 2.1: 2022 is accepted for every series, whatever its frequency."""
    assert _accepted(judged(event(period="2022"), grant())).cell.period.text == "2022"


def test_time_may_lie_anywhere_in_the_period_sent() -> None:
    """Rule 2.1: `time` is held against the period in the words of the sender, in Shanghai's day."""
    _accepted(judged(event(time="2023-06-30T15:59:59Z"), grant()))
    assert _code(judged(event(time="2023-06-30T16:00:00Z"), grant())) == "time_outside_period"
    _accepted(judged(event(period="2023", time="2023-03-01T00:00:00+08:00"), grant()))


def test_digits_are_ascii() -> None:
    """Full-width digits are no period and no value, whatever Python's int() would read in them."""
    wide = "\uff12\uff10\uff12\uff13"
    assert _code(judged(event(period=wide, time="2023-06-30T00:00:00+08:00"), grant())) == "invalid_period"
    assert _code(judged(event(value=wide), grant())) == "invalid_value"


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("元", "635000000"),
        ("千元", "635000"),
        ("万元", "63500"),
        ("百万元", "635"),
        ("亿元", "6.35"),
        ("CNY", "635000000"),
    ],
)
def test_units_of_one_quantity_are_converted_exactly(unit: str, value: str) -> None:
    """Rule 2.2: the same money in every unit is the same value."""
    assert _accepted(judged(event(unit=unit, value=value), grant())).value == Fraction("6.35")


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,8})?", fullmatch=True))
def test_every_value_of_the_grammar_is_read_exactly(text: str) -> None:
    """Rule 2.2: what the grammar allows is accepted as the number it says, or is out of the series' range."""
    found = judged(event(value=text), grant())
    if exact(text) < 0:
        assert _code(found) == "value_out_of_range"
    else:
        assert _accepted(found).value == exact(text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_judgement(text: str) -> None:
    """Whatever stands in a field, the answer is a verdict and never a defect."""
    for name in ("programme", "indicator", "district", "period", "value", "unit", "reason", "comment"):
        assert isinstance(judged(event(**{name: text}), grant()), Acceptable | Objection)


def test_every_indicator_takes_its_own_unit() -> None:
    """Rule 2.2: each indicator's unit is accepted by id and in Chinese, except where the Chinese is another unit."""
    for indicator in lookup().programme.indicators:
        district = indicator.districts[0]
        for unit in (indicator.unit, UNITS[indicator.unit].zh):
            found = judged(
                event(indicator=indicator.id, district=district, period="2022", value="0", unit=unit),
                grant(department=indicator.lead if district == "huzhou" or indicator.writer == "lead" else district),
            )
            _accepted(found)


def test_growth_is_free_and_shares_are_not() -> None:
    """Rule 2.2: growth below zero and above a hundred is accepted; a share is not."""
    for value in ("-12.5", "130"):
        assert _accepted(judged(_of("low_income_farmer_income_growth", "2023", value, "%"), grant())).value is not None
        assert _code(judged(_of("urbanisation_rate", "2023", value, "%"), grant())) == "value_out_of_range"


def test_the_city_may_report_a_share_of_districts() -> None:
    """Rules 3.2 and 5.1: the city's comparison figure of a yes/no indicator is a percentage, a district's is not."""
    name = "tertiary_hospital_per_county"
    lead = lookup().indicators[name].lead
    city = event(indicator=name, district="huzhou", period="2024-Q1", value="33.33", unit="%")
    assert _accepted(judged(city, grant(department=lead))).value == Fraction("33.33")
    assert _code(judged(_of(name, "2024-Q1", "33.33", "%"), grant())) == "unit_mismatch"
    assert _accepted(judged(_of(name, "2024-Q1", "1", "个"), grant())).value == 1


def test_a_withdrawal_has_no_value() -> None:
    """Rule 2.8: null with a reason and a revision above 0."""
    assert _accepted(judged(event(value=None, revision=3, reason="误报"), grant())).value is None


def test_the_nearest_names_are_told() -> None:
    """A misspelt indicator is answered with what it may have meant; nonsense is not."""
    found = judged(event(indicator="number_of_unicorns"), grant())
    assert isinstance(found, Objection)
    assert "is it" not in found.text.en
    near = judged(event(indicator="projects_investment_major"), grant())
    assert isinstance(near, Objection)
    assert "major_projects_investment" in near.text.en
    assert "major_projects_investment" in near.text.zh


def test_long_texts_are_not_repeated_in_full() -> None:
    """A caller's long text is told back shortened."""
    found = judged(event(district="x" * 5000), grant())
    assert isinstance(found, Objection)
    assert len(found.text.en) < 500


def test_a_correction_needs_its_own_kind() -> None:
    """Revision 0 needs `report`, a later one `correct`; neither includes the other."""
    only_correct = grant(kinds=frozenset({"correct"}))
    assert _code(judged(event(), only_correct)) == "not_authorised_for_kind"
    _accepted(judged(event(revision=1), only_correct))


def _of(indicator: str, period: str, value: str, unit: str) -> dict[str, object]:
    return event(indicator=indicator, period=period, value=value, unit=unit)


def test_now_is_the_platforms() -> None:
    """Rule 1.4: the same report is judged by the clock passed in."""
    late = event(period="2026-11")
    assert _code(judged(late, grant(), NOW)) == "period_not_closed"
    _accepted(judged(late, grant(), NOW + timedelta(days=7)))


@pytest.mark.parametrize("since", ["2023-09-01", "2023-07-15"])
def test_an_indicator_that_a_later_version_dropped(since: str) -> None:
    """Rules 2.4 and 2.9: its earlier cells, locked before that version or open, are still its writer's to report."""
    programme = lookup().programme
    kept = tuple(each for each in programme.indicators if each.id != event()["data"]["indicator"])
    catalogue = Catalogue(lookup())
    later = Lookup(msgspec.structs.replace(programme, version="2", indicators=kept, decomposition=()))
    catalogue.take(Edition.of(later, datetime.fromisoformat(f"{since}T00:00:00+08:00")))
    item = decode(0, msgspec.json.encode(event()))
    assert item.submitted is not None
    _accepted(Acceptance(catalogue).accept(item.submitted, grant(), NOW))
    assert _code(Acceptance(catalogue).accept(item.submitted, grant(department="anji"), NOW)) \
        == "not_authorised_for_cell"  # fmt: skip
