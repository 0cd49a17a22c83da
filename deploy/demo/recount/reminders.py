"""Reminders by hand (rule 7.3): who owed what at 09:00 three days before a due date and the day after, from the
calendar and the log of what was sent and excused until then. No code of services/.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from contracts.cells import Cell
from contracts.periods import SHANGHAI, midnight
from contracts.programme import CITY, Lookup
from deploy.demo.recount.facts import Key, Recount
from deploy.demo.recount.log import Acted, Seat, Seats

Said = tuple[str, date, str]  # unit, due on, kind
_END = datetime.max.replace(tzinfo=SHANGHAI)


def reminders(recount: Recount, start: datetime, until: datetime) -> Mapping[Said, frozenset[Key]]:
    """The cells of each reminder to a unit."""
    found: dict[Said, set[Key]] = {}
    excuses = _excuses(recount)
    for seats, after, before in _spans(recount.said.seats):
        for indicator, district in seats.series():
            for seat in seats.of(indicator.id, district).values():
                for kind, at, due_on in _moments(seat.cell):
                    key = (indicator.id, district, seat.cell.period.text)
                    if max(after, start) < at <= until and at <= before and not _settled(recount, excuses, key, at):
                        found.setdefault((_writer(seat, key), due_on, kind), set()).add(key)
    return {said: frozenset(cells) for said, cells in found.items()}


def _spans(seats: Seats) -> Iterator[tuple[Seats, datetime, datetime]]:
    """The catalogues as they stood, each with when it came and when the next one did."""
    sinces = [*(version.since for version in seats.versions), _END]
    for count, (after, before) in enumerate(pairwise(sinces), 1):
        yield Seats(seats.versions[:count]), after, before


def _moments(cell: Cell) -> Iterator[tuple[str, datetime, date]]:
    if cell.due_at is not None:
        due_on = (cell.due_at - timedelta(hours=1)).date()
        yield "due_soon", midnight(due_on - timedelta(days=3)) + timedelta(hours=9), due_on
        yield "overdue", midnight(due_on + timedelta(days=1)) + timedelta(hours=9), due_on


def _excuses(recount: Recount) -> Mapping[Key, Sequence[Acted]]:
    """What was said about excuses, by cell, in the order of receipt."""
    found: dict[Key, list[Acted]] = {}
    for act in sorted(recount.said.acts, key=lambda each: (each.received_at, each.source, each.id)):
        if act.kind in ("cell.excused", "cell.unexcused"):
            found.setdefault(act.key, []).append(act)
    return found


def _settled(recount: Recount, excuses: Mapping[Key, Sequence[Acted]], key: Key, at: datetime) -> bool:
    """Whether a value was there by then, or an excuse stood."""
    values = [value for since, value in recount.history.get(key, []) if since < at]
    if values and values[-1] is not None:
        return True
    excused = False
    for act in excuses.get(key, ()):
        if act.received_at < at:
            over = act.until is not None and midnight(act.until + timedelta(days=1)) <= at
            excused = act.kind == "cell.excused" and not over
    return excused


def _writer(seat: Seat, key: Key) -> str:
    """Rule 2.4, with the units that the first year's work points print."""
    lookup: Lookup = seat.version.lookup
    indicator = lookup.indicators[key[0]]
    if key[1] != CITY and indicator.writer == "district":
        return key[1]
    first = seat.cell.period.year == lookup.programme.first_day.year
    return indicator.departments_2023[0] if first and indicator.departments_2023 else indicator.lead
