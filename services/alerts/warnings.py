"""Warnings (预警, rule 6.5): what a live light that got worse makes us say at once, and when it is taken back. Pure.

A warning has a cell and a colour. It stays open until its cell's light is fixed (confirmed, rule 6.5) or improves
beyond it before that (withdrawn).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.cells import Cell
from contracts.events import Colour
from services.alerts.judgement import WORSE, Judgement
from services.alerts.lights import SeriesLights

Silence = Literal["late", "outdated"]  # why no warning was due for a light that got worse


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning. `id` is the warning's name in every table, also after a replay of the same standing."""

    id: str
    period: str
    colour: Literal["yellow", "red"]
    state: Literal["open", "confirmed", "withdrawn"]
    opened_at: datetime
    message_id: str
    closed_at: datetime | None = None


def said(
    cells: Sequence[Cell],
    judgements: Sequence[Judgement | None],
    lights: SeriesLights,
    open_: Mapping[str, Sequence[Warning]],
    index: int,
) -> Colour:
    """The last colour said for the series when cell `index` is looked at: by a warning of it, else by the newest cell
    before it with a light of record or a warning. A quota year begins with nothing said, as does a series: green.
    """
    judgement = judgements[index]
    year = cells[index].period.year if judgement is not None and judgement.quota else None
    for i in range(index, -1, -1):
        if year is not None and cells[i].period.year != year:
            break
        warned = open_.get(cells[i].period.text)
        if warned:
            return max((w.colour for w in warned), key=lambda colour: WORSE[colour])
        record = lights.cells[i].record
        if i < index and record in ("green", "yellow", "red"):
            return record
    return "green"


def silence(cell: Cell, judgement: Judgement, through: datetime, now: datetime) -> Silence | None:
    """Why nothing is said early about this cell; None where something is.

    A value that became known after its due date is late. One whose due date has passed on the platform's clock by the
    time it is judged (alerts was down) is outdated: its light of record will speak.
    """
    if cell.record_at is None:
        return None
    if judgement.known_at >= cell.record_at or cell.record_at <= through:
        return "late"
    return "outdated" if cell.record_at <= now else None


def better(live: Colour | None, warning: Warning) -> bool:
    """Whether the cell's light has improved beyond the warning's; a withdrawn value leaves nothing to warn of."""
    return WORSE[live] < WORSE[warning.colour]
