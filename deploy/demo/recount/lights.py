"""Lights of record by hand (rules 4.10, 5 and 6.1-6.3): a walk over a series' cells, from recounted numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from contracts.cells import Cell
from contracts.programme import Indicator
from deploy.demo.recount.plan import Held, period_ending

RANK = {"green": 0, "yellow": 1, "red": 2}


@dataclass(frozen=True, slots=True)
class Lit:
    """A cell's live light (None: no value) and its light of record (None: not fixed yet)."""

    live: str | None
    record: str | None


def walk(indicator: Indicator, cells: Sequence[Cell], helds: Sequence[Held | None], through: datetime) -> list[Lit]:
    """The lights of a series; `helds` per cell, None where there is no value."""
    lives: list[str | None] = []
    by_period: dict[str, str | None] = {}
    previous, year = "green", 0
    for cell, held in zip(cells, helds, strict=True):
        live = None
        if held is not None:
            live = "grey"
            if held.mode != "none":
                before = "green" if held.quota and cell.period.year != year else previous
                live = colour(indicator, cell, held, before)
                if held.owed is not None:
                    owed = by_period.get(period_ending(cell.period.frequency, held.owed))
                    live = max(live, owed if owed in RANK else "yellow", key=lambda each: RANK[each or "green"])
                previous, year = live, cell.period.year
        lives.append(live)
        by_period[cell.period.text] = live
    return [
        Lit(live, (live or "grey") if cell.record_at is not None and cell.record_at <= through else None)
        for cell, live in zip(cells, lives, strict=True)
    ]


def colour(indicator: Indicator, cell: Cell, held: Held, before: str) -> str:
    """The colour of the numbers after the colour before (rules 5, 5.1 and 6.2), with the plan's default profile."""
    if held.mode == "due":
        late = held.target_on is not None and cell.period.end >= held.target_on
        return "green" if held.short <= held.tolerance or not late else "red"
    return _by_share(held, before) if held.mode == "share" else _by_bound(indicator, cell, held, before)


def _by_share(held: Held, before: str) -> str:
    lag, ratio = held.lag or Fraction(0), held.ratio
    if held.short <= held.tolerance:
        now = "green"
    elif lag > 30 or (ratio is not None and ratio < Fraction(1, 2)):
        now = "red"
    elif lag >= 10 or (ratio is not None and ratio < Fraction(4, 5)):
        now = "yellow"
    else:
        now = "green"
    if RANK[now] >= RANK[before]:
        return now
    if lag < 8 and (ratio is None or ratio >= Fraction(85, 100)):
        return "green"
    if before == "red" and not (lag <= 28 and (ratio is None or ratio >= Fraction(55, 100))):
        return "red"
    return "yellow"


def _by_bound(indicator: Indicator, cell: Cell, held: Held, before: str) -> str:
    expected = held.expected or Fraction(0)
    percent = indicator.unit_at(cell.district) == "percent"
    limit = Fraction(0) if not expected else Fraction(1) if percent else abs(expected) / 20
    if held.short <= held.tolerance:
        return "green"
    if held.short > held.tolerance + limit:
        return "red"
    return "red" if before == "red" and held.short > held.tolerance + limit * Fraction(4, 5) else "yellow"
