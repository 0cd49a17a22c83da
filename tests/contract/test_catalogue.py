"""The shipped catalogue holds the plan: every row and every column of the plan tables can be printed back from it.

Printing back, rather than looking up, means that a column nobody thought of fails, and so does a row too many.
"""

import csv
import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.numbers import UNITS, exact
from contracts.programme import CITY, Indicator, Lookup, Target

PLAN = Path(__file__).parents[1] / "plan"
SIX = ("wuxing", "nanxun", "deqing", "changxing", "anji", "south_taihu")
THREE = ("deqing", "changxing", "anji")
# What the catalogue argues against, in its `deviation`: indicator → column of the classification → what it says there.
DEVIATIONS = {
    "village_collective_income_floor": {"allocation": "own target needed"},
    "low_income_household_job": {"allocation": "own target needed"},
    "county_seat_travel_time": {"allocation": "own target needed"},
    "parks_rebuilt_2023": {"allocation": "effort wording"},
    "key_agri_chain_output_floor": {},  # the printed figure is its threshold, the target is the share that reaches it
    "hemei_demo_counties": {},  # every year, not 2023 and 2027 alone
    "qingyuan_cup_three_star": {},  # "6 + huzhou itself": the six
}


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


def table(name: str) -> list[dict[str, str]]:
    with (PLAN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def targets_of(i: Indicator, year: int) -> Target | None:
    return next((target for target in i.targets if target.on == date(year, 12, 31)), None)


def printed_target(i: Indicator, year: int) -> str:
    """The figure as the text prints it: of a share of those who reach X, the X."""
    target = targets_of(i, year)
    if target is None or target.value is None:
        return ""
    return i.threshold.value if i.threshold is not None else target.value


def printed_bound(i: Indicator) -> str:
    known = [target for target in i.targets if target.value is not None]
    if not known:
        return ""
    return i.threshold.bound if i.threshold is not None else known[-1].bound


def printed_direction(i: Indicator) -> str:
    return "hold" if i.steady else {1: "up", -1: "down"}[i.direction]


def test_each_indicator_row_is_printed_back(lookup: Lookup) -> None:
    """185 rows of indicators.csv in their order: names, area, unit, targets, bound, scope, units, quotes, notes."""
    printed = [
        {
            "id": i.id,
            "name_zh": i.name.zh,
            "name_en": i.name.en,
            "area": i.area,
            "unit_zh": i.threshold.unit_zh if i.threshold else i.unit_zh,
            "unit": i.threshold.unit if i.threshold else i.unit,
            "direction": printed_direction(i),
            "measure": i.measure,
            "target_2023": printed_target(i, 2023),
            "target_2027": printed_target(i, 2027),
            "bound": printed_bound(i),
            "scope": i.scope,
            "lead_units": ";".join(i.departments),
            "section": i.section,
            "quote_zh": i.quote,
            "note": i.note or "",
            "area_2023": i.area_2023 or "",
            "lead_units_2023": ";".join(i.departments_2023),
            "quote_2023_zh": i.quote_2023 or "",
        }
        for i in lookup.programme.indicators
    ]
    assert printed == table("indicators.csv")
    assert len(printed) == 185


def test_each_classification_row_is_printed_back(lookup: Lookup) -> None:
    """185 rows of classification.csv, but for the deviations that the catalogue argues."""
    printed = [
        {
            "id": i.id,
            "accumulation": i.reported_as,
            "goal": i.goal,
            "direction": printed_direction(i),
            "schedule_kind": i.schedule,
            "frequency": i.frequency.value,
            "reporter": {"lead": "city department", "district": "district"}[i.writer],
            "rankable": "yes" if i.rankable else "no",
            "baseline_rule": baseline_rule(i),
            "reason": i.reason,
            "applicable": i.applicable or (CITY,),
            "aggregate": {
                "sum": "sum",
                "none": "none",
                "reported": "huzhou reported beside (not derived)",
                "share_done": "share of districts done",
            }[i.aggregate],
            "allocation": allocation(i),
            "life": "2023" if i.valid_to.year == 2023 else "2023-2027" if known(i) else "none",
            "decimals": str(i.decimals),
            "tolerance": i.tolerance or "",
            "targets": "/".join(printed_target(i, year) or "-" for year in (2023, 2027)),
            "rules": " ".join(i.rules),
        }
        for i in lookup.programme.indicators
    ]
    assert printed == [as_catalogued(row) for row in table("classification.csv")]
    assert all(i.judged_as == i.reported_as for i in lookup.programme.indicators)
    assert all(i.valid_from == date(2023, 1, 1) for i in lookup.programme.indicators)
    assert {i.valid_to for i in lookup.programme.indicators} == {date(2023, 12, 31), date(2027, 12, 31)}


def as_catalogued(row: dict[str, str]) -> dict[str, object]:
    """A row of the classification with its districts spelled out and the argued deviations put in."""
    expected: dict[str, object] = dict(row)
    expected["applicable"] = districts(row["applicable"])
    if row["allocation"] == "own target needed (same until set)":  # the same until set, and none is set
        expected["allocation"] = "own value against the same target"
    for column, said in DEVIATIONS.get(row["id"], {}).items():
        assert row[column] == said
        same = "needs allocation" if row["aggregate"] == "sum" else "own value against the same target"
        expected[column] = same
    if row["id"] == "old_buildings_protection":  # not binding for the city nor for districts: held to the same figure
        assert expected["allocation"] == "effort wording"
        expected["allocation"] = "own value against the same target"
    return expected


def districts(text: str) -> tuple[str, ...]:
    groups = {"6": SIX, "6 + huzhou itself": SIX, "3 counties": THREE, CITY: (CITY,)}
    name = text.split(" (")[0]
    return groups.get(name) or tuple(name.split(", "))


def known(i: Indicator) -> list[Target]:
    return [target for target in i.targets if target.value is not None]


def baseline_rule(i: Indicator) -> str:
    """What rule 4.4 makes of the fields that the catalogue has instead of a baseline rule."""
    assert i.baseline is None
    if i.stock:
        return "stock before 2023 not excluded: first report (period 2022), class no_baseline until then"
    if i.schedule == "none" and i.steady:
        return "first value of the programme becomes the floor only when the office sets it as a target"
    if i.schedule == "none" or i.goal != "reach":
        return "none needed"
    return {
        "programme": "0 at 2022-12-31",
        "ytd": "0 on 1 January (each year)",
        "level": "first report (period 2022, else the first value of record)",
    }[i.judged_as]


def allocation(i: Indicator) -> str:
    """Where a district's target comes from (rule 3.3)."""
    if not known(i):
        return "no target"
    if i.own_targets:
        return "own target needed"
    if i.aggregate == "sum":
        disputed = any(target.disputed for target in i.targets)
        one = len(i.applicable) == 1
        return "named districts only" if one else "needs allocation; 2023 only" if disputed else "needs allocation"
    return "one city series" if i.aggregate == "none" else "own value against the same target"


def test_deviations_are_argued(lookup: Lookup) -> None:
    """Exactly the indicators that depart from the classification say why, in both languages."""
    argued = {i.id: i.deviation for i in lookup.programme.indicators if i.deviation is not None}
    assert set(argued) == set(DEVIATIONS)
    assert all(text.zh and text.en for text in argued.values())


def test_words_of_the_classification_decide_each_target(lookup: Lookup) -> None:
    """左右, 超, effort wording, 每年, dispute and damage stand on the very year the classification names."""
    reasons = {row["id"]: row["reason"] for row in table("classification.csv")}
    for i in lookup.programme.indicators:
        reason, years = reasons[i.id], {target.on.year: target for target in i.targets}
        effort = "effort wording" in reason
        only_2023 = "(2023 only)" in reason
        about = {2023} if "左右 on 2023" in reason else {2027} if "左右 on" in reason else set()
        assert {year for year, target in years.items() if target.bound == "approx"} == about, i.id
        assert {y for y, t in years.items() if not t.binding} == (
            set() if not effort else {2023} if only_2023 else set(years)
        ), i.id
        assert {y for y, t in years.items() if t.disputed} == ({2027} if "target disputed" in reason else set()), i.id
        assert i.every_year == ("每年" in reason or i.id == "hemei_demo_counties"), i.id
        assert i.yearly_floor == ("a yearly floor is judged once" in reason), i.id
        strict = i.threshold.bound == "gt" if i.threshold else any(target.bound == "gt" for target in i.targets)
        assert strict == ("超:" in reason), i.id
        assert (i.threshold is not None) == ("counted as share" in reason), i.id


def test_quotes_and_qualifiers_are_verbatim(lookup: Lookup) -> None:
    """Every quote stands in the text letter by letter, and every qualifier in the quote of its target."""
    text = (PLAN / "plan.zh.txt").read_text("utf-8")
    quotes = [quote for i in lookup.programme.indicators for quote in (i.quote, i.quote_2023) if quote is not None]
    quotes += [project.quote for project in lookup.programme.projects]
    assert [quote for quote in quotes if quote not in text] == []
    for i in lookup.programme.indicators:
        for target in i.targets:
            quote = i.quote_2023 if target.source == "points2023" and i.quote_2023 else i.quote
            assert [word for word in target.qualifiers if word not in quote] == [], (i.id, target.on)


def test_targets_name_the_part_that_prints_them(lookup: Lookup) -> None:
    """A figure of 2023 comes from the work points, but where the plan's 每年 alone gives it; none is derived."""
    for i in lookup.programme.indicators:
        for target in i.targets:
            work_points = target.on.year == 2023 and i.id != "hemei_courtyards"
            assert target.source == ("points2023" if work_points else "plan"), (i.id, target.on)
            assert (target.on.month, target.on.day) == (12, 31)


def test_bounds_follow_the_words(lookup: Lookup) -> None:
    """超 is gt, 左右 is approx, 以上 and 不少于 are ge, 缩小到 is le; a ceiling is le whatever the words."""
    bounds = {"超": "gt", "左右": "approx", "以上": "ge", "不少于": "ge", "不小于": "ge", "至少": "ge", "缩小到": "le"}
    for i in lookup.programme.indicators:
        for target in i.targets:
            words = [bounds[word] for word in target.qualifiers if word in bounds]
            plain = "le" if i.direction < 0 else "ge"
            assert target.bound == (words[0] if words else plain), (i.id, target.on)


def test_every_word_around_a_figure_is_a_qualifier(lookup: Lookup) -> None:
    """What stands directly before or after the figure, and 每年, 年均, 累计, is kept and nothing of it dropped."""
    before = r"(?:(超|不少于|不小于|至少)有?|(缩小到|保持在|稳定在|维持在|巩固在))"
    for i in lookup.programme.indicators:
        for target in known(i):
            quote = i.quote_2023 if target.source == "points2023" and i.quote_2023 else i.quote
            figure = rf"(?<![\d.]){re.escape(printed_target(i, target.on.year))}(?![\d.])"
            words = {word for found in re.findall(before + figure, quote) for word in found if word}
            words |= set(re.findall(figure + r"[^,、\d]{0,4}(以上|左右)", quote))
            words |= {word for word in ("每年", "年均") if word in quote} | (
                {"累计"} if quote.startswith("累计") else set()
            )
            kept = target.qualifiers if i.threshold is None else i.threshold.qualifiers
            efforts = {"力争", "争创", "努力", "积极创建", "加快推进", "推进", "创建", "谋划", "继续保持"}
            assert words == set(kept) - efforts, (i.id, target.on)
            assert target.binding == (not efforts.difference({"继续保持"}).intersection(kept)), (i.id, target.on)


def test_there_is_one_version_of_each_indicator(lookup: Lookup) -> None:
    """rules 1.3 and 4.11: the first version, and the default reading of "about", 5 %."""
    assert {(i.version, i.approx_pct) for i in lookup.programme.indicators} == {(1, "5")}


def test_damaged_figures_stay_unknown(lookup: Lookup) -> None:
    """The text lost two figures: their targets are there, without a value (rule 4.11)."""
    unknown = {(i.id, t.on.year) for i in lookup.programme.indicators for t in i.targets if t.value is None}
    assert unknown == {
        ("haowan_brand_halls", 2027),
        ("farmhouse_one_matter_rate", 2023),
        ("farmhouse_one_matter_rate", 2027),
    }


def test_decimals_and_tolerance_follow_rule_1_3(lookup: Lookup) -> None:
    """rule 1.3: decimals as printed, else by unit; half of the last place, for percent never below 0.05."""
    two = {"ratio", "m2_per_person", "10k_households", "t_100M"}
    for i in lookup.programme.indicators:
        places = max((len(t.value.partition(".")[2]) for t in i.targets if t.value), default=0)
        whole = UNITS[i.unit].whole or i.unit in ("grade_A", "rank")
        assert i.decimals == (places or (0 if whole else 2 if i.unit in two else 1)), i.id
        if known(i):
            half = Fraction(1, 2 * 10**i.decimals)
            floor = Fraction(1, 20) if i.unit == "percent" else half
            assert exact(i.tolerance or "0") == max(half, floor), i.id
        else:
            assert i.tolerance is None, i.id


def test_statistical_lag_is_of_income_and_urbanisation(lookup: Lookup) -> None:
    """rule 7.1: 60 days for residents' incomes and urbanisation, none for all others."""
    lags = {i.id: i.statistical_lag_days for i in lookup.programme.indicators if i.statistical_lag_days}
    incomes = {"income_ratio_urban_rural", "farmer_income_growth", "low_income_farmer_income_growth"}
    assert lags == dict.fromkeys(incomes | {"urbanisation_rate"}, 60)


def test_core_is_the_overall_goals(lookup: Lookup) -> None:
    """rule 10.6: the 11 figures of 发展目标 and its 2023 twin; the size of the project list is no progress."""
    text = (PLAN / "plan.zh.txt").read_text("utf-8")
    overall = [line for line in text.splitlines() if "发展目标。" in line or line.strip().startswith("2023年,通过实施")]
    assert len(overall) == 2
    core = {i.id for i in lookup.programme.indicators if i.core}
    under = {i.id for i in lookup.programme.indicators if i.area in ("goals", "p23_overall")}
    also_named = {"hemei_demo_villages", "village_income_800k_share"}
    assert core == under - {"major_projects_total_planned"} | also_named
    assert len(core) == 11
    for name in ("和美乡村示范村(未来乡村)15个", "年经营性收入80万元以上行政村占比达到90%"):
        assert name in overall[1]


def test_each_area_row_is_printed_back(lookup: Lookup) -> None:
    """70 rows of areas.csv."""
    printed = [
        {
            "id": area.id,
            "name_zh": area.name.zh,
            "name_en": area.name.en,
            "parent": area.parent or "",
            "part": area.part,
            "order": str(area.order),
            "name_source": area.name_source,
            "plan_area": ";".join(area.plan_areas),
        }
        for area in lookup.programme.areas
    ]
    assert printed == table("areas.csv")
    assert len(printed) == 70


def test_each_department_row_is_printed_back(lookup: Lookup) -> None:
    """33 rows of units.csv; how often each leads and is named follows from the headings of the catalogue."""
    lists = [area.departments for area in lookup.programme.areas if area.departments]
    printed = [
        {
            "id": unit.id,
            "name_zh": unit.name.zh,
            "name_en": unit.name.en,
            "times_lead": str(sum(units[0] == unit.id for units in lists)),
            "times_named": str(sum(unit.id in units for units in lists)),
        }
        for unit in lookup.programme.departments
    ]
    assert printed == table("units.csv")
    assert len(printed) == 33


def test_indicators_carry_the_units_of_their_heading(lookup: Lookup) -> None:
    """An indicator's responsible units are those printed under its heading, for both parts (rule 2.4)."""
    for i in lookup.programme.indicators:
        assert i.departments == lookup.areas[i.area].departments, i.id
        if i.area_2023 is not None:
            assert i.departments_2023 == lookup.areas[i.area_2023].departments, i.id


def test_each_district_row_is_printed_back(lookup: Lookup) -> None:
    """12 rows of districts.csv: the city, six that report, five zones that do not."""
    printed = [
        {
            "id": district.id,
            "name_zh": district.name.zh,
            "name_en": district.name.en,
            "kind": district.kind,
            "reports": "yes" if district.reports else "no",
            "adcode": district.adcode or "",
            "name_source": district.name_source,
        }
        for district in lookup.programme.districts
    ]
    assert printed == table("districts.csv")
    assert tuple(d.id for d in lookup.programme.districts if d.reports) == (CITY, *SIX)
    assert {d.id for d in lookup.programme.districts if d.note} == {CITY, "wuxing", "south_taihu"}  # rule 2.3


def test_each_project_list_row_is_printed_back(lookup: Lookup) -> None:
    """14 rows of major_projects.csv."""
    printed = [
        {
            "id": project.id,
            "name_zh": project.name.zh,
            "name_en": project.name.en,
            "count": "" if project.count is None else str(project.count),
            "invest_total_CNY_100M": project.invest_total or "",
            "invest_2023_CNY_100M": project.invest_2023 or "",
            "invest_by_2027_CNY_100M": project.invest_by_2027 or "",
            "lead_units": ";".join(project.departments),
            "quote_zh": project.quote,
            "note": project.note or "",
        }
        for project in lookup.programme.projects
    ]
    assert printed == table("major_projects.csv")
    assert len(printed) == 14


def test_a_2023_figure_is_linked_to_its_later_definition(lookup: Lookup) -> None:
    """rule 4.11: where the text counts by another definition later, the note of one of the two names the other."""
    linked = {i.id: i.continues for i in lookup.programme.indicators if i.continues is not None}
    assert len(linked) == 7
    for later, earlier in linked.items():
        notes = (lookup.indicators[later].note or "") + (lookup.indicators[earlier].note or "")
        assert later in notes or earlier in notes
        assert lookup.indicators[earlier].valid_to == date(2023, 12, 31)


def units_of(names: Iterable[str]) -> set[str]:
    return {name for name in names if name in UNITS}


def test_units_are_known(lookup: Lookup) -> None:
    """rule 2.2: every unit of the plan is one that can be converted."""
    used = {i.unit for i in lookup.programme.indicators} | {row["unit"] for row in table("indicators.csv")}
    assert units_of(used) == used


def test_programme_and_settings(lookup: Lookup) -> None:
    """The span, the moment from which locks count, and the calendar's defaults (rules 2.9 and 7.1)."""
    programme = lookup.programme
    assert (programme.id, programme.first_day, programme.last_day) == (
        "huzhou-2023-2027",
        date(2023, 1, 1),
        date(2027, 12, 31),
    )
    assert programme.live_since.isoformat() == "2023-01-01T00:00:00+08:00"
    assert {frequency.value: days for frequency, days in programme.calendar.due_days.items()} == {
        "monthly": 5,
        "quarterly": 10,
        "yearly": 31,
    }
    assert (programme.calendar.holiday_shift, programme.calendar.lock_after_days) == (True, 20)


def test_profile_is_the_default_of_rule_5(lookup: Lookup) -> None:
    """rule 5 and 6.2: 10 and 30 points, 0.8 and 0.5, p at least 0.15, margins 2 points and 0.05."""
    profile = lookup.programme.profile
    thresholds = (profile.y_pp, profile.r_pp, profile.y_ratio, profile.r_ratio, profile.p_min)
    margins = (profile.rec_pp, profile.rec_ratio, profile.bound_margin)
    assert thresholds == ("10", "30", "0.8", "0.5", "0.15")
    assert margins == ("2", "0.05", "0.2")
    assert (profile.bound_red_pct, profile.bound_red_points, profile.min_range_tols) == ("5", "1", 5)
