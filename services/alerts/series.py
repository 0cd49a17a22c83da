"""What is known of one series and what came of it since it was loaded, with what these alone tell: its verdicts, and
where its stretches end. Pure. `supervision.py` moves it, `pursuing.py` its tickets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Colour, Standing
from services.alerts.changes import Change, Message, Name, Version
from services.alerts.episodes import Episodes
from services.alerts.judgement import Judgement
from services.alerts.lights import SeriesLights
from services.alerts.overrides import Override, worse_of
from services.alerts.redlines import RedLine, covered
from services.alerts.tickets import Ticket
from services.alerts.warnings import Warning

COLOURS = ("green", "yellow", "red")


def never(_: int) -> None:
    """Nothing inhibits anything."""


@dataclass(slots=True, eq=False)
class SeriesState:
    """The state of one series and what came of it since it was loaded."""

    name: Name
    cells: Sequence[Cell]
    calendar: Calendar
    through: datetime
    judgements: list[Judgement | None]
    lights: SeriesLights
    tickets: Episodes
    warnings: dict[str, list[Warning]] = field(default_factory=dict)  # the open ones, by period
    override: Override | None = None  # the one in force
    worsened: dict[int, Colour] = field(default_factory=dict)  # cells whose light of record was overridden
    lines: tuple[RedLine, ...] = ()  # every red line that was raised on its task
    inhibited: dict[int, str] = field(default_factory=dict)  # cells whose light opened no ticket, and why
    inhibitor: Callable[[int], str | None] = never  # why the light of a cell may open none
    messages: list[Message] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    resolved: list[Warning] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)  # that began or ended since it was loaded
    fixed: dict[int, datetime] = field(default_factory=dict)
    standings: dict[int, Standing] = field(default_factory=dict)  # received since it was loaded
    versions: list[Version] = field(default_factory=list)  # each of them, and what was to be kept of it
    cause: str = ""  # the cell and version that came last
    turns: list[datetime] = field(default_factory=list)  # when the shown light changed since it was loaded

    @property
    def ticket(self) -> Ticket:
        """The lag ticket."""
        return self.tickets.current("lag")

    @property
    def published(self) -> dict[str, datetime]:
        """The periods that a publication locked, and when."""
        told = zip(self.cells, self.judgements, strict=True)
        return {cell.period.text: j.published_at for cell, j in told if j is not None and j.published_at is not None}

    def verdicts(self) -> list[Colour | None]:
        """Per cell its measured light of record, or what it was worsened to, where it binds."""
        found = [
            worse_of(light.record, self.worsened.get(i))
            if light.record in COLOURS and judgement is not None and judgement.binding
            else None
            for i, (light, judgement) in enumerate(zip(self.lights.cells, self.judgements, strict=True))
        ]
        for i in covered(self.lines, self.cells, found):
            found[i] = "red"
        return found

    def misses(self, verdicts: Sequence[Colour | None]) -> list[bool]:
        """Per cell whether its green verdict will miss the target."""
        return [
            verdict_ == "green" and judgement is not None and judgement.misses
            for verdict_, judgement in zip(verdicts, self.judgements, strict=True)
        ]

    def say(self, message: Message) -> Message:
        message.through, message.standing = self.through, self.standings.get(message.cell)
        self.messages.append(message)
        return message

    def lock_at(self, i: int) -> datetime:
        """When a cell locks: by the calendar, or by the publication that came before it (rule 2.9)."""
        judgement, by_calendar = self.judgements[i], self.cells[i].lock_at
        published_at = None if judgement is None else judgement.published_at
        return by_calendar if published_at is None else min(by_calendar, published_at)

    def ends_at(self, ticket: Ticket) -> datetime | None:
        """When the stretch that a living ticket is about is over: its last cell locks."""
        return self.lock_at(self.end(self.place(ticket.last_period), yearly=ticket.lane == "lag"))

    def end(self, i: int, *, yearly: bool = True) -> int:
        """The last cell of the stretch of cell `i`: its quota year (not for reports), its applicability, the series."""
        judgement = self.judgements[i]
        quota = yearly and judgement is not None and judgement.quota
        while i + 1 < len(self.cells):
            after = self.cells[i + 1]
            if after.record_at is None or (quota and after.period.year != self.cells[i].period.year):
                break
            i += 1
        return i

    def ended(self, i: int) -> bool:
        return self.lock_at(self.end(i)) <= self.through

    def stretch_over(self, i: int) -> bool:
        return self.lock_at(self.end(i, yearly=False)) <= self.through

    def is_inhibited(self, i: int) -> bool:
        return i in self.inhibited or self.inhibitor(i) is not None

    def place(self, period: str, otherwise: int = 0) -> int:
        return next((i for i, cell in enumerate(self.cells) if cell.period.text == period), otherwise)
