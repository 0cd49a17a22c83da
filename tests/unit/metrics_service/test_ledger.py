"""Ledgers: what a fold changed gets the next version, what it did not stays; memory is only ever a copy."""

import msgspec

from services.metrics.entries import entries
from services.metrics.ledger import Decided, Held, Ledger
from services.metrics.memory import Memory
from tests.support.recorded import CATALOGUE, INDICATOR, LOOKUP, PARTITION, PROGRAMME, at, event, received

KEY = PROGRAMME, INDICATOR
OF = LOOKUP.indicators[INDICATOR]


def told(
    ledger: Ledger, value: str, revision: int = 0, moment: str = "2023-07-02"
) -> list[tuple[str, int, str | None]]:
    """A report of Deqing for June is added and folded: what moved (district, version, value)."""
    said = event("deqing", "2023-06", value, at(moment), revision=revision, identity=f"{revision}/{value}")
    [entry] = entries(CATALOGUE, [received(said)])
    ledger.add(entry.fact(at(moment)), Decided(len(ledger.outcomes) + 1, 0, None))
    moved, *_ = ledger.settle(ledger.fold(CATALOGUE.at(PARTITION), OF))
    return [(each.standing.district, each.standing.version, each.standing.value) for each in moved]


def test_versions_count_what_says_something_else() -> None:
    """Rule 2.10: version 1, then 2 for another value; an equal value of a higher revision moves nothing it says."""
    ledger = Ledger(1)
    assert told(ledger, "3") == [("deqing", 1, "3"), ("huzhou", 1, None)]
    assert told(ledger, "4", 1) == [("deqing", 2, "4")]
    assert [each for each in told(ledger, "4.0", 2) if each[2] != "4.0"] == []


def test_folding_again_changes_nothing() -> None:
    """The same facts: neither standings nor outcomes."""
    ledger = Ledger(1)
    told(ledger, "3")
    folded = ledger.fold(CATALOGUE.at(PARTITION), OF)
    assert ledger.settle(folded) == ([], [], [], {})


def test_a_ledger_read_from_the_database_finds_its_own_versions() -> None:
    """A restart: the digests say that nothing moved, although the standings are new objects."""
    first, second = Ledger(1), Ledger(1)
    told(first, "3")
    second.cells = {place: Held(held.version, held.known_at, held.digest) for place, held in first.cells.items()}
    assert told(second, "3") == []


def test_known_at_never_goes_back() -> None:
    """A history goes one way: a correction stamped before what it corrects is known after it."""
    ledger = Ledger(1)
    told(ledger, "3", 0, "2023-07-09")
    told(ledger, "4", 1, "2023-07-02")
    held = ledger.cells["deqing", "2023-06"]
    assert (held.version, held.known_at) == (2, at("2023-07-09"))


def test_the_document_is_the_standing_as_written() -> None:
    """What is stored is what is announced, with its version."""
    ledger = Ledger(1)
    said = event("deqing", "2023-06", "3", at("2023-07-02"))
    [entry] = entries(CATALOGUE, [received(said)])
    ledger.add(entry.fact(at("2023-07-02")), Decided(1, 0, None))
    moved, decided, *_ = ledger.settle(ledger.fold(CATALOGUE.at(PARTITION), OF))
    for each in moved:
        assert msgspec.json.decode(each.document, type=type(each.standing)) == each.standing
    assert [(each.report, each.version, each.verdict) for each in decided] == [(1, 1, ("applied", None, ()))]


def test_memory_gives_only_what_follows_the_database() -> None:
    """A number that is not one behind means another writer: read again."""
    memory = Memory()
    ledger = Ledger(4)
    memory.keep({KEY: ledger}, {KEY: 5})
    assert memory.take({KEY: 6}) == {KEY: ledger}
    assert memory.take({KEY: 6}) == {}  # taken out while a batch works on it
    memory.keep({KEY: ledger}, {KEY: 6})
    assert memory.take({KEY: 8}) == {}
    assert memory.take({KEY: 7}) == {}  # forgotten for good


def test_memory_follows_batches_that_brought_nothing_new() -> None:
    """Duplicates move the number only."""
    memory = Memory()
    memory.keep({KEY: Ledger(0)}, {KEY: 1})
    memory.keep({}, {KEY: 2})
    assert memory.take({KEY: 3}).keys() == {KEY}


def test_memory_forgets_the_longest_unused() -> None:
    """Bounded by facts; the last one stays however large."""
    memory = Memory(facts=2)
    ledgers = {("p", name): Ledger(0, outcomes={("s", str(n)): Decided(n, 0, None) for n in range(2)}) for name in "ab"}
    for key, ledger in ledgers.items():
        memory.keep({key: ledger}, {key: 1})
    assert memory.take({("p", "a"): 2}) == {}
    assert memory.take({("p", "b"): 2}).keys() == {("p", "b")}
