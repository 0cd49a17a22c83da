"""`catalogue check`: what the shipped catalogue leaves in doubt, and every other code provoked once."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from cli.__main__ import main
from contracts.catalogue import SHIPPED, Unloadable, check, load
from contracts.findings import CODES
from contracts.programme import Allocation, Baseline, Indicator, Lookup, Programme, Target
from contracts.routing import Route, Routing

Change = Callable[[Programme], Programme]

SHIPPED_FINDINGS = {
    "calendar_year_without_data": 2,
    "no_responsible_unit": 11,
    "lead_differs": 6,
    "definition_differs": 7,
    "bound_differs": 5,
    "deviation": 7,
    "no_target": 7,
    "target_unreadable": 3,
    "target_disputed": 1,
    "target_not_binding": 9,
    "targets_not_monotonic": 3,
    "every_year_exception": 3,
    "years_without_target": 4,
    "stock_without_start": 4,
    "own_targets_missing": 2,
}


@pytest.fixture(scope="module")
def lookup() -> Lookup:
    return load(SHIPPED)


def test_the_shipped_catalogue_has_doubts_and_no_errors(lookup: Lookup) -> None:
    """Every doubt that the plan's README names is found, and nothing in the catalogue is broken."""
    found = check(lookup)
    counts = Counter(each.code for each in found)
    in_years_without_breaks = counts.pop("calendar_year_without_data", 0)  # shrinks as the library is renewed
    assert in_years_without_breaks <= SHIPPED_FINDINGS["calendar_year_without_data"]
    assert counts == {code: n for code, n in SHIPPED_FINDINGS.items() if code != "calendar_year_without_data"}
    assert all(each.severity != "error" for each in found)
    places = {(each.code, each.place) for each in found}
    assert ("targets_not_monotonic", "indicators/ecommerce_villages/2027-12-31") in places
    assert ("every_year_exception", "indicators/hemei_demo_villages/2027-12-31") in places
    assert ("definition_differs", "indicators/village_collective_income_floor") in places


def test_findings_are_ordered_and_speak_both_languages(lookup: Lookup) -> None:
    """Errors, warnings, notes; both texts filled in."""
    found = check(lookup)
    order = ["error", "warning", "note"]
    assert [each.severity for each in found] == sorted((each.severity for each in found), key=order.index)
    assert all(each.zh and each.en and "{" not in each.zh + each.en for each in found)


def indicator(identity: str, **changes: Any) -> Change:
    def change(programme: Programme) -> Programme:
        changed = (replace(i, **changes) if i.id == identity else i for i in programme.indicators)
        return replace(programme, indicators=tuple(changed))

    return change


def shares(change: Callable[[tuple[Allocation, ...]], tuple[Allocation, ...]]) -> Change:
    return lambda programme: replace(programme, decomposition=change(programme.decomposition))


def target(value: str = "80", on: date = date(2027, 12, 31)) -> tuple[Target, ...]:
    return (Target(on=on, value=value),)


def without(identity: str) -> Change:
    return shares(lambda all_of_them: tuple(each for each in all_of_them if each.indicator != identity))


PROVOKED: dict[str, tuple[Change, str]] = {
    "duplicate_id": (
        lambda programme: replace(programme, areas=(*programme.areas, programme.areas[0])),
        "areas/plan_overall",
    ),
    "unknown_id": (indicator("cold_chains", area="nowhere"), "indicators/cold_chains"),
    "not_a_number": (indicator("cold_chains", targets=target(value="ten")), "indicators/cold_chains/2027-12-31"),
    "calendar_year_without_data": (lambda programme: replace(programme, last_day=date(2098, 12, 31)), "calendar/2099"),
    "cannot_be_fed": (indicator("cold_chains", fed_by="investment"), "indicators/cold_chains"),
    "district_does_not_report": (
        indicator("hemei_village_rate", applicable=("deqing_edz",)),
        "indicators/hemei_village_rate",
    ),
    "target_outside_life": (
        indicator("cold_chains", targets=target(on=date(2030, 12, 31))),
        "indicators/cold_chains/2030-12-31",
    ),
    "target_too_fine": (indicator("cold_chains", targets=target(value="9.5")), "indicators/cold_chains/2027-12-31"),
    "target_weaker_than_start": (
        indicator("nursing_bed_share", baseline=Baseline(on=date(2022, 12, 31), value="60")),
        "indicators/nursing_bed_share/2027-12-31",
    ),
    "tolerance_zero": (indicator("cold_chains", tolerance="0"), "indicators/cold_chains"),
    "decomposition_missing": (without("enclave_projects"), "decomposition/enclave_projects/2027-12-31"),
    "decomposition_differs": (
        indicator("enclave_projects", targets=target(value="101")),
        "decomposition/enclave_projects/2027-12-31",
    ),
    "group_without_route": (
        lambda programme: replace(programme, routing=Routing(routes=(Route(to=("deqing",)),))),
        "routing/office",
    ),
    "level_without_route": (
        lambda programme: replace(programme, routing=Routing(routes=(Route(to=("office",), levels=(1, 3)),))),
        "routing/level/2",
    ),
    "share_without_target": (
        indicator("enclave_projects", applicable=("wuxing",)),
        "decomposition/enclave_projects/nanxun",
    ),
}


@pytest.mark.parametrize("code", sorted(PROVOKED))
def test_each_doubt_is_found_at_its_place(lookup: Lookup, code: str) -> None:
    """A catalogue changed in one place gives the finding with that code and that place, and did not before."""
    change, place = PROVOKED[code]
    changed = Lookup(change(lookup.programme))
    expected = (code, place)
    assert expected in {(each.code, each.place) for each in check(changed)}
    assert expected not in {(each.code, each.place) for each in check(lookup)}


def test_every_code_is_met() -> None:
    """Each code is found in the shipped catalogue or provoked here; what a next version may not do has tests of its
    own (tests/unit/ingest/test_catalogues.py)."""
    between_versions = {"another_programme", "indicator_vanished", "meaning_changed"}
    assert set(CODES) - between_versions == set(SHIPPED_FINDINGS) | set(PROVOKED)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("area", indicator("cold_chains", area_2023="nowhere")),
        ("department", indicator("cold_chains", departments=("nobody",))),
        ("district", indicator("cold_chains", applicable=("atlantis",))),
        ("unit", indicator("cold_chains", unit="furlong")),
        ("indicator", indicator("cold_chains", continues="warm_chains")),
        ("indicator", shares(lambda all_of_them: (replace(all_of_them[0], indicator="warm_chains"),))),
    ],
)
def test_a_dangling_id_is_an_error(lookup: Lookup, part: str, change: Change) -> None:
    """Whatever part names it: an id that names nothing is an error that says what kind of id it is."""
    errors = [each for each in check(Lookup(change(lookup.programme))) if each.severity == "error"]
    assert [each.code for each in errors] == ["unknown_id"]
    assert f"there is no {part} " in errors[0].en


def test_an_indicator_cannot_be_changed_in_place(lookup: Lookup) -> None:
    """What a service loaded stays what it loaded."""
    with pytest.raises(AttributeError):
        lookup.programme.indicators[0].decimals = 3  # type: ignore[misc]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(copytree(SHIPPED, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("programme.yaml", "id: huzhou-2023-2027", "id: [huzhou"),
        ("programme.yaml", "first_day: 2023-01-01", "first_day: yesterday"),
        ("indicators/01-goals.yaml", "  measure: cumulative", "  mesure: cumulative"),
        ("indicators/01-goals.yaml", 'value: "40"', "value: 40"),
        ("indicators/01-goals.yaml", "goal: reach", "goal: win"),
        ("decomposition.yaml", "shares:", "parts:"),
        ("profile.yaml", "id: default", "# gone"),
    ],
)
def test_what_is_no_programme_cannot_be_loaded(
    copied: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str
) -> None:
    """A slip of the pen is named with its directory or file; the command exits 1."""
    text = (copied / file).read_text("utf-8")
    assert old in text
    (copied / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Unloadable, match=str(copied)):
        load(copied)
    assert main(["catalogue", "check", str(copied)]) == 1
    assert "无法装载" in capsys.readouterr().err


def test_a_missing_directory_cannot_be_loaded(tmp_path: Path) -> None:
    """No directory, no programme."""
    with pytest.raises(Unloadable):
        load(tmp_path / "nowhere")


def test_the_command_prints_every_finding(lookup: Lookup, capsys: pytest.CaptureFixture[str]) -> None:
    """`liangshai catalogue check` shows code and place of each finding, counts them, and exits 0 without errors."""
    assert main(["catalogue", "check"]) == 0
    shown = "".join(capsys.readouterr().out.split())
    for each in check(lookup):
        assert each.place + each.code in shown
    assert "185指标indicators·951序列series·0错误error" in shown


def test_the_command_exits_1_on_errors(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dangling id fails the check."""
    path = copied / "indicators" / "01-goals.yaml"
    path.write_text(path.read_text("utf-8").replace("area: goals", "area: gaols", 1), "utf-8")
    assert main(["catalogue", "check", str(copied)]) == 1
    assert "gaols" in capsys.readouterr().out


def test_the_catalogue_survives_its_own_encoding(lookup: Lookup) -> None:
    """What is loaded is plain data: written as JSON and read back it is the same programme."""
    again = msgspec.json.decode(msgspec.json.encode(lookup.programme), type=Programme)
    assert again == lookup.programme
    assert isinstance(again.indicators[0], Indicator)
