"""Several versions of a catalogue in one fold (rules 2.9, 2.10 and 4.4): what is locked keeps its own."""

import random
from datetime import date, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.cells import Cells
from contracts.editions import Edition, Editions
from contracts.programme import CITY, Allocation, Lookup, Target
from services.metrics.fold import Fact, Folded, Folding, fold
from services.metrics.ledger import Decided, Ledger
from tests.support.programmes import DISTRICTS, Trial, trial
from tests.unit.metrics.test_fold import TOLD, histories

DEQING, HUNDRED = "deqing", (Target(on=date(2027, 12, 31), value="100"),)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+08:00")


def version(of: Trial, name: str, targets: dict[str, str], **changes: object) -> Lookup:
    """The programme of a trial with other targets for its indicator."""
    dated = tuple(Target(on=date.fromisoformat(on), value=value) for on, value in targets.items())
    changed = msgspec.structs.replace(of.indicator, targets=dated, **changes)
    return Lookup(msgspec.structs.replace(of.lookup.programme, version=name, indicators=(changed,)))


def folded(editions: Editions, of: Trial, facts: list[Fact]) -> Folded:
    folding = Folding(editions, of.indicator)
    for fact in facts:
        folding.add(fact)
    return folding.fold()


def test_a_locked_cell_keeps_the_version_known_before_its_lock() -> None:
    """Rules 2.9 and 4.4: work points of January 2024 move December, which is open, and not November, which locked."""
    told = trial(targets=HUNDRED).tell_all({"2023-11": "10", "2023-12": "12", "2024-01": "15"})
    later = version(told, "2", {"2024-12-31": "40", "2027-12-31": "100"})
    editions = Editions([Edition.of(told.lookup), Edition.of(later, at("2024-01-15"))])
    before, after = fold(told.lookup, told.cells, told.indicator, told.facts), folded(editions, told, told.facts)
    assert after.standings[CITY, "2023-11"] == before.standings[CITY, "2023-11"]
    december, january = after.standings[CITY, "2023-12"], after.standings[CITY, "2024-01"]
    assert (december.catalogue_version, december.expected, december.target) == ("2", "20.000", "40.0")
    assert (january.catalogue_version, january.target_on) == ("2", date(2024, 12, 31))
    assert december.known_at == at("2024-01-15")
    assert january.known_at == before.standings[CITY, "2024-01"].known_at
    assert after.outcomes == before.outcomes


def test_what_a_version_takes_away_stays_and_is_not_judged() -> None:
    """Rules 2.9 and 4.11: of a shortened life the locked cells stay, an open one with a value is not applicable."""
    told = trial(targets=HUNDRED).tell_all({"2023-11": "10", "2023-12": "12"})
    shorter = version(told, "2", {"2023-11-30": "40"}, valid_to=date(2023, 11, 30))
    editions = Editions([Edition.of(told.lookup), Edition.of(shorter, at("2024-01-15"))])
    found = folded(editions, told, told.facts).standings
    assert found[CITY, "2023-11"].catalogue_version == "1"
    assert (found[CITY, "2023-12"].mode, found[CITY, "2023-12"].reason) == ("none", "not_applicable")
    gone = editions.get(told.indicator.id, CITY, "2026-01")
    assert gone is not None
    assert (gone.due_at, gone.record_at, gone.applicable) == (None, None, False)


def test_what_a_version_brings_after_its_lock_belongs_to_it() -> None:
    """Rule 2.9: a district that joins later has its whole series from then on, the city's locked sums stay without."""
    joining = trial(targets=(Target(on=date(2023, 12, 31), value="80"),), applicable=DISTRICTS, aggregate="sum")
    first = msgspec.structs.replace(joining.indicator, applicable=joining.indicator.applicable[1:])
    old = Lookup(msgspec.structs.replace(joining.lookup.programme, indicators=(first,)))
    new = Lookup(msgspec.structs.replace(joining.lookup.programme, version="2"))
    editions = Editions([Edition.of(old), Edition.of(new, at("2023-06-15"))])
    joined = joining.indicator.applicable[0]
    for district in first.applicable:
        joining.tell_all({"2023-01": "1", "2023-05": "2"}, district=district)
    found = folded(editions, joining, joining.facts).standings
    assert {seat.edition.version for seat in editions.seats(first.id, joined)} == {"2"}
    assert (found[CITY, "2023-01"].catalogue_version, found[CITY, "2023-01"].value) == ("1", "5.0")
    city = found[CITY, "2023-05"]
    assert (city.catalogue_version, city.value) == ("2", None)
    assert city.derived is not None
    assert city.derived.missing == (joined,)


MOMENTS = st.dates(date(2023, 1, 2), date(2024, 3, 1))


@st.composite
def marks(draw: st.DrawFn) -> list[Edition]:
    """A first version and up to three later ones, each at its moment, with other targets and shares."""
    made = [Edition.of(TOLD.lookup)]
    for n in range(draw(st.integers(0, 3))):
        targets = {f"{year}-12-31": str(draw(st.integers(1, 90))) for year in (2023, 2024, 2027)}
        made_of = version(TOLD, str(n + 2), targets).programme
        share = Allocation(indicator=TOLD.indicator.id, district=DEQING, targets={"2023-12-31": draw(SHARES)})
        changed = Lookup(msgspec.structs.replace(made_of, decomposition=(share,)))
        made.append(Edition.of(changed, at(draw(MOMENTS).isoformat())))
    return made


SHARES = st.sampled_from(["0", "10", "25"])


@settings(max_examples=60, deadline=None)
@given(facts=histories(), made=marks(), seed=st.integers(0, 1000))
def test_any_order_of_marks_and_reports_ends_the_same(facts: list[Fact], made: list[Edition], seed: int) -> None:
    """Rule 6.1: only what the versions and reports say about their moments counts, not when we heard of them."""
    other, marked = list(facts), list(made)
    random.Random(seed).shuffle(other)
    random.Random(seed).shuffle(marked)
    first = folded(Editions(made), TOLD, facts)
    afresh = [Edition(Lookup(e.lookup.programme), Cells(Lookup(e.lookup.programme)), e.since) for e in marked]
    assert folded(Editions(afresh), TOLD, other) == first
    assert first.outcomes.keys() == {fact.identity for fact in facts}


@settings(max_examples=60, deadline=None)
@given(facts=histories(), made=marks())
def test_a_later_version_never_moves_what_was_locked(facts: list[Fact], made: list[Edition]) -> None:
    """Rules 2.9 and 4.4: without the last version every cell that had locked before it stands as it did."""
    *_, last = Editions(made).all
    fewer = [edition for edition in made if edition is not last]
    if fewer:
        known = Editions(fewer)
        before, after = folded(known, TOLD, facts).standings, folded(Editions(made), TOLD, facts).standings
        assert before.keys() == after.keys()
        for (district, period), standing in before.items():
            cell = known.get(TOLD.indicator.id, district, period)
            assert cell is not None
            if cell.lock_at <= last.since:
                assert after[district, period] == standing
            else:
                assert after[district, period].catalogue_version == last.version
                assert after[district, period].known_at >= last.since


@settings(max_examples=60, deadline=None)
@given(facts=histories(), later=st.integers(0, 12))
def test_a_remembered_ledger_takes_a_version_over_as_one_read_afresh(facts: list[Fact], later: int) -> None:
    """Rules 2.9 and 2.10: what was folded by the version before is folded again by both; nothing has to be read."""
    new = version(TOLD, "2", {"2024-12-31": "40", "2027-12-31": "100"})
    editions = Editions([Edition.of(TOLD.lookup), Edition.of(new, at("2024-01-15"))])
    remembered, afresh = Ledger(0), Ledger(0)
    for n, fact in enumerate(facts[:later]):
        remembered.add(fact, Decided(n, 0, None))
    remembered.settle(remembered.fold(Editions([Edition.of(TOLD.lookup)]), TOLD.indicator))
    remembered.renew()
    for n, fact in enumerate(facts[later:], later):
        remembered.add(fact, Decided(n, 0, None))
    for n, fact in enumerate(facts):
        afresh.add(fact, Decided(n, 0, None))
    assert remembered.fold(editions, TOLD.indicator) == afresh.fold(editions, TOLD.indicator)
