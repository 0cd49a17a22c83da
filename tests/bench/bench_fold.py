"""What it costs to fold a whole indicator, beside writing its standings as JSON, which recording has to do anyway.

`python -m tests.bench.bench_fold`: the demonstration's largest shape, six districts and the city over sixty months. Two
cores may be shared by others: processor time is counted, and the ratios are what to read.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import msgspec

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.editions import Edition, Editions
from contracts.programme import Indicator, Lookup
from services.metrics.fold import Fact, Folding, fold

INDICATOR = "major_projects_investment"
ROUNDS = 25
LIMIT = 15.0  # milliseconds for a refold: the services fold at every batch


def facts_of(cells: Cells, indicator: Indicator) -> list[Fact]:
    """A steady report for each due cell, in time."""
    return [
        Fact(
            source="/simulated/bench",
            id=f"{district}/{cell.period}",
            district=district,
            period=cell.period.text,
            revision=0,
            value=Fraction(1234 + 7 * n, 100),
            received_at=cell.period.closes_at,
            reason=None,
            confidence=None,
            status="final",
        )
        for district in indicator.applicable
        for n, cell in enumerate(cells.of(indicator.id, district)[1:])
    ]


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median processor time of one round."""
    spent = []
    gc.disable()
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(1000 * (time.process_time() - began))
    gc.enable()
    return statistics.median(spent)


def main() -> None:
    lookup = load(SHIPPED)
    cells, indicator = Cells(lookup), lookup.indicators[INDICATOR]
    facts = facts_of(cells, indicator)
    standings = list(fold(lookup, cells, indicator, facts).standings.values())
    encode = msgspec.json.Encoder().encode

    def afresh() -> None:
        fold(Lookup(lookup.programme), cells, indicator, facts)

    kept = Folding(Editions([Edition(lookup, cells)]), indicator)
    for fact in facts:
        kept.add(fact)
    kept.fold()
    corrections = (replace(facts[0], id=f"again/{n}", revision=n, value=Fraction(n)) for n in range(1, ROUNDS + 1))

    def one_report() -> None:
        kept.add(next(corrections))
        kept.fold()

    newest = [fact for fact in facts if fact.period == facts[-1].period]
    months = (
        [replace(fact, id=f"{fact.id}/{n}", revision=n, value=Fraction(n)) for fact in newest]
        for n in range(1, ROUNDS + 1)
    )

    def newest_month() -> None:
        for fact in next(months):
            kept.add(fact)
        kept.fold()

    base = milliseconds(lambda: [encode(each) for each in standings])
    print(f"{len(facts)} facts → {len(standings)} standings of {INDICATOR}, median processor time of {ROUNDS} rounds")
    print(f"{'standings as JSON (the baseline)':44}{base:8.2f} ms    1.0 ×")
    for name, work in (
        ("fold of all facts, nothing kept", afresh),
        ("fold of all facts, as at every batch", lambda: fold(lookup, cells, indicator, facts)),
        ("the first month corrected, kept folding", one_report),
        ("the newest month of all six, kept folding", newest_month),
    ):
        spent = milliseconds(work)
        print(f"{name:44}{spent:8.2f} ms {spent / base:6.1f} ×")
        if "batch" in name and spent > LIMIT:
            raise SystemExit(f"a refold takes more than {LIMIT} ms")


if __name__ == "__main__":
    main()
