"""Which cells of a month may be published, how they stand, and the acts that publish them."""

from typing import Any

import pytest

from contracts.catalogue import load
from deploy.local.programs import ROOT
from services.desk.calendar.publishing import Candidate, choice, events, units

LOOKUP = load(ROOT / "contracts/catalogue/huzhou-2023-2027")
INDICATOR = "major_projects_investment"


def cell(district: str, state: str, **more: Any) -> dict[str, Any]:
    said = {
        "indicator": INDICATOR, "district": district, "answers": district, "period": "2023-06", "state": state,
        "due_at": "2023-07-06T00:00:00+08:00", "locked": False, "conflict": False, "flags": [], "value": None,
    }  # fmt: skip
    return {**said, **more}


def act(district: str, outcome: str) -> dict[str, Any]:
    about = {"indicator": INDICATOR, "district": district, "period": "2023-06"}
    return {**about, "actor": "zhou", "outcome": {"outcome": outcome}}


@pytest.mark.parametrize(
    ("month", "frequency", "periods"),
    [
        ("2023-12", "all", ["2023-12", "2023-Q4", "2023"]),
        ("2023-06", "all", ["2023-06", "2023-Q2"]),
        ("2023-06", "quarterly", ["2023-Q2"]),
        ("2023-05", "quarterly", []),
        ("2024-02", "monthly", ["2024-02"]),
    ],
)
def test_periods_that_end_with_a_month(month: str, frequency: str, periods: list[str]) -> None:
    """Of one frequency or of all; none where none ends."""
    found = choice(month, frequency)
    assert [each.text for each in found.periods] == periods
    assert found.span["first"] == f"{month}-01"
    assert choice("2024-02", "all").span["last"] == "2024-02-29"


def kinds(*cells: dict[str, Any], held: Any = (), acts: Any = ()) -> list[Candidate]:
    found = units(choice("2023-06", "monthly"), cells, held, acts, LOOKUP)
    return [each for unit in found for each in unit.cells]


@pytest.mark.parametrize(
    ("state", "kind", "choosable", "suggested"),
    [
        ("received_on_time", "complete", True, True),
        ("received_late", "late", True, True),
        ("overdue", "overdue", True, False),
        ("never_reported", "never_reported", True, False),
        ("excused", "excused", True, False),
        ("due", "awaited", False, False),
        ("not_due", "awaited", False, False),
    ],
)
def test_how_a_cell_stands(state: str, kind: str, choosable: bool, suggested: bool) -> None:
    """Rules 2.9 and 7.2: what has a value is suggested, what has none may be chosen once it is due; nothing behind a
    lock is."""
    [found] = kinds(cell("deqing", state))
    assert (found.kind, found.choosable, found.suggested) == (kind, choosable, suggested)
    [locked] = kinds(cell("deqing", state, locked=True))
    assert (locked.kind, locked.choosable) == ("locked", False)


def test_what_is_published_or_waits_behind_the_lock_is_said_as_that() -> None:
    """By whom; an act that recording refused or found nothing to do for published nothing."""
    done = cell("deqing", "received_on_time", locked=True)
    [published] = kinds(done, acts=[act("deqing", "applied")])
    [not_by_it] = kinds(done, acts=[act("deqing", "unchanged")])
    [waits] = kinds(done, held=[act("deqing", "applied")], acts=[act("deqing", "applied")])
    assert published.act is not None
    assert (published.kind, published.act["actor"], not_by_it.kind, waits.kind) == (
        "published", "zhou", "locked", "held",
    )  # fmt: skip


def test_a_disputed_value_is_not_suggested() -> None:
    """Rule 2.8: two values under one revision; the office may choose it all the same."""
    [found] = kinds(cell("deqing", "received_on_time", conflict=True))
    assert (found.choosable, found.suggested) == (True, False)


def test_units_with_what_they_owe() -> None:
    """Districts first, counted by kind; what nobody owes, what does not apply and other periods are left out."""
    found = units(
        choice("2023-06", "monthly"),
        [
            cell("construction_bureau", "overdue"),
            cell("deqing", "received_on_time"),
            cell("deqing", "overdue", indicator="no_more"),
            cell("deqing", "received_on_time", period="2023-Q2"),
            cell("huzhou", "not_due", due_at=None),
            cell("anji", "not_applicable"),
        ],
        [],
        [],
        LOOKUP,
    )
    assert [(each.unit, each.counts, each.choosable, each.suggested) for each in found] == [
        ("deqing", [("complete", 1), ("overdue", 1)], 2, 1),
        ("construction_bureau", [("overdue", 1)], 1, 0),
    ]


def test_the_same_click_is_the_same_acts() -> None:
    """Rule 2.7: an act a cell, its id from the request and the cell; a cell named twice is one act."""
    names = [f"{INDICATOR}/deqing/2023-06", f"{INDICATOR}/anji/2023-06", f"{INDICATOR}/anji/2023-06"]
    first, again, other = (events(names, "6月通报", request, "p") for request in ("r1", "r1", "r2"))
    assert first == again
    assert len({each["id"] for each in first + other}) == 4
    assert first[0]["data"] == {
        "act": "cell.published", "programme": "p", "indicator": INDICATOR, "district": "deqing", "period": "2023-06",
        "publication": "6月通报",
    }  # fmt: skip
