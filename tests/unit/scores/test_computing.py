"""Editions kept: what moved without touching their facts costs no second computation."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
import pytest

from contracts.editions import Catalogue
from contracts.periods import Period, midnight, parse
from services.alerts.scores import computing
from services.alerts.scores.computing import Editions
from services.alerts.scores.edition import Edition, compute
from services.alerts.scores.items import Facts, Sheet, Told
from services.alerts.scores.reading import Mark
from tests.unit.scores.test_edition import THREE, Told_, item, sheet, told

JULY = midnight(parse("2023-06").end) + timedelta(days=9)  # June is all due


class Known:
    """What alerts knows, with the mark that moves with everything it handles."""

    def __init__(self, found: Told_) -> None:
        self.found, self.marked, self.through = dict(found), 0, JULY

    async def mark(self) -> tuple[Mark, datetime | None]:
        return (self.marked, 0), self.through

    async def facts(self, period: Period, through: datetime) -> Facts:
        return Facts(period, through, dict(self.found), {})


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moments of the editions that were computed."""
    moments: list[datetime] = []

    def noted(sheet: Sheet, facts: Facts, *places: Mapping[str, int | None] | None) -> Edition:
        moments.append(facts.through)
        return compute(sheet, facts, *places)

    monkeypatch.setattr(computing, "compute", noted)
    return moments


def editions(known: Known) -> Editions:
    return Editions(known, Catalogue(sheet(item("flats")).lookup), lambda: JULY)


def counties(found: Told) -> Told_:
    return {("flats", district): found for district in THREE}


async def test_what_moves_elsewhere_only_carries_an_edition_on(computed: list[datetime]) -> None:
    """Another cell was judged: the edition is the same, and says that it is judged further."""
    known = Known(counties(told()))
    asked = editions(known)
    first = await asked.newest()
    known.marked, known.through = 1, JULY + timedelta(hours=1)
    again = await asked.newest()
    assert computed == [JULY]
    assert again.facts.through == JULY + timedelta(hours=1)
    assert (again.districts, again.departments, again.lists) == (first.districts, first.departments, first.lists)


async def test_a_fact_of_its_own_makes_it_anew(computed: list[datetime]) -> None:
    """A corrected value of the month moves the score."""
    known = Known(counties(told()))
    asked = editions(known)
    first = await asked.newest()
    known.marked, known.found["flats", "anji"] = 1, told("10", "25")
    again = await asked.newest()
    assert len(computed) == 2
    assert again.districts != first.districts


async def test_an_excuse_that_ends_makes_it_anew(computed: list[datetime]) -> None:
    """Time alone ends an excuse: from then on the missing report counts (rule 7.2)."""
    excused = msgspec.structs.replace(told(), value=None, reason="excused", excused_until=JULY + timedelta(minutes=5))
    known = Known({**counties(told()), ("flats", "anji"): excused})
    asked = editions(known)
    first = await asked.newest()
    known.marked, known.through = 1, JULY + timedelta(minutes=5)
    again = await asked.newest()
    assert computed == [JULY, JULY + timedelta(minutes=5)]
    assert again.districts != first.districts
