"""People and units are found by what somebody types."""

import pytest

from contracts.catalogue import load
from contracts.events import Text
from deploy.local.programs import ROOT
from services.desk import searching
from services.desk.people import Person

LOOKUP = load(ROOT / "contracts/catalogue/huzhou-2023-2027")
UNITS = {each.id: each.name for each in LOOKUP.districts.values()}
UNITS |= {each.id: each.name for each in LOOKUP.departments.values()}


@pytest.mark.parametrize("typed", ["wuxing", " 吴兴 ", "吴兴区", UNITS["wuxing"].en.upper()])
def test_a_unit_by_id_name_or_part(typed: str) -> None:
    """In either language, whatever the case and the spaces around it."""
    assert searching.unit(typed, LOOKUP).unit == "wuxing"


def test_what_is_no_one_unit_is_not_guessed() -> None:
    """Several are offered, none is said to be none; nothing typed misses nothing."""
    several, none = searching.unit("德清", LOOKUP), searching.unit("月球", LOOKUP)
    assert (several.unit, several.several, several.missed) == ("", ("deqing", "deqing_edz"), True)
    assert len(searching.unit("局", LOOKUP).several) == searching.SHOWN
    assert (none.unit, none.several, none.missed) == ("", (), True)
    assert not searching.unit("", LOOKUP).missed


def test_every_unit_is_found_by_its_own_names() -> None:
    """Also where its name is a part of another's."""
    for unit, name in UNITS.items():
        assert {searching.unit(each, LOOKUP).unit for each in (unit, name.zh, name.en)} == {unit}


PEOPLE = [
    Person(subject="ma.deqing", name="马德清", role="district_clerk", unit="deqing", login="ma"),
    Person(subject="zhou", name="周主任", role="office_director"),
    Person(subject="zhu", name="朱建设", role="department_lead", unit="construction_bureau"),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["ma.deqing", "zhou", "zhu"]),
        ("马", ["ma.deqing"]),
        ("德清县", ["ma.deqing"]),
        ("填报人 deqing", ["ma.deqing"]),
        ("office director", ["zhou"]),
        ("建设 负责人", ["zhu"]),
        ("nobody", []),
    ],
)
def test_people_by_every_word(typed: str, found: list[str]) -> None:
    """Of name, id, account, role and unit."""
    units: dict[str, Text] = UNITS
    assert [each.subject for each in searching.people(typed, PEOPLE, units)] == found
