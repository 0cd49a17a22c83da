"""Editions of scores: which items a unit has, why one is left out, and the rows that come of it (rule 10)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from contracts.editions import Edition as Versioned
from contracts.editions import Editions
from contracts.events import Text
from contracts.numbers import plain, published
from contracts.periods import Frequency, parse
from contracts.programme import CITY, Area, Department, Indicator, Lookup, Target
from contracts.schemes import Scheme, Weights
from services.alerts.scores.edition import Edition, Row, compute, standing_places
from services.alerts.scores.gauges import gauges
from services.alerts.scores.items import Facts, Lights, Numbers, Sheet, Told
from services.alerts.scores.periods import before, edition_of, looked_at
from services.alerts.scores.views import edition_view, unit_view
from tests.support.programmes import DISTRICTS, indicator, lookup

JUNE, YEAR = parse("2023-06"), parse("2023")
LEAD = "housing"
THREE = ("deqing", "changxing", "anji")
AIMS = tuple(Target(on=date(year, 12, 31), value="80") for year in (2023, 2024))
Told_ = Mapping[tuple[str, str], Told]


def item(id: str, **given: Any) -> Indicator:
    """A yearly task of 80 that three counties report each month, led by one department."""
    defaults: dict[str, Any] = {
        "judged_as": "ytd",
        "schedule": "quota",
        "applicable": THREE,
        "aggregate": "reported",
        "departments": (LEAD,),
        "rankable": True,
        "targets": AIMS,
    }
    return indicator(**{"id": id} | defaults | given)


def sheet(*items: Indicator, allocations: Mapping[str, Mapping[str, str]] | None = None, **scheme: Any) -> Sheet:
    plain_ = lookup(*items, allocations=allocations).programme
    found = Lookup(
        msgspec.structs.replace(
            plain_,
            scheme=Scheme(**scheme),
            areas=(Area(id="goals", name=Text("", ""), parent=None, part="plan", order=1, name_source="text"),),
            departments=(Department(id=LEAD, name=Text("住建局", "Housing")),),
        )
    )
    return Sheet(Editions([Versioned.of(found)]))


def told(value: str = "40", attained: str | None = "100", **given: Any) -> Told:
    """A standing that is scored with so much."""
    found = Told(
        mode="share",
        reason=None,
        value=value,
        expected="40",
        target="80",
        unit="CNY_100M",
        attainment=None if attained is None else published(Fraction(attained), 4),
        short_pct=None,
        binding=True,
        flags=(),
        exact=Numbers(
            value,
            "0",
            "80",
            "1/10",
            plain(40 - Fraction(value)),
            plain(Fraction(50) - Fraction(value) * Fraction(5, 4)),
            attained,
        ),
    )
    return msgspec.structs.replace(found, **given)


def facts(of: Told_, period: str = "2023-06", lights: Mapping[tuple[str, str], Lights] | None = None) -> Facts:
    """Everything is due."""
    return Facts(parse(period), parse("2024-12").closes_at, of, lights or {})


def all_of(item_: str, *attained: str | None, districts: tuple[str, ...] = THREE) -> dict[tuple[str, str], Told]:
    return {(item_, d): told(attained=a) for d, a in zip(districts, attained, strict=False) if a is not None}


def row(edition: Edition, unit: str) -> Row:
    return next(each for each in (*edition.districts, *edition.departments) if each.unit == unit)


def why(edition: Edition, unit: str) -> dict[str, str | None]:
    return {entry.indicator.id: entry.item.left_out for entry in row(edition, unit).entries}


def test_an_edition_is_the_newest_of_its_kind_that_is_over() -> None:
    """Rule 2.10: June is over on 30 June; its edition looks at the month and at the quarter that end with it."""
    assert edition_of("month", date(2023, 6, 29)).text == "2023-05"
    assert edition_of("month", date(2023, 6, 30)).text == "2023-06"
    assert edition_of("quarter", date(2023, 8, 1)).text == "2023-Q2"
    assert edition_of("year", date(2024, 12, 30)).text == "2023"
    assert looked_at(JUNE) == ("2023-06", "2023-Q2")
    assert looked_at(parse("2023-05")) == ("2023-05",)
    assert looked_at(YEAR) == ("2023-12", "2023-Q4", "2023")
    assert before(JUNE).text == "2023-05"


def test_districts_are_ranked_and_departments_stand_in_a_table() -> None:
    """Rule 10.3: places for districts alone; a department's items are the city's figures of what it leads."""
    found = compute(sheet(item("x")), facts(all_of("x", "100", "90", "90") | {("x", CITY): told(attained="75")}))
    assert standing_places(found.districts) == {"deqing": 1, "changxing": 2, "anji": 2} | dict.fromkeys(
        ("wuxing", "nanxun", "south_taihu")
    )
    department = row(found, LEAD)
    assert department.score.value == 75
    assert department.place is None
    assert department.place_range is None


def test_a_missing_report_counts_with_nothing_and_may_cost_the_place() -> None:
    """Rule 10.2: two of three reported is below the gate of 0.80: listed below, with the reason."""
    of = sheet(item("x"), item("y"), item("z"))
    known = all_of("x", "100", "50") | all_of("y", "100", "50") | all_of("z", None, "50")
    found = compute(of, facts(known))
    assert row(found, "deqing").score.value == Fraction(200, 3)
    assert (row(found, "deqing").place, row(found, "deqing").score.reason) == (None, "too_few_reported")
    assert row(found, "changxing").place == 1


EXCUSED: dict[str, Any] = {
    "mode": "none", "reason": "excused", "value": None, "attained": None, "flags": ("excused",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        ({"mode": "none", "reason": "no_target", "attained": None}, "no_target"),
        ({"mode": "none", "reason": "no_baseline", "attained": None}, "no_baseline"),
        ({"mode": "none", "reason": "disputed", "attained": None}, "disputed"),
        ({"binding": False, "attained": None}, "not_binding"),
        ({"attained": None}, "too_early"),
        ({"mode": "due", "attained": None}, "before_due_date"),
        ({"mode": "none", "reason": "excused", "value": None, "attained": None, "flags": ("excused",)}, "excused"),
        (EXCUSED | {"excused_until": datetime.fromisoformat("2026-01-01T00:00:00+08:00")}, "excused"),
        (EXCUSED | {"excused_until": datetime.fromisoformat("2024-01-01T00:00:00+08:00")}, None),  # ended by itself
        ({"mode": "none", "reason": "no_value", "value": None, "attained": None, "flags": ("withdrawn",)}, None),
    ],
)
def test_what_a_standing_says_decides_whether_it_counts(standing: dict[str, Any], reason: str | None) -> None:
    """Rules 4.11, 10.1 and 10.2: each reason to be in neither sum; withdrawn is missing."""
    value = standing.pop("value", "40")
    attained = standing.pop("attained")
    made = msgspec.structs.replace(told(attained=attained), value=value, **standing)
    found = compute(sheet(item("x")), facts(all_of("x", None, "50", "50") | {("x", "deqing"): made}))
    assert why(found, "deqing") == {"x": reason}


@pytest.mark.parametrize(
    ("given", "period", "reason"),
    [
        ({}, "2023-06", None),
        ({}, "2023-01", "too_early"),  # 1/12 of the year
        ({}, "2023-02", None),  # 1/6
        ({"unit": "count", "targets": (Target(on=date(2023, 12, 31), value="2"),)}, "2023-05", "too_early"),
        ({"unit": "count", "targets": (Target(on=date(2023, 12, 31), value="2"),)}, "2023-06", None),
        ({"targets": ()}, "2023-06", "no_target"),
        ({"targets": (Target(on=date(2023, 12, 31), value="80", disputed=True),)}, "2023-06", "disputed"),
        ({"targets": (Target(on=date(2023, 12, 31), value="80", binding=False),)}, "2023-06", "not_binding"),
        ({"schedule": "due_date", "goal": "yes_no", "judged_as": "level"}, "2023-06", "before_due_date"),
        ({"schedule": "due_date", "goal": "yes_no", "judged_as": "level"}, "2023-12", None),
        ({"schedule": "hold", "goal": "hold_floor", "judged_as": "level"}, "2023-01", None),
        ({"aggregate": "sum"}, "2023-06", "no_target"),  # not allocated (rule 3.3)
    ],
)
def test_only_what_would_have_counted_is_missing(given: dict[str, Any], period: str, reason: str | None) -> None:
    """Rules 3.3, 4.8, 4.11, 10.1, 10.2: an unreported cell is left out for the reasons a reported one would be."""
    found = compute(sheet(item("x", **given)), facts({}, period))
    assert why(found, "deqing") == {"x": reason}


def test_what_is_not_due_yet_makes_an_edition_preliminary() -> None:
    """Rule 10.2: before its due date an unreported cell is in neither sum."""
    early = replace(facts(all_of("x", "80")), through=parse("2023-06").closes_at)
    found = compute(sheet(item("x")), early)
    assert found.preliminary
    assert why(found, "changxing") == {"x": "not_due_yet"}
    assert row(found, "deqing").score.value == 80
    assert not compute(sheet(item("x")), facts({})).preliminary


def test_quarterly_items_take_part_when_their_quarter_ends() -> None:
    """Rule 10.2: due in June's edition, absent from May's."""
    of = sheet(item("x", frequency=Frequency.QUARTERLY))
    assert why(compute(of, facts({}, "2023-06")), "deqing") == {"x": None}
    assert why(compute(of, facts({}, "2023-05")), "deqing") == {}


def test_an_item_on_which_one_district_stands_alone_is_shown_not_scored() -> None:
    """Rules 3.3 and 10.3: an allocation of 0 is not applicable; what is left must be two."""
    nothing = {"2023-12-31": "0", "2024-12-31": "10"}
    owed = {"2023-12-31": "80", "2024-12-31": "80"}
    of = sheet(item("x", aggregate="sum"), allocations={"deqing": owed, "changxing": nothing, "anji": nothing})
    found = compute(of, facts(all_of("x", "70")))
    assert (why(found, "deqing"), why(found, "changxing")) == ({"x": "too_few_districts"}, {"x": "too_few_districts"})
    assert row(found, "deqing").score.reason == "nothing_due"


def test_items_that_are_the_citys_alone_are_in_no_districts_score() -> None:
    """Rule 10.3: city-only series are never ranked."""
    found = compute(sheet(item("x"), item("y", rankable=False)), facts(all_of("x", "100") | all_of("y", "0")))
    assert why(found, "deqing") == {"x": None}


def test_process_points_and_bonus_have_columns_of_their_own() -> None:
    """Rule 10.4: places go by score; `total` moves them only where the scheme says so."""
    lights = {("x", "deqing"): Lights(yellow=6, red=3, measured=12, red_in_december=1)}
    beyond = {
        ("x", "changxing"): told("88", "100"),
        ("x", "deqing"): told("80", "100"),
        ("x", "anji"): told("79", "99"),
    }
    found = compute(sheet(item("x")), facts(beyond, "2023", lights))
    deqing, changxing = row(found, "deqing"), row(found, "changxing")
    assert (deqing.process, deqing.bonus, deqing.total) == tuple(map(Fraction, (-5, 0, 95)))
    assert (changxing.bonus, changxing.total) == tuple(map(Fraction, (10, 110)))
    assert changxing.beyond == (1, 1)
    assert (deqing.place, changxing.place) == (1, 1)
    by_total = compute(sheet(item("x"), rank_by="total"), facts(beyond, "2023", lights))
    assert standing_places(by_total.districts)["deqing"] == 3
    assert row(compute(sheet(item("x")), facts(beyond, "2023-12", lights)), "deqing").bonus is None


def test_excellent_at_the_years_end() -> None:
    """Rule 10.6: ranked, 90.00 as printed, no red of record in December."""
    known = {("x", d): told(attained=a) for d, a in zip(THREE, ("89.996", "89.994", "100"), strict=True)}
    lights = {("x", "anji"): Lights(red=1, measured=12, red_in_december=1)}
    found = compute(sheet(item("x")), facts(known, "2023", lights))
    assert [row(found, d).excellent for d in THREE] == [True, False, False]
    assert row(compute(sheet(item("x")), facts(known, "2023-12")), "deqing").excellent is None


def test_weights_of_three_levels_come_from_the_scheme() -> None:
    """Rule 10.2: an item of weight 3 beside one of 1, in the same heading."""
    of = sheet(item("x"), item("y"), weighting="levels", weights=Weights(items={"x": "3"}))
    found = compute(of, facts(all_of("x", "100") | all_of("y", "0")))
    assert row(found, "deqing").score.value == 75


def test_the_local_form_spreads_each_item_over_its_districts() -> None:
    """Rule 10.5: selectable by the scheme; a missing value takes no part in the spread and stays nothing."""
    found = compute(sheet(item("x"), form="min_max"), facts(all_of("x", "90", "80")))
    assert [row(found, d).score.value for d in THREE] == [100, 60, 0]


def test_changes_are_counted_against_the_edition_before() -> None:
    """Rule 10.5: places gained since."""
    found = compute(
        sheet(item("x")), facts(all_of("x", "100", "90", "80")), {"deqing": 3, "changxing": 1, "anji": None}
    )
    assert [row(found, d).change for d in THREE] == [2, -1, None]


def test_red_and_black_list_of_an_item() -> None:
    """Rule 10.5: who exceeded what was expected and is first; who missed it and is last."""
    known = {("x", "deqing"): told("50"), ("x", "changxing"): told("40"), ("x", "anji"): told("30", "75")}
    (listed,) = compute(sheet(item("x")), facts(known)).lists
    assert (listed.indicator, listed.red, listed.black) == ("x", ("deqing",), ("anji",))


def test_a_correction_of_one_district_moves_no_other_score() -> None:
    """Rule 10, target-based: only the corrected district's score differs, whatever becomes of the places."""
    of, known = sheet(item("x"), item("y")), all_of("x", "100", "90", "80") | all_of("y", "70", "60", "50")
    was = compute(of, facts(known))
    now = compute(of, facts(known | {("x", "anji"): told(attained="3")}))
    changed = [d for d in DISTRICTS if row(was, d).score != row(now, d).score]
    assert changed == ["anji"]


def test_every_number_of_a_row_can_be_explained() -> None:
    """Rules 1.2 and 10.2: the items of a row with weight, attainment and points, and the words for what is left out."""
    of = sheet(item("x"), item("y"), item("z", targets=()))
    found = compute(of, facts(all_of("x", "100", "66") | all_of("y", None, "33")))
    view = unit_view(of.lookup, "district", row(found, "deqing"))
    assert (view.row.score, view.row.reported_share, view.row.ranked) == ("50.00", "50.00", False)
    assert view.row.reason_text
    said = {each.indicator: (each.state, each.contribution, each.state_text.zh) for each in view.items}
    assert said == {
        "x": ("counted", "50.0000", "计分"),
        "y": ("missing", "0.0000", "应报未报，按0分计"),
        "z": ("no_target", None, "没有可用目标，不计分"),
    }
    ordered = edition_view(of.lookup, "month", found).districts
    assert [each.unit for each in ordered][:1] == ["changxing"]


def test_gauges_say_what_is_known() -> None:
    """Rule 13: scores in points, places of those who have one, no sample for what is not known."""
    found = compute(sheet(item("x")), facts(all_of("x", "100", "90", "89.995")))
    text = gauges("trial", found).decode()
    assert 'liangshai_district_score{programme="trial",district="anji"} 90.00' in text
    assert 'liangshai_district_place{programme="trial",district="anji"} 2' in text
    assert 'liangshai_district_process_points{programme="trial",district="deqing"} 0.00' in text
    assert 'district_score{programme="trial",district="wuxing"}' not in text


def test_what_is_missing_is_said_by_the_version_that_the_cell_is_held_to() -> None:
    """Rules 2.9 and 10.2: work points known in September make the figure effort wording; June locked before them and is
    owed as it was, October is not counted any more."""
    before = sheet(item("x")).lookup
    effort = tuple(msgspec.structs.replace(aim, binding=False) for aim in AIMS)
    changed = msgspec.structs.replace(
        before.programme, version="2", indicators=(msgspec.structs.replace(before.indicators["x"], targets=effort),)
    )
    since = parse("2023-08").closes_at
    of = Sheet(Editions([Versioned.of(before), Versioned.of(Lookup(changed), since)]))
    reported = {("x", "anji"): told()}
    assert why(compute(of, facts(reported)), "deqing") == {"x": None}
    assert why(compute(of, facts(reported, "2023-10")), "deqing") == {"x": "not_binding"}
