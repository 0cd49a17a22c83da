"""What an edition of the whole programme costs: 183 indicators, six districts, nineteen departments, at a year's end.

`python -m tests.bench.bench_scores`: the sums alone (decoded standings to rows), and the decoding of the standings'
documents. Processor time, the median of some rounds; two cores may be shared by others.
"""

from datetime import timedelta
from fractions import Fraction

import msgspec

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.editions import Edition, Editions
from contracts.periods import parse
from contracts.programme import CITY, Allocation, Indicator, Lookup
from services.alerts.scores.edition import compute
from services.alerts.scores.items import Facts, Lights, Sheet, Told
from services.alerts.scores.periods import edition_of, looked_at
from services.metrics.fold import Fact, fold
from tests.bench.bench_fold import milliseconds

YEAR = parse("2023")
LIMIT = 150.0  # milliseconds
ROUNDS = 9


def allocated(lookup: Lookup) -> Lookup:
    """The programme with every summed target split evenly, so that districts are judged."""
    shares = tuple(
        Allocation(indicator=i.id, district=d, targets={t.on.isoformat(): t.value for t in i.targets if t.value})
        for i in lookup.programme.indicators
        if i.aggregate == "sum"
        for d in i.applicable
    )
    return Lookup(msgspec.structs.replace(lookup.programme, decomposition=shares))


def documents(lookup: Lookup, cells: Cells) -> dict[tuple[str, str], bytes]:
    """The standings that end with 2023, as alerts keeps them."""
    found = {}
    for indicator in lookup.programme.indicators:
        folded = fold(lookup, cells, indicator, facts_of(cells, indicator))
        for (district, period), standing in folded.standings.items():
            if period in looked_at(YEAR):
                found[indicator.id, district] = msgspec.json.encode(standing)
    return found


def facts_of(cells: Cells, indicator: Indicator) -> list[Fact]:
    """A steady report for each cell of 2023, in time; districts that are never quite alike."""
    districts = indicator.districts if not indicator.derived else indicator.applicable
    goal = next((Fraction(t.value) for t in indicator.targets if t.value is not None), Fraction(10))
    found = []
    for place, district in enumerate(districts):
        for n, cell in enumerate(cells.of(indicator.id, district)[1:], 1):
            if cell.period.end <= YEAR.end:
                value = round(goal * n / 13 * (10 - place) / 9, 2) if district != CITY else goal
                at = cell.period.closes_at + timedelta(days=1)
                id = f"{district}/{cell.period}"
                found.append(Fact("/bench", id, district, cell.period.text, 0, value, at, None, None, "final"))
    return found


def main() -> None:
    lookup = allocated(load(SHIPPED))
    cells = Cells(lookup)
    told = documents(lookup, cells)
    sheet, period = Sheet(Editions([Edition(lookup, cells)])), edition_of("year", YEAR.end)
    through = YEAR.closes_at + timedelta(days=120)
    lights = {key: Lights(1, 1, 12, 0) for key in told}
    decoder = msgspec.json.Decoder(Told)

    def decode() -> dict[tuple[str, str], Told]:
        return {key: decoder.decode(document) for key, document in told.items()}

    facts = Facts(period, through, decode(), lights)
    edition = compute(sheet, facts)
    for row in edition.districts:
        print(
            row.unit, row.place, row.place_range, float(row.score.value or 0), sum(e.item.counts for e in row.entries)
        )
    print(f"{len(told)} standings, {len(edition.districts)} districts, {len(edition.departments)} departments")
    for name, work in (("decode the documents", decode), ("compute the edition", lambda: compute(sheet, facts))):
        spent = milliseconds(work, ROUNDS)
        print(f"{name:40}{spent:8.2f} ms")
        if spent > LIMIT:
            raise SystemExit(f"{name} takes more than {LIMIT} ms")


if __name__ == "__main__":
    main()
