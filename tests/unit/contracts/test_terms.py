"""What holds for each month of projects under several versions of the catalogue (rules 2.9 and 12)."""

import msgspec

from contracts.editions import Edition, Editions
from contracts.periods import parse
from contracts.programme import Lookup
from contracts.terms import Terms
from tests.support.intake import lookup
from tests.support.recorded import at


def later(since: str, version: str, red_days: int) -> Edition:
    """A version with another threshold, known since noon of a day."""
    programme = lookup().programme
    profile = msgspec.structs.replace(programme.profile, project_red_days=red_days)
    return Edition.of(Lookup(msgspec.structs.replace(programme, version=version, profile=profile)), at(since))


def test_a_later_version_holds_for_the_months_that_are_open() -> None:
    """Known on 15 January 2024: December 2023 (open until 1 February) is held to it, November is not."""
    found = Terms(Editions([Edition.of(lookup()), later("2024-01-15", "2", 20)]))
    held = {period: found.of(parse(period)).profile.project_red_days for period in ("2023-11", "2023-12", "2024-01")}
    assert held == {"2023-11": 15, "2023-12": 20, "2024-01": 20}
    assert len(found.months) == 60


def test_of_two_later_versions_the_newest_before_the_lock_holds() -> None:
    """In whatever order they are given."""
    versions = [later("2024-03-15", "3", 30), Edition.of(lookup()), later("2024-01-15", "2", 20)]
    found = Terms(Editions(versions))
    held = [found.of(parse(period)).profile.project_red_days for period in ("2023-11", "2023-12", "2024-01", "2024-02")]
    assert held == [15, 20, 20, 30]
