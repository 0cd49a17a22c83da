"""Who is told what is data of the catalogue (rule 9): the shipped routes, and what `catalogue check` finds of them."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.catalogue import SHIPPED, Unloadable, check, load, load_over
from contracts.feed_events import FeedMessage
from contracts.routing import Route, Routing
from tests.support.feed import message

LOOKUP = load(SHIPPED)
ROUTING = LOOKUP.programme.routing
LEAD = "agri_rural_bureau"


def reminder(unit: str) -> FeedMessage:
    """What a unit has to report (rule 7.3); the list of all goes to the office's unit."""
    of_district = unit == "deqing"
    labels = {
        "district": unit if of_district else "huzhou",
        "department": "" if of_district else unit,
        "addressee": unit,
    }
    return message(1, kind="reminder", rule="reporting", ticket_level=None, labels=labels)


RED_LINE = message(1, kind="warning", rule="project", ticket_level=None, severity="red")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "catalogue"))


@pytest.mark.parametrize(
    ("said", "groups"),
    [
        (message(1), ["deqing", "office"]),
        (message(1, ticket_level=2), [LEAD, "deqing", "office"]),
        (message(1, ticket_level=3, severity="red"), [LEAD, "deqing", "leaders", "office"]),
        (message(1, kind="warning", ticket_level=None, severity="red"), ["deqing", "office"]),
        (
            message(1, kind="warning", rule="project", ticket_level=None, severity="red"),
            ["deqing", "leaders", "office"],
        ),
        (message(1, labels={"district": "huzhou", "department": LEAD}), [LEAD, "office"]),
        (reminder("deqing"), ["deqing"]),
        (reminder("education_bureau"), ["education_bureau"]),
        (reminder(LEAD), [LEAD, "office"]),
        (message(1, labels={"district": "anji", "department": LEAD, "addressee": LEAD}), [LEAD, "office"]),
    ],
)
def test_the_shipped_routes(said: FeedMessage, groups: list[str]) -> None:
    """The office hears everything but the reminders to each unit, a unit what it answers and reports, the leading
    department from level 2, leaders level 3 and red lines."""
    assert ROUTING.groups_of(said) == groups


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"units": ("deqing",)}, True),
        ({"units": ("anji",)}, False),
        ({"levels": (1, 2)}, True),
        ({"levels": (3,)}, False),
        ({"kinds": ("ticket",)}, True),
        ({"kinds": ("warning",)}, False),
        ({"rules": ("lag",)}, True),
        ({"rules": ("reporting",)}, False),
        ({"severities": ("yellow",)}, True),
        ({"severities": ("red",)}, False),
        ({"levels": (1,), "units": ("anji",)}, False),
    ],
)
def test_every_condition_of_a_route_must_hold(conditions: dict[str, Any], fits: bool) -> None:
    """Unit, level, kind, rule and severity, alone and together; none: everything."""
    assert Route(to=("office",), **conditions).fits(message(1)) is fits


def test_a_warning_has_no_level() -> None:
    """It fits no route that names levels."""
    assert not Route(to=("office",), levels=(1, 2, 3)).fits(message(1, kind="warning", ticket_level=None))


def test_without_the_file_the_office_and_the_unit_are_told(copy: Path) -> None:
    """The defaults of the code."""
    (copy / "routing.yaml").unlink()
    assert load(copy).programme.routing == Routing()
    assert Routing().groups_of(message(1, ticket_level=3)) == ["deqing", "office"]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("routes: [{to: [offcie]}]", "unknown_id", "routing"),
        ("routes: [{to: [office], units: [nobody]}]", "unknown_id", "routing"),
        ("groups: [{id: addressee, name: {zh: 甲, en: A}}]", "duplicate_id", "routing/addressee"),
    ],
)
def test_what_names_nothing_is_found(copy: Path, text: str, code: str, place: str) -> None:
    """A misspelt group would be a message that nobody gets."""
    (copy / "routing.yaml").write_text(text)
    assert (code, place, "error") in {(each.code, each.place, each.severity) for each in check(load(copy))}


@pytest.mark.parametrize("text", ["routes: [{to: [office], level: [3]}]", "routes: [{to: [office], levels: [4]}]"])
def test_unknown_conditions_are_refused(copy: Path, text: str) -> None:
    """They would be silent: the catalogue is not loaded."""
    (copy / "routing.yaml").write_text(text)
    with pytest.raises(Unloadable, match="routing"):
        load(copy)


def test_a_version_may_change_the_routing_alone(tmp_path: Path) -> None:
    """`liangshai catalogue apply` lays it over the present one."""
    (tmp_path / "programme.yaml").write_text("version: '2'\nreason: {zh: 改路由, en: other routes}\n")
    (tmp_path / "routing.yaml").write_text("routes: [{to: [office]}]")
    after, _ = load_over(tmp_path, LOOKUP)
    assert after.programme.routing.routes == (Route(to=("office",)),)
    assert msgspec.structs.replace(after.programme, routing=ROUTING, version="1") == LOOKUP.programme
