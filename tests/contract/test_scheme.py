"""The scheme of the shipped programme is data with the defaults that rule 10.6 documents, loaded and checked."""

import shutil
from pathlib import Path

import msgspec
import pytest

from contracts.catalogue import SHIPPED, Unloadable, check, load, load_over
from contracts.periods import Frequency
from contracts.schemes import Excellence, Scheme, SpecialReport

LOOKUP = load(SHIPPED)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue with its one scheme."""
    made = Path(shutil.copytree(SHIPPED, tmp_path / "catalogue"))
    shutil.rmtree(made / "schemes")
    return made


def test_the_defaults_are_those_the_plan_leaves_open() -> None:
    """Rule 10.6: each default, and what it is named after."""
    scheme = LOOKUP.programme.scheme
    assert set(scheme.core) == {i.id for i in LOOKUP.programme.indicators if i.core}
    assert len(scheme.core) == 11
    assert scheme.excellent == Excellence(score="90.00", without_red_in_december=True)
    assert scheme.special_report == SpecialReport(every=Frequency.QUARTERLY, day=15)
    assert scheme.assessment_cut_off == "03-31"
    assert [group.name.zh for group in scheme.groups] == ["第一组", "第二组", "第三组", "第四组", "第五组"]
    assert (scheme.gate, scheme.form, scheme.rank_by, scheme.weighting) == ("0.80", "target", "score", "equal")


def test_a_catalogue_without_a_scheme_has_the_defaults(copy: Path) -> None:
    """Rule 10.6: the file is optional; what it would say is documented."""
    (copy / "scheme.yaml").unlink()
    assert load(copy).programme.scheme == Scheme()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("core: [no_such_indicator]", "unknown_id"),
        ("weights: {areas: {nowhere: '2'}}", "unknown_id"),
        ("weights: {items: {major_projects: two}}", "not_a_number"),
        ("gate: four fifths", "not_a_number"),
        ("groups: [{id: a, name: {zh: 甲, en: A}, units: [nobody]}]", "unknown_id"),
    ],
)
def test_a_scheme_that_cannot_be_read_is_an_error(copy: Path, line: str, code: str) -> None:
    """What names nothing or is no number is found on load, before anything is scored by it."""
    (copy / "scheme.yaml").write_text(line)
    assert [(each.code, each.place, each.severity) for each in check(load(copy))] == [(code, "scheme", "error")]


def test_unknown_settings_are_refused(copy: Path) -> None:
    """A misspelt setting would be a silent default."""
    (copy / "scheme.yaml").write_text("rank_bye: total")
    with pytest.raises(Unloadable, match="rank_bye"):
        load(copy)
    assert msgspec.convert({"rank_by": "total"}, Scheme).rank_by == "total"


def test_schemes_that_can_be_asked_for() -> None:
    """Rules 10.2 and 10.5: the local form and the three levels differ from the scheme in that alone."""
    scheme, others = LOOKUP.programme.scheme, {each.id: each for each in LOOKUP.programme.schemes}
    assert others == {
        "local": msgspec.structs.replace(scheme, id="local", form="min_max"),
        "levels": msgspec.structs.replace(scheme, id="levels", weighting="levels"),
    }
    assert LOOKUP.schemes == {scheme.id: scheme, **others}


def test_another_scheme_says_only_what_differs(copy: Path) -> None:
    """A file of its own beside scheme.yaml; its mistakes are found at its own place, its id is its name."""
    (copy / "schemes").mkdir()
    (copy / "schemes" / "strict.yaml").write_text("gate: '1'")
    (copy / "schemes" / "odd.yaml").write_text("core: [nothing]")
    found = load(copy)
    assert found.schemes["strict"] == msgspec.structs.replace(found.programme.scheme, id="strict", gate="1")
    assert [(each.code, each.place) for each in check(found)] == [("unknown_id", "schemes/odd")]


def test_a_next_version_may_change_its_schemes(copy: Path) -> None:
    """A directory laid over: scheme.yaml in place of the old one, schemes by their ids, the others stay."""
    over = copy / "over"
    (over / "schemes").mkdir(parents=True)
    (over / "programme.yaml").write_text("version: '2'\nreason: {zh: 试, en: try}\n")
    (over / "scheme.yaml").write_text("gate: '0.90'")
    (over / "schemes" / "levels.yaml").write_text("weighting: levels\nweights: {areas: {goals: '2'}}")
    after, _ = load_over(over, LOOKUP)
    assert after.programme.scheme == Scheme(gate="0.90")
    assert after.schemes["levels"].weights.areas == {"goals": "2"}
    assert after.schemes["local"] == LOOKUP.schemes["local"]


def test_two_schemes_of_one_name_are_an_error(copy: Path) -> None:
    """Whoever asks by a name gets one scheme."""
    (copy / "schemes").mkdir()
    (copy / "schemes" / "default.yaml").write_text("gate: '1'")
    assert [(each.code, each.place) for each in check(load(copy))] == [("duplicate_id", "schemes/default")]
