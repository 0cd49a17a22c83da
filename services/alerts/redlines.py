"""A red line (底线红线) raised on an indicator's task: its series is red above any schedule until the office closes it.

As an override does (rule 6.6), but to red, by whoever may raise one, and with no end of its own (rule 12): each light
of record fixed while it is open counts as red for tickets, as does the newest one fixed before it; scores use the
computed light. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.cells import Cell
from contracts.events import Colour, Text
from contracts.projects import RED_LINES, RedLineKind


@dataclass(frozen=True, slots=True)
class RedLine:
    """One episode of a red line on a task; `until` None: open."""

    kind: RedLineKind
    episode: int
    since: datetime
    until: datetime | None = None


def covered(lines: Iterable[RedLine], cells: Sequence[Cell], verdicts: Sequence[Colour | None]) -> set[int]:
    """The cells whose verdict counts as red."""
    found: set[int] = set()
    for line in lines:
        moments = [(i, cell.record_at) for i, cell in enumerate(cells) if cell.record_at and verdicts[i] is not None]
        before = [i for i, at in moments if at <= line.since]
        found |= {i for i, at in moments if at > line.since and (line.until is None or at <= line.until)}
        found |= set(before[-1:])
    return found


def open_ones(lines: Iterable[RedLine]) -> list[RedLine]:
    return [line for line in lines if line.until is None]


def said(kinds: Sequence[RedLineKind], far: Text | None) -> Text | None:
    """What is said of a series: which red lines are touched, then how far behind it is."""
    if not kinds:
        return far
    names = [RED_LINES[kind] for kind in dict.fromkeys(kinds)]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    touched = Text(f"触碰红线（{zh}），销号前一律红灯", f"red line touched ({en}): red until it is closed")
    return touched if far is None else Text(f"{touched.zh}；{far.zh}", f"{touched.en}; {far.en}")


def followed(lines: Iterable[RedLine], newer: Iterable[RedLine]) -> tuple[RedLine, ...]:
    """The lines with those that were raised or closed now in their places, in the order in which they were raised."""
    known = {(line.kind, line.episode): line for line in (*lines, *newer)}
    return tuple(sorted(known.values(), key=lambda line: (line.since, line.kind)))
