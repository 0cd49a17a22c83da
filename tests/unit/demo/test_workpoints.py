"""The invented work points: the same from the same seed, marked as invented, and each kind of change among them."""

from contracts.catalogue import check
from contracts.periods import SHANGHAI
from deploy.demo import workpoints
from deploy.demo.workpoints import INVENTED, WorkPoints, in_force, told
from tests.support.intake import lookup

CHANGES = told(lookup(), "huzhou")


def change(version: str) -> WorkPoints:
    """One of them."""
    return next(each for each in CHANGES if each.version == version)


def codes(of: WorkPoints, code: str) -> set[str]:
    """The places of a finding that the plan itself does not have."""
    known = {(found.code, found.place) for found in check(lookup())}
    return {f.place for f in check(of.lookup) if f.code == code and (f.code, f.place) not in known}


def test_the_same_seed_changes_the_same() -> None:
    """A function of the seed; another seed draws other targets."""
    again = told(lookup(), "huzhou")
    assert [each.lookup.programme for each in again] == [each.lookup.programme for each in CHANGES]
    assert told(lookup(), "another")[-1].lookup.programme != CHANGES[-1].lookup.programme


def test_one_each_january_and_allocations_later() -> None:
    """Work points come every January, allocations later still (April 2024 alone has no indicators)."""
    months = [(each.at.year, each.at.month, bool(each.indicators)) for each in CHANGES]
    assert months == [(2024, 1, True), (2024, 4, False), (2025, 1, True), (2026, 1, True)]
    assert all(each.at.tzinfo is SHANGHAI for each in CHANGES)


def test_everything_says_that_it_is_invented() -> None:
    """Each indicator that differs from the plan carries the mark, and each change's reason does in both languages."""
    for each in CHANGES:
        assert "演示用虚构" in each.reason
        assert "invented" in each.reason_en
    plan, last = lookup().indicators, CHANGES[-1].lookup.indicators
    differing = {name for name, indicator in last.items() if plan.get(name) != indicator}
    assert differing == {name for each in CHANGES for name in each.indicators}
    assert all(INVENTED in (last[name].note or "") for name in differing)


def test_nothing_that_was_printed_is_taken_away() -> None:
    """The plan's own targets stay; only dates after 2023 are added."""
    for name, indicator in lookup().indicators.items():
        after = CHANGES[-1].lookup.indicators[name].targets
        assert set(indicator.targets) <= set(after)
        assert all(target.on.year > 2023 for target in set(after) - set(indicator.targets))


def test_each_kind_of_change_is_among_them() -> None:
    """Late decompositions, a definition change, an indicator opened again, a disputed target, an effort target, and a
    decomposition that does not add up (rules 3.3 and 4.11)."""
    late = {place.split("/")[1] for place in codes(change("2024.1"), "decomposition_missing")}
    assert late == set(workpoints.SPLIT_LATER)
    assert not codes(change("2024.2"), "decomposition_missing")
    old = change("2025.1").lookup.indicators[workpoints.REDEFINED]
    new = change("2025.1").lookup.indicators[f"{workpoints.REDEFINED}_2025"]
    assert (old.valid_to.year, new.valid_from.year, new.continues) == (2024, 2025, old.id)
    before, after = (each.indicators[workpoints.REOPENED].valid_to.year for each in (lookup(), change("2024.1").lookup))
    assert (before, after) == (2023, 2024)
    assert codes(change("2025.1"), "target_disputed") == {f"indicators/{workpoints.DISPUTED}/2025-12-31"}
    assert codes(change("2026.1"), "decomposition_differs") == {f"decomposition/{workpoints.UNEQUAL}/2026-12-31"}
    assert codes(change("2026.1"), "target_not_binding") == {f"indicators/{workpoints.EFFORT}/2026-12-31"}
    assert not [found for each in CHANGES for found in check(each.lookup) if found.severity == "error"]


def test_the_programme_of_a_moment() -> None:
    """The newest change applied before it; before all of them the plan itself."""
    assert in_force(lookup(), CHANGES, CHANGES[0].at) is not CHANGES[0].lookup
    assert in_force(lookup(), CHANGES, CHANGES[1].at) is CHANGES[0].lookup
    assert in_force(lookup(), CHANGES, CHANGES[-1].at.replace(year=2027)) is CHANGES[-1].lookup
