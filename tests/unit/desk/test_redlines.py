"""Who may raise and close a red line on an indicator's task, and the statement that goes to intake."""

import pytest

from contracts.catalogue import load
from deploy.local.programs import ROOT
from services.desk.items.redlines import event, offered
from services.desk.people import Person

LOOKUP = load(ROOT / "contracts/catalogue/huzhou-2023-2027")
INDICATOR = "major_projects_investment"
LEAD = LOOKUP.indicators[INDICATOR].lead
OTHER = next(each for each in LOOKUP.departments if each != LEAD)


@pytest.mark.parametrize(
    ("role", "unit", "forms"),
    [
        ("office_director", None, ("raise", "close")),
        ("district_clerk", "deqing", ("raise",)),
        ("department_lead", LEAD, ("raise",)),
        ("district_clerk", "anji", ()),
        ("department_clerk", OTHER, ()),
        ("function_group", "group_1", ()),
        ("leader", None, ()),
    ],
)
def test_forms_are_those_of_role_and_unit(role: str, unit: str | None, forms: tuple[str, ...]) -> None:
    """Rule 12: who answers for the task, and its lead, raises, the office closes too, nobody else does either."""
    person = Person(subject="x", name="李", role=role, unit=unit)
    assert offered(person, LOOKUP, INDICATOR, "deqing") == forms


def test_a_click_is_one_statement() -> None:
    """Rule 2.7: the same request twice has one id; evidence is a list of its lines; a closing says why."""
    said = {
        "kind": "cultivated_land",
        "text": "占用",
        "on": "2023-07-01",
        "evidence": " 图斑 1 \n\n照片",
        "request": "r",
    }
    first, again = (event("raise", said, "p", INDICATOR, "deqing") for _ in range(2))
    closing = event("close", said | {"reason": "已复耕"}, "p", INDICATOR, "deqing")
    assert first == again
    assert first["id"] != closing["id"]
    about = {"programme": "p", "indicator": INDICATOR, "district": "deqing", "kind": "cultivated_land"}
    assert first["data"] == about | {"text": "占用", "on": "2023-07-01", "evidence": ["图斑 1", "照片"]}
    assert (closing["type"], closing["data"]) == ("redline.closed.v1", about | {"reason": "已复耕"})
