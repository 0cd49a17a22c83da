"""Lights over time (rules 4.10 and 6.1-6.4): a fold over a series' cells in calendar order, whatever came when.

`raw` and `judge` look at one standing (judgement.py); `fold` at all standings of a series, up to the instant `through`.
A forecast raises the light that a series shows, never one of its cells: these are observed, and hold nothing back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from contracts.cells import Cell
from contracts.events import Colour, Standing
from contracts.programme import Profile
from services.alerts.judgement import WORSE, Judgement, judge, raw

__all__ = ["CellLight", "Judgement", "SeriesLights", "fold", "fold_judgements", "judge", "raw"]

STALE_AFTER, GREY_AFTER = 1, 2  # due dates passed without a value (rule 6.4)


class CellLight(msgspec.Struct, frozen=True):
    """One cell. `live` None: no value. `record` None: not fixed yet; grey: nothing was measured when it was.

    `shown` and `stale` are what the series shows once this cell's due date has passed and nothing later is known.
    """

    live: Colour | None
    record: Colour | None
    caught_up: bool
    shown: Colour
    stale: bool


@dataclass(frozen=True, slots=True)
class SeriesLights:
    """Every cell in the order given, and the light the series shows: `at` is its newest cell with a value."""

    cells: tuple[CellLight, ...]
    at: int | None
    light: Colour
    stale: bool
    next_at: datetime | None  # the next due date, the next time at which time alone changes a light
    forecast: bool = False  # yellow by forecast: its numbers are green and will miss the target (rule 6.7)


def fold(cells: Sequence[Cell], standings: Mapping[str, Standing], profile: Profile, through: datetime) -> SeriesLights:
    """The lights of a series; `standings` by period, the newest version of each."""
    found = (standings.get(cell.period.text) for cell in cells)
    judged = [None if standing is None else Judgement.of(standing, profile) for standing in found]
    return fold_judgements(cells, judged, through)


def fold_judgements(cells: Sequence[Cell], judgements: Sequence[Judgement | None], through: datetime) -> SeriesLights:
    """The same of standings judged already: no arithmetic is left."""
    lives = _lives(cells, judgements)
    fixed = [cell.record_at is not None and cell.record_at <= through for cell in cells]
    records: list[Colour | None] = [(lives[i] or "grey") if fixed[i] else None for i in range(len(cells))]
    caught_up = _caught_up(judgements, records)
    shown = _shown(cells, judgements, lives)
    newest = max((i for i, j in enumerate(judgements) if j is not None and j.valued), default=None)
    light, stale = _series(cells, lives, shown, fixed, newest)
    foreseen = light == "green" and newest is not None and _misses(judgements[newest])
    waiting = (cell.record_at for cell, is_fixed in zip(cells, fixed, strict=True) if cell.record_at and not is_fixed)
    return SeriesLights(
        tuple(
            CellLight(live, record, caught, colour, is_stale)
            for live, record, caught, (colour, is_stale) in zip(lives, records, caught_up, shown, strict=True)
        ),
        newest,
        "yellow" if foreseen else light,
        stale,
        next(waiting, None),  # cells of one frequency are due in their order
        foreseen,
    )


def _misses(judgement: Judgement | None) -> bool:
    return judgement is not None and judgement.misses


def _lives(cells: Sequence[Cell], judgements: Sequence[Judgement | None]) -> list[Colour | None]:
    """Each cell's colour, given the last coloured one before it and the missed target it still owes."""
    lives: list[Colour | None] = []
    by_period: dict[str, Colour | None] = {}
    previous, year = None, 0
    for cell, judgement in zip(cells, judgements, strict=True):
        colour: Colour | None = None
        if judgement is not None and judgement.valued:
            colour = "grey"
            if judgement.after is not None:
                fresh = judgement.quota and cell.period.year != year
                colour = judgement.after[0 if fresh else WORSE[previous]]
                if judgement.owed_period is not None:
                    colour = _no_better(colour, by_period.get(judgement.owed_period))
                previous, year = colour, cell.period.year
        lives.append(colour)
        by_period[cell.period.text] = colour
    return lives


def _no_better(colour: Colour, owed: Colour | None) -> Colour:
    """Not better than the light of the missed target's cell; yellow where that was not measured (rule 4.10)."""
    bound: Colour = owed if owed in ("green", "yellow", "red") else "yellow"
    return max(colour, bound, key=lambda each: WORSE[each])


def _caught_up(judgements: Sequence[Judgement | None], records: Sequence[Colour | None]) -> list[bool]:
    """A red cell with a later green of record in the same window (rule 6.3)."""
    green: set[str] = set()
    caught = [False] * len(records)
    for i in reversed(range(len(records))):
        judgement = judgements[i]
        if judgement is None:
            continue
        caught[i] = records[i] == "red" and judgement.stretch in green
        if records[i] == "green":
            green.add(judgement.stretch)
    return caught


def _shown(
    cells: Sequence[Cell], judgements: Sequence[Judgement | None], lives: Sequence[Colour | None]
) -> list[tuple[Colour, bool]]:
    """Per cell: its own light, else the last one marked stale once, else grey; a quota year begins without one."""
    shown: list[tuple[Colour, bool]] = []
    last: Colour = "grey"
    missed, quota_year = 0, None
    for cell, judgement, live in zip(cells, judgements, lives, strict=True):
        if live is not None and judgement is not None:
            last, missed = live, 0
            quota_year = cell.period.year if judgement.quota else None
        elif cell.record_at is not None:
            missed += 1
            if missed >= GREY_AFTER or (quota_year is not None and quota_year != cell.period.year):
                last = "grey"
        shown.append((last, missed == STALE_AFTER and last != "grey"))
    return shown


def _series(
    cells: Sequence[Cell],
    lives: Sequence[Colour | None],
    shown: Sequence[tuple[Colour, bool]],
    fixed: Sequence[bool],
    newest: int | None,
) -> tuple[Colour, bool]:
    """The newest value's light, unless due dates have passed since."""
    if newest is None:
        return "grey", False
    passed = max((i for i in range(newest + 1, len(cells)) if fixed[i]), default=newest)
    return shown[passed] if passed != newest else (lives[newest] or "grey", False)
