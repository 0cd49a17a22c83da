"""Between the rows of Postgres and a `Series`: how it is loaded, and the rows that are written back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.periods import SHANGHAI
from services.alerts.changes import Name
from services.alerts.episodes import Episodes
from services.alerts.judgement import Judgement
from services.alerts.lights import CellLight, SeriesLights
from services.alerts.overrides import Override
from services.alerts.redlines import RedLine
from services.alerts.supervision import Series
from services.alerts.tickets import Lane, Ticket
from services.alerts.warnings import Warning

BEGINNING = datetime(1, 1, 2, tzinfo=SHANGHAI)
_NO_LIGHT = CellLight(None, None, False, "grey", False)
TICKET_COLUMNS = (
    "state", "episode", "level", "severity", "run", "opened_at", "closed_at", "timer", "timer_at", "promised_on",
    "cause", "plan", "first_period", "last_period", "close_code", "suppressed",
    "suppressed_until", "rule", "objected",
)  # fmt: skip


class Row(Protocol):
    """A row by column names, whoever read it."""

    def __getitem__(self, key: str, /) -> Any: ...


@dataclass(slots=True)
class Told:
    """What an episode has said and been through before: its messages, the number of its events."""

    message_ids: list[str] = field(default_factory=list)
    events: int = 0


@dataclass(slots=True, eq=False)
class Loaded:
    """A series with what is needed to write back only what changed."""

    series: Series
    row: Row
    versions: Sequence[int]
    lights: Sequence[CellLight]
    by_hand: Sequence[tuple[str | None, str | None]]  # of each cell: to what it was overridden, why it was inhibited
    told: dict[tuple[Lane, int], Told]  # by lane and episode
    collected: int = 0  # of the series' messages, those that have their place in the feed

    def told_of(self, ticket: Ticket) -> Told:
        return self.told.setdefault((ticket.lane, ticket.episode), Told())


def load(
    row: Row,
    lights: Sequence[Row],
    warnings: Sequence[Row],
    tickets: Sequence[Row],
    events: Sequence[int],
    overrides: Sequence[Row],
    lines: Sequence[Row],
    cells: Sequence[Cell],
    calendar: Calendar,
) -> Loaded:
    """One series from its rows; lights of cells that the catalogue no longer has are left alone. `events`: how many
    each ticket has been through."""
    by_period = {light["period"]: light for light in lights}
    found = [by_period.get(cell.period.text) for cell in cells]
    known = [_NO_LIGHT if light is None else _light(light) for light in found]
    fixed = [c.record_at for c, light in zip(cells, known, strict=True) if c.record_at and light.record is not None]
    through = max([_here(row["through"]) or BEGINNING, *fixed])  # a watermark read before the lock may be old
    waiting = (c.record_at for c, light in zip(cells, known, strict=True) if c.record_at and light.record is None)
    at = next((i for i, cell in enumerate(cells) if cell.period.text == row["light_period"]), None)
    shown = SeriesLights(
        tuple(known), at, row["computed"], row["stale"], min(waiting, default=None), forecast=row["forecast"]
    )
    episodes, told = Episodes(calendar), {}
    for each, count in zip(tickets, events, strict=True):
        ticket = Ticket(**{name: _here(each[name]) for name in TICKET_COLUMNS})
        episodes.add(ticket)
        told[ticket.lane, ticket.episode] = Told([str(m) for m in each["message_ids"]], count)
    open_: dict[str, list[Warning]] = {}
    for warning in warnings:
        open_.setdefault(warning["period"], []).append(_warning(warning))
    series = Series(
        name=Name(row["programme"], row["indicator"], row["district"]),
        cells=cells,
        calendar=calendar,
        through=through,
        judgements=[None if light is None else _judgement(light) for light in found],
        lights=shown,
        tickets=episodes,
        warnings=open_,
        override=_override(overrides[-1]) if overrides else None,
        worsened={i: light["override"] for i, light in enumerate(found) if light is not None and light["override"]},
        lines=tuple(
            RedLine(each["red_line"], each["episode"], _here(each["raised_at"]), _here(each["closed_at"]))
            for each in lines
        ),
        inhibited={i: light["inhibited"] for i, light in enumerate(found) if light is not None and light["inhibited"]},
    )
    versions = [0 if light is None else light["version"] for light in found]
    by_hand = [(None, None) if light is None else (light["override"], light["inhibited"]) for light in found]
    return Loaded(series, row, versions, tuple(known), by_hand, told)


def _light(row: Row) -> CellLight:
    return CellLight(row["live"], row["record"], row["caught_up"], "grey", False)


def _judgement(row: Row) -> Judgement | None:
    if not row["version"]:
        return None
    return Judgement(
        after=tuple(row["after"]) if row["after"] else None,
        valued=row["live"] is not None,
        binding=row["binding"],
        quota=row["quota"],
        stretch=row["stretch"],
        owed_period=row["owed_period"],
        known_at=_here(row["known_at"]),
        version=row["version"],
        received=row["received"],
        excused=row["excused"],
        excused_until=_here(row["excused_until"]),
        published_at=_here(row["published_at"]),
        misses=row["misses"],
    )


def _override(row: Row) -> Override:
    named = {name: _here(row[name]) for name in ("colour", "author", "reason", "at", "until", "period")}
    return Override(id=str(row["override"]), **named)


def _warning(row: Row) -> Warning:
    return Warning(
        str(row["warning"]), row["period"], row["colour"], "open", _here(row["opened_at"]), str(row["message_id"]), None
    )


def _here(value: Any) -> Any:
    """A moment in the programme's time zone, as messages say it; anything else as it is."""
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
